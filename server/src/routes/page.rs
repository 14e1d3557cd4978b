//! From an opened dashboard to a streamed document: head and ready tiles first, late tiles as they
//! arrive, the tail last. Shared by embed and member pages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use tracing::{Instrument as _, debug_span};
use weir_frontend::model::{FilterKind, FilterVm, PageVm, Realm as PageRealm, Theme, TileSlot};
use weir_policy::BusinessUnit;
use weir_query::{Dashboard, FilterId, Locale, SnapshotSet};
use weir_registry::RequestId;

use super::late::{Late, late};
use super::tiles::Tiles;
use crate::document::{Nonce, Realm, page_locale, streamed};
use crate::problem::{Problem, Slug};
use crate::reader::Reader;
use crate::service::dashboards::Dashboards;
use crate::service::opened::{Opened, TileAnswer, View};
use crate::service::query_cache::Fetched;
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
/// available while the newest revision can't be put in force; revoked, or locked, on record.
pub async fn view(
    dashboards: &Dashboards,
    reader: Reader,
    slug: &str,
    chosen: &[(String, String)],
    request: RequestId,
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
    let view = View {
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
    let values = values_at_hand(dashboards, &view, &opened.plan.snapshots).await?;
    // Waiting took a while: nothing of the page is sent to somebody who was shut out meanwhile.
    dashboards.admits(&view)?;
    let mut laps = Laps::begin();
    let rendering = debug_span!("render").entered();
    let nonce = Nonce::fresh();
    let tiles = Tiles::new(state, &view, showing.locale);
    let head = head(&tiles, &opened, &showing, &values, &nonce);
    let realm = showing.realm;
    let first = Bytes::from(weir_frontend::pages::head_and_shell(&head));
    let tail = Bytes::from(weir_frontend::pages::tail(&head.tail()));
    drop(rendering);
    let mut phases = opened.phases;
    phases.render = laps.lap();
    let metrics = state.telemetry.metrics();
    metrics.render_time.observe([], phases.render);
    let named = metrics.dashboards.value(slug);
    metrics.opens.add([named, word(&realm).into()], 1);
    let body = if head.is_settled() {
        Body::from([first, tail].concat())
    } else {
        let means = (state.clone(), dashboards.clone());
        late(Late::new(means, view, opened, showing.locale), first, tail)
    };
    let mut response = streamed(body, &nonce, &realm);
    response.extensions_mut().insert(phases);
    Ok(response)
}

/// What a realm is called in metrics.
fn word(realm: &Realm) -> &'static str {
    match realm {
        Realm::Embed(_) => "embed",
        Realm::Preview => "preview",
        _ => "member",
    }
}

/// The filters that the reader is offered, with their values as far as those are there already.
async fn values_at_hand(
    dashboards: &Dashboards,
    view: &View,
    snapshots: &SnapshotSet,
) -> Result<BTreeMap<FilterId, Option<Fetched>>, Problem> {
    let mut values = BTreeMap::new();
    let filters = view.dashboard.filters().iter();
    for filter in filters.filter(|filter| dashboards.offers(view, filter)) {
        let fetched = dashboards
            .filter_values_at_hand(view, filter, snapshots)
            .await?;
        values.insert(filter.id.clone(), fetched);
    }
    Ok(values)
}

fn head(
    tiles: &Tiles<'_>,
    opened: &Opened,
    showing: &Showing,
    values: &BTreeMap<FilterId, Option<Fetched>>,
    nonce: &Nonce,
) -> PageVm {
    let Tiles {
        state,
        view,
        presenter,
        ..
    } = tiles;
    let dashboard = &view.dashboard;
    let values = values
        .iter()
        .map(|(id, fetched)| {
            (
                id.clone(),
                fetched.as_ref().map(|fetched| &fetched.entry.rows),
            )
        })
        .collect();
    PageVm {
        locale: page_locale(showing.locale),
        slug: dashboard.slug().to_string(),
        title: dashboard.title().get(showing.locale).to_owned(),
        subtitle: dashboard.subtitle().get(showing.locale).to_owned(),
        realm: showing.around.clone(),
        theme: showing.theme,
        nonce: nonce.to_string(),
        assets: Some(state.assets.app()),
        filters: filters(
            &showing.around,
            presenter.filters(dashboard, &view.bound, &values, state.clock.today()),
        ),
        tiles: slots(tiles, opened),
        trust: presenter.page_trust(
            used_snapshots(dashboard, opened),
            opened.stale_since.is_some(),
            &tiles.scope,
        ),
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

fn slots(tiles: &Tiles<'_>, opened: &Opened) -> Vec<TileSlot> {
    let ready: BTreeMap<usize, &TileAnswer> = opened
        .ready
        .iter()
        .map(|answer| (answer.index, answer))
        .collect();
    let slot = |(index, tile)| match ready.get(&index) {
        Some(answer) => TileSlot::Ready(Box::new(tiles.present(tile, answer, opened))),
        None => TileSlot::Pending(tiles.presenter.frame(tile)),
    };
    tiles
        .view
        .dashboard
        .tiles()
        .iter()
        .enumerate()
        .map(slot)
        .collect()
}

fn used_snapshots<'a>(
    dashboard: &'a Dashboard,
    opened: &'a Opened,
) -> impl Iterator<Item = &'a weir_query::Snapshot> {
    let names: BTreeSet<_> = dashboard
        .tiles()
        .iter()
        .map(|tile| tile.dataset.name())
        .collect();
    names
        .into_iter()
        .filter_map(|name| opened.plan.snapshots.get(name))
}
