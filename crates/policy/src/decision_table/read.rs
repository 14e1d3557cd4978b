//! From YAML to a decision table.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, DecisionTable, GivenRow, Sees};
use crate::document::{column_at, find_schema, mask_kind};
use crate::mask::Mask;
use crate::name::{ColumnName, DatasetName};
use crate::persona::with_claims;
use crate::schema::DatasetSchema;
use crate::subject::Subject;
use crate::value::{Scalar, Value, ValueType};
use crate::yaml::{self, At, DocumentError, Mistakes};

/// Reads the decision table of the dataset that `schema` describes.
///
/// # Errors
/// [`DocumentError`] names the first mistake and its place.
pub fn table_from_yaml(
    file_name: &str,
    text: &str,
    schema: &DatasetSchema,
) -> Result<DecisionTable, DocumentError> {
    table_from_catalog(file_name, text, [schema])
}

/// Reads a decision table and checks it against whichever schema it is about.
///
/// # Errors
/// [`DocumentError`] names the first mistake and its place.
pub fn table_from_catalog<'s>(
    file_name: &str,
    text: &str,
    schemas: impl IntoIterator<Item = &'s DatasetSchema>,
) -> Result<DecisionTable, DocumentError> {
    check_table(file_name, text, schemas).map_err(|all| yaml::first(file_name, all))
}

/// Reads a decision table as [`table_from_catalog`] does, and goes on behind a mistake.
///
/// # Errors
/// Every mistake, in the order of the text: the first of each row and of each case. Of a text that
/// is no YAML, the first.
pub fn check_table<'s>(
    file_name: &str,
    text: &str,
    schemas: impl IntoIterator<Item = &'s DatasetSchema>,
) -> Result<DecisionTable, Vec<DocumentError>> {
    let mut mistakes = Mistakes::default();
    let root = yaml::read(file_name, text).map_err(|error| vec![error])?;
    let table = table(
        file_name,
        &At::root(file_name, &root),
        schemas,
        &mut mistakes,
    );
    mistakes.or(table)
}

fn table<'s>(
    file: &str,
    root: &At<'_>,
    schemas: impl IntoIterator<Item = &'s DatasetSchema>,
    mistakes: &mut Mistakes,
) -> Option<DecisionTable> {
    let fields = mistakes.keep(root.fields("a map with `policy`, `given` and `cases`"))?;
    let known = mistakes.only(&fields, &["policy", "given", "cases"]);
    let schema = mistakes.required(&fields, "policy", known);
    let schema = schema.and_then(|at| mistakes.keep(find_schema(&at, schemas)));
    let rows = mistakes.required(&fields, "given", known);
    let rows = rows.and_then(|at| mistakes.keep(at.some_items("a list of rows")));
    let cases = mistakes.required(&fields, "cases", known);
    let cases = cases.and_then(|at| mistakes.keep(at.some_items("a list of cases")));
    let (schema, rows) = (schema?, rows?);
    let (ids, rows) = given(&rows, schema, mistakes);
    let ids = ids.iter().map(String::as_str).collect();
    let cases = cases?.into_iter().enumerate();
    let cases = cases
        .filter_map(|(index, at)| mistakes.keep(case(index, &at, &ids, schema)))
        .collect();
    Some(DecisionTable {
        file: file.to_owned(),
        dataset: schema.name().clone(),
        rows,
        cases,
    })
}

/// The dataset a table says it is about, without reading its cases.
///
/// # Errors
/// [`DocumentError`] if the file is not YAML or names no dataset.
pub fn dataset_of(file_name: &str, text: &str) -> Result<DatasetName, DocumentError> {
    let root = yaml::read(file_name, text)?;
    let fields = At::root(file_name, &root).fields("a map with `policy`, `given` and `cases`")?;
    fields
        .required("policy")?
        .name("the name of a dataset", DatasetName::parse)
}

