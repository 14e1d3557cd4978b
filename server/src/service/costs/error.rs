//! Why there is no answer.

use std::sync::Arc;

use weir_engine::EngineError;
use weir_registry::{CostError, OverBudget};

use crate::overload::Overloaded;

/// Why there is no answer. Told to everybody who waited for it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// The engine failed.
    #[error(transparent)]
    Engine(Arc<EngineError>),
    /// A budget has no room for it. Which one is for the log and for admins.
    #[error("a budget has no room for the answer")]
    OverBudget(Arc<OverBudget>),
    /// Nobody could say whether there is room.
    #[error("what the answer would cost could not be accounted for")]
    Unaccounted(#[source] Arc<CostError>),
    /// No place to compute it at became free in time.
    #[error(transparent)]
    NoPlace(#[from] Overloaded),
    /// The computation ended without a word.
    #[error("the computation broke off")]
    BrokenOff,
}

impl FetchError {
    /// A stable word for logs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(error) => error.code(),
            Self::OverBudget(_) => "over_budget",
            Self::Unaccounted(_) => "unaccounted",
            Self::NoPlace(_) => "no_place",
            Self::BrokenOff => "broken_off",
        }
    }

    /// Whether the engine is the reason and another question would fare no better.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        let Self::Engine(error) = self else {
            return matches!(self, Self::Unaccounted(_));
        };
        matches!(
            error.as_ref(),
            EngineError::Deadline
                | EngineError::Lake(_)
                | EngineError::Unreadable(_)
                | EngineError::Unavailable(_)
        )
    }
}

impl From<EngineError> for FetchError {
    fn from(error: EngineError) -> Self {
        Self::Engine(Arc::new(error))
    }
}
