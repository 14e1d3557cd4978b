//! Amazon Athena as the engine.
//!
//! A run is: take a [turn](queue), so that every business unit has one; [start](start) the query,
//! under a token that makes repeating it harmless; [watch](watch) it until it has ended; read the
//! [rows](results); book what it cost. A task of its own does that, so that a query is stopped and
//! booked also when whoever asked has left.

mod check;
mod config;
mod decode;
mod door;
mod failure;
mod health;
mod pace;
mod queue;
mod reader;
mod results;
mod run;
mod start;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;

use weir_policy::BusinessUnit;
use weir_query::{Principal, Statement};

pub use self::check::{Finding, Severity};
pub use self::config::{AthenaConfig, Profile, Quotas};
use self::door::{Door, Limits};
use self::health::Health;
use self::queue::Queue;
use self::reader::Reader;
use self::results::Promise;
use self::run::Run;
use self::start::Order;
use crate::aws::Aws;
use crate::error::Cause;
use crate::{Answer, EngineError, MaskKey, QueryContext};

/// Athena, asked through one workgroup, or one for each business unit.
#[derive(Debug)]
pub struct AthenaEngine {
    config: AthenaConfig,
    mask_key: Option<MaskKey>,
    limits: Arc<Limits>,
    queue: Queue,
    own: Arc<Door>,
    units: BTreeMap<BusinessUnit, Arc<Door>>,
    health: Health,
}

impl AthenaEngine {
    /// Makes an engine. Without a key no statement with a hash mask can be run.
    pub async fn open(config: AthenaConfig, mask_key: Option<MaskKey>) -> Self {
        let aws = Aws::connect(&config).await;
        let limits = Arc::new(Limits::new(config.quotas));
        let units = config.units.keys().map(|unit| {
            let door = Door::new(&config, &aws, Some(unit), &limits);
            (unit.clone(), Arc::new(door))
        });
        Self {
            units: units.collect(),
            own: Arc::new(Door::new(&config, &aws, None, &limits)),
            queue: Queue::new(config.quotas.active_queries, Arc::clone(&limits.starts)),
            limits,
            health: Health::default(),
            mask_key,
            config,
        }
    }

    /// Keeps to a part of the quotas, because `replicas` processes share the account.
    pub fn share(&self, replicas: u32) {
        let quotas = self.config.quotas.share(replicas);
        self.limits.set(quotas);
        self.queue.set_cap(quotas.active_queries);
    }

    /// Reads the workgroups of all profiles, and says what is wrong with them. With an error among
    /// the findings nothing should be served.
    pub async fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut locations = BTreeMap::new();
        for door in std::iter::once(&self.own).chain(self.units.values()) {
            let (found, location) = check::check(door).await;
            findings.extend(found);
            locations.extend(location.map(|location| (door.workgroup.clone(), location)));
        }
        findings.extend(check::shared_locations(&locations));
        // Profiles may share a workgroup.
        findings.dedup();
        findings
    }

    fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal> {
        self.config.own_role(unit).map(Principal::new)
    }

    fn door(&self, unit: Option<&BusinessUnit>) -> &Arc<Door> {
        unit.and_then(|unit| self.units.get(unit))
            .unwrap_or(&self.own)
    }

    /// Checks a statement, and makes of it all that a run needs.
    fn prepare(&self, statement: &Statement, context: &QueryContext) -> Result<Run, EngineError> {
        let unit = context.unit.as_ref();
        if statement.principal() != self.principal(unit).as_ref() {
            let cause: Cause = "the statement is for somebody else's role".into();
            return Err(EngineError::Denied(cause));
        }
        let promise = Promise {
            columns: statement.columns().to_vec(),
            row_limit: usize::try_from(statement.row_limit()).unwrap_or(usize::MAX),
        };
        Ok(Run {
            queue: self.queue.clone(),
            door: Arc::clone(self.door(unit)),
            order: Order::of(statement, self.mask_key.as_ref())?,
            promise,
            unit: context.unit.clone(),
            lane: context.lane,
        })
    }

    /// Runs a statement.
    pub async fn ask(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Answer, EngineError> {
        if context.deadline.has_passed() {
            return Err(EngineError::Deadline);
        }
        let run = self.prepare(statement, &context)?;
        let (reader, arrival) = Reader::new();
        tokio::spawn(run.drive(reader, context.booking));
        // Dropping the arrival is what stops the query.
        match tokio::time::timeout_at(context.deadline.instant(), arrival).await {
            Err(_) => Err(EngineError::Deadline),
            Ok(Ok(answer)) => answer,
            Ok(Err(lost)) => Err(EngineError::Unavailable(Box::new(lost))),
        }
    }
}
