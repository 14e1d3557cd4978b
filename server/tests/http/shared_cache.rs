//! Nothing that comes from the cache server is trusted (invariant 5): whoever writes to it changes
//! what is computed, never what is shown; whoever reads it reads nothing.

use redis::Commands as _;
use serde_json::Value;

use super::fleet::rows;
use crate::support::ask::get;
use crate::support::canaries::{Canaries, canary};
use crate::support::replicas::{Replicas, counts, until};
use crate::support::world::{UNITS, Who, World};

const SLUG: &str = "finance-overview";
const TILES: [&str; 5] = ["total", "share", "stacked", "list", "visits"];

/// What everybody is given, unit by unit and tile by tile.
async fn everything(world: &World) -> Vec<(&'static str, &'static str, Value)> {
    let mut all = Vec::new();
    for unit in UNITS {
        let token = world.token(&Who::analyst(unit), SLUG);
        for tile in TILES {
            let path = format!("/api/v1/dashboards/{SLUG}/tiles/{tile}/data");
            let answer = world.send(get(&path).bearer(&token)).await.ok();
            let text = answer.text().to_owned();
            for other in UNITS.iter().filter(|other| **other != unit) {
                assert!(
                    !text.contains(&canary(other)),
                    "{unit} reads {other}: {text}"
                );
            }
            all.push((unit, tile, rows(&answer)));
        }
    }
    all
}

/// Replicas whose second level is full, and what is right.
async fn filled(canaries: &Canaries) -> (Replicas, Vec<(&'static str, &'static str, Value)>) {
    let replicas = Replicas::of(canaries.plan(), 1).await;
    let right = everything(&replicas.worlds[0]).await;
    until(|| replicas.redis.answers().len() == replicas.starts.total()).await;
    (replicas, right)
}

/// A replica that starts with nothing must give what is right, whatever the cache server holds.
async fn gives_what_is_right(replicas: &Replicas, right: &[(&str, &str, Value)], what: &str) {
    let before = replicas.starts.total();
    let fresh = replicas.another().await;

    let given = everything(&fresh).await;

    assert!(
        given.iter().zip(right).all(|(one, other)| one == other),
        "{what}: {given:?}"
    );
    assert_eq!(given.len(), right.len());
    assert_eq!(
        replicas.starts.total(),
        2 * before,
        "{what}: nothing of it was of use"
    );
    assert!(
        counts(&fresh).refused >= before as u64,
        "{what}: {:?}",
        counts(&fresh)
    );
    // What was computed instead is there for the next one.
    until(|| counts(&fresh).stored == before as u64).await;
    let next = replicas.another().await;
    let given = everything(&next).await;
    assert!(
        given.iter().zip(right).all(|(one, other)| one == other),
        "{what}"
    );
    assert_eq!(replicas.starts.total(), 2 * before, "{what}: it is mended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_starts_takes_over_what_others_computed() {
    let canaries = Canaries::new();
    let (replicas, right) = filled(&canaries).await;
    let before = replicas.starts.total();

    let given = everything(&replicas.another().await).await;

    assert_eq!(given, right);
    assert_eq!(replicas.starts.total(), before, "nothing was computed");
}

/// The worst there could be: the rows of one unit under the name of another's question.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_changed_places_are_shown_to_nobody() {
    let canaries = Canaries::new();
    let (replicas, right) = filled(&canaries).await;
    let mut intruder = replicas.redis.intruder();
    let names = replicas.redis.answers();
    let values: Vec<Vec<u8>> = names
        .iter()
        .map(|name| intruder.get(name).unwrap())
        .collect();
    for (name, value) in names.iter().zip(values.iter().cycle().skip(1)) {
        let _: () = intruder.set(name, value).unwrap();
    }

    gives_what_is_right(&replicas, &right, "changed places").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_were_changed_or_cut_are_no_answers() {
    let canaries = Canaries::new();
    let (replicas, right) = filled(&canaries).await;
    let mut intruder = replicas.redis.intruder();
    for (number, name) in replicas.redis.answers().iter().enumerate() {
        let mut value: Vec<u8> = intruder.get(name).unwrap();
        let middle = value.len() / 2;
        match number % 5 {
            0 => value.truncate(middle),
            1 => value[middle] ^= 1,
            2 => value.push(0),
            3 => value = b"not sealed at all".to_vec(),
            _ => value = vec![0; 1],
        }
        let _: () = intruder.set(name, value).unwrap();
    }

    gives_what_is_right(&replicas, &right, "changed or cut").await;
}

/// Another deployment on the same server, with the same tables, policies and people, and another key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_another_deployment_are_not_even_looked_at() {
    let canaries = Canaries::new();
    let (replicas, right) = filled(&canaries).await;
    let before = replicas.starts.total();
    let stranger = replicas
        .another_changed(|text| {
            let own = "the mask key of the tests, 32 bytes or more";
            assert!(text.contains(own));
            *text = text.replace(own, "another mask key of the tests, 32 bytes or more");
        })
        .await;

    let given = everything(&stranger).await;

    assert_eq!(given, right);
    assert_eq!(replicas.starts.total(), 2 * before);
    assert_eq!(counts(&stranger).refused, 0, "its names are others");
    until(|| replicas.redis.answers().len() == 2 * before).await;
}

