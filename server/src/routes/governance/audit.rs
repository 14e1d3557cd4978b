//! `GET /api/v1/audit`: what happened, searched and paged; and whether the chain holds.

use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use weir_registry::{AuditOrder, AuditQuery, AuditRecord, Digest, Label};

use crate::guard::Admin;
use crate::problem::Problem;
use crate::state::AppState;

/// What is looked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    kind: Option<String>,
    subject: Option<Digest>,
    dashboard: Option<Label>,
    revision: Option<u64>,
    /// `oldest` or `newest` first; newest unless said.
    order: Option<Order>,
    after: Option<u64>,
    limit: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    Newest,
    Oldest,
}

/// One page of records, each with its number and hash.
///
/// # Errors
/// A log that can't be read.
pub(super) async fn search(
    State(state): State<AppState>,
    _: Admin,
    Query(search): Query<Search>,
) -> Result<Json<Value>, Problem> {
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
        limit: search.limit.unwrap_or(100),
    };
    let page = state.governance.records(query).await?;
    let records: Vec<_> = page.records.iter().map(record).collect();
    Ok(Json(json!({ "records": records, "next_after": page.next })))
}

fn record(record: &AuditRecord) -> Value {
    json!({
        "seq": record.seq(),
        "hash": record.hash().to_string(),
        "at": record.at(),
        "request": record.event().request().as_str(),
        "fact": record.fact(),
    })
}
