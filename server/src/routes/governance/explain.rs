//! `GET /api/v1/explain?dataset=…`: what somebody may see of a dataset, and through which rules.
//!
//! Somebody is a sample person (`persona=analyst-auto`) or a set of claims (`role=analyst`,
//! `business_unit=auto`, `attribute.clearance=confidential`, each as often as needed).

use axum::Json;
use axum::extract::{RawQuery, State};

use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::governance::{Asked, Explained, NotAskable};
use crate::state::AppState;

/// What a subject may see, under the policies in force.
///
/// # Errors
/// An unknown parameter, dataset or sample person, or a name that is none.
pub(super) async fn explain(
    State(state): State<AppState>,
    _: Admin,
    RawQuery(query): RawQuery,
) -> Result<Json<Explained>, Problem> {
    let content = state.dashboards.published.current();
    let query = query.unwrap_or_default();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()));
    let asked = Asked::read(pairs, &content)?;
    Ok(Json(Explained::of(&asked, &content)?))
}

impl From<NotAskable> for Problem {
    fn from(NotAskable(parameter): NotAskable) -> Self {
        let pointer = format!("/{}", parameter.chars().take(40).collect::<String>());
        Self::new(Slug::InvalidParameter).at(pointer, "unknown, missing or not a name")
    }
}
