use chrono::TimeDelta;
use weir_policy::{BusinessUnit, Subject};
use weir_registry::{
    AccessError, Digest, Fact, NewRevocation, NewSession, ProviderSide, Registry, Revoke, Revoked,
    RevokedTarget,
};

use crate::support::{Database, World, assert_intact, at, label, person, request, run};

on_both_databases! {
    every_kind_of_revocation_comes_back_as_it_was_added,
    e10_a_revocation_is_on_record_with_who_and_the_hash_of_why,
    e10_revoking_a_subject_ends_their_sessions_and_nobody_elses,
    a_client_that_revokes_one_of_its_viewers_ends_no_session,
    e10_who_reads_on_from_a_number_misses_nothing_however_many_add_at_once,
    e4_of_many_who_spend_one_token_one_does,
    numbers_are_not_given_again_after_a_purge,
    a_revocation_is_purged_when_no_token_can_be_meant_and_not_before,
    a_revocation_without_a_reason_is_refused,
    a_revocation_that_cannot_be_recorded_is_not_in_force,
    a_row_that_is_no_revocation_is_an_error_and_not_nothing,
}

fn unit(name: &str) -> BusinessUnit {
    BusinessUnit::parse(name).unwrap()
}

fn revoking(target: Revoked) -> NewRevocation {
    NewRevocation {
        target,
        client: None,
        issued_up_to: at(0),
        until: at(600),
        by: person("ada"),
        reason: "A laptop was stolen".to_owned(),
        at: at(0),
        request: request(7),
    }
}

async fn recorded(registry: &Registry) -> Vec<Revoke> {
    let records = registry.audit().list(1, 10_000).await.unwrap();
    let facts = records.iter().filter_map(|record| match record.fact() {
        Fact::Revoke(revoke) => Some(revoke.clone()),
        _ => None,
    });
    facts.collect()
}

fn session(seed: u8, subject: Digest) -> NewSession {
    NewSession {
        key: Digest::from([seed; 32]),
        subject,
        payload: "{}".to_owned(),
        created_at: at(0),
        expires_at: at(1_000),
        provider: ProviderSide::default(),
    }
}

async fn every_kind_of_revocation_comes_back_as_it_was_added(database: Database) {
    let world = World::new(database).await;
    let revocations = world.registry.revocations();
    let jti = label("0193a5c0-7a3b-7c1d-9e2f-0123456789ab");
    let targets = [
        Revoked::Jti { jti: jti.clone() },
        Revoked::Family { family: jti },
        Revoked::Subject {
            issuer: "https://idp.example".to_owned(),
            sub: "Zoé | '\"; --".to_owned(),
        },
        Revoked::BusinessUnit {
            unit: unit("Finance & Wealth"),
        },
        Revoked::Dashboard {
            dashboard: label("finance-overview"),
        },
        Revoked::Client {
            client: label("crm"),
        },
        Revoked::All,
    ];

    let mut added = Vec::new();
    for target in targets {
        let new = NewRevocation {
            client: Some(label("crm")),
            ..revoking(target)
        };
        added.push(revocations.add(new).await.unwrap());
    }

    let replica = world.reopened().await;
    let since = replica.revocations().since(0).await.unwrap();
    assert_eq!((since.newest, since.more), (7, false));
    assert_eq!(since.revocations, added);
    let rest = replica.revocations().since(5).await.unwrap();
    assert_eq!(rest.revocations, added[5..]);
    let in_force = replica.revocations().in_force(at(1), 2).await.unwrap();
    assert_eq!(in_force, [added[6].clone(), added[5].clone()]);
    assert_eq!(
        replica.revocations().in_force(at(600), 9).await.unwrap(),
        []
    );
}

