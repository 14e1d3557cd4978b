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
            fields.retain(|field| !is_called(field, column));
            (fields.len() < before).then_some(())
        }
        Alteration::RetypeColumn { column, to } => {
            let mut fields = fields(metadata)?.iter_mut();
            let field = fields.find(|field| is_called(field, column))?;
            set(field, "type", to.as_str())
        }
        Alteration::AddColumn { column, of } => {
            let id = number(metadata, "last-column-id")? + 1;
            set(metadata, "last-column-id", id)?;
            let field = json!({ "id": id, "name": column, "required": false, "type": of });
            fields(metadata)?.push(field);
            Some(())
        }
        Alteration::Commit => commit(metadata),
        Alteration::RollBack => {
            let parent = number(current_snapshot(metadata)?, "parent-snapshot-id")?;
            point_at(metadata, parent)
        }
        Alteration::NotIceberg | Alteration::Gone | Alteration::Restore => Some(()),
    }
}

fn is_called(field: &Value, name: &str) -> bool {
    field.get("name").and_then(Value::as_str) == Some(name)
}

fn number(object: &Value, name: &str) -> Option<i64> {
    object.get(name)?.as_i64()
}

fn set(object: &mut Value, name: &str, value: impl Into<Value>) -> Option<()> {
    object
        .as_object_mut()?
        .insert(name.to_owned(), value.into());
    Some(())
}

/// The fields of the current schema.
fn fields(metadata: &mut Value) -> Option<&mut Vec<Value>> {
    let current = number(metadata, "current-schema-id")?;
    let mut schemas = metadata.get_mut("schemas")?.as_array_mut()?.iter_mut();
    let schema = schemas.find(|schema| number(schema, "schema-id") == Some(current))?;
    schema.get_mut("fields")?.as_array_mut()
}

fn current_snapshot(metadata: &Value) -> Option<&Value> {
    let current = number(metadata, "current-snapshot-id")?;
    let mut snapshots = metadata.get("snapshots")?.as_array()?.iter();
    snapshots.find(|snapshot| number(snapshot, "snapshot-id") == Some(current))
}

fn commit(metadata: &mut Value) -> Option<()> {
    let mut snapshot = current_snapshot(metadata)?.clone();
    let parent = number(&snapshot, "snapshot-id")?;
    let sequence = number(metadata, "last-sequence-number")? + 1;
    // Any number will do that is not taken.
    let id = parent.wrapping_add(1).checked_abs()?;
    let at = number(metadata, "last-updated-ms")? + 1;
    set(&mut snapshot, "snapshot-id", id)?;
    set(&mut snapshot, "parent-snapshot-id", parent)?;
    set(&mut snapshot, "sequence-number", sequence)?;
    set(&mut snapshot, "timestamp-ms", at)?;
    metadata
        .get_mut("snapshots")?
        .as_array_mut()?
        .push(snapshot);
    set(metadata, "last-sequence-number", sequence)?;
    point_at(metadata, id)
}

fn point_at(metadata: &mut Value, snapshot: i64) -> Option<()> {
    let at = number(metadata, "last-updated-ms")? + 1;
    set(metadata, "last-updated-ms", at)?;
    set(metadata, "current-snapshot-id", snapshot)?;
    if let Some(main) = metadata.pointer_mut("/refs/main") {
        set(main, "snapshot-id", snapshot)?;
    }
    let log = metadata.get_mut("snapshot-log")?.as_array_mut()?;
    log.push(json!({ "snapshot-id": snapshot, "timestamp-ms": at }));
    Some(())
}
