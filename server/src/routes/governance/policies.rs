//! `GET /api/v1/policies`: what is in force, in words.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weir_policy::words::Words;
use weir_query::Locale;

use super::answers::RevisionAnswer;
use super::refusals::of_revision;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::governance::CatalogWords;
use crate::state::AppState;

/// The policies in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InForceAnswer {
    revision: RevisionAnswer,
    policies: Vec<PolicyAnswer>,
}

/// The policy of one dataset.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyAnswer {
    dataset: String,
    label: Sentence,
    rules: Vec<RuleAnswer>,
}

/// One rule.
#[derive(Debug, Serialize, ToSchema)]
struct RuleAnswer {
    id: String,
    kind: &'static str,
    sentence: Sentence,
}

/// The same in both languages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sentence {
    en: String,
    fr: String,
}

impl Sentence {
    /// What `say` says in each language.
    pub(super) fn of(say: impl Fn(Locale) -> String) -> Self {
        Self {
            en: say(Locale::EnCa),
            fr: say(Locale::FrCa),
        }
    }
}

/// The policies in force in this process, and who answers for them.
///
/// # Errors
/// When the registry can't say.
#[utoipa::path(
    get, path = "/api/v1/policies", tag = "policies", summary = "The policies in force, in words",
    responses((status = 200, body = InForceAnswer)),
)]
pub(super) async fn in_force(
    State(state): State<AppState>,
    _: Admin,
) -> Result<Json<InForceAnswer>, Problem> {
    let content = state.dashboards.published.current();
    let number = content.policies().revision().get();
    let revision = state.registry.revisions().get(number).await;
    let revision = revision
        .map_err(of_revision)?
        .ok_or_else(|| Problem::new(Slug::RegistryUnavailable))?;
    let policies = content.policies().policies().map(|policy| {
        let dataset = content.catalog().dataset(policy.dataset());
        let words = |locale| CatalogWords::new(dataset.map(AsRef::as_ref), locale);
        let rules = policy.rules().iter().map(|rule| RuleAnswer {
            id: rule.id().to_string(),
            kind: rule.kind(),
            sentence: Sentence::of(|locale| Words::new(locale, &words(locale)).rule(rule)),
        });
        let label = |locale| {
            let label = dataset.map(|dataset| dataset.label().get(locale));
            label.unwrap_or_default().to_owned()
        };
        PolicyAnswer {
            dataset: policy.dataset().to_string(),
            label: Sentence::of(label),
            rules: rules.collect(),
        }
    });
    Ok(Json(InForceAnswer {
        policies: policies.collect(),
        revision: RevisionAnswer::of(&revision, None),
    }))
}
