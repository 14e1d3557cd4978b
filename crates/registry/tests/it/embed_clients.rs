use weir_registry::{
    ClientChange, ClientStep, ClientStepError, ClientStepKind, Fact, Label, Registry, StoredClient,
};

use crate::support::{Database, World, assert_intact, at, digest, label, person, request};

on_both_databases! {
    a_client_is_kept_as_it_was_registered_and_says_by_whom,
    nobody_overwrites_a_client_they_did_not_see,
    of_two_who_change_a_client_at_once_one_does,
    no_version_of_a_client_comes_back_after_it_was_removed,
    two_secrets_are_live_and_the_third_pushes_the_oldest_out,
    a_secret_is_taken_back_by_its_id,
    every_step_is_on_record_and_no_secret_is,
    another_process_sees_that_something_changed,
    an_assertion_is_used_up_once_on_every_process,
}

const DOCUMENT: &str = r#"{"origins":["https://crm.example"]}"#;

fn change(seen: Option<&StoredClient>, by: &str, seconds: i64) -> ClientChange {
    ClientChange {
        client: label("crm"),
        seen: seen.map(|client| client.version),
        by: person(by),
        at: at(seconds),
        request: request(1),
    }
}

async fn registered(registry: &Registry) -> StoredClient {
    let clients = registry.embed_clients();
    clients
        .put(&change(None, "ada", 1), DOCUMENT)
        .await
        .unwrap()
}

async fn with_secret(registry: &Registry, client: &StoredClient, id: &str) -> StoredClient {
    let clients = registry.embed_clients();
    let change = change(Some(client), "ada", 2);
    clients
        .add_secret(&change, &label(id), &format!("$argon2id$hash-of-{id}"))
        .await
        .unwrap()
}

fn secrets(client: &StoredClient) -> Vec<&str> {
    client.secrets.iter().map(|one| one.id.as_str()).collect()
}

async fn steps(registry: &Registry) -> Vec<ClientStep> {
    let records = registry.audit().list(1, 1_000).await.unwrap();
    let facts = records.iter().filter_map(|record| match record.fact() {
        Fact::ClientStep(step) => Some(step.clone()),
        _ => None,
    });
    facts.collect()
}

