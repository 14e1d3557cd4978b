//! The browser as seen from where there is none: rendering on the server never calls these, the
//! event handlers that do are not run there.

use crate::model::{ChoiceOption, RefreshRealm};

/// Why tiles or values could not be fetched.
#[expect(dead_code, reason = "without a browser only one of them happens")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A newer request took over.
    Outdated,
    /// The token or the session no longer holds.
    Ended,
    /// Anything else.
    Unreachable,
}

/// One refresh under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refresh;

impl Refresh {
    /// Nothing to start.
    pub(crate) fn begin() -> Self {
        Self
    }

    /// Nothing to stop.
    #[expect(clippy::unused_self, reason = "same signature as in the browser")]
    pub(crate) fn abort(&self) {}

    /// Nothing to fetch.
    #[expect(clippy::unused_async, reason = "same signature as in the browser")]
    pub(crate) async fn tiles(
        &self,
        _tiles_url: &str,
        _realm: RefreshRealm,
        _locale: &str,
    ) -> Result<(), Failure> {
        Err(Failure::Unreachable)
    }
}

/// Nothing to load.
#[expect(clippy::unused_async, reason = "same signature as in the browser")]
pub(crate) async fn values(_url: &str, _realm: RefreshRealm) -> Result<Vec<ChoiceOption>, Failure> {
    Err(Failure::Unreachable)
}
