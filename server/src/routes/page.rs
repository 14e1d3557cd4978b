//! From an opened dashboard to a streamed document: head and ready tiles first, late tiles as they
//! arrive, the tail last. Shared by embed and member pages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use tracing::{Instrument as _, debug_span};
use weir_frontend::model::{
    DrawnParts, FilterKind, FilterVm, PageVm, Realm as PageRealm, Theme, TileSlot,
};
use weir_policy::BusinessUnit;
use weir_query::{Dashboard, Locale};
use weir_registry::RequestId;

use super::late::{Late, late};
use super::tiles::Tiles;
use crate::document::{Nonce, Realm, page_locale, streamed};
use crate::overload::Class;
use crate::problem::{Problem, Slug};
use crate::reader::Reader;
use crate::service::dashboards::Dashboards;
use crate::service::filter_values::AtHand;
use crate::service::kinds::Place;
use crate::service::opened::{TileAnswer, View};
use crate::service::plan::Plan;
use crate::state::AppState;
use crate::telemetry::phases::Laps;

/// How a dashboard is shown, beside what is shown.
#[derive(Debug, Clone)]
pub struct Showing {
    /// The page's language.
    pub locale: Locale,
    /// Its colours.
    pub theme: Theme,
    /// What stands around the tiles.
    pub around: PageRealm,
    /// Who may frame it.
    pub realm: Realm,
}

/// The view of `slug`, with period and filters bound.
///
/// # Errors
/// Not found, for an unknown dashboard and for one out of reach alike; an unusable parameter; not
/// available while the newest revision can't be put in force; too much to do; revoked, or locked, on
/// record.
pub async fn view(
    dashboards: &Dashboards,
    reader: Reader,
    slug: &str,
    chosen: &[(String, String)],
    (class, request): (Class, RequestId),
) -> Result<View, Problem> {
    let not_found = || Problem::new(Slug::NotFound);
    let published = &dashboards.published;
    if published.is_closed() {
        return Err(Problem::new(Slug::RegistryUnavailable));
    }
    let content = published.current();
    let dashboard = content.dashboard(slug).filter(|_| reader.reaches(slug));
    let dashboard = Arc::clone(dashboard.ok_or_else(not_found)?);
    let today = dashboards.clock.today();
    let bound = dashboard.bind(&reader.locked(), chosen, today)?;
    let unit = reader.business_unit();
    let turn = dashboards.admission.turn(class, unit).await?;
    let view = View {
        turn,
        reader,
        content,
        dashboard,
        bound,
        request,
        began: dashboards.clock.now(),
    };
    if let Err(shut) = dashboards.admits(&view) {
        dashboards.record_shut(&view, shut).await?;
        return Err(shut.into());
    }
    Ok(view)
}

/// Opens the dashboard and streams its document.
///
/// # Errors
/// When what would be shown can't be recorded.
pub async fn show(
    state: &AppState,
    dashboards: &Dashboards,
    view: View,
    showing: Showing,
) -> Result<Response, Problem> {
    let slug = view.dashboard.slug().as_str();
    let span = debug_span!(
        "open",
        weir.dashboard = slug,
        weir.unit = view.reader.business_unit().map(BusinessUnit::as_str),
        weir.revision = view.content.policies().revision().get(),
    );
    let opened = dashboards.open(&view).instrument(span).await?;
    state.prewarm.saw(&view);
    let superseded = opened.stale_since.is_some();
    let values = dashboards.values_at_hand(&view, &opened.plan, superseded);
    let values = values.await?;
    // Waiting took a while: nothing of the page is sent to somebody who was shut out meanwhile.
    dashboards.admits(&view)?;
    let mut laps = Laps::begin();
    let nonce = Nonce::fresh();
    let tiles = Tiles::new(state, &view, opened.ground(), showing.locale);
    let drawing = drawn(&tiles, &opened.ready, (&showing, &nonce), &values);
    let (mut first, tail, is_settled) = drawing.instrument(debug_span!("render")).await;
    let mut phases = opened.phases;
    phases.render = laps.lap();
    let metrics = state.telemetry.metrics();
    metrics.render_time.observe([], phases.render);
    let named = metrics.dashboards.value(slug);
    metrics.opens.add([named, word(&showing.realm).into()], 1);
    let body = if is_settled {
        first.push_str(&tail);
        Body::from(first)
    } else {
        let means = (state.clone(), dashboards.clone());
        let late_tiles = Late::new(means, view, opened, showing.locale);
        late(late_tiles, first.into(), tail.into())
    };
    let mut response = streamed(body, &nonce, &showing.realm);
    response.extensions_mut().insert(phases);
    Ok(response)
}

