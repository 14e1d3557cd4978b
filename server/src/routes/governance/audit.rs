//! `GET /api/v1/audit`: what happened, searched and paged; and whether the chain holds.

use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_registry::{AuditOrder, AuditQuery, AuditRecord, Digest, Fact, Label};

use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// The longest page.
const MOST: u32 = 500;

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// From this moment on.
    from: Option<DateTime<Utc>>,
    /// Before this moment.
    to: Option<DateTime<Utc>>,
    /// Only records of this kind: `data_read`, `mint`, `denial`, …
    kind: Option<String>,
    /// Only records about this person.
    #[param(value_type = Option<String>)]
    subject: Option<Digest>,
    /// Only records about this dashboard.
    #[param(value_type = Option<String>)]
    dashboard: Option<Label>,
    /// Only records about this revision.
    revision: Option<u64>,
    /// `oldest` or `newest` first; newest unless said.
    #[param(inline)]
    order: Option<Order>,
    /// The record that the page before ended with.
    after: Option<u64>,
    /// The longest page, at most 500.
    limit: Option<u32>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    Newest,
    Oldest,
}

/// A page of records.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditAnswer {
    records: Vec<RecordAnswer>,
    /// For the next page: `after`. None on the last.
    next_after: Option<u64>,
}

/// One record.
#[derive(Debug, Serialize, ToSchema)]
struct RecordAnswer {
    seq: u64,
    /// Covers the record and the one before it.
    hash: String,
    at: DateTime<Utc>,
    request: String,
    #[schema(value_type = Object)]
    fact: Fact,
}

/// One page of records, each with its number and hash.
///
/// # Errors
/// A log that can't be read.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "audit", summary = "What happened",
    params(Search),
    responses((status = 200, body = AuditAnswer)),
)]
pub(super) async fn search(
    State(state): State<AppState>,
    _: Admin,
    Query(search): Query<Search>,
) -> Result<Json<AuditAnswer>, Problem> {
    let query = AuditQuery {
        from: search.from,
        to: search.to,
        kind: search.kind,
        subject: search.subject,
        dashboard: search.dashboard,
        revision: search.revision,
        order: match search.order {
            Some(Order::Oldest) => AuditOrder::OldestFirst,
            Some(Order::Newest) | None => AuditOrder::NewestFirst,
        },
        after: search.after,
        limit: search.limit.unwrap_or(100).min(MOST),
    };
    let page = state.registry.audit().search(&query).await;
    let page = page.map_err(|error| Problem::new(Slug::AuditUnavailable).caused_by(error))?;
    Ok(Json(AuditAnswer {
        records: page.records.iter().map(RecordAnswer::of).collect(),
        next_after: page.next,
    }))
}

impl RecordAnswer {
    fn of(record: &AuditRecord) -> Self {
        Self {
            seq: record.seq(),
            hash: record.hash().to_string(),
            at: record.at(),
            request: record.event().request().as_str().to_owned(),
            fact: record.fact().clone(),
        }
    }
}
