//! What a rule does: `permit`, `forbid`, `hide` or `mask`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::rows::{self, column_named};
use crate::mask::{BucketWidth, Mask};
use crate::name::ColumnName;
use crate::predicate::Predicate;
use crate::rule::{Effect, Rows};
use crate::schema::DatasetSchema;
use crate::value::{Scalar, ValueType};
use crate::yaml::{At, DocumentError, Fields};

const EFFECTS: [&str; 4] = ["permit", "forbid", "hide", "mask"];
const MASKS: [&str; 4] = ["null", "hash", "partial", "bucket"];

/// The columns a rule mentions so far.
pub(super) type Columns = BTreeMap<ColumnName, ValueType>;

/// Whether the rule says that it does anything.
pub(super) fn is_in(fields: &Fields<'_>) -> bool {
    EFFECTS.iter().any(|kind| fields.get(kind).is_some())
}

pub(super) fn read(
    fields: &Fields<'_>,
    schema: &DatasetSchema,
    columns: &mut Columns,
) -> Result<Effect, DocumentError> {
    let mut present = EFFECTS
        .iter()
        .filter_map(|kind| Some((*kind, fields.get(kind)?)));
    let missing = || {
        fields
            .at()
            .error("a rule needs one of `permit`, `forbid`, `hide` or `mask`")
    };
    let (kind, at) = present.next().ok_or_else(missing)?;
    if let Some((other, second)) = present.next() {
        let problem = format!("a rule does one thing, this one has `{kind}` already");
        return Err(second.error(format!("{problem}; move `{other}` to a rule of its own")));
    }
    match kind {
        "permit" => Ok(Effect::Permit(row_rule(&at, schema, columns)?)),
        "forbid" => Ok(Effect::Forbid(row_rule(&at, schema, columns)?)),
        "hide" => hide(&at, schema, columns),
        _ => mask(&at, schema, columns),
    }
}

fn row_rule(
    at: &At<'_>,
    schema: &DatasetSchema,
    columns: &mut Columns,
) -> Result<Rows, DocumentError> {
    match at.as_scalar() {
        Some(Scalar::Plain("all")) => Ok(Rows::Fixed(Predicate::Always)),
        Some(_) => Err(at.expected("`all` or a predicate such as `{ region: { eq: montreal } }`")),
        None => rows::read(at, schema, columns),
    }
}

fn hide(
    at: &At<'_>,
    schema: &DatasetSchema,
    columns: &mut Columns,
) -> Result<Effect, DocumentError> {
    let mut hidden = Vec::new();
    for item in at.some_items("a list of columns such as `[broker_commission]`")? {
        let (column, kind) = column_at(&item, schema)?;
        if hidden.contains(&column) {
            return Err(item.error(format!("column `{column}` is in the list twice")));
        }
        columns.insert(column.clone(), kind);
        hidden.push(column);
    }
    Ok(Effect::Hide(hidden))
}

fn mask(
    at: &At<'_>,
    schema: &DatasetSchema,
    columns: &mut Columns,
) -> Result<Effect, DocumentError> {
    let fields = at.fields("a map such as `{ column: customer_id, with: hash }`")?;
    fields.only(&["column", "with"])?;
    let (column, kind) = column_at(&fields.required("column")?, schema)?;
    let with_at = fields.required("with")?;
    let with = mask_kind(&with_at)?;
    if !with.applies_to(kind) {
        let problem = format!("{}; `{column}` is {kind}", wanted_by(&with));
        return Err(with_at.error(problem));
    }
    columns.insert(column.clone(), kind);
    Ok(Effect::Mask { column, with })
}

fn column_at(
    at: &At<'_>,
    schema: &DatasetSchema,
) -> Result<(ColumnName, ValueType), DocumentError> {
    column_named(at, at.text("the name of a column")?, schema)
}

/// Reads a mask as policies and decision tables spell it.
pub(crate) fn mask_kind(at: &At<'_>) -> Result<Mask, DocumentError> {
    if at.is_map() {
        let fields = at.fields("a mask")?;
        fields.only(&["bucket"])?;
        return bucket(&fields.required("bucket")?);
    }
    let wanted = "`null`, `hash`, `partial` or `{ bucket: WIDTH }`";
    match at.scalar(wanted)?.text() {
        "null" => Ok(Mask::Null),
        "hash" => Ok(Mask::Hash),
        "partial" => Ok(Mask::Partial),
        "bucket" => Err(at.error("`bucket` needs a width, such as `{ bucket: 1000 }`")),
        other => Err(at.expected(wanted).with_nearest(other, MASKS)),
    }
}

fn bucket(at: &At<'_>) -> Result<Mask, DocumentError> {
    match at.as_scalar() {
        Some(Scalar::Plain(text)) => Decimal::from_str_exact(text)
            .ok()
            .and_then(BucketWidth::new),
        _ => None,
    }
    .map(Mask::Bucket)
    .ok_or_else(|| at.expected("a width greater than zero, such as `1000`"))
}

fn wanted_by(mask: &Mask) -> String {
    match mask {
        Mask::Null => "`null` masks any column".to_owned(),
        Mask::Hash | Mask::Partial => format!("`{mask}` masks text columns only"),
        Mask::Bucket(width) => format!(
            "`bucket` masks integer and decimal columns only, and its width {} must be a number \
             the column can hold",
            width.get()
        ),
    }
}
