use chrono::TimeDelta;
use weir_policy::BusinessUnit;
use weir_registry::{
    AccessError, Fact, Lock, LockdownScope, LockdownStep, LockedScope, Locking, Registry,
};

use crate::support::{Database, World, assert_intact, at, label, person, request, run};

on_both_databases! {
    a_lockdown_is_in_force_in_every_process_until_it_is_lifted,
    locking_twice_changes_and_records_nothing,
    of_two_who_lock_at_once_one_does,
    lifting_what_is_not_locked_records_nothing,
    every_step_is_on_record_and_no_reason_is,
    a_lockdown_that_cannot_be_recorded_is_not_in_force,
    a_lockdown_in_force_is_never_purged,
}

fn locking(scope: LockdownScope, by: &str, seconds: i64) -> Locking {
    Locking {
        scope,
        by: person(by),
        at: at(seconds),
        request: request(3),
    }
}

fn scopes() -> [LockdownScope; 3] {
    [
        LockdownScope::All,
        LockdownScope::Dashboard(label("finance-overview")),
        LockdownScope::BusinessUnit(BusinessUnit::parse("Finance & Wealth").unwrap()),
    ]
}

async fn recorded(registry: &Registry) -> Vec<Lock> {
    let records = registry.audit().list(1, 10_000).await.unwrap();
    let facts = records.iter().filter_map(|record| match record.fact() {
        Fact::Lock(lock) => Some(lock.clone()),
        _ => None,
    });
    facts.collect()
}

async fn a_lockdown_is_in_force_in_every_process_until_it_is_lifted(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;
    let mut locked = Vec::new();
    for scope in scopes() {
        let wish = locking(scope, "ada", 0);
        locked.push(replica.lockdowns().put(wish, "Leak").await.unwrap());
    }

    assert_eq!(world.registry.lockdowns().all().await.unwrap(), locked);
    for (scope, was) in scopes().into_iter().zip(&locked) {
        let wish = locking(scope, "bob", 9);
        let lifted = world.registry.lockdowns().lift(wish).await.unwrap();
        assert_eq!(lifted.as_ref(), Some(was));
    }
    assert_eq!(replica.lockdowns().all().await.unwrap(), []);
}

async fn locking_twice_changes_and_records_nothing(database: Database) {
    let world = World::new(database).await;
    let lockdowns = world.registry.lockdowns();
    let [all, ..] = scopes();
    let first = lockdowns.put(locking(all.clone(), "ada", 0), "Leak").await;

    let second = lockdowns
        .put(locking(all.clone(), "bob", 5), "Me too")
        .await;

    assert_eq!(second.unwrap(), first.unwrap());
    assert_eq!(recorded(&world.registry).await.len(), 1);
    // And after it was lifted it can be put again.
    lockdowns
        .lift(locking(all.clone(), "bob", 6))
        .await
        .unwrap();
    let third = lockdowns
        .put(locking(all, "bob", 7), "Again")
        .await
        .unwrap();
    assert_eq!((third.at, third.reason.as_str()), (at(7), "Again"));
}

async fn of_two_who_lock_at_once_one_does(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;
    let [_, scope, _] = scopes();

    let (mine, theirs) = tokio::join!(
        world
            .registry
            .lockdowns()
            .put(locking(scope.clone(), "ada", 0), "Mine"),
        replica
            .lockdowns()
            .put(locking(scope.clone(), "bob", 0), "Theirs"),
    );

    assert_eq!(mine.unwrap(), theirs.unwrap());
    assert_eq!(recorded(&world.registry).await.len(), 1);
}

async fn lifting_what_is_not_locked_records_nothing(database: Database) {
    let world = World::new(database).await;
    let [_, one, other] = scopes();
    let lockdowns = world.registry.lockdowns();
    lockdowns.put(locking(one, "ada", 0), "Leak").await.unwrap();

    let lifted = lockdowns.lift(locking(other, "ada", 1)).await.unwrap();

    assert_eq!(lifted, None);
    assert_eq!(lockdowns.all().await.unwrap().len(), 1);
    assert_eq!(recorded(&world.registry).await.len(), 1);
}

async fn every_step_is_on_record_and_no_reason_is(database: Database) {
    let world = World::new(database).await;
    let [_, scope, _] = scopes();
    let lockdowns = world.registry.lockdowns();
    let put = locking(scope.clone(), "ada", 0);
    lockdowns.put(put, "Numbers were wrong").await.unwrap();
    lockdowns.lift(locking(scope, "bob", 1)).await.unwrap();

    let steps = recorded(&world.registry).await;
    let told: Vec<_> = steps.iter().map(|lock| (lock.step, lock.by)).collect();
    let (ada, bob) = (person("ada").digest(), person("bob").digest());
    assert_eq!(told, [(LockdownStep::Put, ada), (LockdownStep::Lift, bob)]);
    let whole = LockedScope::Dashboard(label("finance-overview"));
    assert!(steps.iter().all(|lock| lock.scope == whole));
    assert_eq!(steps[0].reason, steps[1].reason);
    let words = world.registry.audit().export(1, 10).await.unwrap().concat();
    assert!(!words.contains("Numbers were wrong"), "{words}");
    assert_intact(&world.registry).await;
}

/// Invariant 10: somebody cut the end of the log off, so nothing can be appended to it.
async fn a_lockdown_that_cannot_be_recorded_is_not_in_force(database: Database) {
    let world = World::new(database).await;
    let [all, one, _] = scopes();
    let lockdowns = world.registry.lockdowns();
    lockdowns
        .put(locking(one.clone(), "ada", 0), "Leak")
        .await
        .unwrap();
    let mut intruder = world.intruder_past_the_triggers().await;
    run(&mut intruder, "DELETE FROM audit_records")
        .await
        .unwrap();

    let put = lockdowns.put(locking(all, "ada", 1), "Leak").await;
    let lifted = lockdowns.lift(locking(one, "ada", 1)).await;

    assert!(matches!(put, Err(AccessError::Audit(_))), "{put:?}");
    assert!(matches!(lifted, Err(AccessError::Audit(_))), "{lifted:?}");
    assert_eq!(lockdowns.all().await.unwrap().len(), 1);
}

async fn a_lockdown_in_force_is_never_purged(database: Database) {
    let world = World::new(database).await;
    let [all, one, _] = scopes();
    let lockdowns = world.registry.lockdowns();
    lockdowns.put(locking(all, "ada", 0), "Leak").await.unwrap();
    lockdowns
        .put(locking(one.clone(), "ada", 0), "Leak")
        .await
        .unwrap();
    lockdowns.lift(locking(one, "ada", 1)).await.unwrap();

    let late = at(1) + TimeDelta::days(30);
    let just_before = late - TimeDelta::milliseconds(1);
    assert_eq!(
        world.registry.purge(just_before).await.unwrap().lockdowns,
        0
    );
    assert_eq!(world.registry.purge(late).await.unwrap().lockdowns, 1);

    assert_eq!(lockdowns.all().await.unwrap().len(), 1);
}
