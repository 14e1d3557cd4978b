//! From an opened dashboard to a streamed document: head and ready tiles first, late tiles as they
//! arrive, the tail last. Shared by embed and member pages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use weir_frontend::model::{PageVm, Realm as PageRealm, TailVm, Theme, TileSlot, TileVm};
use weir_query::dashboard::Tile;
use weir_query::{Dashboard, FilterId, Locale};
use weir_registry::RequestId;

use crate::document::{Nonce, Realm, page_locale, streamed};
use crate::present::{Hues, Presenter, Provenance, Scope, TileData};
use crate::problem::{Problem, Slug};
use crate::reader::Reader;
use crate::service::dashboards::{Answers, Opened, TileAnswer, TileState, View};
use crate::service::plan::Questions;
use crate::service::query_cache::Fetched;
use crate::state::AppState;

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
/// Not found, for an unknown dashboard and for one out of reach alike; an unusable parameter.
pub fn view(
    state: &AppState,
    reader: Reader,
    slug: &str,
    chosen: &[(String, String)],
    request: RequestId,
) -> Result<View, Problem> {
    let not_found = || Problem::new(Slug::NotFound);
    let dashboard = state
        .dashboards
        .content
        .dashboard(slug)
        .filter(|_| reader.reaches(slug));
    let dashboard = Arc::clone(dashboard.ok_or_else(not_found)?);
    let today = state.clock.now().date_naive();
    let bound = dashboard.bind(&reader.locked(), chosen, today)?;
    Ok(View {
        reader,
        dashboard,
        bound,
        request,
    })
}

/// Opens the dashboard and streams its document.
///
/// # Errors
/// When what would be shown can't be recorded.
pub async fn show(state: &AppState, view: View, showing: Showing) -> Result<Response, Problem> {
    let opened = state.dashboards.open(&view).await?;
    let values = values_at_hand(state, &view).await?;
    let nonce = Nonce::fresh();
    let tiles = Tiles::new(state, &view, showing.locale);
    let head = head(&tiles, &opened, &showing, &values, &nonce);
    let realm = showing.realm;
    let was_settled = head.is_settled();
    let first = Bytes::from(weir_frontend::pages::head_and_shell(&head));
    let tail = Bytes::from(weir_frontend::pages::tail(&TailVm {
        nonce: nonce.to_string(),
        was_settled,
    }));
    let body = if was_settled {
        Body::from([first, tail].concat())
    } else {
        late(
            Late::new(state.clone(), view, opened, showing.locale),
            first,
            tail,
        )
    };
    Ok(streamed(body, &nonce, &realm))
}

async fn values_at_hand(
    state: &AppState,
    view: &View,
) -> Result<BTreeMap<FilterId, Option<Fetched>>, Problem> {
    let mut values = BTreeMap::new();
    for filter in view.dashboard.filters() {
        let fetched = state.dashboards.filter_values_at_hand(view, filter).await?;
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
        filters: presenter.filters(
            dashboard,
            &view.bound,
            &values,
            state.clock.now().date_naive(),
        ),
        tiles: slots(tiles, opened),
        trust: presenter.page_trust(
            used_snapshots(dashboard, opened),
            opened.stale_since.is_some(),
            &tiles.scope,
        ),
    }
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

/// Turns answers into view-models for one page view.
#[derive(Debug)]
pub struct Tiles<'a> {
    state: &'a AppState,
    view: &'a View,
    presenter: &'a Presenter,
    hues: Hues,
    scope: Scope,
}

impl<'a> Tiles<'a> {
    /// The tiles of one page view, in one language.
    #[must_use]
    pub fn new(state: &'a AppState, view: &'a View, locale: Locale) -> Self {
        let presenter = state.presenters.get(locale);
        let scope = presenter.scope(view.reader.subject(), &state.business_units);
        let hues = Hues::for_dashboard(&view.dashboard);
        Self {
            state,
            view,
            presenter,
            hues,
            scope,
        }
    }

