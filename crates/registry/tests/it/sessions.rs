use weir_registry::{NewSession, ProviderSide, StoreError};

use crate::support::{Database, World, at, digest};

on_both_databases! {
    a_session_is_found_until_it_expires,
    a_key_is_never_used_for_a_second_session,
    touching_prolongs_a_living_session_and_never_revives_a_dead_one,
    ending_one_session_leaves_the_others,
    a_subject_is_signed_out_everywhere_and_nobody_else_is,
    sessions_outlive_the_process,
    an_unreadable_row_is_an_error_that_names_the_column,
    of_all_who_find_a_refresh_due_one_takes_it_on,
    a_renewed_session_says_what_is_new_and_an_ended_one_stays_ended,
}

fn session(key: u8, subject: u8) -> NewSession {
    NewSession {
        key: digest(key),
        subject: digest(subject),
        payload: format!(r#"{{"name":"session {key}"}}"#),
        created_at: at(0),
        expires_at: at(60),
        provider: ProviderSide::default(),
    }
}

fn refreshable(key: u8, due: i64) -> NewSession {
    NewSession {
        provider: ProviderSide {
            session: None,
            tokens: Some(vec![key; 40]),
            refresh_at: Some(at(due)),
        },
        ..session(key, 9)
    }
}

async fn a_session_is_found_until_it_expires(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    sessions.create(&session(1, 9)).await.unwrap();

    let found = sessions.find(&digest(1), at(59)).await.unwrap().unwrap();

    assert_eq!(found.payload, r#"{"name":"session 1"}"#);
    assert_eq!(
        (found.subject, found.created_at, found.expires_at),
        (digest(9), at(0), at(60))
    );
    assert_eq!(sessions.find(&digest(1), at(60)).await.unwrap(), None);
    assert_eq!(sessions.find(&digest(2), at(0)).await.unwrap(), None);
}

/// Row L11: nobody is handed a session somebody else prepared.
async fn a_key_is_never_used_for_a_second_session(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    sessions.create(&session(1, 9)).await.unwrap();

    let refused = sessions.create(&session(1, 8)).await;

    assert!(matches!(refused, Err(StoreError::Database(_))));
    assert_eq!(
        sessions
            .find(&digest(1), at(1))
            .await
            .unwrap()
            .unwrap()
            .subject,
        digest(9)
    );
}

async fn touching_prolongs_a_living_session_and_never_revives_a_dead_one(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    sessions.create(&session(1, 9)).await.unwrap();

    assert!(sessions.touch(&digest(1), at(50), at(110)).await.unwrap());
    assert!(sessions.find(&digest(1), at(109)).await.unwrap().is_some());
    assert!(!sessions.touch(&digest(1), at(110), at(170)).await.unwrap());
    assert!(!sessions.touch(&digest(2), at(0), at(170)).await.unwrap());
    assert_eq!(sessions.find(&digest(1), at(110)).await.unwrap(), None);
}

async fn ending_one_session_leaves_the_others(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    sessions.create(&session(1, 9)).await.unwrap();
    sessions.create(&session(2, 9)).await.unwrap();

    assert!(sessions.delete(&digest(1)).await.unwrap());
    assert!(!sessions.delete(&digest(1)).await.unwrap());
    assert_eq!(sessions.find(&digest(1), at(0)).await.unwrap(), None);
    assert!(sessions.find(&digest(2), at(0)).await.unwrap().is_some());
}

async fn a_subject_is_signed_out_everywhere_and_nobody_else_is(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    for (key, subject) in [(1, 9), (2, 9), (3, 8)] {
        sessions.create(&session(key, subject)).await.unwrap();
    }

    assert_eq!(sessions.delete_by_subject(&digest(9)).await.unwrap(), 2);
    assert_eq!(sessions.delete_by_subject(&digest(9)).await.unwrap(), 0);
    assert_eq!(sessions.find(&digest(2), at(0)).await.unwrap(), None);
    assert!(sessions.find(&digest(3), at(0)).await.unwrap().is_some());
}

async fn sessions_outlive_the_process(database: Database) {
    let world = World::new(database).await;
    world
        .registry
        .sessions()
        .create(&session(1, 9))
        .await
        .unwrap();
    world.registry.close().await.unwrap();

    let reopened = world.reopened().await;

    assert!(
        reopened
            .sessions()
            .find(&digest(1), at(1))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(reopened.sessions().purge(at(60)).await.unwrap(), 1);
}

#[test]
fn a_payload_stays_out_of_debug_output() {
    let shown = format!("{:?}", session(1, 9));

    assert!(!shown.contains("session 1"), "{shown}");
}

/// The database is untrusted input too.
async fn an_unreadable_row_is_an_error_that_names_the_column(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    sessions.create(&session(1, 9)).await.unwrap();
    let mut intruder = world.intruder_past_the_triggers().await;
    let sql = world.sql(
        "UPDATE sessions SET subject = x'00'",
        r"UPDATE sessions SET subject = '\x00'",
    );
    crate::support::run(&mut intruder, sql).await.unwrap();

    let refused = sessions.find(&digest(1), at(1)).await.unwrap_err();

    assert!(
        refused.to_string().contains("sessions.subject"),
        "{refused}"
    );
}

/// The single flight of refreshes, whichever processes they are asked for on.
async fn of_all_who_find_a_refresh_due_one_takes_it_on(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    sessions.create(&refreshable(1, 15)).await.unwrap();
    sessions.create(&session(2, 9)).await.unwrap();
    let found = sessions.find(&digest(1), at(20)).await.unwrap().unwrap();
    assert_eq!(found.refresh_at, Some(at(15)));
    let other = world.reopened().await;

    let key = digest(1);
    let claims = tokio::join!(
        sessions.claim_refresh(&key, at(15), at(21)),
        sessions.claim_refresh(&key, at(15), at(21)),
        other.sessions().claim_refresh(&key, at(15), at(21)),
    );

    let taken = [claims.0, claims.1, claims.2];
    let taken = taken.into_iter().filter(|taken| *taken.as_ref().unwrap());
    assert_eq!(taken.count(), 1);
    let found = sessions.find(&digest(1), at(20)).await.unwrap().unwrap();
    assert_eq!(found.refresh_at, Some(at(21)));
    let never = sessions.claim_refresh(&digest(2), at(15), at(21)).await;
    assert!(!never.unwrap(), "a session without a refresh token");
}

async fn a_renewed_session_says_what_is_new_and_an_ended_one_stays_ended(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    sessions.create(&refreshable(1, 15)).await.unwrap();

    assert!(
        sessions
            .renew(&digest(1), "new", &[7; 40], at(30))
            .await
            .unwrap()
    );

    let found = sessions.find(&digest(1), at(20)).await.unwrap().unwrap();
    assert_eq!(
        (found.payload.as_str(), found.refresh_at),
        ("new", Some(at(30)))
    );
    assert_eq!(found.tokens, Some(vec![7; 40]));
    assert_eq!(found.expires_at, at(60), "a refresh prolongs nothing");
    assert!(sessions.delete(&digest(1)).await.unwrap());
    assert!(
        !sessions
            .renew(&digest(1), "new", &[7; 40], at(30))
            .await
            .unwrap()
    );
    assert_eq!(sessions.find(&digest(1), at(20)).await.unwrap(), None);
}
