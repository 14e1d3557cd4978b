//! One tile: found, opened and presented, for every route that shows any.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use weir_frontend::model::{FileVm, TileVm};
use weir_policy::BusinessUnit;
use weir_query::dashboard::Tile;
use weir_query::{Locale, ResultSet, TileId};
use weir_registry::RequestId;

use super::export::file;
use super::page::view;
use super::params::Params;
use crate::document::page_locale;
use crate::overload::Class;
use crate::present::{Hues, Presenter, Provenance, Scope, TileData};
use crate::problem::{Problem, Slug};
use crate::reader::Reader;
use crate::service::costs::FetchError;
use crate::service::dashboards::Dashboards;
use crate::service::gate::Shut;
use crate::service::kinds::{Piece, Place, nobody_like};
use crate::service::opened::{Answers, Opened, TileAnswer, TileState, View};
use crate::service::plan::{Plan, Questions};
use crate::service::query_cache::Entry;
use crate::state::AppState;

/// A single tile that was opened: recorded, and ready to be shown in either form.
#[derive(Debug)]
pub struct OneTile {
    /// What is looked at.
    pub view: View,
    /// The snapshots and policies it was computed under.
    pub opened: Opened,
    /// What became of it.
    pub answer: TileAnswer,
    /// The language to show it in.
    pub locale: Locale,
}

impl OneTile {
    /// Opens `tile` of `slug`.
    ///
    /// # Errors
    /// Not in reach, no such tile, an unusable parameter, or not recorded.
    pub async fn open(
        dashboards: &Dashboards,
        reader: Reader,
        (slug, tile): (&str, &str),
        params: Params,
        request: RequestId,
    ) -> Result<Self, Problem> {
        let locale = params
            .locale
            .or(reader.preferred_locale())
            .unwrap_or_default();
        let of_a_part = (Class::Tile, request);
        let view = view(dashboards, reader, slug, &params.chosen, of_a_part).await?;
        let not_found = || Problem::new(Slug::NotFound);
        let id = TileId::parse(tile).map_err(|_| not_found())?;
        let wanted = view.dashboard.tile(&id).ok_or_else(not_found)?;
        let opened = dashboards.tile(&view, wanted).await?;
        let (opened, answer) = opened.ok_or_else(|| Problem::new(Slug::Internal))?;
        if let TileState::Withheld(withheld) = &answer.state
            && let Some(shut) = Shut::of(withheld.code)
        {
            return Err(shut.into());
        }
        Ok(Self {
            view,
            opened,
            answer,
            locale,
        })
    }

    /// What it is presented by.
    #[must_use]
    pub fn tiles<'a>(&'a self, state: &'a AppState) -> Tiles<'a> {
        Tiles::new(state, &self.view, self.opened.ground(), self.locale)
    }

    /// The tile as the dashboard declares it.
    ///
    /// # Errors
    /// None in practice: the answer is to this tile.
    pub fn declared(&self) -> Result<&Tile, Problem> {
        let tile = self.view.dashboard.tiles().get(self.answer.index);
        tile.ok_or_else(|| Problem::new(Slug::Internal))
    }
}

/// Turns answers into view-models for one page view, and into HTML.
#[derive(Debug)]
pub struct Tiles<'a> {
    pub(super) state: &'a AppState,
    pub(super) view: &'a View,
    pub(super) presenter: &'a Presenter,
    pub(super) plan: &'a Plan,
    /// Whether newer snapshots are known than the plan's.
    pub(super) stale: bool,
    pub(super) scope: Scope,
    hues: OnceLock<Hues>,
    locale: Locale,
    /// When it is, to all of them: ages are told by it.
    now: DateTime<Utc>,
}

