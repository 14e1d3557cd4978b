//! Two Weirs, one AWS account: each keeps to its part of the quotas, so that both together stay under
//! what AWS documents (F76). The simulator judges that: it counts and refuses as Athena does.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use athena_sim::{Effect, Fault, Latency, Limits, Rate, Running, Sim, SimConfig};
use chrono::TimeDelta;
use futures::future::join_all;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use weir_engine::QueryEngine as _;
use weir_registry::testing::PostgresDatabase;

use super::athena::over_configured;
use super::athena_crowd::{TILES, dashboards};
use crate::support::ask::{Answer, launch};
use crate::support::lake;
use crate::support::redis::Redis;
use crate::support::replicas::{counts, until};
use crate::support::world::{HOST, Plan, UNITS, Who, World};

const START: &str = "StartQueryExecution";

/// Two Weirs on one registry, before one Athena. Nothing but the registry tells them of each other.
struct Two {
    one: World,
    other: World,
    sim: Running,
    _content: TempDir,
    _home: TempDir,
    _database: PostgresDatabase,
}

impl Two {
    async fn over(limits: Limits, quotas: &str) -> Self {
        let config = SimConfig {
            latency: Latency {
                p50: Duration::from_millis(200),
                p95: Duration::from_millis(600),
                reuse: Duration::ZERO,
            },
            limits,
            ..SimConfig::new(lake::sample().await)
        };
        let sim = Sim::start(config).await.unwrap();
        let database = PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));
        let (content, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        dashboards(content.path());
        let world = async |name: &str| {
            let registry = (database.url(), home.path().join(name));
            let content = content.path().to_owned();
            let plan = |plan: &mut Plan| {
                plan.dashboards = content;
                plan.registry = Some(registry);
            };
            let configure = |text: &mut String| {
                // The simulator computes on this machine, which does other things too.
                let timing = "snapshot_refresh_ms = 1\nquery_deadline_ms = 240000";
                *text = text.replace("snapshot_refresh_ms = 1", timing);
                text.push_str("[athena.quotas]\n");
                text.push_str(quotas);
            };
            over_configured(&sim, plan, configure).await.unwrap()
        };
        Self {
            one: world("one").await,
            other: world("other").await,
            sim,
            _content: content,
            _home: home,
            _database: database,
        }
    }

    /// Both have heard of each other, and know that they have.
    async fn acquainted(&self) {
        for world in [&self.one, &self.other, &self.one, &self.other] {
            beat(world).await;
        }
        assert_eq!((live(&self.one), live(&self.other)), (2, 2));
    }

    /// So many pages at once, of different people, at both in turn.
    async fn opened(&self, pages: usize) -> Vec<Answer> {
        let page = |number: usize| {
            let world = if number.is_multiple_of(2) {
                &self.one
            } else {
                &self.other
            };
            open(world, number)
        };
        join_all((1..=pages).map(page)).await
    }

    fn starts(&self) -> u64 {
        let calls = self.sim.calls();
        calls.get(START).map_or(0, |starts| starts.total)
    }

    /// What AWS would say: that nothing came too fast.
    fn assert_nothing_was_throttled(&self) {
        for (operation, calls) in self.sim.calls() {
            assert_eq!(calls.throttled, 0, "{operation}: {calls:?}");
        }
    }
}

async fn beat(world: &World) {
    world.app.state().crew.beat().await.unwrap();
}

fn live(world: &World) -> u32 {
    world.app.state().crew.live()
}

fn throttled(world: &World) -> u64 {
    world.app.state().lake.engine.throttled()
}

/// Somebody with a set of units that nobody else has: the bits of `number` say which. What they ask
/// was never asked before.
fn somebody(number: usize) -> Who {
    let units = UNITS.iter().enumerate();
    let theirs = units.filter(|(bit, _)| number >> bit & 1 == 1);
    Who {
        name: format!("reader-{number}"),
        units: theirs.map(|(_, unit)| *unit).collect(),
        ..Who::analyst("auto")
    }
}

/// Opens a dashboard of twelve tiles as somebody new.
async fn open(world: &World, number: usize) -> Answer {
    let token = world.token(&somebody(number), "twelve");
    world.send(launch("twelve", HOST, &token)).await
}

