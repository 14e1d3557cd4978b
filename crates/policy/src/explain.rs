//! Why somebody sees what they see: of a dataset, and of one row of it.

mod leaf;
mod row;

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{Serialize, SerializeStruct, Serializer};

pub use self::leaf::RowClause;
pub use self::row::{RowExplanation, RowVerdict, explain_row};
use crate::change::{Shown, claims_of, restricts};
use crate::denied::{Denied, WhyNot};
use crate::grant::Grant;
use crate::mask::Mask;
use crate::name::{ColumnName, DatasetName, RuleId};
use crate::policy_set::{PolicySet, Revision};
use crate::resolve::{Applied, applied, resolve};
use crate::rule::{Claim, Policy, Rule};
use crate::schema::DatasetSchema;
use crate::subject::Subject;
use crate::value::Value;

/// What a subject may see of a dataset, and how every rule took part in that.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Explanation {
    /// The revision asked.
    pub revision: Revision,
    /// The dataset.
    pub dataset: DatasetName,
    /// What [`resolve`] answered.
    pub outcome: Outcome,
    /// Every rule of the dataset in the order of its policy.
    pub rules: Vec<ExplainedRule>,
    /// Every column in the order of their names; hidden all of them if the subject is denied.
    pub columns: Vec<ExplainedColumn>,
}

/// The answer of [`resolve`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Some rows.
    Granted(Box<Grant>),
    /// Nothing.
    Denied(Denied),
}

/// How one rule took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedRule {
    /// The rule.
    pub id: RuleId,
    /// `permit`, `forbid`, `hide` or `mask`.
    pub kind: &'static str,
    /// Why it did not apply; `None` if it did.
    pub why_not: Option<WhyNot>,
    /// Whether it could not be evaluated and so closed the whole dataset (P7).
    pub closes_dataset: bool,
    /// The claims it looked at, with what the subject holds; empty for what is missing.
    pub claims: BTreeMap<Claim, BTreeSet<String>>,
}

/// How one column is shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ExplainedColumn {
    /// The column.
    pub column: ColumnName,
    /// How it is shown.
    pub shown: Shown,
    /// The rule that hides or masks it.
    pub rule: Option<RuleId>,
}

/// Explains what `subject` gets to see of the dataset that `schema` describes. The outcome is the
/// answer of [`resolve`].
#[must_use]
pub fn explain(set: &PolicySet, subject: &Subject, schema: &DatasetSchema) -> Explanation {
    let rules = set.policy(schema.name()).map_or(&[][..], Policy::rules);
    let outcome = match resolve(set, subject, schema) {
        Ok(grant) => Outcome::Granted(Box::new(grant)),
        Err(denied) => Outcome::Denied(denied),
    };
    let explained: Vec<ExplainedRule> = rules
        .iter()
        .map(|rule| ExplainedRule::of(rule, subject, schema))
        .collect();
    let columns = columns(&outcome, rules, &explained, schema);
    Explanation {
        revision: set.revision(),
        dataset: schema.name().clone(),
        outcome,
        rules: explained,
        columns,
    }
}

impl Outcome {
    /// The grant, unless the subject is denied.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Granted(grant) => Some(grant),
            Self::Denied(_) => None,
        }
    }
}

impl ExplainedRule {
    /// Whether the rule took part in the decision.
    #[must_use]
    pub fn applied(&self) -> bool {
        self.why_not.is_none()
    }

    fn of(rule: &Rule, subject: &Subject, schema: &DatasetSchema) -> Self {
        let (why_not, closes_dataset) = match applied(rule, subject, schema) {
            Applied::Yes => (None, false),
            Applied::No(why) => (Some(why), false),
            Applied::Never(why) => (Some(why), true),
        };
        let claims = claims_of(rule).into_iter().map(|claim| {
            let held = held(subject, &claim);
            (claim, held)
        });
        Self {
            id: rule.id().clone(),
            kind: rule.kind(),
            why_not,
            closes_dataset,
            claims: claims.collect(),
        }
    }
}

fn held(subject: &Subject, claim: &Claim) -> BTreeSet<String> {
    match claim {
        Claim::Roles => subject.roles().iter().map(ToString::to_string).collect(),
        Claim::BusinessUnits => {
            let units = subject.business_units().iter();
            units.map(ToString::to_string).collect()
        }
        Claim::Attribute(name) => subject.attribute(name).cloned().unwrap_or_default(),
    }
}

fn columns(
    outcome: &Outcome,
    rules: &[Rule],
    explained: &[ExplainedRule],
    schema: &DatasetSchema,
) -> Vec<ExplainedColumn> {
    schema
        .columns()
        .map(|(column, _)| {
            let shown = Shown::of(outcome.grant(), column);
            let by = |(rule, how): &(&Rule, &ExplainedRule)| {
                let restricts = restricts(rule);
                how.applied()
                    && restricts
                        .iter()
                        .any(|(name, mask)| *name == column && is_what(&shown, *mask))
            };
            let found = outcome
                .grant()
                .and_then(|_| rules.iter().zip(explained).find(by));
            ExplainedColumn {
                column: column.clone(),
                rule: found.map(|(rule, _)| rule.id().clone()),
                shown,
            }
        })
        .collect()
}

fn is_what(shown: &Shown, mask: Option<&Mask>) -> bool {
    match (shown, mask) {
        (Shown::Hidden, None) => true,
        (Shown::Masked(shown), Some(mask)) => shown == mask,
        _ => false,
    }
}

/// `{ granted, code, reason, grant }`: for a denial its code and sentence, for a grant the grant.
impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("Outcome", 4)?;
        let (code, reason) = match self {
            Self::Granted(_) => (None, None),
            Self::Denied(denied) => (Some(denied.code()), Some(denied.to_string())),
        };
        record.serialize_field("granted", &code.is_none())?;
        record.serialize_field("code", &code)?;
        record.serialize_field("reason", &reason)?;
        record.serialize_field("grant", &self.grant())?;
        record.end()
    }
}

/// The claims become a map from their readable names.
impl Serialize for ExplainedRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let claims: BTreeMap<String, &BTreeSet<String>> = self
            .claims
            .iter()
            .map(|(claim, held)| {
                let name = match claim {
                    Claim::Roles => "roles".to_owned(),
                    Claim::BusinessUnits => "business_units".to_owned(),
                    Claim::Attribute(name) => format!("attributes.{name}"),
                };
                (name, held)
            })
            .collect();
        let mut record = serializer.serialize_struct("ExplainedRule", 7)?;
        record.serialize_field("id", &self.id)?;
        record.serialize_field("kind", self.kind)?;
        record.serialize_field("applied", &self.applied())?;
        record.serialize_field("why_not", &self.why_not.as_ref().map(WhyNot::code))?;
        record.serialize_field("reason", &self.why_not.as_ref().map(ToString::to_string))?;
        record.serialize_field("closes_dataset", &self.closes_dataset)?;
        record.serialize_field("claims", &claims)?;
        record.end()
    }
}

/// Cells as text, `null` for NULL: decimals and dates as people and JSON clients read them.
pub(crate) fn cells<S: serde::Serializer>(
    cells: &std::collections::BTreeMap<ColumnName, Option<Value>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        other => other.to_string(),
    };
    serializer.collect_map(
        cells
            .iter()
            .map(|(column, value)| (column, value.as_ref().map(text))),
    )
}

#[cfg(test)]
mod tests;
