//! Masks as expressions of the innermost `SELECT` (invariant 6).

use weir_policy::{BucketWidth, ColumnAccess, ColumnName, Mask, Value, ValueType};

use super::Dialect;
use super::literal::{identifier, literal};

/// The name under which the embedded engine offers the keyed hash.
pub const HASH_FUNCTION: &str = "weir_hash";

/// `column` as the inner query offers it: itself, or its mask under the same name.
pub(super) fn projected(
    dialect: Dialect,
    column: &ColumnName,
    value_type: ValueType,
    access: ColumnAccess<'_>,
) -> String {
    let name = identifier(column.as_str());
    match access {
        ColumnAccess::Visible => name,
        ColumnAccess::Masked(mask) => {
            format!("{} AS {name}", masked(dialect, &name, value_type, mask))
        }
        // Refused before compilation; a NULL keeps even a mistake there from telling anything.
        ColumnAccess::Hidden => format!("{} AS {name}", null(value_type)),
    }
}

fn masked(dialect: Dialect, name: &str, value_type: ValueType, mask: &Mask) -> String {
    match mask {
        Mask::Null => null(value_type),
        Mask::Hash => hash(dialect, name),
        Mask::Partial => partial(name),
        Mask::Bucket(width) => bucket(name, value_type, *width),
    }
}

fn null(value_type: ValueType) -> String {
    format!("CAST(NULL AS {})", type_name(value_type))
}

/// A keyed hash: equal values stay equal, and nobody without the key can try values. The key is
/// the engine's; it never stands in the text, which query histories keep.
fn hash(dialect: Dialect, name: &str) -> String {
    match dialect {
        Dialect::DataFusion => format!("{HASH_FUNCTION}({name})"),
        Dialect::Athena => {
            format!("lower(substr(to_hex(hmac_sha256(to_utf8({name}), from_hex(?))), 1, 16))")
        }
    }
}

/// The first character, then three dots, whatever the length.
fn partial(name: &str) -> String {
    format!("substr({name}, 1, 1) || '...'")
}

/// The lower bound of the bucket that the value lies in, below zero too, in exact arithmetic.
fn bucket(name: &str, value_type: ValueType, width: BucketWidth) -> String {
    let width = match value_type {
        ValueType::Integer => width.get().trunc().to_string(),
        _ => literal(&Value::Decimal(width.get())),
    };
    let rest = format!("(({name} % {width} + {width}) % {width})");
    format!("CAST({name} - {rest} AS {})", type_name(value_type))
}

/// The spelling both dialects share.
pub(super) fn type_name(value_type: ValueType) -> String {
    match value_type {
        ValueType::Boolean => "boolean".to_owned(),
        ValueType::Integer => "bigint".to_owned(),
        ValueType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        ValueType::Double => "double".to_owned(),
        ValueType::Text => "varchar".to_owned(),
        ValueType::Date => "date".to_owned(),
        ValueType::Timestamp => "timestamp".to_owned(),
    }
}