impl<'a> Tiles<'a> {
    /// The tiles of one page view, in one language. `stale`: newer snapshots are known than those of
    /// the plan.
    #[must_use]
    pub fn new(
        state: &'a AppState,
        view: &'a View,
        (plan, is_stale): (&'a Plan, bool),
        locale: Locale,
    ) -> Self {
        let presenter = state.presenters.get(locale);
        let content = &view.content;
        let seen = match &plan.known {
            Some(known) => Cow::Borrowed(known.units(|| units_seen(view))),
            None => Cow::Owned(units_seen(view)),
        };
        Self {
            state,
            view,
            presenter,
            plan,
            stale: is_stale,
            scope: presenter.scope(&seen, content.business_units()),
            hues: OnceLock::new(),
            locale,
            now: state.clock.now(),
        }
    }

    /// One tile as HTML: as it was drawn for the first of this kind of view with these rows, or now.
    pub async fn html(&self, tile: &Tile, answer: &TileAnswer) -> Arc<str> {
        let draw = || {
            let shown = self.present(tile, answer);
            weir_frontend::pages::tile(&shown, page_locale(self.locale))
        };
        let Some((piece, rows)) = self.piece(tile, answer) else {
            return draw().into();
        };
        let pieces = self.state.dashboards.kinds.pieces();
        let drawn = pieces.get(piece, &rows, || (draw(), Vec::new())).await;
        Arc::clone(drawn.html())
    }

    /// All that a tile's HTML hangs on. What is no answer is drawn for its own request.
    fn piece<'r>(
        &self,
        tile: &Tile,
        answer: &'r TileAnswer,
    ) -> Option<(Piece, [Option<&'r Arc<Entry>>; 2])> {
        let TileState::Answered(_, answers) = &answer.state else {
            return None;
        };
        let snapshot = self.plan.snapshots.get(tile.dataset.name())?;
        let age = self.presenter.age(snapshot.committed_at, self.now);
        let place = Place::Tile {
            index: answer.index,
            age,
            with_file: self.may_export(),
        };
        let piece = self.piece_of(place)?;
        let trend = answers.trend.as_ref().map(|fetched| &fetched.entry);
        Some((piece, [Some(&answers.main.entry), trend]))
    }

    /// A part of this page; `None` where nothing is kept of this kind of view.
    pub(super) fn piece_of(&self, place: Place) -> Option<Piece> {
        Some(Piece {
            kind: self.plan.known.as_ref()?.id(),
            place,
            locale: self.locale,
            stale: self.stale,
        })
    }

    /// One tile as it is drawn.
    fn present(&self, tile: &Tile, answer: &TileAnswer) -> TileVm {
        let (questions, answers) = match &answer.state {
            TileState::Withheld(withheld) if withheld.is_outage() => {
                return self.presenter.failed(tile, self.view.request.as_str());
            }
            TileState::Withheld(withheld) => return self.presenter.withheld(tile, withheld.code),
            TileState::Failed(_, FetchError::OverBudget(_)) => {
                return self.presenter.over_budget(tile);
            }
            TileState::Failed(_, error) => {
                tracing::error!(
                    tile = tile.id.as_str(),
                    request_id = self.view.request.as_str(),
                    code = error.code(),
                    error = error as &dyn std::error::Error,
                    "a tile could not be computed"
                );
                return self.presenter.failed(tile, self.view.request.as_str());
            }
            TileState::Answered(questions, answers) => (questions, answers),
        };
        self.ready(tile, questions, answers)
    }

    /// The draft that decides, and its version.
    fn draft(&self) -> Option<(u64, u64)> {
        let lens = self.view.reader.lens()?;
        lens.draft.zip(lens.version)
    }

    fn ready(&self, tile: &Tile, questions: &Questions, answers: &Answers) -> TileVm {
        let trend = questions.trend.as_ref().zip(answers.trend.as_ref());
        let data = TileData {
            tile,
            question: questions.main.query.question(),
            rows: &answers.main.entry.rows,
            trend: trend.map(|(planned, fetched)| (planned.query.question(), &fetched.entry.rows)),
            period: self.view.bound.period(),
        };
        let grant = questions.main.query.grant();
        let policies = self.view.content.policies();
        let policy = policies.policy(tile.dataset.name());
        let why = self
            .presenter
            .why(&self.scope, grant, policy, &tile.dataset, self.draft());
        let now = self.now;
        let snapshot = self.plan.snapshots.get(tile.dataset.name());
        let provenance = Provenance {
            data_time: snapshot.map_or(now, |snapshot| snapshot.committed_at),
            now,
            stale: self.stale,
            scope: &self.scope.brief,
            why: &why,
        };
        let hues = self
            .hues
            .get_or_init(|| Hues::for_dashboard(&self.view.dashboard));
        let narrowed_by = self
            .presenter
            .narrowing(&self.view.dashboard, &self.view.bound);
        TileVm {
            file: self.file(tile, data.rows),
            ..self.presenter.ready(&data, hues, &provenance, narrowed_by)
        }
    }

    /// The rows as a file, where there are any and the reader may take them along.
    fn file(&self, tile: &Tile, rows: &ResultSet) -> Option<FileVm> {
        let view = self.view;
        let asked = || self.presenter.asked(&view.dashboard, &view.bound);
        let offers = self.may_export() && !rows.rows().is_empty();
        offers
            .then(|| file(view, tile, &asked(), self.locale))
            .flatten()
    }

    fn may_export(&self) -> bool {
        self.view.reader.may_export(&self.state.exporting_roles)
    }
}

/// The business units that rows of the page can come from.
fn units_seen(view: &View) -> BTreeSet<BusinessUnit> {
    let tiles = view.dashboard.tiles().iter();
    let datasets = tiles.map(|tile| tile.dataset.as_ref());
    let by_name: BTreeMap<_, _> = datasets.map(|dataset| (dataset.name(), dataset)).collect();
    let nobody = nobody_like(view.reader.subject());
    view.content.units_seen(&nobody, by_name.into_values())
}
