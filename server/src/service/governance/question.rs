//! A question about somebody and a dataset, from the parameters of an address.
//!
//! Somebody is a sample person (`persona=analyst-auto`) or a set of claims (`role=analyst`,
//! `business_unit=auto`, `attribute.clearance=confidential`, each as often as needed). The values of
//! a row's key come as `key.day=2026-10-05`.

use std::collections::BTreeMap;

use weir_policy::persona::Persona;
use weir_policy::{AttributeName, BusinessUnit, ColumnName, DatasetName, RoleName, Subject, Value};
use weir_query::Dataset;

use crate::content::Content;

/// The issuer of people who are only claims.
const NOBODY: &str = "urn:weir:claims";

/// Who and what is asked about.
#[derive(Debug, Clone)]
pub struct Question {
    /// The dataset.
    pub dataset: DatasetName,
    /// Somebody.
    pub subject: Subject,
    /// The sample person, if it is one.
    pub persona: Option<Persona>,
    key: Vec<(String, String)>,
}

/// A parameter that is unknown, missing or not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is unknown, missing or not a name")]
pub struct WrongParameter(pub String);

impl Question {
    /// Reads the question out of the parameters.
    ///
    /// # Errors
    /// [`WrongParameter`] names the first that is none.
    pub fn read<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        content: &Content,
    ) -> Result<Self, WrongParameter> {
        let (mut dataset, mut person, mut key) = (None, None, Vec::new());
        let mut subject = Subject::new(NOBODY, "claims");
        for (name, value) in parameters {
            let wrong = || WrongParameter(name.to_owned());
            match name {
                "dataset" => dataset = Some(DatasetName::parse(value).map_err(|_| wrong())?),
                "persona" => {
                    let found = persona(content, value).ok_or_else(wrong)?;
                    subject = found.subject().clone();
                    person = Some(found.clone());
                }
                "role" => {
                    let role = RoleName::parse(value).map_err(|_| wrong())?;
                    subject = subject.with_roles([role]);
                }
                "business_unit" => {
                    let unit = BusinessUnit::parse(value).map_err(|_| wrong())?;
                    subject = subject.with_business_units([unit]);
                }
                other if other.starts_with("key.") => {
                    let column = other.trim_start_matches("key.");
                    key.push((column.to_owned(), value.to_owned()));
                }
                other => {
                    let attribute = other.strip_prefix("attribute.").ok_or_else(wrong)?;
                    let attribute = AttributeName::parse(attribute).map_err(|_| wrong())?;
                    subject = subject.with_attribute(attribute, [value.to_owned()]);
                }
            }
        }
        Ok(Self {
            dataset: dataset.ok_or_else(|| WrongParameter("dataset".to_owned()))?,
            subject,
            persona: person,
            key,
        })
    }

    /// The key's values, each of its column's type. All of the columns by which the dataset's rows
    /// are named, or none.
    ///
    /// # Errors
    /// [`WrongParameter`] names a column that is missing, or a value that is none of its type.
    pub fn key(&self, dataset: &Dataset) -> Result<BTreeMap<ColumnName, Value>, WrongParameter> {
        let mut values = BTreeMap::new();
        for (column, value) in &self.key {
            let wrong = || WrongParameter(format!("key.{column}"));
            let name = ColumnName::parse(column.as_str()).map_err(|_| wrong())?;
            let known = dataset
                .column(&name)
                .filter(|_| dataset.key().contains(&name));
            let kind = known.ok_or_else(wrong)?.value_type;
            let value = Value::parse(value, kind).map_err(|_| wrong())?;
            if values.insert(name, value).is_some() {
                return Err(wrong());
            }
        }
        let mut columns = dataset.key().iter();
        match columns.find(|name| !values.contains_key(*name)) {
            Some(name) if !values.is_empty() => Err(WrongParameter(format!("key.{name}"))),
            _ => Ok(values),
        }
    }
}

fn persona<'c>(content: &'c Content, name: &str) -> Option<&'c Persona> {
    let mut personas = content.personas().iter();
    personas.find(|persona| persona.name().as_str() == name)
}