/// Every page is whole: each tile of it has its rows.
fn assert_whole(pages: Vec<Answer>) {
    for page in pages {
        let page = page.ok();
        let ready = page.text().matches("data-state=\"ready\"").count();
        assert_eq!(ready, TILES, "tiles that have their rows");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f76_two_processes_together_stay_under_the_documented_rates() {
    let two = Two::over(Limits::default(), "").await;
    let stop = CancellationToken::new();
    let keep = async |world: &World| {
        world.app.join_crew().await;
        world.app.keep_crew(stop.clone()).await;
    };
    let ask = async {
        until(|| live(&two.one) == 2 && live(&two.other) == 2).await;
        let began = Instant::now();
        let pages = two.opened(8).await;
        stop.cancel();
        (pages, began.elapsed())
    };

    let ((), (), (pages, taken)) = tokio::join!(keep(&two.one), keep(&two.other), ask);

    assert_whole(pages);
    let starts = two.sim.calls()[START].clone();
    assert_eq!(starts.total, 8 * TILES as u64, "each question once");
    assert!(starts.peak_per_second <= 100, "80 and 20 more: {starts:?}");
    let allowed = 80.0 + 20.0 * taken.as_secs_f64();
    let total = f64::from(u32::try_from(starts.total).unwrap());
    assert!(total <= allowed, "{starts:?} in {taken:?}");
    two.assert_nothing_was_throttled();
    assert!(two.sim.peak_active() <= 100, "{}", two.sim.peak_active());
}

/// Its share is nobody's before the others have given it up; and nobody is given a whole allowance
/// anew because there are more of them than before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f76_a_process_that_joins_under_load_makes_nobody_come_too_fast() {
    let limits = Limits {
        starts: Rate {
            per_second: 10,
            burst: 40,
        },
        ..Limits::default()
    };
    let two = Two::over(limits, "starts_per_second = 10\nstart_burst = 40\n").await;
    beat(&two.one).await;
    let ask = async |world: &World, numbers: RangeInclusive<usize>| {
        join_all(numbers.map(|number| open(world, number))).await
    };
    let joining = async {
        // The first has used up what was saved, and lives from second to second.
        until(|| two.starts() >= 42).await;
        beat(&two.other).await;
        let hearing = async {
            until(|| two.starts() >= 50).await;
            beat(&two.one).await;
            beat(&two.other).await;
        };
        tokio::join!(ask(&two.other, 11..=12), hearing).0
    };

    let (mine, theirs) = tokio::join!(ask(&two.one, 1..=5), joining);

    assert_whole(mine);
    assert_whole(theirs);
    two.assert_nothing_was_throttled();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f76_two_processes_that_are_throttled_all_the_same_ask_again_and_nobody_sees_an_error() {
    let limits = Limits {
        // Others use the account too.
        starts: Rate {
            per_second: 5,
            burst: 5,
        },
        ..Limits::default()
    };
    let two = Two::over(limits, "").await;
    two.acquainted().await;

    let pages = two.opened(3).await;

    assert_whole(pages);
    let starts = two.sim.calls()[START].clone();
    assert!(starts.throttled > 0, "nobody came too fast: {starts:?}");
    assert_eq!(starts.total - starts.throttled, 3 * TILES as u64);
    assert_eq!(
        throttled(&two.one) + throttled(&two.other),
        starts.throttled,
        "each hears of its own"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f76_who_is_left_takes_the_whole_quota_once_the_other_is_not_heard_of() {
    let two = Two::over(Limits::default(), "active_queries = 20\n").await;
    two.acquainted().await;
    two.sim.inject(Fault::always(Effect::Hang));
    let looks = || {
        let calls = two.sim.calls();
        let of = |name: &str| calls.get(name).map_or(0, |calls| calls.total);
        of("GetQueryExecution") + of("BatchGetQueryExecution")
    };
    let asking = async {
        let pages = (1..=2).map(|number| open(&two.one, number));
        join_all(pages).await
    };
    let dying = async {
        until(|| two.sim.peak_active() >= 10).await;
        let before = looks();
        until(|| looks() > before + 10).await;
        assert_eq!(two.sim.peak_active(), 10, "half of 20");

        // The other says nothing any more.
        two.one.clock.advance(TimeDelta::seconds(39));
        beat(&two.one).await;
        assert_eq!(live(&two.one), 2, "it may only be late");
        two.one.clock.advance(TimeDelta::seconds(1));
        beat(&two.one).await;
        assert_eq!(live(&two.one), 1);
        until(|| two.sim.peak_active() >= 20).await;
    };

    tokio::select! {
        pages = asking => panic!("{} pages of queries that hang", pages.len()),
        () = dying => {}
    }

    two.assert_nothing_was_throttled();
}

/// A crowd that asks two processes the same must not become the work of the quicker one alone: its
/// part of the quotas would not start them in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f76_a_process_with_much_to_do_leaves_questions_to_one_with_little() {
    const CROWD: usize = 9;
    let redis = Redis::start();
    let url = redis.url();
    let shared = format!("[shared_cache]\nurl = \"{url}\"\ntimeout_ms = 5000\n");
    let two = Two::over(Limits::default(), &shared).await;
    two.acquainted().await;
    two.sim.inject(Fault::always(Effect::Hang));
    let led = |world: &World| usize::try_from(counts(world).led).unwrap();
    let crowd = join_all((1..=CROWD).map(|number| open(&two.one, number)));
    let both = async {
        until(|| led(&two.one) == CROWD * TILES).await;
        let page = |world| open(world, CROWD + 1);
        let the_same = async { tokio::join!(page(&two.one), page(&two.other)) };
        tokio::select! {
            pages = the_same => panic!("{pages:?} of queries that hang"),
            () = until(|| led(&two.one) + led(&two.other) == (CROWD + 1) * TILES) => {}
        }
    };

    tokio::select! {
        pages = crowd => panic!("{} pages of queries that hang", pages.len()),
        () = both => {}
    }

    assert_eq!((led(&two.one), led(&two.other)), (CROWD * TILES, TILES));
}