async fn e10_a_revocation_is_on_record_with_who_and_the_hash_of_why(database: Database) {
    let world = World::new(database).await;

    let target = Revoked::Dashboard {
        dashboard: label("finance-overview"),
    };
    let added = world.registry.revocations().add(revoking(target)).await;

    let recorded = recorded(&world.registry).await;
    let [fact] = recorded.as_slice() else {
        panic!("{recorded:?}")
    };
    assert_eq!(fact.number, added.unwrap().number);
    assert_eq!(fact.by, person("ada").digest());
    assert_eq!(
        fact.target,
        RevokedTarget::Dashboard(label("finance-overview"))
    );
    let words = world.registry.audit().export(1, 10).await.unwrap().concat();
    assert!(!words.contains("stolen"), "{words}");
    assert_intact(&world.registry).await;
}

async fn e10_revoking_a_subject_ends_their_sessions_and_nobody_elses(database: Database) {
    let world = World::new(database).await;
    let sessions = world.registry.sessions();
    let digest =
        |issuer: &str, sub: &str| Digest::from(Subject::new(issuer, sub).identity_digest());
    let whom = digest("https://idp.example", "mallory");
    let others = [
        digest("https://idp.example", "ada"),
        digest("https://other.example", "mallory"),
    ];
    for (seed, subject) in [(1, whom), (2, whom), (3, others[0]), (4, others[1])] {
        sessions.create(&session(seed, subject)).await.unwrap();
    }

    let target = Revoked::Subject {
        issuer: "https://idp.example".to_owned(),
        sub: "mallory".to_owned(),
    };
    world
        .registry
        .revocations()
        .add(revoking(target))
        .await
        .unwrap();

    for (seed, lives) in [(1, false), (2, false), (3, true), (4, true)] {
        let key = Digest::from([seed; 32]);
        let found = sessions.find(&key, at(1)).await.unwrap();
        assert_eq!(found.is_some(), lives, "session {seed}");
    }
    let facts = recorded(&world.registry).await;
    assert_eq!(facts[0].sessions, 2);
    assert_eq!(facts[0].target, RevokedTarget::Subject(whom));
}

async fn a_client_that_revokes_one_of_its_viewers_ends_no_session(database: Database) {
    let world = World::new(database).await;
    let subject = Subject::new("https://idp.example", "mallory");
    let subject = Digest::from(subject.identity_digest());
    let kept = session(1, subject);
    world.registry.sessions().create(&kept).await.unwrap();

    let new = NewRevocation {
        client: Some(label("crm")),
        ..revoking(Revoked::Subject {
            issuer: "https://idp.example".to_owned(),
            sub: "mallory".to_owned(),
        })
    };
    world.registry.revocations().add(new).await.unwrap();

    let found = world.registry.sessions().find(&kept.key, at(1)).await;
    assert!(found.unwrap().is_some());
}

/// Three processes add while a fourth reads on and on: it gets each once, in order.
async fn e10_who_reads_on_from_a_number_misses_nothing_however_many_add_at_once(
    database: Database,
) {
    const EACH: usize = 12;
    let world = World::new(database).await;
    let mut adding = tokio::task::JoinSet::new();
    for replica in 0..3 {
        let registry = world.reopened().await;
        adding.spawn(async move {
            for i in 0..EACH {
                let sub = format!("{replica}-{i}");
                let target = Revoked::Subject {
                    issuer: "i".to_owned(),
                    sub,
                };
                registry.revocations().add(revoking(target)).await.unwrap();
            }
        });
    }

    let mut seen: Vec<u64> = Vec::new();
    while seen.len() < 3 * EACH {
        let last = seen.last().copied().unwrap_or(0);
        let since = world.registry.revocations().since(last).await.unwrap();
        seen.extend(since.revocations.iter().map(|revocation| revocation.number));
        tokio::task::yield_now().await;
    }

    adding.join_all().await;
    let wanted: Vec<u64> = (1..=3 * EACH as u64).collect();
    assert_eq!(seen, wanted);
    assert_intact(&world.registry).await;
}

