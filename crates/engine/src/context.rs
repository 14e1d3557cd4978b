//! Under which circumstances a statement runs: for whom, how urgently, until when, on which account.

use std::fmt::Debug;
use std::sync::{Arc, Weak};

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
    /// What is kept as long as the rows of an export take memory.
    pub held: Held,
}

/// Something that is lent to the rows of an export, such as the place they have: it is given back when
/// the last of them is gone, also where nobody waits for them any more.
#[derive(Debug, Clone)]
pub struct Held(Arc<dyn Debug + Send + Sync>);

/// What others may still hold.
#[derive(Debug, Clone)]
pub(crate) struct Perhaps(Weak<dyn Debug + Send + Sync>);

impl Held {
    /// Lends `what`.
    #[must_use]
    pub fn of(what: impl Debug + Send + Sync + 'static) -> Self {
        Self(Arc::new(what))
    }

    /// Nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::of(())
    }

    /// For work that is done only if it is still wanted.
    pub(crate) fn perhaps(&self) -> Perhaps {
        Perhaps(Arc::downgrade(&self.0))
    }
}

impl Perhaps {
    /// It, while somebody holds it.
    pub(crate) fn held(&self) -> Option<Held> {
        self.0.upgrade().map(Held)
    }
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
            held: Held::nothing(),
        }
    }
}
