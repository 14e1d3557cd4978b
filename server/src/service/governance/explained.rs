//! What somebody may see of a dataset, and through which rules, in words too.

use serde::Serialize;
use weir_policy::words::Words;
use weir_policy::{
    AttributeName, BusinessUnit, DatasetName, Explanation, Policy, RoleName, RuleId, Subject,
    explain,
};

use super::{CatalogWords, Sentence};
use crate::content::Content;

/// The issuer of people who are only claims.
const NOBODY: &str = "urn:weir:claims";

/// An explanation, and the rows in words.
#[derive(Debug, Clone, Serialize)]
pub struct Explained {
    #[serde(flatten)]
    explanation: Explanation,
    rows: Option<Sentence>,
    rules_in_words: Vec<ExplainedInWords>,
}

/// One rule in words.
#[derive(Debug, Clone, Serialize)]
struct ExplainedInWords {
    id: RuleId,
    applied: bool,
    sentence: Sentence,
}

/// Who and what is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    dataset: DatasetName,
    subject: Subject,
}

/// A parameter that is unknown, missing, or no name of what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is unknown, missing or not a name")]
pub struct NotAskable(pub String);

impl Asked {
    /// Reads the parameters of a question: `dataset`, and who by `persona`, a sample person, or by
    /// claims: `role`, `business_unit`, `attribute.NAME`, each as often as needed.
    ///
    /// # Errors
    /// [`NotAskable`] names the parameter.
    pub fn read<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        content: &Content,
    ) -> Result<Self, NotAskable> {
        let mut dataset = None;
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
                other => {
                    let attribute = other.strip_prefix("attribute.").ok_or_else(invalid)?;
                    let attribute = AttributeName::parse(attribute).map_err(|_| invalid())?;
                    subject.with_attribute(attribute, [value])
                }
            };
        }
        let dataset = dataset.ok_or_else(|| NotAskable("dataset".to_owned()))?;
        Ok(Self { dataset, subject })
    }
}

fn persona(content: &Content, name: &str) -> Option<Subject> {
    let mut personas = content.personas().iter();
    let found = personas.find(|persona| persona.name().as_str() == name);
    found.map(|persona| persona.subject().clone())
}

impl Explained {
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
