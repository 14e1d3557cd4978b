//! Row predicates: `{ column: { operator: operand } }`, `all`, `any`, `not`.

use super::effect::Columns;
use crate::name::{AttributeName, ColumnName};
use crate::predicate::{Comparison, Predicate};
use crate::rule::{Claim, Rows};
use crate::schema::DatasetSchema;
use crate::value::{Value, ValueType};
use crate::yaml::{At, DocumentError, unknown_key};

const JOINS: [&str; 3] = ["all", "any", "not"];
const OPERATORS: [&str; 11] = [
    "eq",
    "ne",
    "in",
    "not_in",
    "lt",
    "le",
    "gt",
    "ge",
    "between",
    "is_null",
    "like_prefix",
];
const UNITS: &str = "subject.business_units";
const ATTRIBUTE: &str = "subject.attributes.";

pub(super) fn read(
    at: &At<'_>,
    schema: &DatasetSchema,
    columns: &mut Columns,
) -> Result<Rows, DocumentError> {
    let fields = at.fields("a predicate such as `{ region: { eq: montreal } }`")?;
    if fields.is_empty() {
        return Err(at.error("an empty predicate says nothing; write `permit: all` for every row"));
    }
    let mut parts = Vec::new();
    for (key, at) in fields.iter() {
        parts.push(match key {
            "all" => Rows::all(list(&at, schema, columns)?),
            "any" => Rows::any(list(&at, schema, columns)?),
            "not" => Rows::not(read(&at, schema, columns)?),
            name => on_column(&at, name, schema, columns)?,
        });
    }
    Ok(Rows::all(parts))
}

fn list(
    at: &At<'_>,
    schema: &DatasetSchema,
    columns: &mut Columns,
) -> Result<Vec<Rows>, DocumentError> {
    at.some_items("a list of predicates")?
        .iter()
        .map(|at| read(at, schema, columns))
        .collect()
}

/// Looks a column up; the nearest column or joining word is suggested.
pub(crate) fn column_named(
    at: &At<'_>,
    name: &str,
    schema: &DatasetSchema,
) -> Result<(ColumnName, ValueType), DocumentError> {
    let found = ColumnName::parse(name)
        .ok()
        .and_then(|column| schema.column(&column).map(|kind| (column, kind)));
    found.ok_or_else(|| {
        let shown: String = name.chars().take(64).flat_map(char::escape_debug).collect();
        let known = schema
            .columns()
            .map(|(column, _)| column.as_str())
            .chain(JOINS);
        at.error(format!(
            "dataset `{}` has no column `{shown}`",
            schema.name()
        ))
        .with_nearest(name, known)
    })
}

fn on_column(
    at: &At<'_>,
    name: &str,
    schema: &DatasetSchema,
    columns: &mut Columns,
) -> Result<Rows, DocumentError> {
    let (column, kind) = column_named(at, name, schema)?;
    columns.insert(column.clone(), kind);
    let side = Side { column, kind };
    let fields = at.fields("an operator such as `{ eq: VALUE }`")?;
    if fields.is_empty() {
        return Err(at.error("expected an operator such as `{ eq: VALUE }`, found an empty map"));
    }
    let parts: Result<Vec<Rows>, DocumentError> = fields
        .iter()
        .map(|(operator, at)| side.operation(operator, &at))
        .collect();
    Ok(Rows::all(parts?))
}

/// The left side of a comparison.
struct Side {
    column: ColumnName,
    kind: ValueType,
}

impl Side {
    fn operation(&self, operator: &str, at: &At<'_>) -> Result<Rows, DocumentError> {
        let column = || self.column.clone();
        Ok(Rows::Fixed(match operator {
            "in" => return self.membership(at, operator),
            "not_in" => return self.membership(at, operator).map(Rows::not),
            "eq" => Predicate::eq(column(), self.literal(at, operator)?),
            "ne" => Predicate::ne(column(), self.literal(at, operator)?),
            "lt" => self.ordered(Comparison::Lt, at, operator)?,
            "le" => self.ordered(Comparison::Le, at, operator)?,
            "gt" => self.ordered(Comparison::Gt, at, operator)?,
            "ge" => self.ordered(Comparison::Ge, at, operator)?,
            "between" => self.between(at)?,
            "is_null" if at.boolean()? => Predicate::is_null(column()),
            "is_null" => Predicate::not(Predicate::is_null(column())),
            "like_prefix" => self.like_prefix(at)?,
            other => return Err(unknown_key(at, other, &OPERATORS)),
        }))
    }

