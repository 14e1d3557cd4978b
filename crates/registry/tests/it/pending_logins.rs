use crate::support::{Database, World, at, digest};

on_both_databases! {
    a_sign_in_is_taken_up_once,
    an_expired_sign_in_is_not_taken_up_and_not_kept,
    a_state_that_is_in_use_is_not_replaced,
    of_many_callbacks_at_once_one_takes_the_sign_in,
}

/// Rows L3 and L4: a state works once.
async fn a_sign_in_is_taken_up_once(database: Database) {
    let world = World::new(database).await;
    let logins = world.registry.pending_logins();
    logins
        .put(&digest(1), r#"{"nonce":"n"}"#, at(600))
        .await
        .unwrap();

    assert_eq!(logins.take(&digest(2), at(1)).await.unwrap(), None);
    assert_eq!(
        logins.take(&digest(1), at(1)).await.unwrap().as_deref(),
        Some(r#"{"nonce":"n"}"#)
    );
    assert_eq!(logins.take(&digest(1), at(1)).await.unwrap(), None);
}

async fn an_expired_sign_in_is_not_taken_up_and_not_kept(database: Database) {
    let world = World::new(database).await;
    let logins = world.registry.pending_logins();
    logins.put(&digest(1), "{}", at(600)).await.unwrap();

    assert_eq!(logins.take(&digest(1), at(600)).await.unwrap(), None);
    assert_eq!(logins.take(&digest(1), at(0)).await.unwrap(), None);
}

async fn a_state_that_is_in_use_is_not_replaced(database: Database) {
    let world = World::new(database).await;
    let logins = world.registry.pending_logins();
    logins.put(&digest(1), "first", at(600)).await.unwrap();

    assert!(logins.put(&digest(1), "second", at(600)).await.is_err());
    assert_eq!(
        logins.take(&digest(1), at(1)).await.unwrap().as_deref(),
        Some("first")
    );
}

async fn of_many_callbacks_at_once_one_takes_the_sign_in(database: Database) {
    let world = World::new(database).await;
    world
        .registry
        .pending_logins()
        .put(&digest(1), "{}", at(600))
        .await
        .unwrap();

    let mut races = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let logins = world.registry.pending_logins().clone();
        races.spawn(async move { logins.take(&digest(1), at(1)).await.unwrap() });
    }

    assert_eq!(races.join_all().await.into_iter().flatten().count(), 1);
}
