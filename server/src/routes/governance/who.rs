//! `GET /api/v1/policies/who-could-see?dataset=&column=&business_unit=&from=&to=`.

use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use weir_policy::{BusinessUnit, ColumnName, DatasetName};

use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::who::{Answer, Question};
use crate::state::AppState;

/// What is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The dataset.
    #[param(value_type = String)]
    dataset: DatasetName,
    /// How this column was shown, too.
    #[param(value_type = Option<String>)]
    column: Option<ColumnName>,
    /// Only about rows of this business unit.
    #[param(value_type = Option<String>)]
    business_unit: Option<BusinessUnit>,
    /// From this moment on.
    from: DateTime<Utc>,
    /// Until this moment, included.
    to: DateTime<Utc>,
}

/// Who could see rows of a dataset, and a column of them, from one moment to another.
///
/// # Errors
/// A time that ends before it starts, or a registry that can't say what was in force.
#[utoipa::path(
    get, path = "/api/v1/policies/who-could-see", tag = "policies",
    summary = "Who could see something, when, and who let them",
    params(Asked),
    responses((status = 200, body = Object,
        description = "`periods`, oldest first: since when until when, by whose revisions, and by which ways people came in.")),
)]
pub(super) async fn who_could_see(
    State(state): State<AppState>,
    _: Admin,
    Query(asked): Query<Asked>,
) -> Result<Json<Answer>, Problem> {
    if asked.from > asked.to {
        let problem = Problem::new(Slug::InvalidParameter);
        return Err(problem.at("/to", "must not be before `from`"));
    }
    let question = Question {
        dataset: asked.dataset,
        column: asked.column,
        business_unit: asked.business_unit,
        from: asked.from,
        to: asked.to,
    };
    Ok(Json(state.governance.who_could_see(question).await?))
}