async fn e4_of_many_who_spend_one_token_one_does(database: Database) {
    let world = World::new(database).await;
    let jti = label("0193a5c0-7a3b-7c1d-9e2f-0123456789ab");
    let mut spending = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let registry = world.reopened().await;
        for _ in 0..4 {
            let (registry, jti) = (registry.clone(), jti.clone());
            spending.spawn(async move {
                let spent = registry.revocations().spend(&jti, at(300), at(0)).await;
                spent.unwrap()
            });
        }
    }

    let outcomes = spending.join_all().await;

    assert_eq!(outcomes.iter().filter(|first| **first).count(), 1);
    let since = world.registry.revocations().since(0).await.unwrap();
    let [spent] = since.revocations.as_slice() else {
        panic!("{since:?}")
    };
    assert_eq!(spent.target, Revoked::Spent { jti });
    assert_eq!(spent.decided, None);
    let listed = world.registry.revocations().in_force(at(1), 9).await;
    assert_eq!(listed.unwrap(), []);
}

async fn numbers_are_not_given_again_after_a_purge(database: Database) {
    let world = World::new(database).await;
    let revocations = world.registry.revocations();
    revocations.add(revoking(Revoked::All)).await.unwrap();
    assert_eq!(revocations.purge(at(10_000)).await.unwrap(), 1);

    let second = revocations.add(revoking(Revoked::All)).await.unwrap();

    assert_eq!(second.number, 2);
    assert_eq!(revocations.since(1).await.unwrap().revocations, [second]);
}

async fn a_revocation_is_purged_when_no_token_can_be_meant_and_not_before(database: Database) {
    let world = World::new(database).await;
    let revocations = world.registry.revocations();
    revocations.add(revoking(Revoked::All)).await.unwrap();

    // Until five minutes after its end, for clocks that disagree.
    let end = at(600) + TimeDelta::minutes(5);
    let just_before = end - TimeDelta::milliseconds(1);
    assert_eq!(
        world.registry.purge(just_before).await.unwrap().revocations,
        0
    );
    assert_eq!(world.registry.purge(end).await.unwrap().revocations, 1);
    assert_eq!(revocations.since(0).await.unwrap().revocations, []);
}

async fn a_revocation_without_a_reason_is_refused(database: Database) {
    let world = World::new(database).await;
    for reason in ["", "  ", "two\nlines", &"x".repeat(501)] {
        let new = NewRevocation {
            reason: reason.to_owned(),
            ..revoking(Revoked::All)
        };

        let refused = world.registry.revocations().add(new).await;

        assert!(matches!(refused, Err(AccessError::Text(_))), "{reason:?}");
    }
    assert!(recorded(&world.registry).await.is_empty());
}

/// Invariant 10: somebody cut the end of the log off, so nothing can be appended to it.
async fn a_revocation_that_cannot_be_recorded_is_not_in_force(database: Database) {
    let world = World::new(database).await;
    let revocations = world.registry.revocations();
    revocations.add(revoking(Revoked::All)).await.unwrap();
    let mut intruder = world.intruder_past_the_triggers().await;
    run(&mut intruder, "DELETE FROM audit_records")
        .await
        .unwrap();

    let refused = revocations.add(revoking(Revoked::All)).await;

    assert!(matches!(refused, Err(AccessError::Audit(_))), "{refused:?}");
    assert_eq!(revocations.since(0).await.unwrap().revocations.len(), 1);
}

/// Whoever can't read a revocation must not take it for none (invariant 2).
async fn a_row_that_is_no_revocation_is_an_error_and_not_nothing(database: Database) {
    let damages = [
        "UPDATE revocations SET value = NULL",
        "UPDATE revocations SET kind = 'nobody'",
        "UPDATE revocations SET client = 'two words'",
        "UPDATE revocations SET actor = '{}'",
    ];
    for damage in damages {
        let world = World::new(database).await;
        let target = Revoked::Dashboard {
            dashboard: label("finance-overview"),
        };
        let added = world.registry.revocations().add(revoking(target)).await;
        added.unwrap();
        let mut intruder = world.intruder_past_the_triggers().await;
        run(&mut intruder, damage).await.unwrap();

        assert!(
            world.registry.revocations().since(0).await.is_err(),
            "{damage}"
        );
    }
}
