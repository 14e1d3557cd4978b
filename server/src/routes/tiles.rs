//! One tile: found, opened and presented, for every route that shows any.

use std::collections::BTreeMap;

use weir_frontend::model::TileVm;
use weir_query::dashboard::Tile;
use weir_query::{Locale, TileId};
use weir_registry::RequestId;

use super::page::view;
use super::params::Params;
use crate::overload::Class;
use crate::present::{Hues, Presenter, Provenance, Scope, TileData};
use crate::problem::{Problem, Slug};
use crate::reader::Reader;
use crate::service::costs::FetchError;
use crate::service::dashboards::Dashboards;
use crate::service::gate::Shut;
use crate::service::opened::{Answers, Opened, TileAnswer, TileState, View};
use crate::service::plan::Questions;
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

    /// The tile as the dashboard declares it.
    ///
    /// # Errors
    /// None in practice: the answer is to this tile.
    pub fn declared(&self) -> Result<&Tile, Problem> {
        let tile = self.view.dashboard.tiles().get(self.answer.index);
        tile.ok_or_else(|| Problem::new(Slug::Internal))
    }
}

/// Turns answers into view-models for one page view.
#[derive(Debug)]
pub struct Tiles<'a> {
    pub(super) state: &'a AppState,
    pub(super) view: &'a View,
    pub(super) presenter: &'a Presenter,
    hues: Hues,
    pub(super) scope: Scope,
}

impl<'a> Tiles<'a> {
    /// The tiles of one page view, in one language.
    #[must_use]
    pub fn new(state: &'a AppState, view: &'a View, locale: Locale) -> Self {
        let presenter = state.presenters.get(locale);
        let datasets = view
            .dashboard
            .tiles()
            .iter()
            .map(|tile| tile.dataset.as_ref());
        let by_name: BTreeMap<_, _> = datasets.map(|dataset| (dataset.name(), dataset)).collect();
        let content = &view.content;
        let seen = content.units_seen(view.reader.subject(), by_name.into_values());
        let scope = presenter.scope(&seen, content.business_units());
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
        self.ready(tile, questions, answers, opened)
    }

    /// The draft that decides, and its version.
    fn draft(&self) -> Option<(u64, u64)> {
        let lens = self.view.reader.lens()?;
        lens.draft.zip(lens.version)
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
        let policies = self.view.content.policies();
        let policy = policies.policy(tile.dataset.name());
        let why = self
            .presenter
            .why(&self.scope, grant, policy, &tile.dataset, self.draft());
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
