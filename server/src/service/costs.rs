//! What answers cost: asked of the budgets before a run, booked in the ledger after it.
//!
//! An engine that bills nothing is not asked about: its runs only get their row in the ledger, which
//! is written behind the readers' backs. A run that is billed begins when every budget that applies
//! has reserved what it may cost, and its bill is booked when the engine tells it, also when nobody
//! waits for the rows any more.

mod books;
mod budgets;
mod error;
mod reckon;
mod seen;
mod tally;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use weir_engine::{Booked, Ended, Estimate};
use weir_query::Statement;
use weir_registry::{
    Alert, Asked, BudgetScope, CostError, Costs, Label, OverBudget, Price, Purpose, RequestId,
    Reserve, Reserved,
};

use self::books::Books;
pub use self::budgets::{BudgetWish, Meaningless, scope, spelled_scope};
pub use self::error::FetchError;
pub use self::reckon::{
    AlertAnswer, BudgetAnswer, CostAnswer, DashboardCosts, DayCosts, Figures, Money, UnitCosts,
    spelled,
};
use self::seen::Seen;
pub use self::tally::{Look, Tally};
use super::account::Account;
use crate::clock::Clock;
use crate::telemetry::Telemetry;

/// How often what ended is booked.
const BOOKED_EVERY: Duration = Duration::from_millis(250);

/// How long a server that ends waits for bills of runs that it stopped.
const LAST_BILLS: Duration = Duration::from_secs(10);

/// The id of what no request caused.
const NO_REQUEST: &str = "costs";

/// Budgets and ledger. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ledger {
    costs: Costs,
    price: Price,
    clock: Clock,
    books: Books,
    bills: TaskTracker,
    telemetry: Telemetry,
}

/// A run that may begin.
#[derive(Debug)]
pub struct Run {
    id: Label,
    at: DateTime<Utc>,
    /// Bytes that it may be billed for; none where runs cost nothing.
    reserved_bytes: u64,
    /// Told once the rows are there: how many, and whether there were more.
    rows: tokio::sync::oneshot::Receiver<(u64, bool)>,
}

/// Where a run's rows are told.
pub type RowsTold = tokio::sync::oneshot::Sender<(u64, bool)>;

impl Ledger {
    /// Keeps accounts in the registry, at a price, and tells what runs came to.
    #[must_use]
    pub fn new(costs: Costs, price: Price, clock: Clock, telemetry: Telemetry) -> Self {
        Self {
            books: Books::new(costs.clone(), price),
            costs,
            price,
            clock,
            bills: TaskTracker::new(),
            telemetry,
        }
    }

    /// What Weir tells of itself.
    #[must_use]
    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// What a terabyte costs.
    #[must_use]
    pub fn price(&self) -> Price {
        self.price
    }

