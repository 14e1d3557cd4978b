//! What Glue says about tables.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_engine::development::WorkTable;
use weir_policy::DatasetName;

use crate::account::{Account, lock};
use crate::alteration::{self, AlterError, Alteration};
use crate::wire::{self, Answered, Refusal};

/// What Glue says otherwise than the lake does, and metadata that was read before.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    said: BTreeMap<String, Said>,
    read: BTreeMap<String, WorkTable>,
    /// Where altered metadata lies, as long as this is remembered.
    folder: Option<TempDir>,
}

/// What Glue says of one table.
#[derive(Debug, Clone)]
enum Said {
    /// Its metadata lies there.
    At(String),
    /// It is no Iceberg table.
    NotIceberg(String),
    /// It is not there.
    Gone,
}

/// A table as Glue has it.
#[derive(Debug)]
pub(crate) struct Entry {
    database: String,
    name: String,
    table: WorkTable,
    iceberg: bool,
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
pub(crate) async fn call(account: &Account, operation: &str, body: &Bytes) -> Answered {
    let asked: Asked = wire::members(body)?;
    match operation {
        "GetTable" => {
            let entry = account.entry(&asked.database_name, &asked.name).await?;
            Ok(json!({ "Table": entry.for_glue() }))
        }
        "GetTables" => {
            let entries = account.tables_of(&asked.database_name).await?;
            let tables: Vec<_> = entries.iter().map(Entry::for_glue).collect();
            Ok(json!({ "TableList": tables }))
        }
        "GetDatabase" => {
            if !account.databases().await?.contains(&asked.name) {
                let message = format!("Database {} not found.", asked.name);
                return Err(Refusal::not_found(message));
            }
            Ok(json!({ "Database": { "Name": asked.name } }))
        }
        "GetDatabases" => {
            let databases = account.databases().await?;
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
    /// What is said of every table.
    async fn said(&self) -> Result<BTreeMap<String, Said>, Refusal> {
        let locations = self.workbench.locations().await.map_err(|error| {
            tracing::error!(%error, "the lake can't be read");
            Refusal::not_found("the lake can't be read")
        })?;
        let mut said: BTreeMap<_, _> = locations
            .into_iter()
            .map(|(name, location)| (name, Said::At(location)))
            .collect();
        said.extend(lock(&self.tables).said.clone());
        said.retain(|_, said| !matches!(said, Said::Gone));
        Ok(said)
    }

    /// Has Glue say something else of the table `name`.
    pub(crate) async fn alter(
        &self,
        name: &str,
        alteration: &Alteration,
    ) -> Result<(), AlterError> {
        let said = self.said().await.map_err(|_| AlterError::NoTable)?;
        let known = said.get(name).map(Said::location);
        let mut tables = lock(&self.tables);
        let location = || known.ok_or(AlterError::NoTable);
        let now = match alteration {
            Alteration::Restore => {
                tables.said.remove(name);
                return Ok(());
            }
            Alteration::Gone => Said::Gone,
            Alteration::NotIceberg => Said::NotIceberg(location()?.to_owned()),
            other => Said::At(alteration::apply(other, location()?, tables.folder()?)?),
        };
        tables.said.insert(name.to_owned(), now);
        Ok(())
    }

    pub(crate) async fn databases(&self) -> Result<BTreeSet<String>, Refusal> {
        let said = self.said().await?;
        let databases = said.keys().filter_map(|name| name.split_once('.'));
        Ok(databases.map(|(database, _)| database.to_owned()).collect())
    }

    pub(crate) async fn tables_of(&self, database: &str) -> Result<Vec<Entry>, Refusal> {
        let mut entries = Vec::new();
        for name in self.said().await?.keys() {
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
        let (table, iceberg) = self.described(&dataset).await?;
        Ok(Entry {
            database,
            name,
            table,
            iceberg,
        })
    }

    /// The Iceberg table as its current metadata describes it.
    pub(crate) async fn table(&self, name: &DatasetName) -> Result<WorkTable, Refusal> {
        match self.described(name).await? {
            (table, true) => Ok(table),
            (_, false) => Err(missing(name.namespace(), name.table())),
        }
    }

    async fn described(&self, name: &DatasetName) -> Result<(WorkTable, bool), Refusal> {
        let not_found = || missing(name.namespace(), name.table());
        let said = self.said().await?;
        let said = said.get(name.as_str()).ok_or_else(not_found)?;
        let iceberg = matches!(said, Said::At(_));
        let location = said.location();
        if let Some(known) = lock(&self.tables).read.get(location) {
            return Ok((known.clone(), iceberg));
        }
        let path = location.strip_prefix("file://").unwrap_or(location);
        let table = self.workbench.table(name, path).await.map_err(|error| {
            tracing::error!(%error, %name, "metadata can't be read");
            not_found()
        })?;
        let mut tables = lock(&self.tables);
        tables.read.insert(location.to_owned(), table.clone());
        Ok((table, iceberg))
    }
}

impl Tables {
    fn folder(&mut self) -> io::Result<&Path> {
        let folder = match self.folder.take() {
            Some(folder) => folder,
            None => tempfile::tempdir()?,
        };
        Ok(self.folder.insert(folder).path())
    }
}

impl Said {
    fn location(&self) -> &str {
        match self {
            Self::At(location) | Self::NotIceberg(location) => location,
            Self::Gone => "",
        }
    }
}

fn missing(database: &str, table: &str) -> Refusal {
    Refusal::not_found(format!("Table {database}.{table} not found."))
}

impl Entry {
    fn parameters(&self) -> Value {
        if !self.iceberg {
            return json!({ "EXTERNAL": "TRUE", "classification": "parquet" });
        }
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
