//! Several replicas on one registry and one shared cache: each question is computed once for all of
//! them, and none fails when the cache server does.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use http::StatusCode;
use serde_json::Value;
use tempfile::TempDir;
use weir_registry::Source;

use crate::support::ask::{Answer, get, launch};
use crate::support::canaries::{Canaries, canary, row};
use crate::support::lake;
use crate::support::replicas::{Replicas, counts, until};
use crate::support::world::{HOST, Plan, Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const FRESH: &str = "fresharrival";

async fn open(world: &World, who: &Who) -> Answer {
    let token = world.token(who, SLUG);
    world.send(launch(SLUG, HOST, &token)).await
}

async fn list(world: &World, who: &Who) -> Answer {
    let token = world.token(who, SLUG);
    world.send(get(LIST).bearer(&token)).await
}

/// Opens the dashboard, which must be whole.
async fn whole(world: &World, unit: &'static str) {
    let page = open(world, &Who::analyst(unit)).await.ok();
    assert_eq!(tiles(&page, "ready"), 6, "{}", page.text());
    assert!(page.text().contains(&canary(unit)));
}

fn tiles(page: &Answer, state: &str) -> usize {
    let attribute = format!("data-state=\"{state}\"");
    page.text().matches(&attribute).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_opens_everything_on_two_replicas_and_each_question_is_computed_once() {
    let replicas = Replicas::of(Plan::over(lake::sample().await), 2).await;
    let one = &replicas.worlds[0];
    let mut looks = Vec::new();
    for who in [Who::analyst("auto"), Who::analyst("home"), Who::exec()] {
        for (slug, _, _) in one.dashboards() {
            for world in &replicas.worlds {
                let session = world.session(&who).await;
                let page = format!("/d/{slug}");
                looks.push(async move { world.send(get(&page).cookie(&session)).await });
            }
        }
    }

    for page in join_all(looks).await {
        let page = page.ok();
        assert!(tiles(&page, "ready") > 0);
        assert_eq!(tiles(&page, "error"), 0, "{}", page.text());
    }

    let starts = replicas.starts.by_fingerprint();
    assert!(starts.len() > 20, "{}", starts.len());
    let twice: Vec<_> = starts.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let all = replicas.worlds.iter().map(counts);
    let (led, helped) = all.fold((0, 0), |(led, helped), counts| {
        assert_eq!((counts.alone, counts.refused, counts.failures), (0, 0, 0));
        (led + counts.led, helped + counts.found + counts.followed)
    });
    assert_eq!(led, starts.len() as u64);
    assert!(helped > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d3_a_thousand_viewers_of_one_cold_tile_on_two_replicas_start_one_query() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 2).await;
    replicas.starts.hold();
    let crowd = (0..1000).map(|number| {
        let who = Who {
            name: format!("viewer-{number}"),
            ..Who::analyst("auto")
        };
        let world = &replicas.worlds[number % 2];
        async move { list(world, &who).await }
    });
    let all_wait = async {
        // Both have asked: one computes, the other was told that somebody does.
        until(|| replicas.starts.total() == 1).await;
        replicas.starts.go_on();
    };

    let (answers, ()) = tokio::join!(join_all(crowd), all_wait);

    for answer in answers {
        assert!(answer.ok().text().contains(&canary("auto")));
    }
    assert_eq!(replicas.starts.total(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_of_another_replica_is_a_cached_one_in_answer_audit_and_ledger() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 2).await;
    let [one, other] = &replicas.worlds[..] else {
        panic!("two")
    };
    let who = Who::analyst("auto");
    assert_eq!(list(one, &who).await.ok().json()["source"], "engine");
    until(|| counts(one).stored == 1).await;
    other.clock.advance(TimeDelta::minutes(10));

    let answer = list(other, &who).await.ok().json();

    assert_eq!(answer["source"], "cache");
    assert_eq!(
        answer["age_seconds"], 600,
        "counted from when it was computed"
    );
    assert_eq!(counts(other).found, 1);
    // Both replicas recorded what they showed, in the one log.
    let sources = async || -> Vec<Source> {
        let reads = one.reads().await.into_iter();
        reads.map(|read| read.source).collect()
    };
    while sources().await.len() < 2 {
        tokio::task::yield_now().await;
    }
    let sources = sources().await;
    for source in [Source::Engine, Source::Cache] {
        let of_it = sources.iter().filter(|known| **known == source);
        assert_eq!(of_it.count(), 1, "{sources:?}");
    }
    one.assert_chain().await;
    let (from, to) = (
        chrono::DateTime::UNIX_EPOCH,
        chrono::DateTime::<chrono::Utc>::MAX_UTC,
    );
    let booked = async || {
        for world in &replicas.worlds {
            let ledger = world.app.state().dashboards.cache.ledger();
            ledger.flush().await.unwrap();
        }
        let costs = one.app.state().registry.costs();
        costs.executions(from, to, 100).await.unwrap().len()
    };
    while booked().await == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(booked().await, 1, "one run, one bill");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_past_its_hard_maximum_age_is_computed_anew() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 2).await;
    let [one, other] = &replicas.worlds[..] else {
        panic!("two")
    };
    let who = Who::analyst("auto");
    list(one, &who).await.ok();
    until(|| counts(one).stored == 1).await;
    other.clock.advance(TimeDelta::minutes(61));

    let answer = list(other, &who).await.ok().json();

    assert_eq!(answer["source"], "engine");
    assert_eq!(answer["age_seconds"], 0);
    assert!(counts(other).refused > 0);
    assert_eq!(replicas.starts.total(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d4_when_the_reader_that_a_question_was_computed_for_leaves_another_replica_takes_over() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 2).await;
    let [one, other] = &replicas.worlds[..] else {
        panic!("two")
    };
    replicas.starts.hold();
    let who = Who::analyst("auto");
    let mut leaves = Box::pin(list(one, &who));
    let begun = async { until(|| replicas.starts.total() == 1).await };
    tokio::select! {
        _ = &mut leaves => panic!("the engine is held"),
        () = begun => {}
    }
    let mut stays = Box::pin(list(other, &who));
    // It finds the lease taken, and waits.
    let waited = tokio::time::timeout(Duration::from_millis(100), &mut stays).await;
    assert!(waited.is_err());
    assert_eq!(replicas.starts.total(), 1);

    drop(leaves);
    // What it left is not answered any more: the other one begins.
    let begun = async { until(|| replicas.starts.total() == 2).await };
    tokio::select! {
        _ = &mut stays => panic!("the engine is held"),
        () = begun => {}
    }
    replicas.starts.go_on();

    assert!(stays.await.ok().text().contains(&canary("auto")));
    assert_eq!(replicas.starts.total(), 2);
    until(|| replicas.redis.leases().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d4_when_the_first_reader_of_a_question_leaves_the_others_get_its_rows() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 1).await;
    let world = &replicas.worlds[0];
    replicas.starts.hold();
    let who = Who::analyst("auto");
    let mut leaves = Box::pin(list(world, &who));
    tokio::select! {
        _ = &mut leaves => panic!("the engine is held"),
        () = until(|| replicas.starts.total() == 1) => {}
    }
    let mut stays = Box::pin(list(world, &who));
    let moment = Duration::from_millis(500);
    let waited = tokio::time::timeout(moment, &mut stays).await;
    assert!(waited.is_err(), "it joins the question that runs");

    drop(leaves);
    let waited = tokio::time::timeout(moment, &mut stays).await;
    assert!(waited.is_err(), "and is in it alone now");
    replicas.starts.go_on();

    assert!(stays.await.ok().text().contains(&canary("auto")));
    assert_eq!(replicas.starts.total(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d4_an_error_is_kept_for_nobody_and_the_next_replica_tries_at_once() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 2).await;
    let [one, other] = &replicas.worlds[..] else {
        panic!("two")
    };
    let who = Who::analyst("auto");
    replicas.starts.fail(true);
    assert!(list(one, &who).await.status.is_server_error());
    replicas.starts.fail(false);

    let answer = list(other, &who).await;

    assert_eq!(answer.ok().json()["source"], "engine");
    until(|| replicas.redis.leases().is_empty()).await;
    assert_eq!(replicas.redis.answers().len(), 1);
}

/// The other process is gone without a word: its runtime is, with every task in it.
#[test]
fn d4_the_lease_of_a_replica_that_was_killed_lapses_and_the_next_one_computes() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let (here, there) = (runtime(), runtime());
    let canaries = Canaries::new();
    let terms = "timeout_ms = 5000\nlease_ms = 2000\n";
    let replicas = here.block_on(Replicas::with(canaries.plan(), 1, terms));
    let doomed = there.block_on(replicas.another());
    replicas.starts.hold();
    there.spawn(async move {
        list(&doomed, &Who::analyst("auto")).await;
    });
    here.block_on(async {
        until(|| replicas.starts.total() == 1).await;
    });
    assert_eq!(replicas.redis.leases().len(), 1);

    there.shutdown_background();
    replicas.starts.go_on();
    let answer = here.block_on(list(&replicas.worlds[0], &Who::analyst("auto")));

    assert!(answer.ok().text().contains(&canary("auto")));
    assert_eq!(replicas.starts.total(), 2);
    here.block_on(async move { drop(replicas) });
}

/// A lease holds for as long as it is renewed, however long the engine takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_renewed_while_the_engine_computes() {
    let canaries = Canaries::new();
    let terms = "timeout_ms = 5000\nlease_ms = 1500\n";
    let replicas = Replicas::with(canaries.plan(), 2, terms).await;
    let [one, other] = &replicas.worlds[..] else {
        panic!("two")
    };
    replicas.starts.hold();
    let who = Who::analyst("auto");
    let both = async { tokio::join!(list(one, &who), list(other, &who)) };
    let later = async {
        until(|| replicas.starts.total() == 1).await;
        // Several lifetimes of a lease that nobody renews.
        tokio::time::sleep(Duration::from_secs(4)).await;
        replicas.starts.go_on();
    };

    let ((first, second), ()) = tokio::join!(both, later);

    assert_eq!(
        (first.ok().status, second.ok().status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(replicas.starts.total(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_server_that_is_killed_costs_nobody_their_answer_and_is_used_again() {
    let canaries = Canaries::new();
    let mut replicas = Replicas::of(canaries.plan(), 2).await;
    let units = ["auto", "home", "life", "travel"];
    for world in &replicas.worlds {
        whole(world, units[0]).await;
    }

    replicas.redis.kill();
    for unit in units[..2].iter().copied() {
        let worlds = replicas.worlds.iter();
        join_all(worlds.map(|world| whole(world, unit))).await;
    }
    for world in &replicas.worlds {
        assert!(!counts(world).connected);
        assert!(counts(world).failures > 0);
    }

    replicas.redis.again();
    until(|| replicas.worlds.iter().all(|world| counts(world).connected)).await;
    let before = replicas.starts.by_fingerprint();
    for unit in units[2..].iter().copied() {
        let worlds = replicas.worlds.iter();
        join_all(worlds.map(|world| whole(world, unit))).await;
    }
    let after = replicas.starts.by_fingerprint();
    let new: Vec<_> = after
        .iter()
        .filter(|(key, _)| !before.contains_key(*key))
        .collect();
    assert!(
        !new.is_empty() && new.iter().all(|(_, times)| **times == 1),
        "{new:?}"
    );
}

/// It takes connections and requests and says nothing: worse than one that is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_server_that_hangs_is_soon_asked_no_more() {
    let canaries = Canaries::new();
    let replicas = Replicas::with(canaries.plan(), 2, "timeout_ms = 100\n").await;
    replicas.redis.pause();

    for unit in ["auto", "home"] {
        for world in &replicas.worlds {
            let page = open(world, &Who::analyst(unit)).await.ok();
            assert_eq!(tiles(&page, "ready"), 6, "{}", page.text());
        }
    }

    for world in &replicas.worlds {
        assert!(!counts(world).connected, "it was given up");
    }
    replicas.redis.resume();
    until(|| replicas.worlds.iter().all(|world| counts(world).connected)).await;
    let page = open(&replicas.worlds[0], &Who::analyst("life")).await.ok();
    assert_eq!(tiles(&page, "ready"), 6);
}

/// A busy machine makes all calls of one moment late. That is no reason to compute everything as often
/// as there are replicas.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_server_that_is_late_for_a_moment_still_lets_each_question_be_computed_once() {
    let canaries = Canaries::new();
    let replicas = Replicas::with(canaries.plan(), 2, "timeout_ms = 300\n").await;
    replicas.redis.pause();
    let worlds = || replicas.worlds.iter();
    let everybody = join_all(worlds().map(|world| whole(world, "auto")));
    let late = async {
        // What a page looks for first, and then the questions of all its tiles.
        until(|| worlds().all(|world| counts(world).failures >= 4)).await;
        replicas.redis.resume();
    };

    tokio::join!(everybody, late);

    let starts = replicas.starts.by_fingerprint();
    assert!(starts.values().all(|times| *times == 1), "{starts:?}");
    assert!(worlds().all(|world| counts(world).alone == 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_shows_what_another_computed_before_while_the_newest_is_computed() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 2).await;
    let [one, other] = &replicas.worlds[..] else {
        panic!("two")
    };
    let who = Who::analyst("auto");
    open(one, &who).await.ok();
    until(|| replicas.redis.answers().len() == replicas.starts.total()).await;
    let computed = replicas.starts.total();
    canaries.add(
        "notes",
        "fresh",
        &[row("auto", FRESH, 5_000, Some(false), 10)],
    );
    for world in &replicas.worlds {
        world.app.state().lake.look().await.unwrap();
    }
    replicas.starts.hold();

    let stale = open(other, &who).await.ok();

    assert_eq!(tiles(&stale, "ready"), 6, "{}", stale.text());
    assert!(stale.text().contains(&canary("auto")));
    assert!(!stale.text().contains(FRESH));
    assert!(counts(other).found > 0);

    replicas.starts.go_on();
    // The newest answers are computed behind that page, once for both.
    until(|| replicas.redis.answers().len() > computed).await;
    let fresh = async |world: &World| {
        let page = open(world, &who).await.ok();
        page.text().contains(FRESH)
    };
    while !(fresh(one).await && fresh(other).await) {
        tokio::task::yield_now().await;
    }
    let twice = replicas.starts.by_fingerprint();
    assert!(twice.values().all(|times| *times == 1), "{twice:?}");
}

/// D5: a caller who makes up questions fills neither memory nor the second level for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d5_every_shared_answer_ends_by_itself() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 1).await;
    let world = &replicas.worlds[0];
    let token = world.token(&Who::analyst("auto"), SLUG);

    for number in 0..50 {
        let question = format!("{LIST}?place=made-up-{number}");
        world.send(get(&question).bearer(&token)).await.ok();
    }

    until(|| replicas.redis.answers().len() == 50).await;
    let mut redis = replicas.redis.intruder();
    let names: BTreeSet<String> = replicas.redis.answers().into_iter().collect();
    for name in names {
        let life: i64 = redis::cmd("PTTL").arg(&name).query(&mut redis).unwrap();
        assert!((1..=3_600_000).contains(&life), "{name}: {life}");
    }
}

/// D5: nor does one push out of memory what everybody asks.
#[tokio::test]
async fn d5_questions_that_nobody_asks_twice_push_out_none_that_is_asked_often() {
    const ROOM: u64 = 20_000;
    let canaries = Canaries::new();
    let little = |text: &mut String, _: &TempDir| {
        let room = format!("\n[cache]\nmax_bytes = {ROOM}\n");
        text.push_str(&room);
    };
    let plan = canaries.plan();
    let world = World::build_changed(&plan, little).await.unwrap();
    let who = Who::analyst("auto");
    let token = world.token(&who, SLUG);
    let mut sources = Vec::new();
    for number in 0..600 {
        let question = format!("{LIST}?place=made-up-{number}");
        world.send(get(&question).bearer(&token)).await.ok();
        if number % 10 == 0 {
            let often = list(&world, &who).await.ok().json();
            sources.push(often["source"].as_str().unwrap().to_owned());
        }
    }

    let kept = sources.iter().filter(|source| *source == "cache").count();
    assert!(kept * 10 >= sources.len() * 9, "{sources:?}");
    let cache = &world.app.state().dashboards.cache;
    // What does not fit is forgotten a little later.
    until(|| cache.size().1 <= ROOM).await;
    assert!(cache.size().0 < 600, "everything fits: {:?}", cache.size());
}

/// The rows of a tile as JSON has them.
pub(crate) fn rows(answer: &Answer) -> Value {
    answer.json()["rows"].clone()
}
