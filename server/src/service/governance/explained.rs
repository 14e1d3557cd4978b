//! What somebody may see of a dataset, and through which rules, in words too.

use serde::Serialize;
use utoipa::ToSchema;
use weir_policy::words::Words;
use weir_policy::{Explanation, Policy, RuleId, explain};

use super::{CatalogWords, Question, Sentence, WrongParameter};
use crate::content::Content;

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

impl Explained {
    /// Whether the whole dataset is closed to the subject: then no row of it matters.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.rows.is_none()
    }

    /// What is answered under the policies of `content`.
    ///
    /// # Errors
    /// [`WrongParameter`] when `content` has no such dataset.
    pub fn of(asked: &Question, content: &Content) -> Result<Self, WrongParameter> {
        let dataset = content.catalog().dataset(&asked.dataset);
        let dataset = dataset.ok_or_else(|| WrongParameter("dataset".to_owned()))?;
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
