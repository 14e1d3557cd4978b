//! Waiting for an answer that is computed, perhaps on somebody else's account.

use weir_query::Statement;

use super::flights::{Outcome, Waiter};
use super::{Fetched, Origin, QueryCache, Started};
use crate::service::account::Account;
use crate::service::costs::FetchError;

/// Somebody who waits for an answer. Dropped, they no longer do; an answer that nobody waits for is
/// not computed to its end.
#[derive(Debug)]
pub struct Waiting {
    waiter: Waiter,
    role: Role,
    own: Box<Own>,
}

/// Whether somebody waits for what they began or for what somebody else did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Began,
    Joined,
}

/// What somebody asks, and on whose account.
#[derive(Debug)]
struct Own {
    cache: QueryCache,
    statement: Statement,
    account: Account,
}

impl QueryCache {
    /// Somebody who asks `statement` on `account`, and waits for what was begun.
    pub(super) fn waiting(
        &self,
        waiter: Waiter,
        role: Role,
        statement: &Statement,
        account: &Account,
    ) -> Waiting {
        let own = Own {
            cache: self.clone(),
            statement: statement.clone(),
            account: account.clone(),
        };
        Waiting {
            waiter,
            role,
            own: Box::new(own),
        }
    }
}

impl Waiting {
    /// Waits for it.
    ///
    /// # Errors
    /// What the engine says, or that a budget has no room.
    pub async fn fetched(self) -> Result<Fetched, FetchError> {
        let Self { waiter, role, own } = self;
        match waiter.outcome().await {
            // Whom this was computed for may not spend any more; whoever joined asks for themselves.
            Err(FetchError::OverBudget(_) | FetchError::BrokenOff) if role == Role::Joined => {
                match own.cache.start(&own.statement, &own.account).await {
                    Started::Done(fetched) => Ok(fetched),
                    Started::Running(waiting) => waiting.outcome().await,
                }
            }
            outcome => fetched(outcome, role),
        }
    }

    async fn outcome(self) -> Result<Fetched, FetchError> {
        fetched(self.waiter.outcome().await, self.role)
    }
}

/// Whoever began it came by it as the computation says; whoever joined, by waiting.
fn fetched(outcome: Outcome, role: Role) -> Result<Fetched, FetchError> {
    let fetched = outcome?;
    Ok(match role {
        Role::Began => fetched,
        Role::Joined => Fetched {
            origin: Origin::Coalesced,
            ..fetched
        },
    })
}
