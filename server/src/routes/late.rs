//! The part of a document that arrives after its first bytes.

use std::collections::BTreeSet;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use weir_frontend::model::TileVm;
use weir_query::Locale;

use super::tiles::Tiles;
use crate::document::page_locale;
use crate::service::dashboards::Dashboards;
use crate::service::opened::{Opened, View};
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
        }
    }

    /// The next tile as HTML. A tile that can't be recorded, or whose task died, is shown as an
    /// error: no audit, no data, and no skeleton that stays for ever.
    async fn next(&mut self) -> Option<Bytes> {
        match self.dashboards.next(&self.view, &mut self.opened).await {
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
pub fn late(late: Late, first: Bytes, tail: Bytes) -> Body {
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
