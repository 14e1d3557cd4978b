use weir_registry::Redeemed;

use crate::support::{Database, World, at, digest};

on_both_databases! {
    a_code_gives_its_token_once_and_is_then_known_as_used,
    e5_a_code_is_worth_nothing_after_its_minute,
    e4_one_of_a_hundred_races_gets_the_token_over_two_replicas,
}

fn token() -> Redeemed {
    Redeemed::Token("header.payload.signature".to_owned())
}

async fn a_code_gives_its_token_once_and_is_then_known_as_used(database: Database) {
    let world = World::new(database).await;
    let codes = world.registry.launch_codes();
    codes
        .put(&digest(1), "header.payload.signature", at(60))
        .await
        .unwrap();

    assert_eq!(codes.redeem(&digest(1), at(59)).await.unwrap(), token());
    assert_eq!(
        codes.redeem(&digest(1), at(59)).await.unwrap(),
        Redeemed::Used
    );
    assert_eq!(
        codes.redeem(&digest(1), at(61)).await.unwrap(),
        Redeemed::Used
    );
    assert_eq!(
        codes.redeem(&digest(2), at(1)).await.unwrap(),
        Redeemed::Unknown
    );
}

async fn e5_a_code_is_worth_nothing_after_its_minute(database: Database) {
    let world = World::new(database).await;
    let codes = world.registry.launch_codes();
    codes
        .put(&digest(1), "header.payload.signature", at(60))
        .await
        .unwrap();

    assert_eq!(
        codes.redeem(&digest(1), at(60)).await.unwrap(),
        Redeemed::Expired
    );
    assert_eq!(codes.purge(at(60)).await.unwrap(), 1);
    assert_eq!(
        codes.redeem(&digest(1), at(60)).await.unwrap(),
        Redeemed::Unknown
    );
}

async fn e4_one_of_a_hundred_races_gets_the_token_over_two_replicas(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;
    world
        .registry
        .launch_codes()
        .put(&digest(1), "header.payload.signature", at(60))
        .await
        .unwrap();

    let mut races = tokio::task::JoinSet::new();
    for i in 0..100 {
        let registry = if i % 2 == 0 {
            &world.registry
        } else {
            &replica
        };
        let codes = registry.launch_codes().clone();
        races.spawn(async move { codes.redeem(&digest(1), at(1)).await.unwrap() });
    }
    let outcomes = races.join_all().await;

    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == token())
            .count(),
        1
    );
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == Redeemed::Used)
            .count(),
        99
    );
}

#[tokio::test]
async fn a_redeemed_token_is_not_in_the_database_any_more() {
    let world = World::new(Database::Sqlite).await;
    let codes = world.registry.launch_codes();
    let needle = "header.unmistakable-payload.signature";
    codes.put(&digest(1), needle, at(60)).await.unwrap();
    codes.redeem(&digest(1), at(1)).await.unwrap();

    world.registry.close().await.unwrap();

    let bytes = std::fs::read(world.path()).unwrap();
    assert!(
        !bytes
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
    );
}

#[test]
fn e9_a_token_stays_out_of_debug_output() {
    assert_eq!(format!("{:?}", token()), "Token([redacted])");
}
