//! The part of a document that arrives after its first bytes.

use std::collections::BTreeSet;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tracing::{Instrument as _, Span, debug_span};
use weir_frontend::model::TileVm;
use weir_query::Locale;

use super::tiles::Tiles;
use crate::document::page_locale;
use crate::service::dashboards::Dashboards;
use crate::service::gate::Shut;
use crate::service::opened::{Opened, TileAnswer, View};
use crate::service::recorder::NotRecorded;
use crate::state::AppState;

/// What is still to come of a document.
#[derive(Debug)]
pub struct Late {
    state: AppState,
    dashboards: Dashboards,
    view: View,
    opened: Opened,
    locale: Locale,
    missing: BTreeSet<usize>,
    /// Why nothing more comes.
    shut: Option<Shut>,
    /// What comes later belongs to the request too.
    span: Span,
}

impl Late {
    /// Everything that `opened` did not have in time.
    #[must_use]
    pub fn new(
        (state, dashboards): (AppState, Dashboards),
        view: View,
        opened: Opened,
        locale: Locale,
    ) -> Self {
        let ready: BTreeSet<_> = opened.ready.iter().map(|answer| answer.index).collect();
        let all = 0..view.dashboard.tiles().len();
        let missing = all.filter(|index| !ready.contains(index)).collect();
        Self {
            state,
            dashboards,
            view,
            opened,
            locale,
            missing,
            shut: None,
            span: debug_span!("late"),
        }
    }

    /// The next tile as HTML. A tile that can't be recorded, or whose task died, is shown as an
    /// error: no audit, no data, and no skeleton that stays for ever.
    async fn next(&mut self) -> Option<Bytes> {
        let arrived = match self.shut {
            Some(shut) => Err(shut),
            None => self.arrived().await,
        };
        match arrived {
            Ok(Ok(Some(answer))) => {
                self.missing.remove(&answer.index);
                let tile = self.view.dashboard.tiles().get(answer.index)?;
                let ground = self.opened.ground();
                let tiles = Tiles::new(&self.state, &self.view, ground, self.locale);
                let html = tiles.html(tile, &answer).await;
                Some(Bytes::copy_from_slice(html.as_bytes()))
            }
            Ok(Ok(None)) => self.failed(),
            Ok(Err(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a tile was not recorded"
                );
                self.opened.pending.clear();
                self.failed()
            }
            Err(shut) => self.ended(shut).await,
        }
    }

    /// Waits for the next tile, and no longer than the reader may look.
    async fn arrived(&mut self) -> Result<Result<Option<TileAnswer>, NotRecorded>, Shut> {
        let mut changes = self.dashboards.gate.changes();
        let next = self.dashboards.next(&self.view, &mut self.opened);
        let mut next = std::pin::pin!(next);
        loop {
            self.dashboards.admits(&self.view)?;
            tokio::select! {
                answer = &mut next => return Ok(answer),
                told = changes.changed() => {
                    // Nobody tells any more: the tile itself is checked before it is shown.
                    if told.is_err() {
                        return Ok(next.await);
                    }
                }
            }
        }
    }

    /// Says at the place of every tile that is still missing that none of them will come.
    async fn ended(&mut self, shut: Shut) -> Option<Bytes> {
        if self.shut.is_none() {
            self.shut = Some(shut);
            self.opened.pending.clear();
            if let Err(error) = self.dashboards.record_shut(&self.view, shut).await {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the end of a page was not recorded");
            }
        }
        let index = self.missing.pop_first()?;
        let tile = self.view.dashboard.tiles().get(index)?;
        let presenter = self.state.presenters.get(self.locale);
        Some(self.html(&presenter.withheld(tile, shut.code())))
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
pub fn late(late: Late, first: Bytes, tail: Bytes) -> Body {
    enum Step {
        Head(Box<Late>, Bytes, Bytes),
        Tiles(Box<Late>, Bytes),
        End,
    }
    let steps = stream::unfold(Step::Head(Box::new(late), first, tail), |step| async move {
        match step {
            Step::Head(late, first, tail) => Some((first, Step::Tiles(late, tail))),
            Step::Tiles(mut late, tail) => {
                let span = late.span.clone();
                match late.next().instrument(span).await {
                    Some(tile) => Some((tile, Step::Tiles(late, tail))),
                    None => Some((tail, Step::End)),
                }
            }
            Step::End => None,
        }
    });
    Body::from_stream(futures::StreamExt::map(
        steps,
        Ok::<_, std::convert::Infallible>,
    ))
}