    fn literal(&self, at: &At<'_>, operator: &str) -> Result<Value, DocumentError> {
        let scalar = at.scalar(&format!("one value for `{operator}`"))?;
        if is_reference(scalar.text()) {
            let problem = format!(
                "`{operator}` takes one literal, `{}` is a set",
                scalar.text()
            );
            return Err(at.error(format!("{problem}; use `in` or `not_in`")));
        }
        Value::from_scalar(scalar, self.kind).map_err(|error| at.error(error.to_string()))
    }

    fn ordered(
        &self,
        op: Comparison,
        at: &At<'_>,
        operator: &str,
    ) -> Result<Predicate, DocumentError> {
        self.check_order(at, operator)?;
        Ok(Predicate::compare(
            self.column.clone(),
            op,
            self.literal(at, operator)?,
        ))
    }

    fn check_order(&self, at: &At<'_>, operator: &str) -> Result<(), DocumentError> {
        if self.kind.is_ordered() {
            return Ok(());
        }
        let problem = format!("`{operator}` needs a column with an order");
        Err(at.error(format!("{problem}, `{}` is {}", self.column, self.kind)))
    }

    fn between(&self, at: &At<'_>) -> Result<Predicate, DocumentError> {
        self.check_order(at, "between")?;
        let items = at.items("a list of two values, low and high")?;
        let [low, high] = items.as_slice() else {
            return Err(at.error(format!(
                "expected two values, low and high, found {} in the list",
                items.len()
            )));
        };
        let (from, to) = (
            self.literal(low, "between")?,
            self.literal(high, "between")?,
        );
        if from > to {
            return Err(at.error(format!("nothing is between {from} and {to}; swap them")));
        }
        Ok(Predicate::between(self.column.clone(), from, to))
    }

    fn like_prefix(&self, at: &At<'_>) -> Result<Predicate, DocumentError> {
        if self.kind != ValueType::Text {
            let problem = format!("`like_prefix` needs a text column, `{}` is", self.column);
            return Err(at.error(format!("{problem} {}", self.kind)));
        }
        match self.literal(at, "like_prefix")? {
            Value::Text(prefix) if !prefix.is_empty() => {
                Ok(Predicate::like_prefix(self.column.clone(), prefix))
            }
            _ => Err(at.error("every text starts with an empty prefix; use `is_null: false`")),
        }
    }

    fn membership(&self, at: &At<'_>, operator: &str) -> Result<Rows, DocumentError> {
        if let Some(reference) = at.as_scalar() {
            let claim = claim(at, reference.text())?;
            self.check_claim(at, &claim)?;
            return Ok(Rows::Member {
                column: self.column.clone(),
                kind: self.kind,
                claim,
            });
        }
        let values: Result<Vec<Value>, DocumentError> = at
            .some_items("a list of values, or `subject.business_units`")?
            .iter()
            .map(|item| self.literal(item, operator))
            .collect();
        Ok(Rows::Fixed(Predicate::is_in(self.column.clone(), values?)))
    }

    fn check_claim(&self, at: &At<'_>, claim: &Claim) -> Result<(), DocumentError> {
        if !self.kind.is_comparable() {
            return Err(at.error(format!(
                "`{}` is a double and cannot be compared",
                self.column
            )));
        }
        if *claim == Claim::BusinessUnits && self.kind != ValueType::Text {
            let problem = format!(
                "business units are text, `{}` is {}",
                self.column, self.kind
            );
            return Err(at.error(problem));
        }
        Ok(())
    }
}

fn is_reference(text: &str) -> bool {
    text == "subject" || text.starts_with("subject.")
}

fn claim(at: &At<'_>, reference: &str) -> Result<Claim, DocumentError> {
    if reference == UNITS {
        return Ok(Claim::BusinessUnits);
    }
    if let Some(name) = reference.strip_prefix(ATTRIBUTE) {
        return AttributeName::parse(name)
            .map(Claim::Attribute)
            .map_err(|error| at.error(error.to_string()));
    }
    Err(at
        .expected("a list of values, `subject.business_units` or `subject.attributes.NAME`")
        .with_nearest(reference, [UNITS, "subject.attributes"]))
}
