use chrono::TimeDelta;
use weir_policy::Subject;
use weir_registry::{
    Digest, Fact, LoggedOut, NewSession, ProviderLogout, ProviderSession, ProviderSide, RequestId,
    Revoked, RevokedTarget, SignOutCause,
};

use crate::support::{Database, World, at, digest};

on_both_databases! {
    a_logout_of_one_session_ends_that_one_and_is_on_record,
    a_logout_of_a_person_ends_all_their_sessions_and_nobody_elses,
    l36_a_replayed_token_does_nothing_on_any_process,
    l36_a_session_nobody_signed_in_by_is_unknown_and_one_that_is_over_is_not,
    a_session_of_somebody_else_is_not_ended_by_naming_it,
    what_no_token_can_speak_of_is_forgotten,
}

const ISSUER: &str = "https://idp.example";

fn subject(sub: &str) -> Digest {
    Digest::from(Subject::new(ISSUER, sub).identity_digest())
}

/// A session of `sub` here, by the provider's session `sid`.
async fn signed_in(world: &World, key: u8, sub: &str, sid: u8) {
    let session = NewSession {
        key: digest(key),
        subject: subject(sub),
        payload: "{}".to_owned(),
        created_at: at(0),
        expires_at: at(60),
        provider: ProviderSide {
            session: Some(ProviderSession {
                key: digest(sid),
                issuer: ISSUER.to_owned(),
                sub: sub.to_owned(),
                until: at(1000),
            }),
            ..ProviderSide::default()
        },
    };
    world.registry.sessions().create(&session).await.unwrap();
}

fn logout(token: u8, sub: Option<&str>, sid: Option<u8>) -> ProviderLogout {
    ProviderLogout {
        token: digest(token),
        token_until: at(120),
        issuer: ISSUER.to_owned(),
        sub: sub.map(ToOwned::to_owned),
        session: sid.map(digest),
        at: at(10),
        remembered: TimeDelta::hours(25),
        request: RequestId::parse("r-1").unwrap(),
    }
}

async fn end(world: &World, logout: ProviderLogout) -> LoggedOut {
    world.registry.provider_logouts().end(logout).await.unwrap()
}

async fn living(world: &World) -> Vec<u8> {
    let mut living = Vec::new();
    for key in 1..10 {
        let sessions = world.registry.sessions();
        if sessions.find(&digest(key), at(10)).await.unwrap().is_some() {
            living.push(key);
        }
    }
    living
}

async fn facts(world: &World) -> Vec<Fact> {
    let records = world.registry.audit().list(1, 100).await.unwrap();
    records.iter().map(|record| record.fact().clone()).collect()
}

async fn a_logout_of_one_session_ends_that_one_and_is_on_record(database: Database) {
    let world = World::new(database).await;
    signed_in(&world, 1, "ana", 51).await;
    signed_in(&world, 2, "ana", 51).await;
    signed_in(&world, 3, "ana", 52).await;

    let done = end(&world, logout(91, None, Some(51))).await;

    assert_eq!(done, LoggedOut::Ended(2));
    assert_eq!(living(&world).await, [3]);
    let facts = facts(&world).await;
    let [Fact::SignOut(out), Fact::Revoke(revoked)] = facts.as_slice() else {
        panic!("{facts:?}");
    };
    assert_eq!(
        (out.subject, out.cause, out.sessions),
        (subject("ana"), SignOutCause::IdentityProvider, 2)
    );
    assert_eq!(revoked.target, RevokedTarget::Subject(subject("ana")));
    let revocations = world.registry.revocations().since(0).await.unwrap();
    let targets: Vec<_> = revocations
        .revocations
        .iter()
        .map(|it| &it.target)
        .collect();
    let ana = Revoked::Subject {
        issuer: ISSUER.to_owned(),
        sub: "ana".to_owned(),
    };
    assert_eq!(targets, [&ana]);
}

async fn a_logout_of_a_person_ends_all_their_sessions_and_nobody_elses(database: Database) {
    let world = World::new(database).await;
    for (key, sub, sid) in [(1, "ana", 51), (2, "ana", 52), (3, "bob", 53)] {
        signed_in(&world, key, sub, sid).await;
    }

    let done = end(&world, logout(91, Some("ana"), None)).await;

    assert_eq!(done, LoggedOut::Ended(2));
    assert_eq!(living(&world).await, [3]);
}

async fn l36_a_replayed_token_does_nothing_on_any_process(database: Database) {
    let world = World::new(database).await;
    let other = world.reopened().await;
    signed_in(&world, 1, "ana", 51).await;
    assert_eq!(
        end(&world, logout(91, Some("ana"), None)).await,
        LoggedOut::Ended(1)
    );
    signed_in(&world, 2, "ana", 52).await;

    let replayed = other.provider_logouts().end(logout(91, Some("ana"), None));

    assert_eq!(replayed.await.unwrap(), LoggedOut::Replayed);
    assert_eq!(living(&world).await, [2]);
}

async fn l36_a_session_nobody_signed_in_by_is_unknown_and_one_that_is_over_is_not(
    database: Database,
) {
    let world = World::new(database).await;
    signed_in(&world, 1, "ana", 51).await;

    let unknown = end(&world, logout(91, None, Some(99))).await;
    let again = end(&world, logout(91, None, Some(51))).await;
    let over = end(&world, logout(92, Some("ana"), Some(51))).await;

    assert_eq!(unknown, LoggedOut::UnknownSession);
    assert_eq!(
        again,
        LoggedOut::Ended(1),
        "what did nothing used nothing up"
    );
    assert_eq!(over, LoggedOut::Ended(0));
}

async fn a_session_of_somebody_else_is_not_ended_by_naming_it(database: Database) {
    let world = World::new(database).await;
    signed_in(&world, 1, "ana", 51).await;

    let other_person = end(&world, logout(91, Some("bob"), Some(51))).await;
    let other_issuer = ProviderLogout {
        issuer: "https://partner.example".to_owned(),
        ..logout(92, Some("ana"), Some(51))
    };
    let other_issuer = end(&world, other_issuer).await;

    assert_eq!(other_person, LoggedOut::UnknownSession);
    assert_eq!(other_issuer, LoggedOut::UnknownSession);
    assert_eq!(living(&world).await, [1]);
    assert!(facts(&world).await.is_empty());
}

async fn what_no_token_can_speak_of_is_forgotten(database: Database) {
    let world = World::new(database).await;
    signed_in(&world, 1, "ana", 51).await;
    end(&world, logout(91, Some("ana"), None)).await;
    let logouts = world.registry.provider_logouts();

    assert_eq!(logouts.purge(at(119)).await.unwrap(), 0);
    assert_eq!(logouts.purge(at(120)).await.unwrap(), 1);
    assert_eq!(logouts.purge(at(1000)).await.unwrap(), 1);
}