    /// What answers cost from `from` on and before `to`, with everything booked that ended in this
    /// process.
    ///
    /// # Errors
    /// [`weir_registry::CostError`] when the registry does not answer.
    pub async fn report(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<CostAnswer, CostError> {
        self.flush().await?;
        let report = self.costs.between(from, to).await?;
        let standings = self.costs.standings(self.clock.now(), self.price).await?;
        Ok(CostAnswer::of(&report, &standings, (from, to), self.price))
    }

    /// Every budget, and how far it is used today.
    ///
    /// # Errors
    /// As [`Ledger::report`].
    pub async fn budgets(&self) -> Result<Vec<BudgetAnswer>, CostError> {
        self.flush().await?;
        let standings = self.costs.standings(self.clock.now(), self.price).await?;
        Ok(standings.iter().map(BudgetAnswer::of).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Ledger::report`].
    pub async fn budget(&self, scope: &BudgetScope) -> Result<Option<BudgetAnswer>, CostError> {
        let wanted = spelled(scope);
        let mut budgets = self.budgets().await?.into_iter();
        Ok(budgets.find(|budget| budget.scope == wanted))
    }

    /// Whether something may run. What is billed needs room in every budget that applies; then that
    /// room is reserved.
    ///
    /// # Errors
    /// [`FetchError::OverBudget`], or [`FetchError::Unaccounted`] when nobody could be asked: what
    /// can't be accounted for does not run.
    pub async fn admit(
        &self,
        account: &Account,
        statement: &Statement,
        estimate: Option<Estimate>,
    ) -> Result<(Run, RowsTold), FetchError> {
        let id = Label::parse(uuid::Uuid::now_v7().simple().to_string());
        let id = id.map_err(|_| FetchError::BrokenOff)?;
        let at = self.clock.now();
        let reserved_bytes = match estimate {
            Some(estimate) => {
                self.allows_warming(account, estimate).await?;
                let asked = books::asked(account, statement).ok_or(FetchError::BrokenOff)?;
                self.reserve(&id, at, asked, estimate).await?;
                estimate.billed_bytes
            }
            None => 0,
        };
        let (told, rows) = tokio::sync::oneshot::channel();
        let run = Run {
            id,
            at,
            reserved_bytes,
            rows,
        };
        Ok((run, told))
    }

    async fn reserve(
        &self,
        id: &Label,
        at: DateTime<Utc>,
        asked: Asked,
        estimate: Estimate,
    ) -> Result<(), FetchError> {
        let request = asked.request.clone().or_else(no_request);
        let wish = Reserve {
            run: id.clone(),
            at,
            asked,
            bytes: estimate.billed_bytes,
            price: self.price,
            request: request.ok_or(FetchError::BrokenOff)?,
        };
        let held = Held(Some((self.books.clone(), id.clone())));
        let said = self.costs.reserve(&wish).await;
        if said.is_ok() {
            held.answered();
        }
        match said.map_err(|error| FetchError::Unaccounted(Arc::new(error)))? {
            Reserved::Admitted => Ok(()),
            Reserved::Refused(over, alerts) => {
                warn(&alerts);
                tell(&over);
                Err(FetchError::OverBudget(Arc::new(over)))
            }
        }
    }

    /// What is computed before anybody asks is paid by a budget of its own, and not without one.
    async fn allows_warming(
        &self,
        account: &Account,
        estimate: Estimate,
    ) -> Result<(), FetchError> {
        if account.purpose != Purpose::Prewarm {
            return Ok(());
        }
        let budget = self.costs.budget(&BudgetScope::Prewarm).await;
        let budget = budget.map_err(|error| FetchError::Unaccounted(Arc::new(error.into())))?;
        if budget.is_some() {
            return Ok(());
        }
        Err(FetchError::OverBudget(Arc::new(OverBudget {
            scope: BudgetScope::Prewarm,
            limit_bytes: 0,
            spent_bytes: 0,
            reserved_bytes: 0,
            asked_bytes: estimate.billed_bytes,
        })))
    }

    /// Books a run when the engine tells what it came to, however long that takes. One whose end
    /// nobody knows is billed with what was reserved for it at least.
    pub fn book(&self, run: Run, account: &Account, statement: &Statement, booked: Booked) {
        let books = self.books.clone();
        let (id, at, reserved) = (run.id.clone(), run.at, run.reserved_bytes);
        let asked = books::asked(account, statement);
        let seen = Seen::begin(&self.telemetry, account);
        self.bills.spawn(async move {
            let execution = booked.settled().await;
            seen.ended(execution.as_ref());
            let rows = run.rows.await.ok();
            match (execution, asked) {
                (Some(mut execution), Some(asked)) => {
                    if execution.outcome == Ended::Unknown {
                        execution.billed_bytes = execution.billed_bytes.max(reserved);
                    }
                    books.ended(books::entry(id, at, asked, execution, rows));
                }
                _ => books.released(id),
            }
        });
    }

    /// Counts what one look at a dashboard came to.
    pub(super) fn viewed(&self, count: weir_registry::ViewCount) {
        self.books.viewed(count);
    }

    /// Books everything that ended up to now.
    ///
    /// # Errors
    /// [`weir_registry::CostError`]; it is kept and tried again.
    pub async fn flush(&self) -> Result<(), CostError> {
        let alerts = self.books.flush().await?;
        warn(&alerts);
        Ok(())
    }

    /// Books what ends until `stop`, and then what is still to come of runs that were stopped.
    pub async fn keep(&self, stop: CancellationToken) {
        let pause = || tokio::time::sleep(BOOKED_EVERY);
        while stop.run_until_cancelled(pause()).await.is_some() {
            self.flush_or_say().await;
        }
        self.bills.close();
        if tokio::time::timeout(LAST_BILLS, self.bills.wait())
            .await
            .is_err()
        {
            tracing::error!("runs were still not over: they are billed with what was reserved");
        }
        self.flush_or_say().await;
    }

    /// Books runs that nobody settled, of whatever process, with what was reserved for them.
    ///
    /// # Errors
    /// [`weir_registry::CostError`]; they stay reserved.
    pub async fn settle_abandoned(&self) -> Result<(), CostError> {
        let Some(request) = no_request() else {
            return Ok(());
        };
        let now = self.clock.now();
        let settled = self.costs.settle_abandoned(now, self.price, &request);
        warn(&settled.await?.alerts);
        Ok(())
    }

    async fn flush_or_say(&self) {
        if let Err(error) = self.flush().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what answers cost was not booked yet");
        }
    }
}

/// A reservation that is being made. Whoever stops waiting for it may leave it behind: then it is
/// given back.
struct Held(Option<(Books, Label)>);

impl Held {
    fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((books, run)) = self.0.take() {
            books.released(run);
        }
    }
}

fn no_request() -> Option<RequestId> {
    RequestId::parse(NO_REQUEST).ok()
}

fn warn(alerts: &[Alert]) {
    for alert in alerts {
        tracing::warn!(
            budget = spelled(&alert.scope),
            percent = alert.percent,
            spent_bytes = alert.spent_bytes,
            limit_bytes = alert.limit_bytes,
            "a budget is used up to a part"
        );
    }
}

fn tell(over: &OverBudget) {
    tracing::info!(
        budget = spelled(&over.scope),
        limit_bytes = over.limit_bytes,
        spent_bytes = over.spent_bytes,
        reserved_bytes = over.reserved_bytes,
        asked_bytes = over.asked_bytes,
        "a statement was not run for want of budget"
    );
}
