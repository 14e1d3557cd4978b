//! What somebody may see of a dataset, and through which rules, in words too.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use weir_policy::words::Words;
use weir_policy::{
    AttributeName, BusinessUnit, ColumnName, DatasetName, Explanation, Policy, RoleName, RuleId,
    Subject, Value, explain,
};
use weir_query::Dataset;

use super::{CatalogWords, Sentence};
use crate::content::Content;

/// The issuer of people who are only claims.
const NOBODY: &str = "urn:weir:claims";

/// An explanation, and the rows in words.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Explained {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    explanation: Explanation,
    rows: Option<Sentence>,
    rules_in_words: Vec<ExplainedInWords>,
}

/// One rule in words.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ExplainedInWords {
    #[schema(value_type = String)]
    id: RuleId,
    applied: bool,
    sentence: Sentence,
}

/// Who and what is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The dataset.
    pub dataset: DatasetName,
    /// Whom it is about.
    pub subject: Subject,
    key: Vec<(String, String)>,
}

/// A parameter that is unknown, missing, or no name of what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is unknown, missing or not a name")]
pub struct NotAskable(pub String);

impl Asked {
    /// Reads the parameters of a question: `dataset`, and who by `persona`, a sample person, or by
    /// claims: `role`, `business_unit`, `attribute.NAME`, each as often as needed. With `key.NAME`,
    /// the values of a row's key, it is about that row too.
    ///
    /// # Errors
    /// [`NotAskable`] names the parameter.
    pub fn read<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        content: &Content,
    ) -> Result<Self, NotAskable> {
        let (mut dataset, mut key) = (None, Vec::new());
        let mut subject = Subject::new(NOBODY, "claims");
        for (name, value) in pairs {
            let invalid = || NotAskable(name.to_owned());
            subject = match name {
                "dataset" => {
                    dataset = Some(DatasetName::parse(value).map_err(|_| invalid())?);
                    subject
                }
                "persona" => persona(content, value).ok_or_else(invalid)?,
                "role" => subject.with_roles([RoleName::parse(value).map_err(|_| invalid())?]),
                "business_unit" => {
                    let unit = BusinessUnit::parse(value).map_err(|_| invalid())?;
                    subject.with_business_units([unit])
                }
                other if other.starts_with("key.") => {
                    let column = other.trim_start_matches("key.");
                    key.push((column.to_owned(), value.to_owned()));
                    subject
                }
                other => {
                    let attribute = other.strip_prefix("attribute.").ok_or_else(invalid)?;
                    let attribute = AttributeName::parse(attribute).map_err(|_| invalid())?;
                    subject.with_attribute(attribute, [value])
                }
            };
        }
        let dataset = dataset.ok_or_else(|| NotAskable("dataset".to_owned()))?;
        Ok(Self {
            dataset,
            subject,
            key,
        })
    }

    /// The key's values, each of its column's type. All of the columns by which the dataset's rows
    /// are named, or none.
    ///
    /// # Errors
    /// [`NotAskable`] names the value that is missing, unknown or of another type.
    pub fn key(&self, dataset: &Dataset) -> Result<BTreeMap<ColumnName, Value>, NotAskable> {
        let mut values = BTreeMap::new();
        for (column, value) in &self.key {
            let wrong = || NotAskable(format!("key.{column}"));
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
        let missing = dataset
            .key()
            .iter()
            .find(|name| !values.contains_key(*name));
        match missing {
            Some(name) if !values.is_empty() => Err(NotAskable(format!("key.{name}"))),
            _ => Ok(values),
        }
    }
}

fn persona(content: &Content, name: &str) -> Option<Subject> {
    let mut personas = content.personas().iter();
    let found = personas.find(|persona| persona.name().as_str() == name);
    found.map(|persona| persona.subject().clone())
}

impl Explained {
    /// Whether the whole dataset is closed to the subject: then no row of it matters.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.rows.is_none()
    }

    /// What is answered under the policies of `content`.
    ///
    /// # Errors
    /// [`NotAskable`] when `content` has no such dataset.
    pub fn of(asked: &Asked, content: &Content) -> Result<Self, NotAskable> {
        let dataset = content.catalog().dataset(&asked.dataset);
        let dataset = dataset.ok_or_else(|| NotAskable("dataset".to_owned()))?;
        let explanation = explain(content.policies(), &asked.subject, dataset.schema());
        let rows = explanation.outcome.grant().map(|grant| {
            Sentence::of(|locale| {
                let labels = CatalogWords::new(Some(dataset), locale);
                Words::new(locale, &labels).predicate(grant.rows())
            })
        });
        let policy = content.policies().policy(dataset.name());
        let rules = policy.into_iter().flat_map(Policy::rules);
        let in_words = rules
            .zip(&explanation.rules)
            .map(|(rule, how)| ExplainedInWords {
                id: rule.id().clone(),
                applied: how.applied(),
                sentence: Sentence::of_rule(rule, Some(dataset)),
            });
        Ok(Self {
            rules_in_words: in_words.collect(),
            rows,
            explanation,
        })
    }
}
