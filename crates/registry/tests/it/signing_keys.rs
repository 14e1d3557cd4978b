use weir_registry::{NewSigningKey, Retired, StoredKey};

use crate::support::{Database, World, at, request};

on_both_databases! {
    the_first_key_signs_at_once_and_there_is_one_first,
    a_rotation_hands_over_at_its_time,
    two_rotations_in_a_row_keep_their_order,
    of_many_rotations_at_once_each_has_its_turn,
    g15_a_retired_key_loses_its_secret,
    a_newest_key_that_is_retired_is_replaced_at_once,
    retiring_the_signing_key_lets_the_next_one_sign_now,
    keys_that_are_long_over_are_removed,
}

fn key(kid: &str) -> NewSigningKey {
    NewSigningKey {
        kid: kid.to_owned(),
        algorithm: "EdDSA".to_owned(),
        sealed: vec![1, 2, 3],
        request: request(1),
    }
}

async fn list(world: &World) -> Vec<StoredKey> {
    world.registry.signing_keys().list().await.unwrap()
}

/// Each key with the seconds between which it signs.
fn times(keys: &[StoredKey]) -> Vec<(&str, i64, Option<i64>)> {
    let second = |time: chrono::DateTime<chrono::Utc>| (time - at(0)).num_seconds();
    let times = |key: &'_ StoredKey| (second(key.signs_from), key.signs_until.map(second));
    keys.iter()
        .map(|key| {
            let (from, until) = times(key);
            (key.kid.as_str(), from, until)
        })
        .collect()
}

async fn the_first_key_signs_at_once_and_there_is_one_first(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;

    let mut races = tokio::task::JoinSet::new();
    for n in 0..20 {
        let registry = if n % 2 == 0 {
            &world.registry
        } else {
            &replica
        };
        let keys = registry.signing_keys().clone();
        races.spawn(async move { keys.begin(&key(&format!("k{n}")), at(1)).await.unwrap() });
    }
    let begun = races.join_all().await;

    assert_eq!(begun.iter().filter(|begun| **begun).count(), 1);
    let keys = list(&world).await;
    assert_eq!(keys.len(), 1);
    assert_eq!((keys[0].signs_from, keys[0].signs_until), (at(1), None));
    assert_eq!(keys[0].sealed.as_deref(), Some(&[1, 2, 3][..]));
}

async fn a_rotation_hands_over_at_its_time(database: Database) {
    let world = World::new(database).await;
    let keys = world.registry.signing_keys();
    keys.begin(&key("a"), at(0)).await.unwrap();

    let from = keys.rotate(&key("b"), at(110), at(100)).await.unwrap();

    assert_eq!(from, at(110));
    assert_eq!(
        times(&list(&world).await),
        [("a", 0, Some(110)), ("b", 110, None)]
    );
}

async fn two_rotations_in_a_row_keep_their_order(database: Database) {
    let world = World::new(database).await;
    let keys = world.registry.signing_keys();
    assert_eq!(keys.rotate(&key("a"), at(10), at(0)).await.unwrap(), at(0));
    keys.rotate(&key("b"), at(110), at(100)).await.unwrap();

    // Its clock is behind: the key that was about to sign is not overtaken.
    let from = keys.rotate(&key("c"), at(105), at(95)).await.unwrap();

    assert_eq!(from, at(110));
    assert_eq!(
        times(&list(&world).await),
        [("a", 0, Some(110)), ("b", 110, Some(110)), ("c", 110, None)]
    );
}

async fn of_many_rotations_at_once_each_has_its_turn(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;
    world
        .registry
        .signing_keys()
        .begin(&key("first"), at(0))
        .await
        .unwrap();
    let mut races = tokio::task::JoinSet::new();
    for n in 0..8 {
        let registry = if n % 2 == 0 {
            &world.registry
        } else {
            &replica
        };
        let keys = registry.signing_keys().clone();
        races.spawn(async move { keys.rotate(&key(&format!("k{n}")), at(10), at(0)).await });
    }
    let done = races.join_all().await.into_iter().flatten().count();

    let keys = list(&world).await;
    assert_eq!(keys.len(), done + 1);
    assert_eq!(
        keys.iter().filter(|key| key.signs_until.is_none()).count(),
        1
    );
    assert!(done >= 1);
}

async fn g15_a_retired_key_loses_its_secret(database: Database) {
    let world = World::new(database).await;
    let keys = world.registry.signing_keys();
    keys.begin(&key("a"), at(0)).await.unwrap();
    keys.rotate(&key("b"), at(10), at(0)).await.unwrap();

    assert_eq!(
        keys.retire("a", &key("x"), at(20)).await.unwrap(),
        Retired::Key
    );
    assert_eq!(
        keys.retire("a", &key("x"), at(21)).await.unwrap(),
        Retired::Unknown
    );
    assert_eq!(
        keys.retire("nobody", &key("x"), at(21)).await.unwrap(),
        Retired::Unknown
    );

    let known = list(&world).await;
    assert_eq!(times(&known), [("a", 0, Some(10)), ("b", 10, None)]);
    assert_eq!(
        (known[0].retired_at, &known[0].sealed),
        (Some(at(20)), &None)
    );
    assert_eq!(known[1].retired_at, None);
}

async fn a_newest_key_that_is_retired_is_replaced_at_once(database: Database) {
    let world = World::new(database).await;
    let keys = world.registry.signing_keys();
    keys.begin(&key("a"), at(0)).await.unwrap();

    let retired = keys.retire("a", &key("b"), at(20)).await.unwrap();

    assert_eq!(retired, Retired::Replaced);
    let known = list(&world).await;
    assert_eq!(times(&known), [("a", 0, None), ("b", 20, None)]);
    assert_eq!(known[0].retired_at, Some(at(20)));
}

async fn retiring_the_signing_key_lets_the_next_one_sign_now(database: Database) {
    let world = World::new(database).await;
    let keys = world.registry.signing_keys();
    keys.begin(&key("a"), at(0)).await.unwrap();
    keys.rotate(&key("b"), at(110), at(100)).await.unwrap();

    keys.retire("a", &key("x"), at(103)).await.unwrap();

    assert_eq!(
        times(&list(&world).await),
        [("a", 0, Some(110)), ("b", 103, None)]
    );
}

async fn keys_that_are_long_over_are_removed(database: Database) {
    let world = World::new(database).await;
    let keys = world.registry.signing_keys();
    keys.begin(&key("a"), at(0)).await.unwrap();
    keys.rotate(&key("b"), at(10), at(0)).await.unwrap();
    let month = 30 * 24 * 60 * 60;

    assert_eq!(keys.purge(at(month + 9)).await.unwrap(), 0);
    assert_eq!(keys.purge(at(month + 10)).await.unwrap(), 1);
    assert_eq!(times(&list(&world).await), [("b", 10, None)]);
}

#[test]
fn a_sealed_key_stays_out_of_debug_output() {
    assert!(!format!("{:?}", key("a")).contains("1, 2, 3"));
}
