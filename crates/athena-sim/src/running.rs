//! A simulator that runs, and the hand on it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use weir_engine::LakeError;

use crate::account::{Account, lock};
use crate::alteration::{AlterError, Alteration};
use crate::calls::Calls;
use crate::config::SimConfig;
use crate::execution::State;
use crate::faults::Fault;
use crate::meter::Meter;
use crate::server::router;
use crate::sts::AssumedRole;
use crate::workgroup::WorkGroup;

/// The simulator, before it runs.
#[derive(Debug)]
pub struct Sim;

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The lake can't be read.
    #[error("the lake in `{lake}` can't be read")]
    Lake {
        /// Its folder.
        lake: PathBuf,
        /// Why.
        #[source]
        source: LakeError,
    },
    /// The address can't be listened on.
    #[error("cannot listen on {address}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A simulator that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    account: Arc<Account>,
    address: SocketAddr,
    server: JoinHandle<()>,
}

/// A query, as tests want to see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its id.
    pub id: String,
    /// Its text.
    pub sql: String,
    /// Where it ran.
    pub workgroup: String,
    /// Whose it was: the name of an assumed role's session.
    pub principal: Option<String>,
    /// How far it is.
    pub state: State,
    /// What was read for it.
    pub scanned_bytes: u64,
    /// Whether its rows are an earlier query's.
    pub reused: bool,
    /// When it ended.
    pub completed: Option<DateTime<Utc>>,
}

impl Sim {
    /// Starts one.
    ///
    /// # Errors
    /// [`StartError`] says what is in the way.
    pub async fn start(config: SimConfig) -> Result<Running, StartError> {
        let address = config.address;
        let unusable = |source| StartError::Address { address, source };
        let listener = TcpListener::bind(address).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let lake = config.lake.clone();
        let account = Box::pin(Account::open(config))
            .await
            .map_err(|source| StartError::Lake { lake, source })?;
        let account = Arc::new(account);
        let router = router(Arc::clone(&account));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the simulator stopped");
            }
        });
        Ok(Running {
            account,
            address,
            server,
        })
    }
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint for all of its services.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What all queries came to so far.
    #[must_use]
    pub fn meter(&self) -> Meter {
        lock(&self.account.queries).meter.clone()
    }

    /// Which calls came so far: Athena's operations under their names, others as `glue:GetTable`,
    /// `sts:AssumeRole`, `s3:GetObject`.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, Calls> {
        lock(&self.account.traffic).calls()
    }

    /// Where everything lies that is in S3.
    #[must_use]
    pub fn objects(&self) -> Vec<String> {
        lock(&self.account.store).locations()
    }

    /// The most queries that were queued or running at once.
    #[must_use]
    pub fn peak_active(&self) -> usize {
        lock(&self.account.queries).peak_active
    }

    /// Every query so far, oldest first.
    #[must_use]
    pub fn queries(&self) -> Vec<Seen> {
        let queries = lock(&self.account.queries);
        let in_order = queries.order.iter().filter_map(|id| queries.by_id.get(id));
        in_order
            .map(|query| Seen {
                id: query.id.clone(),
                sql: query.query.clone(),
                workgroup: query.workgroup.clone(),
                principal: query.principal.clone(),
                state: query.state,
                scanned_bytes: query.scanned_bytes(),
                reused: query.reused,
                completed: query.completed,
            })
            .collect()
    }

    /// Roles that were assumed so far.
    #[must_use]
    pub fn assumed_roles(&self) -> Vec<AssumedRole> {
        lock(&self.account.principals).all()
    }

    /// Has something go wrong.
    pub fn inject(&self, fault: Fault) {
        lock(&self.account.faults).add(fault);
    }

    /// Has nothing go wrong any more. Queries that hang already go on hanging.
    pub fn clear_faults(&self) {
        lock(&self.account.faults).clear();
    }

    /// Adds a workgroup, or puts it in the place of the one of that name.
    pub fn set_workgroup(&self, group: WorkGroup) {
        lock(&self.account.workgroups).insert(group.name.clone(), group);
    }

    /// Has Glue say something else of a table (`gold.statements`) than the lake does.
    ///
    /// # Errors
    /// [`AlterError`] when the table has no such part.
    pub async fn alter(&self, table: &str, alteration: &Alteration) -> Result<(), AlterError> {
        self.account.alter(table, alteration).await
    }

    /// Everything as it was at the start.
    pub fn reset(&self) {
        self.account.reset();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
        // Queries that run hold on to the simulator; nobody will ask for them.
        self.account.reset();
    }
}
