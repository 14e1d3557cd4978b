//! The predicate algebra as SQL. Three-valued logic carries over as it is: `NOT` of an unknown is
//! unknown, and `WHERE` keeps only what is true (invariant 3).

use weir_policy::{ColumnName, Comparison, Predicate};

use super::literal::{identifier, literal, text};

/// Writes `predicate` with parentheses around every compound.
pub(super) fn write(predicate: &Predicate) -> String {
    match predicate {
        Predicate::Always => "TRUE".to_owned(),
        Predicate::Never => "FALSE".to_owned(),
        Predicate::Compare { column, op, value } => {
            format!("{} {} {}", name(column), operator(*op), literal(value))
        }
        Predicate::In { column, values } => {
            let values: Vec<_> = values.iter().map(literal).collect();
            format!("{} IN ({})", name(column), values.join(", "))
        }
        Predicate::IsNull(column) => format!("{} IS NULL", name(column)),
        Predicate::LikePrefix { column, prefix } => {
            format!(
                "{} LIKE {} ESCAPE '\\'",
                name(column),
                text(&like_prefix(prefix))
            )
        }
        Predicate::All(parts) => joined(parts, " AND "),
        Predicate::Any(parts) => joined(parts, " OR "),
        Predicate::Not(inner) => format!("NOT ({})", write(inner)),
    }
}

fn joined(parts: &[Predicate], operator: &str) -> String {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| format!("({})", write(part)))
        .collect();
    parts.join(operator)
}

fn name(column: &ColumnName) -> String {
    identifier(column.as_str())
}

fn operator(op: Comparison) -> &'static str {
    match op {
        Comparison::Eq => "=",
        Comparison::Lt => "<",
        Comparison::Le => "<=",
        Comparison::Gt => ">",
        Comparison::Ge => ">=",
    }
}

/// The prefix taken literally, then anything.
fn like_prefix(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len() + 1);
    for c in prefix.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
