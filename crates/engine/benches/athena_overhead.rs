//! What Weir adds to Athena: `cargo bench -p weir-engine --bench athena_overhead`.
//!
//! From the moment at which a query ended at the simulator, which keeps the service's documented
//! quotas and reported latencies, to the rows in hand: with one query in flight, and with 200.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "a tool for the terminal, which shares the tests' world"
)]

#[path = "../tests/conformance/support.rs"]
mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use athena_sim::{Running, SimConfig};
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use support::World;
use weir_engine::{Deadline, QueryContext, QueryEngine as _};

/// The account may have so many queries at one time.
const ACTIVE: u32 = 250;
/// Longer than the slowest query and all that wait before it.
const PATIENCE: Duration = Duration::from_mins(3);

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!("in flight  queries    p50    p95    max  looks  joint looks  throttled");
    for (in_flight, queries) in [(1, 40), (8, 80), (50, 200), (200, 600)] {
        runtime.block_on(measure(in_flight, queries));
    }
}

async fn measure(in_flight: usize, queries: usize) {
    let mut sim = SimConfig::new(support::sample().await);
    sim.limits.active_queries = ACTIVE as usize;
    let world = World::over(sim, |config| config.quotas.active_queries = ACTIVE).await;
    let statement = world.tile("totals");

    let runs = futures::stream::iter(0..queries).map(|_| async {
        let context = QueryContext::unbooked(Deadline::after(PATIENCE));
        let answer = world.athena.run(&statement, context).await.unwrap();
        (answer.execution.id.unwrap(), now())
    });
    let answered: Vec<_> = runs.buffer_unordered(in_flight).collect().await;

    let ended = ended(&world.sim);
    let added = answered.iter().map(|(id, at)| *at - ended[id]);
    report(in_flight, added.collect(), &world.sim);
}

fn ended(sim: &Running) -> BTreeMap<String, DateTime<Utc>> {
    let queries = sim.queries().into_iter();
    let ended = queries.filter_map(|query| Some((query.id, query.completed?)));
    ended.collect()
}

fn report(in_flight: usize, mut added: Vec<TimeDelta>, sim: &Running) {
    added.sort();
    let at = |percent: usize| {
        let place = (added.len() * percent).div_ceil(100).max(1) - 1;
        added.get(place).map_or(0, TimeDelta::num_milliseconds)
    };
    let calls = sim.calls();
    let total = |name: &str| calls.get(name).map_or(0, |calls| calls.total);
    let throttled: u64 = calls.values().map(|calls| calls.throttled).sum();
    println!(
        "{in_flight:>9} {:>8} {:>3} ms {:>3} ms {:>3} ms {:>6} {:>12} {throttled:>10}",
        added.len(),
        at(50),
        at(95),
        at(100),
        total("GetQueryExecution"),
        total("BatchGetQueryExecution"),
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with the simulator's, on the clock of one machine"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
