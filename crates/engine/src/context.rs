//! Under which circumstances a statement runs: for whom, how urgently, until when, on which account.

use weir_policy::BusinessUnit;

use crate::{Booking, Deadline};

/// What a statement's text does not say and its run needs to know.
#[derive(Debug)]
pub struct QueryContext {
    /// The business unit that is asking and pays; `None` for people of several and for Weir itself.
    pub unit: Option<BusinessUnit>,
    /// How urgent it is.
    pub lane: Lane,
    /// When the answer is no longer worth having.
    pub deadline: Deadline,
    /// Where to tell what it cost.
    pub booking: Booking,
}

/// How urgent a statement is. Whoever waits before a screen goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Somebody waits for it.
    Interactive,
    /// Nobody waits yet: warming caches, counting for a change of policy.
    Background,
}

impl QueryContext {
    /// Somebody of no particular unit waits, and nobody keeps accounts.
    #[must_use]
    pub fn unbooked(deadline: Deadline) -> Self {
        Self {
            unit: None,
            lane: Lane::Interactive,
            deadline,
            booking: Booking::ignored(),
        }
    }
}
