//! Taking a tile's rows along, for whoever has the right.

use std::io;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use tokio::sync::mpsc;
use weir_engine::{EngineError, Export};
use weir_frontend::model::FileVm;
use weir_query::dashboard::Tile;
use weir_query::{Locale, TileId};
use weir_registry::RequestId;

use super::data::refused;
use super::page::view;
use super::params::{self, Params};
use crate::guard::FETCH_SITE;
use crate::overload::Class;
use crate::problem::{Problem, Slug};
use crate::reader::Reader;
use crate::service::exports::ExportError;
use crate::service::opened::View;
use crate::sheet;
use crate::state::AppState;

/// How long a file may take to be read. Access tokens that end meanwhile do not lengthen it.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a part of it may wait to be read: meanwhile nobody else's can be computed.
const TAKING: Duration = Duration::from_secs(5);

/// Of a part at most so much is sent at a time: 13 kB/s are fast enough for that.
const SLICE: usize = 64 << 10;

/// What a file is written in.
const FORMAT: &str = "csv";

/// An address may have 8 KiB with the path before it.
const LONGEST_QUERY: usize = 7 << 10;

/// Says that there were more rows than an export may carry.
const TRUNCATED: HeaderName = HeaderName::from_static("weir-truncated");

/// `GET /api/v1/dashboards/{slug}/tiles/{tile}/export`.
///
/// # Errors
/// Not in reach, no right to it, an unusable parameter, withheld, not computed, or not recorded.
#[utoipa::path(
    get, path = "/api/v1/dashboards/{slug}/tiles/{tile}/export", tag = "dashboards",
    summary = "All rows of one tile, as a file",
    params(
        ("slug" = String, Path, description = "The dashboard."),
        ("tile" = String, Path, description = "The tile."),
        ("format" = String, Query, description = "`csv`."),
        ("locale" = Option<String>, Query, description = "`en-CA` or `fr-CA`."),
        ("period" = Option<String>, Query, description = "`2026-01-01..2026-03-31`"),
        ("filters" = Option<Object>, Query, style = Form, explode,
            description = "Values of declared filters, each under the filter's own name."),
    ),
    responses((status = 200, description = "The file. `Weir-Truncated: true` says that it does not hold all rows.",
        content_type = "text/csv")),
)]
pub async fn export(
    State(state): State<AppState>,
    reader: Reader,
    Path((slug, tile)): Path<(String, String)>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = without_format(query.as_deref())?;
    not_by_another_page(&reader, &headers)?;
    let params = Params::from_query(query.as_deref())?;
    let locale = params
        .locale
        .or(reader.preferred_locale())
        .unwrap_or_default();
    let to_take_along = (Class::Export, request);
    let view = view(
        &state.dashboards,
        reader,
        &slug,
        &params.chosen,
        to_take_along,
    )
    .await?;
    let not_found = || Problem::new(Slug::NotFound);
    let id = TileId::parse(tile).map_err(|_| not_found())?;
    let tile = view.dashboard.tile(&id).ok_or_else(not_found)?;
    if !view.reader.may_export(&state.exporting_roles) {
        state.dashboards.record_not_allowed(&view, tile).await?;
        return Err(Problem::new(Slug::ExportNotAllowed));
    }
    let exported = state.dashboards.export(&view, tile).await;
    let exported = exported.map_err(|error| problem(error, &state))?;
    let labels = exported.planned.query.question().labels(locale);
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", name(&slug, &id)),
        ),
        (TRUNCATED, exported.rows.is_truncated().to_string()),
    ];
    let body = text(state, view, exported.rows, &labels);
    Ok((headers, body).into_response())
}

/// All rows of a tile as a file: where it is, asked as the page of `view` was, and what it is called.
/// `None` where that is more than an address may say: a page that is asked by a form may say more.
pub(super) fn file(
    view: &View,
    tile: &Tile,
    asked: &[(String, String)],
    locale: Locale,
) -> Option<FileVm> {
    let slug = view.dashboard.slug().as_str();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("locale", locale.tag());
    query.extend_pairs(asked);
    query.append_pair("format", FORMAT);
    let (id, query) = (&tile.id, query.finish());
    (asked.len() < params::MOST && query.len() < LONGEST_QUERY).then(|| FileVm {
        href: format!("/api/v1/dashboards/{slug}/tiles/{id}/export?{query}"),
        format: FORMAT.to_owned(),
        name: name(slug, id),
    })
}

