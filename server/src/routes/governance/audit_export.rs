//! `GET /api/v1/audit/export?from=&to=&format=`: a part of the log as a file.

use std::io;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use utoipa::IntoParams;
use weir_registry::{AuditEvent, AuditExport, Fact, Label, RequestId};

use crate::guard::Admin;
use crate::overload::Class;
use crate::problem::{Problem, Slug};
use crate::service::audit_export::{AuditExportError, AuditExporter, ExportFormat, Span};
use crate::state::AppState;

/// Which records, and as what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// From this moment on.
    from: Option<DateTime<Utc>>,
    /// Before this moment.
    to: Option<DateTime<Utc>>,
    /// `jsonl`, `csv` or `parquet`.
    #[param(value_type = String)]
    format: ExportFormat,
}

/// The records from one moment on, up to another, as a file that is sent while it is read. That an
/// admin takes them is on record before the first byte leaves (invariant 10).
///
/// # Errors
/// A log that can't be read, or that can't be written to.
#[utoipa::path(
    get, path = "/api/v1/audit/export", tag = "audit", summary = "A part of the log as a file",
    params(Asked),
    responses((status = 200, description = "The file, sent while it is read.")),
)]
pub(super) async fn export(
    State(state): State<AppState>,
    admin: Admin,
    Extension(request): Extension<RequestId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    // To its first page: after that it waits for whoever reads it.
    let admission = &state.dashboards.admission;
    let _turn = admission.turn(Class::Export, None).await?;
    let audit = state.registry.audit().clone();
    let fact = fact(&admin, &asked).map_err(broken)?;
    let event = AuditEvent::new(state.governance.publisher.clock.now(), request, fact);
    let recorded = audit.record(vec![event]).await;
    recorded.map_err(unavailable)?;
    let span = Span {
        from: asked.from,
        to: asked.to,
    };
    let mut exporter = AuditExporter::new(audit, span, asked.format).map_err(of_export)?;
    // The first page is read before the answer begins, so that a log that can't be read is told.
    let first = exporter.next().await.map_err(of_export)?;
    let rest = stream::try_unfold((first, exporter), |(part, mut exporter)| async move {
        let Some(part) = part else { return Ok(None) };
        let next = exporter.next().await.map_err(cut_off)?;
        Ok::<_, io::Error>(Some((Bytes::from(part.bytes), (next, exporter))))
    });
    let name = format!("attachment; filename=\"audit.{}\"", asked.format.name());
    let headers = [
        (CONTENT_TYPE, asked.format.media_type().to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(rest)).into_response())
}

fn fact(admin: &Admin, asked: &Asked) -> Result<Fact, weir_registry::LabelError> {
    Ok(Fact::AuditExport(AuditExport {
        by: admin.actor().digest(),
        format: Label::parse(asked.format.name())?,
        from_ms: asked.from.map(|at| at.timestamp_millis()),
        to_ms: asked.to.map(|at| at.timestamp_millis()),
    }))
}

fn broken(cause: weir_registry::LabelError) -> Problem {
    Problem::new(Slug::Internal).caused_by(cause)
}

fn unavailable(cause: weir_registry::AuditError) -> Problem {
    Problem::new(Slug::AuditUnavailable).caused_by(cause)
}

fn of_export(cause: AuditExportError) -> Problem {
    Problem::new(Slug::AuditUnavailable).caused_by(cause)
}

/// The connection ends before the file does, so that nobody takes a part for the whole.
fn cut_off(cause: AuditExportError) -> io::Error {
    let error = &cause as &dyn std::error::Error;
    tracing::error!(error, "an export of the audit log ended early");
    io::Error::other(cause)
}
