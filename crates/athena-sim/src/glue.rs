//! What Glue says about tables.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use weir_engine::development::WorkTable;
use weir_policy::DatasetName;

use crate::account::{Account, lock};
use crate::wire::{self, Answered, Refusal};

/// What Glue says otherwise than the lake does, and metadata that was read before.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// Where a table's metadata is said to lie.
    pub(crate) locations: BTreeMap<String, String>,
    read: BTreeMap<String, WorkTable>,
}

/// A table as Glue has it.
#[derive(Debug)]
pub(crate) struct Entry {
    database: String,
    name: String,
    table: WorkTable,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    #[serde(default)]
    database_name: String,
    #[serde(default)]
    name: String,
}

/// Does what `operation` says.
pub(crate) async fn call(sim: &Account, operation: &str, body: &Bytes) -> Answered {
    let asked: Asked = wire::members(body)?;
    match operation {
        "GetTable" => {
            let entry = sim.entry(&asked.database_name, &asked.name).await?;
            Ok(json!({ "Table": entry.for_glue() }))
        }
        "GetTables" => {
            let entries = sim.tables_of(&asked.database_name).await?;
            let tables: Vec<_> = entries.iter().map(Entry::for_glue).collect();
            Ok(json!({ "TableList": tables }))
        }
        "GetDatabase" => {
            if !sim.databases().await?.contains(&asked.name) {
                let message = format!("Database {} not found.", asked.name);
                return Err(Refusal::not_found(message));
            }
            Ok(json!({ "Database": { "Name": asked.name } }))
        }
        "GetDatabases" => {
            let databases = sim.databases().await?;
            let shown: Vec<_> = databases
                .iter()
                .map(|name| json!({ "Name": name }))
                .collect();
            Ok(json!({ "DatabaseList": shown }))
        }
        _ => Err(crate::athena::unknown(operation)),
    }
}

impl Account {
    async fn locations(&self) -> Result<BTreeMap<String, String>, Refusal> {
        let mut locations = self.workbench.locations().await.map_err(|error| {
            tracing::error!(%error, "the lake can't be read");
            Refusal::not_found("the lake can't be read")
        })?;
        locations.extend(lock(&self.tables).locations.clone());
        Ok(locations)
    }

    pub(crate) async fn databases(&self) -> Result<BTreeSet<String>, Refusal> {
        let locations = self.locations().await?;
        let databases = locations.keys().filter_map(|name| name.split_once('.'));
        Ok(databases.map(|(database, _)| database.to_owned()).collect())
    }

    pub(crate) async fn tables_of(&self, database: &str) -> Result<Vec<Entry>, Refusal> {
        let mut entries = Vec::new();
        for name in self.locations().await?.keys() {
            if let Some((of, table)) = name.split_once('.')
                && of == database
            {
                entries.push(self.entry(of, table).await?);
            }
        }
        Ok(entries)
    }

    /// A table by its names, which Glue keeps in lower case.
    pub(crate) async fn entry(&self, database: &str, table: &str) -> Result<Entry, Refusal> {
        let (database, name) = (database.to_lowercase(), table.to_lowercase());
        let dataset = DatasetName::parse(format!("{database}.{name}"))
            .map_err(|_| missing(&database, &name))?;
        Ok(Entry {
            table: self.table(&dataset).await?,
            database,
            name,
        })
    }

    /// The table as its current metadata describes it.
    pub(crate) async fn table(&self, name: &DatasetName) -> Result<WorkTable, Refusal> {
        let not_found = || missing(name.namespace(), name.table());
        let locations = self.locations().await?;
        let location = locations.get(name.as_str()).ok_or_else(not_found)?;
        if let Some(known) = lock(&self.tables).read.get(location) {
            return Ok(known.clone());
        }
        let path = location.strip_prefix("file://").unwrap_or(location);
        let table = self.workbench.table(name, path).await.map_err(|error| {
            tracing::error!(%error, %name, "metadata can't be read");
            not_found()
        })?;
        let mut tables = lock(&self.tables);
        tables.read.insert(location.clone(), table.clone());
        Ok(table)
    }
}

fn missing(database: &str, table: &str) -> Refusal {
    Refusal::not_found(format!("Table {database}.{table} not found."))
}

impl Entry {
    fn parameters(&self) -> Value {
        json!({
            "EXTERNAL": "TRUE",
            "table_type": "ICEBERG",
            "metadata_location": as_url(self.table.location()),
        })
    }

    fn columns(&self) -> Vec<Value> {
        let columns = self.table.columns().into_iter();
        columns
            .map(|(name, kind)| json!({ "Name": name, "Type": kind }))
            .collect()
    }

    pub(crate) fn for_glue(&self) -> Value {
        json!({
            "Name": self.name,
            "DatabaseName": self.database,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": self.parameters(),
            "PartitionKeys": [],
            "StorageDescriptor": {
                "Columns": self.columns(),
                "Location": as_url(self.table.folder()),
            },
            "CatalogId": "000000000000",
            "VersionId": "0",
        })
    }

    pub(crate) fn for_athena(&self) -> Value {
        json!({
            "Name": self.name,
            "TableType": "EXTERNAL_TABLE",
            "Columns": self.columns(),
            "PartitionKeys": [],
            "Parameters": self.parameters(),
        })
    }
}

/// Sample lakes name their files by plain paths.
fn as_url(location: &str) -> String {
    if location.contains("://") {
        location.to_owned()
    } else {
        format!("file://{location}")
    }
}