/// Under the name of an answer lies something that is no text at all, or something endless.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn things_that_are_no_values_cost_a_computation_and_nothing_else() {
    let canaries = Canaries::new();
    let replicas = Replicas::with(
        canaries.plan(),
        1,
        "timeout_ms = 5000\nmax_value_bytes = 10000\n",
    )
    .await;
    let right = everything(&replicas.worlds[0]).await;
    until(|| replicas.redis.answers().len() == replicas.starts.total()).await;
    let mut intruder = replicas.redis.intruder();
    for (number, name) in replicas.redis.answers().iter().enumerate() {
        let _: () = intruder.del(name).unwrap();
        if number % 2 == 0 {
            let _: () = intruder.rpush(name, "a list").unwrap();
        } else {
            let _: () = intruder.set(name, vec![7_u8; 5 << 20]).unwrap();
        }
    }

    let given = everything(&replicas.another().await).await;

    assert_eq!(given, right);
}

/// Somebody holds every lease there could be, and never computes anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_that_nobody_ends_is_waited_for_no_longer_than_an_answer() {
    let canaries = Canaries::new();
    let replicas = Replicas::of(canaries.plan(), 1).await;
    let token = replicas.worlds[0].token(&Who::analyst("auto"), SLUG);
    let path = format!("/api/v1/dashboards/{SLUG}/tiles/list/data");
    let right = replicas.worlds[0]
        .send(get(&path).bearer(&token))
        .await
        .ok();
    until(|| replicas.redis.answers().len() == 1).await;
    let mut intruder = replicas.redis.intruder();
    let name = replicas.redis.answers().remove(0);
    let _: () = intruder.del(&name).unwrap();
    let _: () = intruder.set(format!("{name}:lease"), "mine").unwrap();
    let impatient = replicas.another_changed(|text| {
        let usual = "snapshot_refresh_ms = 1\n";
        *text = text.replace(usual, "snapshot_refresh_ms = 1\nquery_deadline_ms = 3000\n");
    });
    let impatient = impatient.await;

    let given = impatient.send(get(&path).bearer(&token)).await.ok();

    assert_eq!(rows(&given), rows(&right));
    assert_eq!(counts(&impatient).alone, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_the_cache_server_reads_nothing() {
    let canaries = Canaries::new();
    let (replicas, _) = filled(&canaries).await;
    let mut intruder = replicas.redis.intruder();
    let fingerprints = replicas.starts.by_fingerprint();
    let words = UNITS.iter().map(|unit| canary(unit));
    let words = words.chain(["everywhere", "place", "gold", SLUG].map(str::to_owned));
    let words: Vec<String> = words.chain(fingerprints.into_keys()).collect();

    let names: Vec<String> = intruder.keys("*").unwrap();

    assert!(!names.is_empty());
    for name in names {
        let value: Vec<u8> = intruder.get(&name).unwrap();
        for word in &words {
            let word = word.as_bytes();
            assert!(!name.as_bytes().windows(word.len()).any(|part| part == word));
            assert!(!value.windows(word.len()).any(|part| part == word));
        }
    }
}

/// No address of a server, nobody there, or somebody who speaks something else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn weir_starts_and_answers_without_the_cache_server() {
    let canaries = Canaries::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = listener.local_addr().unwrap();
    let speaks_http = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let said = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut stream, said)
                .await
                .ok();
        }
    });
    for url in [
        "redis://127.0.0.1:1/".to_owned(),
        format!("redis://{other}/"),
        format!("rediss://{other}/"),
    ] {
        let plan = canaries.plan();
        let world = World::build_changed(&plan, |text, _| {
            *text += &["[shared_cache]\nurl = \"", &url[..], "\"\n"].concat();
        });
        let world = world.await.unwrap();

        let token = world.token(&Who::analyst("auto"), SLUG);
        let path = format!("/api/v1/dashboards/{SLUG}/tiles/list/data");
        let answer = world.send(get(&path).bearer(&token)).await.ok();

        assert!(answer.text().contains(&canary("auto")), "{url}");
        assert!(!counts(&world).connected, "{url}");
    }
    speaks_http.abort();
}

#[tokio::test]
async fn an_address_that_can_not_be_one_is_refused_at_the_start_without_being_told() {
    let canaries = Canaries::new();
    for url in ["weir", "http://127.0.0.1/", "redis://:secret@"] {
        let plan = canaries.plan();
        let refused = World::build_changed(&plan, |text, _| {
            *text += &["[shared_cache]\nurl = \"", url, "\"\n"].concat();
        });

        let error = refused.await.unwrap_err();

        let said = format!("{error} {error:?}");
        assert!(
            said.contains("shared_cache.url") && !said.contains("secret"),
            "{said}"
        );
    }
}
