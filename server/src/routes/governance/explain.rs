//! `GET /api/v1/explain?dataset=…`: what somebody may see of a dataset, and through which rules.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use weir_policy::words::Words;
use weir_policy::{Explanation, explain as decide};

use super::policies::Sentence;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::governance::{CatalogWords, Question};
use crate::state::AppState;

/// An explanation, and the rows in words.
#[derive(Debug, Serialize)]
pub(super) struct ExplainAnswer {
    #[serde(flatten)]
    explanation: Explanation,
    rows: Option<Sentence>,
    rules_in_words: Vec<RuleInWords>,
}

/// One rule in words.
#[derive(Debug, Serialize)]
struct RuleInWords {
    id: String,
    applied: bool,
    sentence: Sentence,
}

/// What a subject may see, under the policies in force.
///
/// # Errors
/// An unknown parameter, dataset or sample person, or a name that is none.
pub(super) async fn explain(
    State(state): State<AppState>,
    _: Admin,
    RawQuery(query): RawQuery,
) -> Result<Json<ExplainAnswer>, Problem> {
    let content = state.dashboards.published.current();
    let query = query.unwrap_or_default();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()));
    let asked = Question::read(pairs, &content).map_err(|wrong| invalid(&wrong.0))?;
    let dataset = content.catalog().dataset(&asked.dataset);
    let dataset = dataset.ok_or_else(|| invalid("dataset"))?;
    let explanation = decide(content.policies(), &asked.subject, dataset.schema());
    let policy = content.policies().policy(dataset.name());
    let vocabulary = |locale| CatalogWords::new(Some(dataset), locale);
    let rows = explanation.outcome.grant().map(|grant| {
        Sentence::of(|locale| Words::new(locale, &vocabulary(locale)).predicate(grant.rows()))
    });
    let rules = policy.into_iter().flat_map(weir_policy::Policy::rules);
    let in_words = rules
        .zip(&explanation.rules)
        .map(|(rule, explained)| RuleInWords {
            id: rule.id().to_string(),
            applied: explained.applied(),
            sentence: Sentence::of(|locale| Words::new(locale, &vocabulary(locale)).rule(rule)),
        });
    Ok(Json(ExplainAnswer {
        rows,
        rules_in_words: in_words.collect(),
        explanation,
    }))
}

fn invalid(parameter: &str) -> Problem {
    let pointer = format!("/{}", parameter.chars().take(40).collect::<String>());
    Problem::new(Slug::InvalidParameter).at(pointer, "unknown, missing or not a name")
}
