//! The predicate algebra as SQL. Three-valued logic carries over as it is: `NOT` of an unknown is
//! unknown, and `WHERE` keeps only what is true (invariant 3).

use weir_policy::{ColumnName, Comparison, Predicate};

use super::literal::{identifier, literal, text};

/// Writes `predicate` with parentheses around every compound.
pub(super) fn write(predicate: &Predicate) -> String {
    let mut sql = String::new();
    push(&mut sql, predicate);
    sql
}

/// One text grows: a list of a thousand values is not worth a thousand texts.
fn push(sql: &mut String, predicate: &Predicate) {
    match predicate {
        Predicate::Always => sql.push_str("TRUE"),
        Predicate::Never => sql.push_str("FALSE"),
        Predicate::Compare { column, op, value } => {
            sql.extend([&name(column), " ", operator(*op), " ", &literal(value)]);
        }
        Predicate::In { column, values } => {
            sql.extend([&name(column), " IN ("]);
            for (index, value) in values.iter().enumerate() {
                sql.push_str(if index == 0 { "" } else { ", " });
                sql.push_str(&literal(value));
            }
            sql.push(')');
        }
        Predicate::IsNull(column) => sql.extend([&name(column), " IS NULL"]),
        Predicate::LikePrefix { column, prefix } => {
            let pattern = text(&like_prefix(prefix));
            sql.extend([&name(column), " LIKE ", &pattern, " ESCAPE '\\'"]);
        }
        Predicate::All(parts) => join(sql, parts, " AND "),
        Predicate::Any(parts) => join(sql, parts, " OR "),
        Predicate::Not(inner) => {
            sql.push_str("NOT (");
            push(sql, inner);
            sql.push(')');
        }
    }
}

fn join(sql: &mut String, parts: &[Predicate], operator: &str) {
    for (index, part) in parts.iter().enumerate() {
        sql.push_str(if index == 0 { "" } else { operator });
        sql.push('(');
        push(sql, part);
        sql.push(')');
    }
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