async fn a_client_is_kept_as_it_was_registered_and_says_by_whom(database: Database) {
    let world = World::new(database).await;
    let clients = world.registry.embed_clients();

    let first = registered(&world.registry).await;
    let later = change(Some(&first), "bob", 9);
    let second = clients.put(&later, r#"{"origins":[]}"#).await.unwrap();

    assert_eq!(first.document, DOCUMENT);
    assert_eq!((first.created.at, first.changed.at), (at(1), at(1)));
    assert!(second.version > first.version);
    assert_eq!(second.document, r#"{"origins":[]}"#);
    assert_eq!(second.created.by, person("ada"));
    assert_eq!(second.changed.by, person("bob"));
    assert_eq!((second.created.at, second.changed.at), (at(1), at(9)));
    let found = clients.get(&label("crm")).await.unwrap();
    assert_eq!(found, Some(second.clone()));
    assert_eq!(clients.all().await.unwrap().clients, [second]);
    assert_eq!(clients.get(&label("other")).await.unwrap(), None);
}

async fn nobody_overwrites_a_client_they_did_not_see(database: Database) {
    let world = World::new(database).await;
    let clients = world.registry.embed_clients();
    let first = registered(&world.registry).await;
    let second = clients.put(&change(Some(&first), "bob", 2), DOCUMENT).await;
    let second = second.unwrap();

    for stale in [None, Some(&first)] {
        let stale = change(stale, "eve", 3);
        let secret = label("0a");
        let refusals = [
            clients.put(&stale, "{}").await.unwrap_err(),
            clients.add_secret(&stale, &secret, "h").await.unwrap_err(),
            clients.remove_secret(&stale, &secret).await.unwrap_err(),
            clients.remove(&stale).await.unwrap_err(),
        ];
        for refusal in refusals {
            let theirs = match refusal {
                ClientStepError::Conflict(theirs) => *theirs,
                other => panic!("{other:?}"),
            };
            assert_eq!(theirs, second);
        }
    }
    assert_eq!(clients.get(&label("crm")).await.unwrap(), Some(second));
    let mut unknown = change(Some(&first), "eve", 3);
    unknown.client = label("nobody");
    for refusal in [
        clients.put(&unknown, "{}").await.unwrap_err(),
        clients.remove(&unknown).await.unwrap_err(),
    ] {
        assert!(matches!(refusal, ClientStepError::Unknown), "{refusal:?}");
    }
}

async fn of_two_who_change_a_client_at_once_one_does(database: Database) {
    let world = World::new(database).await;
    let other = world.reopened().await;
    let first = registered(&world.registry).await;
    let (mine, theirs) = (
        change(Some(&first), "ada", 2),
        change(Some(&first), "bob", 2),
    );

    let (one, two) = tokio::join!(
        world.registry.embed_clients().put(&mine, r#"{"a":1}"#),
        other.embed_clients().put(&theirs, r#"{"b":1}"#),
    );

    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
    assert_intact(&world.registry).await;
}

async fn no_version_of_a_client_comes_back_after_it_was_removed(database: Database) {
    let world = World::new(database).await;
    let clients = world.registry.embed_clients();
    let first = registered(&world.registry).await;
    let first = with_secret(&world.registry, &first, "0a").await;

    clients
        .remove(&change(Some(&first), "bob", 3))
        .await
        .unwrap();

    assert_eq!(clients.get(&label("crm")).await.unwrap(), None);
    let again = registered(&world.registry).await;
    assert!(again.version > first.version);
    assert!(again.secrets.is_empty());
}

async fn two_secrets_are_live_and_the_third_pushes_the_oldest_out(database: Database) {
    let world = World::new(database).await;
    let client = registered(&world.registry).await;

    // Their ids sort the other way round, and all are of one moment.
    let one = with_secret(&world.registry, &client, "0c").await;
    let two = with_secret(&world.registry, &one, "0b").await;
    let three = with_secret(&world.registry, &two, "0a").await;

    assert_eq!(secrets(&one), ["0c"]);
    assert_eq!(secrets(&two), ["0c", "0b"]);
    assert_eq!(secrets(&three), ["0b", "0a"]);
    assert_eq!(three.document, DOCUMENT);
    let stored = world.registry.embed_clients().get(&label("crm")).await;
    assert_eq!(stored.unwrap(), Some(three));
}

async fn a_secret_is_taken_back_by_its_id(database: Database) {
    let world = World::new(database).await;
    let clients = world.registry.embed_clients();
    let client = registered(&world.registry).await;
    let client = with_secret(&world.registry, &client, "0a").await;
    let client = with_secret(&world.registry, &client, "0b").await;

    let change = change(Some(&client), "bob", 3);
    let unknown = clients.remove_secret(&change, &label("0c")).await;
    assert!(
        matches!(unknown, Err(ClientStepError::UnknownSecret)),
        "{unknown:?}"
    );
    let left = clients.remove_secret(&change, &label("0a")).await.unwrap();

    assert_eq!(secrets(&left), ["0b"]);
    assert!(left.version > client.version);
    let stored = clients.get(&label("crm")).await.unwrap();
    assert_eq!(stored, Some(left));
}

async fn every_step_is_on_record_and_no_secret_is(database: Database) {
    let world = World::new(database).await;
    let clients = world.registry.embed_clients();
    let client = registered(&world.registry).await;
    let client = clients.put(&change(Some(&client), "bob", 2), "{}").await;
    let client = with_secret(&world.registry, &client.unwrap(), "0a").await;
    let client = with_secret(&world.registry, &client, "0b").await;
    let client = clients
        .remove_secret(&change(Some(&client), "bob", 3), &label("0a"))
        .await
        .unwrap();
    clients
        .remove(&change(Some(&client), "bob", 4))
        .await
        .unwrap();

    let steps = steps(&world.registry).await;
    let told: Vec<_> = steps
        .iter()
        .map(|one| (one.step, one.secret.as_ref().map(Label::as_str)))
        .collect();
    assert_eq!(
        told,
        [
            (ClientStepKind::Register, None),
            (ClientStepKind::Change, None),
            (ClientStepKind::AddSecret, Some("0a")),
            (ClientStepKind::AddSecret, Some("0b")),
            (ClientStepKind::RemoveSecret, Some("0a")),
            (ClientStepKind::Remove, None),
        ]
    );
    assert_eq!(steps[0].by, person("ada").digest());
    assert_eq!(steps[1].by, person("bob").digest());
    assert_ne!(steps[0].registration, steps[1].registration);
    assert_eq!(steps[4].live_secrets, [label("0b")]);
    let everything = format!("{:?}", world.registry.audit().list(1, 100).await.unwrap());
    assert!(!everything.contains("argon2id"), "{everything}");
    assert!(!format!("{client:?}").contains("argon2id"));
    assert_intact(&world.registry).await;
}

async fn another_process_sees_that_something_changed(database: Database) {
    let world = World::new(database).await;
    let other = world.reopened().await;
    let before = other.embed_clients().changes().await.unwrap();

    let client = registered(&world.registry).await;
    let between = other.embed_clients().all().await.unwrap();
    let change = change(Some(&client), "bob", 4);
    world
        .registry
        .embed_clients()
        .remove(&change)
        .await
        .unwrap();
    let after = other.embed_clients().all().await.unwrap();

    assert!(before < between.changes && between.changes < after.changes);
    assert_eq!(between.clients, [client]);
    assert!(after.clients.is_empty());
}

async fn an_assertion_is_used_up_once_on_every_process(database: Database) {
    let world = World::new(database).await;
    let other = world.reopened().await;
    let (mine, theirs) = (world.registry.used_assertions(), other.used_assertions());

    let id = digest(9);
    let tries = (0..20).map(|i| {
        let store = if i % 2 == 0 {
            mine.clone()
        } else {
            theirs.clone()
        };
        tokio::spawn(async move { store.use_up(&id, at(300)).await.unwrap() })
    });
    let tries: Vec<_> = tries.collect();
    let mut first = 0;
    for one in tries {
        first += usize::from(one.await.unwrap());
    }

    assert_eq!(first, 1);
    assert!(mine.use_up(&digest(8), at(300)).await.unwrap());
    assert_eq!(mine.purge(at(299)).await.unwrap(), 0);
    assert!(!theirs.use_up(&id, at(300)).await.unwrap());
    assert_eq!(mine.purge(at(300)).await.unwrap(), 2);
}
