use crate::support::{World, at, digest};

/// Rows L3 and L4: a state works once.
#[tokio::test]
async fn a_sign_in_is_taken_up_once() {
    let world = World::new().await;
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

#[tokio::test]
async fn an_expired_sign_in_is_not_taken_up_and_not_kept() {
    let world = World::new().await;
    let logins = world.registry.pending_logins();
    logins.put(&digest(1), "{}", at(600)).await.unwrap();

    assert_eq!(logins.take(&digest(1), at(600)).await.unwrap(), None);
    assert_eq!(logins.take(&digest(1), at(0)).await.unwrap(), None);
}

#[tokio::test]
async fn a_state_that_is_in_use_is_not_replaced() {
    let world = World::new().await;
    let logins = world.registry.pending_logins();
    logins.put(&digest(1), "first", at(600)).await.unwrap();

    assert!(logins.put(&digest(1), "second", at(600)).await.is_err());
    assert_eq!(
        logins.take(&digest(1), at(1)).await.unwrap().as_deref(),
        Some("first")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_callbacks_at_once_one_takes_the_sign_in() {
    let world = World::new().await;
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
