//! `*.dataset.yaml` into a [`Dataset`]: shape by serde, meaning checked here.

use std::collections::BTreeMap;

use serde::Deserialize;
use weir_policy::{ColumnName, DatasetName, DatasetSchema, Predicate, Value, ValueType};

use super::{
    Aggregate, Better, Column, Dataset, Dimension, Formula, Function, Grain, Measure, NumberFormat,
    Source,
};
use crate::document::{DocumentError, Mistakes, Ordered, nearest};
use crate::locale::Localized;
use crate::name::{DimensionName, MeasureName};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetDoc {
    dataset: DatasetName,
    label: Localized,
    #[serde(default)]
    source: SourceDoc,
    time: Option<ColumnName>,
    #[serde(default)]
    key: Vec<ColumnName>,
    #[serde(default)]
    only: Option<OnlyDoc>,
    columns: Ordered<ColumnName, ColumnDoc>,
    #[serde(default)]
    dimensions: Ordered<DimensionName, DimensionDoc>,
    #[serde(default)]
    measures: Ordered<MeasureName, MeasureDoc>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SourceDoc {
    #[default]
    Catalog,
    Iceberg(String),
    Parquet(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnDoc {
    #[serde(rename = "type")]
    value_type: ValueType,
    label: Localized,
    #[serde(default)]
    values: Option<Ordered<String, Localized>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DimensionDoc {
    column: ColumnName,
    grain: Option<Grain>,
    label: Localized,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasureDoc {
    label: Localized,
    format: NumberFormat,
    unit: Option<Localized>,
    better: Option<Better>,
    sum: Option<ColumnName>,
    min: Option<ColumnName>,
    max: Option<ColumnName>,
    count_distinct: Option<ColumnName>,
    #[serde(default)]
    count: Option<CountDoc>,
    ratio: Option<RatioDoc>,
    #[serde(default)]
    only: Option<OnlyDoc>,
}

/// Column values a row must have.
type OnlyDoc = Ordered<ColumnName, serde_json::Value>;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CountDoc {
    Rows,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RatioDoc {
    of: MeasureName,
    to: MeasureName,
}

pub(super) fn read(file: &str, text: &str) -> Result<Dataset, Vec<DocumentError>> {
    let doc: DatasetDoc = crate::document::read(file, text).map_err(|error| vec![error])?;
    let columns = columns(&doc);
    let schema = DatasetSchema::new(
        doc.dataset.clone(),
        columns
            .iter()
            .map(|(name, column)| (name.clone(), column.value_type)),
    );
    let reader = Reader {
        file,
        columns: &columns,
    };
    let mut mistakes = Mistakes::default();
    mistakes.keep(reader.check_time(doc.time.as_ref()));
    mistakes.each::<_, Vec<_>>(reader.check_key(&doc.key));
    let only = mistakes.keep(reader.only("", doc.only.as_ref()));
    let only = only
        .into_iter()
        .flatten()
        .map(|(column, value)| Predicate::eq(column, value));
    let only = Predicate::all(only);
    let dimensions = mistakes.each(reader.dimensions(&doc.dimensions.0));
    let measures = reader.measures(&doc.measures.0, &mut mistakes);
    mistakes.or(Dataset {
        version: blake3::hash(text.as_bytes()).to_hex().to_string(),
        name: doc.dataset,
        label: doc.label,
        source: match doc.source {
            SourceDoc::Catalog => Source::Catalog,
            SourceDoc::Iceberg(path) => Source::IcebergMetadata(path),
            SourceDoc::Parquet(path) => Source::Parquet(path),
        },
        time: doc.time,
        key: doc.key,
        only,
        columns,
        dimensions,
        measures,
        schema,
    })
}

fn columns(doc: &DatasetDoc) -> BTreeMap<ColumnName, Column> {
    let column = |doc: &ColumnDoc| Column {
        value_type: doc.value_type,
        label: doc.label.clone(),
        values: doc
            .values
            .clone()
            .unwrap_or_default()
            .0
            .into_iter()
            .collect(),
    };
    doc.columns
        .0
        .iter()
        .map(|(name, doc)| (name.clone(), column(doc)))
        .collect()
}

/// Checks what the shape cannot say: that names exist and types fit.
struct Reader<'a> {
    file: &'a str,
    columns: &'a BTreeMap<ColumnName, Column>,
}

impl Reader<'_> {
    fn column(&self, path: &str, name: &ColumnName) -> Result<ValueType, DocumentError> {
        self.columns
            .get(name)
            .map(|column| column.value_type)
            .ok_or_else(|| {
                let near = nearest(name.as_str(), self.columns.keys().map(ColumnName::as_str));
                DocumentError::at(self.file, path, format!("no column `{name}`{near}"))
            })
    }

    fn check_time(&self, time: Option<&ColumnName>) -> Result<(), DocumentError> {
        let Some(name) = time else { return Ok(()) };
        match self.column("time", name)? {
            ValueType::Date => Ok(()),
            other => Err(self.mistyped("time", name, other, "date")),
        }
    }

    fn check_key(
        &self,
        key: &[ColumnName],
    ) -> impl Iterator<Item = Result<ValueType, DocumentError>> {
        let columns = key.iter().enumerate();
        columns.map(|(i, name)| self.column(&format!("key[{i}]"), name))
    }

    fn mistyped(
        &self,
        path: &str,
        name: &ColumnName,
        found: ValueType,
        wanted: &str,
    ) -> DocumentError {
        let problem = format!("column `{name}` is {found}, expected {wanted}");
        DocumentError::at(self.file, path, problem)
    }

    fn dimensions(
        &self,
        docs: &[(DimensionName, DimensionDoc)],
    ) -> impl Iterator<Item = Result<(DimensionName, Dimension), DocumentError>> {
        let dimension = |(name, doc): &(DimensionName, DimensionDoc)| {
            let path = format!("dimensions.{name}.column");
            let value_type = self.column(&path, &doc.column)?;
            let groupable = !matches!(value_type, ValueType::Double);
            if !groupable || (doc.grain.is_some() && value_type != ValueType::Date) {
                let wanted = if doc.grain.is_some() {
                    "date"
                } else {
                    "anything but double"
                };
                return Err(self.mistyped(&path, &doc.column, value_type, wanted));
            }
            let dimension = Dimension {
                name: name.clone(),
                label: doc.label.clone(),
                column: doc.column.clone(),
                grain: doc.grain,
            };
            Ok((name.clone(), dimension))
        };
        docs.iter().map(dimension)
    }

    fn measures(
        &self,
        docs: &[(MeasureName, MeasureDoc)],
        mistakes: &mut Mistakes,
    ) -> BTreeMap<MeasureName, Measure> {
        let mut aggregates = BTreeMap::new();
        for (name, doc) in docs {
            if doc.ratio.is_none() {
                let read = mistakes.keep(self.aggregate(name, doc));
                aggregates.extend(read.map(|aggregate| (name.clone(), aggregate)));
            }
        }
        // A measure that is wrong itself is not blamed again where a ratio names it.
        let broken = |name: &MeasureName| {
            let declared = docs.iter().find(|(declared, _)| declared == name);
            declared.is_some_and(|(_, doc)| doc.ratio.is_none()) && !aggregates.contains_key(name)
        };
        let sound = |(name, doc): &&(MeasureName, MeasureDoc)| match &doc.ratio {
            Some(ratio) => !broken(&ratio.of) && !broken(&ratio.to),
            None => !broken(name),
        };
        let measure = |(name, doc): &(MeasureName, MeasureDoc)| {
            let formula = self.formula(name, doc, &aggregates)?;
            let measure = Measure {
                name: name.clone(),
                label: doc.label.clone(),
                formula,
                format: doc.format.clone(),
                unit: doc.unit.clone(),
                better: doc.better,
            };
            Ok((name.clone(), measure))
        };
        mistakes.each(docs.iter().filter(sound).map(measure))
    }

    fn formula(
        &self,
        name: &MeasureName,
        doc: &MeasureDoc,
        aggregates: &BTreeMap<MeasureName, Aggregate>,
    ) -> Result<Formula, DocumentError> {
        let find = |field: &str, wanted: &MeasureName| {
            aggregates.get(wanted).cloned().ok_or_else(|| {
                let near = nearest(wanted.as_str(), aggregates.keys().map(MeasureName::as_str));
                let problem = format!("no plain measure `{wanted}`{near}");
                DocumentError::at(self.file, format!("measures.{name}.ratio.{field}"), problem)
            })
        };
        match &doc.ratio {
            Some(ratio) => {
                self.no_aggregate_beside_ratio(name, doc)?;
                Ok(Formula::Ratio {
                    of: find("of", &ratio.of)?,
                    to: find("to", &ratio.to)?,
                })
            }
            None => find("sum", name).map(Formula::Aggregate),
        }
    }

    fn no_aggregate_beside_ratio(
        &self,
        name: &MeasureName,
        doc: &MeasureDoc,
    ) -> Result<(), DocumentError> {
        let columns = [&doc.sum, &doc.min, &doc.max, &doc.count_distinct];
        if columns.into_iter().any(Option::is_some) || doc.count.is_some() || doc.only.is_some() {
            let problem = "`ratio` stands alone: put `sum` and `only` on the measures it names";
            return Err(DocumentError::at(
                self.file,
                format!("measures.{name}"),
                problem,
            ));
        }
        Ok(())
    }

    fn aggregate(&self, name: &MeasureName, doc: &MeasureDoc) -> Result<Aggregate, DocumentError> {
        let path = format!("measures.{name}");
        let mut found = Vec::new();
        if let Some(column) = &doc.sum {
            let value_type = self.summable(&format!("{path}.sum"), column)?;
            found.push(Function::Sum(column.clone(), value_type));
        }
        if let Some(column) = &doc.min {
            let value_type = self.column(&format!("{path}.min"), column)?;
            found.push(Function::Min(column.clone(), value_type));
        }
        if let Some(column) = &doc.max {
            let value_type = self.column(&format!("{path}.max"), column)?;
            found.push(Function::Max(column.clone(), value_type));
        }
        if let Some(column) = &doc.count_distinct {
            self.column(&format!("{path}.count_distinct"), column)?;
            found.push(Function::CountDistinct(column.clone()));
        }
        if doc.count.is_some() {
            found.push(Function::Count);
        }
        let only = self.only(&format!("{path}."), doc.only.as_ref())?;
        match <[Function; 1]>::try_from(found) {
            Ok([function]) => Ok(Aggregate { function, only }),
            Err(_) => Err(DocumentError::at(
                self.file,
                path,
                "expected exactly one of `sum`, `min`, `max`, `count_distinct`, `count: rows`, \
                 `ratio`",
            )),
        }
    }

    fn summable(&self, path: &str, name: &ColumnName) -> Result<ValueType, DocumentError> {
        match self.column(path, name)? {
            fit @ (ValueType::Integer | ValueType::Decimal { .. } | ValueType::Double) => Ok(fit),
            other => Err(self.mistyped(path, name, other, "a number")),
        }
    }

    fn only(
        &self,
        path: &str,
        only: Option<&OnlyDoc>,
    ) -> Result<Vec<(ColumnName, Value)>, DocumentError> {
        let conditions = only.into_iter().flat_map(|only| &only.0);
        conditions
            .map(|(column, raw)| {
                let path = format!("{path}only.{column}");
                let value_type = self.column(&path, column)?;
                let value = scalar(raw).and_then(|text| Value::parse(&text, value_type).ok());
                let problem = format!("`{raw}` is not a {value_type}");
                let value = value.ok_or_else(|| DocumentError::at(self.file, path, problem))?;
                Ok((column.clone(), value))
            })
            .collect()
    }
}

/// The text of a YAML scalar; `None` for anything nested or null.
fn scalar(raw: &serde_json::Value) -> Option<String> {
    match raw {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Bool(flag) => Some(flag.to_string()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