    /// One tile as it is drawn.
    #[must_use]
    pub fn present(&self, tile: &Tile, answer: &TileAnswer, opened: &Opened) -> TileVm {
        let (questions, answers) = match &answer.state {
            TileState::Withheld(withheld) => return self.presenter.withheld(tile, withheld.code),
            TileState::Failed(_, error) => {
                tracing::error!(
                    tile = tile.id.as_str(),
                    request_id = self.view.request.as_str(),
                    code = error.code(),
                    error = error.as_ref() as &dyn std::error::Error,
                    "a tile could not be computed"
                );
                return self.presenter.failed(tile, self.view.request.as_str());
            }
            TileState::Answered(questions, answers) => (questions, answers),
        };
        self.ready(tile, questions, answers, opened)
    }

    fn ready(
        &self,
        tile: &Tile,
        questions: &Questions,
        answers: &Answers,
        opened: &Opened,
    ) -> TileVm {
        let trend = questions.trend.as_ref().zip(answers.trend.as_ref());
        let data = TileData {
            tile,
            question: questions.main.query.question(),
            rows: &answers.main.entry.rows,
            trend: trend.map(|(planned, fetched)| (planned.query.question(), &fetched.entry.rows)),
            period: self.view.bound.period(),
        };
        let grant = questions.main.query.grant();
        let policy = self
            .state
            .dashboards
            .content
            .policies()
            .policy(tile.dataset.name());
        let why = self
            .presenter
            .why(&self.scope, grant, policy, &tile.dataset);
        let now = self.state.clock.now();
        let snapshot = opened.plan.snapshots.get(tile.dataset.name());
        let provenance = Provenance {
            data_time: snapshot.map_or(now, |snapshot| snapshot.committed_at),
            now,
            stale: opened.stale_since.is_some(),
            scope: &self.scope.brief,
            why: &why,
        };
        let narrowed_by = self
            .presenter
            .narrowing(&self.view.dashboard, &self.view.bound);
        self.presenter
            .ready(&data, &self.hues, &provenance, narrowed_by)
    }
}

/// What is still to come of a document.
struct Late {
    state: AppState,
    view: View,
    opened: Opened,
    locale: Locale,
    missing: BTreeSet<usize>,
}

impl Late {
    fn new(state: AppState, view: View, opened: Opened, locale: Locale) -> Self {
        let ready: BTreeSet<_> = opened.ready.iter().map(|answer| answer.index).collect();
        let all = 0..view.dashboard.tiles().len();
        let missing = all.filter(|index| !ready.contains(index)).collect();
        Self {
            state,
            view,
            opened,
            locale,
            missing,
        }
    }

    /// The next tile as HTML. A tile that can't be recorded, or whose task died, is shown as an
    /// error: no audit, no data, and no skeleton that stays for ever.
    async fn next(&mut self) -> Option<Bytes> {
        match self
            .state
            .dashboards
            .next(&self.view, &mut self.opened)
            .await
        {
            Ok(Some(answer)) => {
                self.missing.remove(&answer.index);
                let tile = self.view.dashboard.tiles().get(answer.index)?;
                let tiles = Tiles::new(&self.state, &self.view, self.locale);
                Some(self.html(&tiles.present(tile, &answer, &self.opened)))
            }
            Ok(None) => self.failed(),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a tile was not recorded"
                );
                self.opened.pending.clear();
                self.failed()
            }
        }
    }

    fn failed(&mut self) -> Option<Bytes> {
        let index = self.missing.pop_first()?;
        let tile = self.view.dashboard.tiles().get(index)?;
        let presenter = self.state.presenters.get(self.locale);
        Some(self.html(&presenter.failed(tile, self.view.request.as_str())))
    }

    fn html(&self, tile: &TileVm) -> Bytes {
        Bytes::from(weir_frontend::pages::tile(tile, page_locale(self.locale)))
    }
}

/// Head now, tiles as they come, tail last.
fn late(late: Late, first: Bytes, tail: Bytes) -> Body {
    enum Step {
        Head(Box<Late>, Bytes, Bytes),
        Tiles(Box<Late>, Bytes),
        End,
    }
    let steps = stream::unfold(Step::Head(Box::new(late), first, tail), |step| async move {
        match step {
            Step::Head(late, first, tail) => Some((first, Step::Tiles(late, tail))),
            Step::Tiles(mut late, tail) => match late.next().await {
                Some(tile) => Some((tile, Step::Tiles(late, tail))),
                None => Some((tail, Step::End)),
            },
            Step::End => None,
        }
    });
    Body::from_stream(futures::StreamExt::map(
        steps,
        Ok::<_, std::convert::Infallible>,
    ))
}