fn name(slug: &str, tile: &TileId) -> String {
    format!("{slug}-{tile}.{FORMAT}")
}

/// A link on another site must not make a member take rows along: it would be paid for and on record.
fn not_by_another_page(reader: &Reader, headers: &HeaderMap) -> Result<(), Problem> {
    let site = headers.get(FETCH_SITE);
    let is_own = site.is_none_or(|site| site == "same-origin" || site == "none");
    if is_own || matches!(reader, Reader::Viewer(_)) {
        return Ok(());
    }
    Err(Problem::new(Slug::OriginNotAllowed))
}

/// The rest of the query, once its format is the one there is.
fn without_format(query: Option<&str>) -> Result<Option<String>, Problem> {
    let pairs = query.unwrap_or_default().split('&');
    let pairs = pairs.filter(|pair| !pair.is_empty());
    let (format, rest): (Vec<_>, Vec<_>) = pairs.partition(|pair| pair.starts_with("format="));
    if format != ["format=csv"] {
        return Err(Problem::new(Slug::InvalidParameter).at("format", "expected `csv`"));
    }
    Ok(Some(rest.join("&")))
}

/// Sends `lines`, if somebody takes them.
async fn taken(sender: &mpsc::Sender<Option<Bytes>>, mut lines: Bytes) -> Option<()> {
    while !lines.is_empty() {
        let slice = lines.split_to(SLICE.min(lines.len()));
        sender.send_timeout(Some(slice), TAKING).await.ok()?;
    }
    Some(())
}

/// Text leaves batch by batch. It ends early when the reader is shut out meanwhile, or takes longer
/// than [`PATIENCE`]: then the connection breaks, so that nobody takes a part for all. Rows are held
/// by their own task, so that a reader who stops reading holds none.
fn text(state: AppState, view: View, rows: Export, labels: &[String]) -> Body {
    let head = Bytes::from(sheet::head(labels));
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(tokio::time::timeout(PATIENCE, async move {
        let mut part = Some((head, rows));
        while let Some((lines, rows)) = part {
            if state.dashboards.admits(&view).is_err() {
                return;
            }
            if taken(&sender, lines).await.is_none() {
                return;
            }
            let next = tokio::task::spawn_blocking(move || next_lines(rows)).await;
            let Ok(Ok(next)) = next else {
                tracing::error!("the rows of an export could not be spelled");
                return;
            };
            part = next;
        }
        // Whoever does not read to the end does not need to know that it was the end.
        sender.send(None).await.ok();
    }));
    Body::from_stream(stream::try_unfold(receiver, |mut receiver| async {
        match receiver.recv().await {
            Some(Some(lines)) => Ok(Some((lines, receiver))),
            Some(None) => Ok(None),
            None => Err(io::Error::other("the export was cut off")),
        }
    }))
}

fn next_lines(mut rows: Export) -> Result<Option<(Bytes, Export)>, EngineError> {
    let Some(batch) = rows.next() else {
        return Ok(None);
    };
    Ok(Some((Bytes::from(sheet::lines(&batch?)), rows)))
}

fn problem(error: ExportError, state: &AppState) -> Problem {
    match error {
        ExportError::NotRecorded(error) => error.into(),
        ExportError::Withheld(withheld) if withheld.is_outage() => {
            Problem::new(Slug::EngineUnavailable)
        }
        ExportError::Withheld(withheld) if withheld.is_drift() => Problem::new(Slug::SchemaDrift),
        ExportError::Withheld(_) => Problem::new(Slug::Withheld),
        ExportError::Shut(shut) => shut.into(),
        ExportError::Fetch(error) => refused(error, state.clock.now()),
    }
}
