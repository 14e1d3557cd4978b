//! `GET /api/v1/policies`: what is in force, in words.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weir_query::Dataset;

use super::answers::RevisionAnswer;
use super::refusals::of_revision;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::governance::Sentence;
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
        let dataset = dataset.map(AsRef::as_ref);
        let rules = policy.rules().iter().map(|rule| RuleAnswer {
            id: rule.id().to_string(),
            kind: rule.kind(),
            sentence: Sentence::of_rule(rule, dataset),
        });
        let label = |locale| {
            let label = dataset.map(|dataset: &Dataset| dataset.label().get(locale));
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