/// The ids of all rows, also of those with a mistake in a cell, and the rows without one.
fn given(
    items: &[At<'_>],
    schema: &DatasetSchema,
    mistakes: &mut Mistakes,
) -> (BTreeSet<String>, Vec<GivenRow>) {
    let (mut seen, mut rows) = (BTreeSet::new(), Vec::new());
    for item in items {
        let row = row(item, &mut seen, schema);
        rows.extend(mistakes.keep(row));
    }
    (seen, rows)
}

fn row(
    item: &At<'_>,
    seen: &mut BTreeSet<String>,
    schema: &DatasetSchema,
) -> Result<GivenRow, DocumentError> {
    let fields = item.fields("a row such as `{ id: a, business_unit: auto }`")?;
    let id_at = fields.required("id")?;
    let id = row_id(&id_at)?;
    if !seen.insert(id.clone()) {
        return Err(id_at.error(format!("row id `{id}` is taken already")));
    }
    let mut cells = BTreeMap::new();
    for (name, at) in fields.iter() {
        // `id` is the label of the row; it is data only where the dataset has such a column.
        if name == "id" && ColumnName::parse(name).is_ok_and(|id| schema.column(&id).is_none()) {
            continue;
        }
        let (column, kind) = column_at(&at, name, schema)?;
        cells.extend(cell(&at, kind)?.map(|value| (column, value)));
    }
    Ok(GivenRow { id, cells })
}

fn row_id(at: &At<'_>) -> Result<String, DocumentError> {
    match at.as_scalar() {
        Some(scalar) if !scalar.is_null() => Ok(scalar.text().to_owned()),
        _ => Err(at.expected("an id for the row")),
    }
}

fn cell(at: &At<'_>, kind: ValueType) -> Result<Option<Value>, DocumentError> {
    let scalar = at.scalar("one value")?;
    if scalar.is_null() {
        return Ok(None);
    }
    if kind == ValueType::Double {
        // Nothing may compare doubles, but whether one is there is a fair question.
        let number = matches!(scalar, Scalar::Plain(text) if text.parse::<f64>().is_ok());
        let present = number.then(|| Value::Text(scalar.text().to_owned()));
        return present.map(Some).ok_or_else(|| at.expected("a number"));
    }
    Value::from_scalar(scalar, kind)
        .map(Some)
        .map_err(|error| at.error(error.to_string()))
}

fn case(
    index: usize,
    at: &At<'_>,
    ids: &BTreeSet<&str>,
    schema: &DatasetSchema,
) -> Result<Case, DocumentError> {
    let fields = at.fields("a case: a map with `as` and `sees`")?;
    fields.only(&["name", "as", "sees", "columns"])?;
    let name = match fields.get("name") {
        Some(at) => at.text("a name")?.to_owned(),
        None => format!("case {}", index + 1),
    };
    let subject = subject(&fields.required("as")?)?;
    let sees = sees(&fields.required("sees")?, ids)?;
    let mut case = Case {
        name,
        line: at.line(),
        subject,
        sees,
        hidden: None,
        masked: None,
    };
    if let Some(at) = fields.get("columns") {
        if matches!(case.sees, Sees::Denied) {
            return Err(at.error("somebody who is denied sees no columns; leave it out"));
        }
        let columns = at.fields("a map with `hidden` or `masked`")?;
        columns.only(&["hidden", "masked"])?;
        case.hidden = columns
            .get("hidden")
            .map(|at| hidden(&at, schema))
            .transpose()?;
        case.masked = columns
            .get("masked")
            .map(|at| masked(&at, schema))
            .transpose()?;
    }
    Ok(case)
}

fn sees(at: &At<'_>, ids: &BTreeSet<&str>) -> Result<Sees, DocumentError> {
    let wanted = "a list of row ids, `none` or `denied`";
    match at.as_scalar() {
        Some(Scalar::Plain("denied")) => return Ok(Sees::Denied),
        Some(Scalar::Plain("none")) => return Ok(Sees::Rows(BTreeSet::new())),
        Some(other) => {
            return Err(at
                .expected(wanted)
                .with_nearest(other.text(), ["none", "denied"]));
        }
        None => {}
    }
    let mut rows = BTreeSet::new();
    for item in at.items(wanted)? {
        let id = row_id(&item)?;
        if !ids.contains(id.as_str()) {
            let problem = format!("no row of `given` has the id `{}`", id.escape_debug());
            return Err(item.error(problem).with_nearest(&id, ids.iter().copied()));
        }
        if !rows.insert(id) {
            return Err(item.error("the id is in the list twice"));
        }
    }
    Ok(Sees::Rows(rows))
}

fn hidden(at: &At<'_>, schema: &DatasetSchema) -> Result<BTreeSet<ColumnName>, DocumentError> {
    at.items("a list of columns")?
        .iter()
        .map(|at| Ok(column_at(at, at.text("the name of a column")?, schema)?.0))
        .collect()
}

fn masked(
    at: &At<'_>,
    schema: &DatasetSchema,
) -> Result<BTreeMap<ColumnName, Mask>, DocumentError> {
    at.fields("a map such as `{ customer_id: hash }`")?
        .iter()
        .map(|(name, at)| Ok((column_at(&at, name, schema)?.0, mask_kind(&at)?)))
        .collect()
}

fn subject(at: &At<'_>) -> Result<Subject, DocumentError> {
    let fields = at.fields("a subject such as `{ roles: [analyst], business_units: [auto] }`")?;
    fields.only(&["issuer", "sub", "business_units", "roles", "attributes"])?;
    let text = |key: &str, otherwise: &str| match fields.get(key) {
        Some(at) => at.text("text").map(str::to_owned),
        None => Ok(otherwise.to_owned()),
    };
    let nobody = Subject::new(text("issuer", "decision-table")?, text("sub", "somebody")?);
    with_claims(nobody, &fields)
}