/// The document's beginning with all that is ready, its end, and whether nothing comes in between.
async fn drawn(
    tiles: &Tiles<'_>,
    ready: &[TileAnswer],
    (showing, nonce): (&Showing, &Nonce),
    values: &AtHand,
) -> (String, String, bool) {
    let mut page = page(tiles, ready, showing, nonce).await;
    let parts = around(tiles, &mut page, values).await;
    let first = weir_frontend::pages::head_and_shell_with(&page, &parts);
    let tail = weir_frontend::pages::tail(&page.tail());
    (first, tail, page.is_settled())
}

/// What a realm is called in metrics.
fn word(realm: &Realm) -> &'static str {
    match realm {
        Realm::Embed(_) => "embed",
        Realm::Preview => "preview",
        _ => "member",
    }
}

/// The page but for its filters.
async fn page(tiles: &Tiles<'_>, ready: &[TileAnswer], showing: &Showing, nonce: &Nonce) -> PageVm {
    let dashboard = &tiles.view.dashboard;
    PageVm {
        locale: page_locale(showing.locale),
        slug: dashboard.slug().to_string(),
        title: dashboard.title().get(showing.locale).to_owned(),
        subtitle: dashboard.subtitle().get(showing.locale).to_owned(),
        realm: showing.around.clone(),
        theme: showing.theme,
        nonce: nonce.to_string(),
        assets: Some(tiles.state.assets.app()),
        filters: Vec::new(),
        tiles: slots(tiles, ready).await,
        trust: tiles.presenter.page_trust(
            used_snapshots(dashboard, tiles.plan),
            tiles.stale,
            &tiles.scope,
        ),
    }
}

/// What stands around the tiles, as it was drawn for the first of this kind of view; where nothing is
/// kept of it, the page has its filters and is drawn whole.
async fn around(tiles: &Tiles<'_>, page: &mut PageVm, values: &AtHand) -> DrawnParts {
    let (view, presenter) = (tiles.view, tiles.presenter);
    let today = tiles.state.clock.today();
    let offered = || {
        let rows = values.iter().map(|(id, fetched)| {
            let rows = fetched.as_ref().map(|fetched| &fetched.entry.rows);
            (id.clone(), rows)
        });
        presenter.filters(&view.dashboard, &view.bound, &rows.collect(), today)
    };
    let in_a_frame = matches!(page.realm, PageRealm::Embed(_));
    let heading = tiles.piece_of(Place::Heading);
    let bar = tiles.piece_of(Place::Bar(in_a_frame, today));
    let Some((heading, bar)) = heading.zip(bar) else {
        page.filters = filters(&page.realm, offered());
        return DrawnParts::default();
    };
    let page = &*page;
    let pieces = tiles.state.dashboards.kinds.pieces();
    let draw = || (weir_frontend::pages::heading(page), Vec::new());
    let heading = pieces.get(heading, &[], draw).await;
    let entries = values
        .values()
        .map(|fetched| fetched.as_ref().map(|fetched| &fetched.entry));
    let entries: Vec<_> = entries.collect();
    let draw = || {
        let filters = offered();
        let names = filters.iter().map(|filter| filter.name.clone()).collect();
        let whole = PageVm {
            filters,
            ..page.clone()
        };
        (weir_frontend::pages::filter_bar(&whole), names)
    };
    let bar = pieces.get(bar, &entries, draw).await;
    DrawnParts {
        heading: Some(Arc::clone(heading.html())),
        filter_bar: Some((Arc::clone(bar.html()), Arc::clone(bar.names()))),
    }
}

/// In a preview, values are listed under its rules too.
fn filters(around: &PageRealm, mut filters: Vec<FilterVm>) -> Vec<FilterVm> {
    if let PageRealm::Preview(preview) = around {
        for FilterVm { name, kind, .. } in &mut filters {
            if let FilterKind::Choice { values_url, .. } = kind {
                *values_url = format!("{}/{name}/values", preview.values_base);
            }
        }
    }
    filters
}

async fn slots(tiles: &Tiles<'_>, ready: &[TileAnswer]) -> Vec<TileSlot> {
    let ready: BTreeMap<usize, &TileAnswer> =
        ready.iter().map(|answer| (answer.index, answer)).collect();
    let mut slots = Vec::with_capacity(tiles.view.dashboard.tiles().len());
    for (index, tile) in tiles.view.dashboard.tiles().iter().enumerate() {
        let frame = tiles.presenter.frame(tile);
        slots.push(match ready.get(&index) {
            Some(answer) => TileSlot::Drawn(frame, tiles.html(tile, answer).await),
            None => TileSlot::Pending(frame),
        });
    }
    slots
}

fn used_snapshots<'a>(
    dashboard: &'a Dashboard,
    plan: &'a Plan,
) -> impl Iterator<Item = &'a weir_query::Snapshot> {
    let names: BTreeSet<_> = dashboard
        .tiles()
        .iter()
        .map(|tile| tile.dataset.name())
        .collect();
    names
        .into_iter()
        .filter_map(|name| plan.snapshots.get(name))
}
