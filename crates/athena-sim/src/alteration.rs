//! Changes of tables that nobody made in the lake: what Glue says is led to an altered copy of the
//! metadata.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// What becomes of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "alteration", rename_all = "snake_case")]
pub enum Alteration {
    /// A column goes.
    DropColumn {
        /// Which.
        column: String,
    },
    /// A column gets another type.
    RetypeColumn {
        /// Which.
        column: String,
        /// As Iceberg spells it, such as `string` or `decimal(12, 2)`.
        to: String,
    },
    /// A column comes.
    AddColumn {
        /// Which.
        column: String,
        /// As Iceberg spells it.
        of: String,
    },
    /// A new snapshot with the same rows.
    Commit,
    /// Back to the snapshot before.
    RollBack,
    /// It is no Iceberg table any more.
    NotIceberg,
    /// It is not there any more.
    Gone,
    /// As it is in the lake.
    Restore,
}

/// Why a table can't be altered like that.
#[derive(Debug, thiserror::Error)]
pub enum AlterError {
    /// Nothing to alter.
    #[error("there is no such table, or its metadata can't be read")]
    NoTable,
    /// The metadata has no such column or snapshot.
    #[error("the table has no such column or no earlier snapshot")]
    NoSuchPart,
    /// The altered metadata can't be written.
    #[error("the altered metadata can't be written")]
    Io(#[from] io::Error),
}

/// Reads the metadata at `location`, alters it, and writes it into `folder`; says where it is.
pub(crate) fn apply(
    alteration: &Alteration,
    location: &str,
    folder: &Path,
) -> Result<String, AlterError> {
    let path = location.strip_prefix("file://").unwrap_or(location);
    let bytes = std::fs::read(path).map_err(|_| AlterError::NoTable)?;
    let mut metadata = serde_json::from_slice(&bytes).map_err(|_| AlterError::NoTable)?;
    alter(&mut metadata, alteration).ok_or(AlterError::NoSuchPart)?;
    let written = folder.join(format!("{}.metadata.json", Uuid::now_v7()));
    std::fs::write(&written, metadata.to_string())?;
    Ok(format!("file://{}", written.display()))
}

fn alter(metadata: &mut Value, alteration: &Alteration) -> Option<()> {
    match alteration {
        Alteration::DropColumn { column } => {
            let fields = fields(metadata)?;
            let before = fields.len();
            fields.retain(|field| field["name"] != column.as_str());
            (fields.len() < before).then_some(())
        }
        Alteration::RetypeColumn { column, to } => {
            let mut fields = fields(metadata)?.iter_mut();
            let field = fields.find(|field| field["name"] == column.as_str())?;
            field["type"] = to.as_str().into();
            Some(())
        }
        Alteration::AddColumn { column, of } => {
            let id = metadata["last-column-id"].as_i64()? + 1;
            metadata["last-column-id"] = id.into();
            let field = json!({ "id": id, "name": column, "required": false, "type": of });
            fields(metadata)?.push(field);
            Some(())
        }
        Alteration::Commit => commit(metadata),
        Alteration::RollBack => {
            let parent = current_snapshot(metadata)?["parent-snapshot-id"].as_i64()?;
            point_at(metadata, parent)
        }
        Alteration::NotIceberg | Alteration::Gone | Alteration::Restore => Some(()),
    }
}

/// The fields of the current schema.
fn fields(metadata: &mut Value) -> Option<&mut Vec<Value>> {
    let current = metadata["current-schema-id"].clone();
    let mut schemas = metadata["schemas"].as_array_mut()?.iter_mut();
    let schema = schemas.find(|schema| schema["schema-id"] == current)?;
    schema["fields"].as_array_mut()
}

fn current_snapshot(metadata: &Value) -> Option<&Value> {
    let current = &metadata["current-snapshot-id"];
    let mut snapshots = metadata["snapshots"].as_array()?.iter();
    snapshots.find(|snapshot| snapshot["snapshot-id"] == *current)
}

fn commit(metadata: &mut Value) -> Option<()> {
    let mut snapshot = current_snapshot(metadata)?.clone();
    let parent = snapshot["snapshot-id"].as_i64()?;
    let number = metadata["last-sequence-number"].as_i64()? + 1;
    // Any number will do that is not taken.
    let id = parent.wrapping_add(1).checked_abs()?;
    let at = metadata["last-updated-ms"].as_i64()? + 1;
    snapshot["snapshot-id"] = id.into();
    snapshot["parent-snapshot-id"] = parent.into();
    snapshot["sequence-number"] = number.into();
    snapshot["timestamp-ms"] = at.into();
    metadata["snapshots"].as_array_mut()?.push(snapshot);
    metadata["last-sequence-number"] = number.into();
    point_at(metadata, id)
}

fn point_at(metadata: &mut Value, snapshot: i64) -> Option<()> {
    let at = metadata["last-updated-ms"].as_i64()? + 1;
    metadata["last-updated-ms"] = at.into();
    metadata["current-snapshot-id"] = snapshot.into();
    if let Some(main) = metadata["refs"].get_mut("main") {
        main["snapshot-id"] = snapshot.into();
    }
    let log = metadata["snapshot-log"].as_array_mut()?;
    log.push(json!({ "snapshot-id": snapshot, "timestamp-ms": at }));
    Some(())
}
