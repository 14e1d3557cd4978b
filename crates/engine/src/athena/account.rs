//! The account as this process uses it: its quotas, its queue, and the doors of all profiles.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use weir_policy::BusinessUnit;
use weir_query::{Principal, Purpose, Statement};

use super::check::{self, Finding};
use super::config::AthenaConfig;
use super::door::{Door, Limits};
use super::health::Health;
use super::place::Place;
use super::queue::Queue;
use super::results::Promise;
use super::run::Run;
use super::start::Order;
use super::unload::Unload;
use crate::aws::Aws;
use crate::error::Cause;
use crate::{EngineError, MaskKey, QueryContext};

/// What all engines over one account share.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) aws: Aws,
    config: AthenaConfig,
    mask_key: Option<MaskKey>,
    limits: Arc<Limits>,
    queue: Queue,
    own: Arc<Door>,
    units: BTreeMap<BusinessUnit, Arc<Door>>,
    health: Health,
    /// With how many processes the quotas are shared.
    replicas: AtomicU32,
}

impl Account {
    pub(super) async fn new(config: AthenaConfig, mask_key: Option<MaskKey>) -> Self {
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
            health: Health::default(),
            replicas: AtomicU32::new(1),
            limits,
            mask_key,
            config,
            aws,
        }
    }

    pub(super) fn share(&self, replicas: u32) {
        let quotas = self.config.quotas.share(replicas);
        // Set anew, what was learnt of how much room there is would be forgotten.
        if self.replicas.swap(replicas, Ordering::Relaxed) == replicas {
            return;
        }
        self.limits.set(quotas);
        self.queue.set_cap(quotas.active_queries);
    }

    pub(super) async fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut locations = BTreeMap::new();
        for door in std::iter::once(&self.own).chain(self.units.values()) {
            let (found, location) = check::check(door).await;
            // Profiles may share a workgroup.
            for finding in found {
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
            }
            locations.extend(location.map(|location| (door.workgroup.clone(), location)));
        }
        findings.extend(check::shared_locations(&locations));
        findings
    }

    pub(super) async fn health(&self) -> Result<(), EngineError> {
        self.health.of(&self.own).await
    }

    pub(super) fn throttled(&self) -> u64 {
        self.limits.refused()
    }

    pub(super) fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal> {
        let role = self.config.own_role(unit)?;
        Some(Principal::new(&role))
    }

    /// Checks a statement, and makes of it all that a run needs.
    pub(super) fn prepare(
        &self,
        statement: &Statement,
        context: &QueryContext,
    ) -> Result<Run<Promise>, EngineError> {
        let order = self.order(statement, Purpose::Tile, context)?;
        Ok(self.ready(order, Promise::of(statement), context))
    }

    /// The same for an export, and finds it a place among the workgroup's results.
    pub(super) async fn prepare_export(
        &self,
        statement: &Statement,
        context: &QueryContext,
    ) -> Result<Run<Unload>, EngineError> {
        let order = self.order(statement, Purpose::Export, context)?;
        let place = Place::of(self.door(context.unit.as_ref())).await?;
        let order = order.unloaded_to(&place)?;
        Ok(self.ready(order, Unload::new(statement, place, &context.held), context))
    }

    fn order(
        &self,
        statement: &Statement,
        purpose: Purpose,
        context: &QueryContext,
    ) -> Result<Order, EngineError> {
        let order = Order::of(statement, purpose, self.mask_key.as_ref())?;
        if statement.principal() != self.principal(context.unit.as_ref()).as_ref() {
            let cause: Cause = "the statement is for somebody else's role".into();
            return Err(EngineError::Denied(cause));
        }
        Ok(order)
    }

    fn ready<H>(&self, order: Order, harvest: H, context: &QueryContext) -> Run<H> {
        Run {
            queue: self.queue.clone(),
            door: Arc::clone(self.door(context.unit.as_ref())),
            order,
            harvest,
            unit: context.unit.clone(),
            lane: context.lane,
        }
    }

    fn door(&self, unit: Option<&BusinessUnit>) -> &Arc<Door> {
        unit.and_then(|unit| self.units.get(unit))
            .unwrap_or(&self.own)
    }
}
