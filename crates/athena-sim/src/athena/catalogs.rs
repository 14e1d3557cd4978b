//! Catalogs, databases and tables, as Athena's own operations show them.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::Account;
use crate::wire::{self, Answered, Refusal};

/// The catalog that Glue is.
const CATALOG: &str = "AwsDataCatalog";

/// `ListDataCatalogs`.
pub(super) fn list() -> Value {
    json!({ "DataCatalogsSummary": [{ "CatalogName": CATALOG, "Type": "GLUE" }] })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
}

/// `GetDataCatalog`.
pub(super) fn get(body: &Bytes) -> Answered {
    let named: Named = wire::members(body)?;
    known(&named.name)?;
    Ok(json!({ "DataCatalog": { "Name": CATALOG, "Type": "GLUE", "Parameters": {} } }))
}

#[expect(clippy::struct_field_names, reason = "the members are called so")]
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct In {
    catalog_name: String,
    #[serde(default)]
    database_name: String,
    #[serde(default)]
    table_name: String,
}

fn known(catalog: &str) -> Result<(), Refusal> {
    if catalog.eq_ignore_ascii_case(CATALOG) {
        Ok(())
    } else {
        Err(Refusal::invalid(format!(
            "DataCatalog {catalog} was not found."
        )))
    }
}

/// `ListDatabases`.
pub(super) async fn databases(account: &Account, body: &Bytes) -> Answered {
    let asked: In = wire::members(body)?;
    known(&asked.catalog_name)?;
    let databases = account
        .databases()
        .await
        .map_err(|refusal| as_metadata(&refusal))?;
    let shown: Vec<_> = databases
        .iter()
        .map(|name| json!({ "Name": name }))
        .collect();
    Ok(json!({ "DatabaseList": shown }))
}

/// `GetDatabase`.
pub(super) async fn database(account: &Account, body: &Bytes) -> Answered {
    let asked: In = wire::members(body)?;
    known(&asked.catalog_name)?;
    exists(account, &asked.database_name).await?;
    Ok(json!({ "Database": { "Name": asked.database_name } }))
}

async fn exists(account: &Account, database: &str) -> Result<(), Refusal> {
    let databases = account
        .databases()
        .await
        .map_err(|refusal| as_metadata(&refusal))?;
    if databases.contains(database) {
        return Ok(());
    }
    let message = format!("Database {database} not found.");
    Err(Refusal::metadata(message))
}

/// `ListTableMetadata`.
pub(super) async fn tables(account: &Account, body: &Bytes) -> Answered {
    let asked: In = wire::members(body)?;
    known(&asked.catalog_name)?;
    exists(account, &asked.database_name).await?;
    let tables = account
        .tables_of(&asked.database_name)
        .await
        .map_err(|refusal| as_metadata(&refusal))?;
    let shown: Vec<_> = tables.iter().map(crate::glue::Entry::for_athena).collect();
    Ok(json!({ "TableMetadataList": shown }))
}

/// `GetTableMetadata`.
pub(super) async fn table(account: &Account, body: &Bytes) -> Answered {
    let asked: In = wire::members(body)?;
    known(&asked.catalog_name)?;
    let table = account.entry(&asked.database_name, &asked.table_name).await;
    Ok(json!({ "TableMetadata": table.map_err(|refusal| as_metadata(&refusal))?.for_athena() }))
}

fn as_metadata(refusal: &Refusal) -> Refusal {
    Refusal::metadata(refusal.message())
}
