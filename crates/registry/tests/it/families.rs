use chrono::{DateTime, TimeDelta, Utc};
use weir_registry::{Binding, Bound, Family, Label, Revoked};

use crate::support::{Database, World, at, digest};

on_both_databases! {
    a_token_is_bound_once_and_begins_a_family,
    e4_one_of_a_hundred_binds_of_one_token_wins_over_two_replicas,
    a_new_token_of_the_same_holder_and_key_joins_the_family,
    another_key_holder_or_both_begin_a_family_of_their_own,
    a_token_that_names_a_family_joins_it_with_a_new_key,
    f63_a_family_ends_after_its_lifetime_whatever_joins_it,
    a_family_is_no_other_holders,
    every_process_hears_of_spent_tokens_and_of_no_others,
    what_is_over_is_removed,
}

const HOURS: i64 = 12 * 60 * 60;

fn binding(token: &str, family: &str) -> Binding {
    Binding {
        token: Label::parse(token).unwrap(),
        expires_at: at(300),
        family: family.to_owned(),
        key: digest(1),
        holder: digest(7),
        lifetime: TimeDelta::hours(12),
    }
}

fn family(id: &str, begun_at: DateTime<Utc>) -> Family {
    Family {
        id: id.to_owned(),
        begun_at,
        ends_at: begun_at + TimeDelta::hours(12),
    }
}

fn joined(id: &str, begun_at: DateTime<Utc>) -> Bound {
    Bound::Family(family(id, begun_at))
}

async fn a_token_is_bound_once_and_begins_a_family(database: Database) {
    let world = World::new(database).await;
    let families = world.registry.families();

    let first = families.bind(&binding("t1", "f1"), at(1)).await.unwrap();
    let again = families.bind(&binding("t1", "f1"), at(2)).await.unwrap();

    assert_eq!(first, joined("f1", at(1)));
    assert_eq!(again, Bound::Spent);
}

async fn e4_one_of_a_hundred_binds_of_one_token_wins_over_two_replicas(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;
    let mut races = tokio::task::JoinSet::new();
    for i in 0..100_u8 {
        let registry = if i % 2 == 0 {
            &world.registry
        } else {
            &replica
        };
        let families = registry.families().clone();
        let binding = Binding {
            key: digest(i),
            ..binding("t1", "f1")
        };
        races.spawn(async move { families.bind(&binding, at(1)).await.unwrap() });
    }

    let outcomes = races.join_all().await;

    let of = |bound: &Bound| outcomes.iter().filter(|outcome| *outcome == bound).count();
    assert_eq!((of(&joined("f1", at(1))), of(&Bound::Spent)), (1, 99));
}

async fn a_new_token_of_the_same_holder_and_key_joins_the_family(database: Database) {
    let world = World::new(database).await;
    let families = world.registry.families();
    families.bind(&binding("t1", "f1"), at(1)).await.unwrap();

    for n in 2..5 {
        let next = binding(&format!("t{n}"), &format!("f{n}"));
        let bound = families.bind(&next, at(n)).await.unwrap();
        assert_eq!(bound, joined("f1", at(1)), "{n}");
    }
}

async fn another_key_holder_or_both_begin_a_family_of_their_own(database: Database) {
    let world = World::new(database).await;
    let families = world.registry.families();
    families.bind(&binding("t1", "f1"), at(1)).await.unwrap();
    let others = [
        ("t2", "f2", digest(2), digest(7)),
        ("t3", "f3", digest(1), digest(8)),
        ("t4", "f4", digest(2), digest(8)),
    ];
    for (token, id, key, holder) in others {
        let other = Binding {
            key,
            holder,
            ..binding(token, id)
        };
        let bound = families.bind(&other, at(2)).await.unwrap();
        assert_eq!(bound, joined(id, at(2)));
    }
}

async fn a_token_that_names_a_family_joins_it_with_a_new_key(database: Database) {
    let world = World::new(database).await;
    let families = world.registry.families();
    families.bind(&binding("t1", "f1"), at(1)).await.unwrap();
    let continued = Binding {
        key: digest(2),
        ..binding("t2", "f1")
    };
    assert_eq!(
        families.bind(&continued, at(2)).await.unwrap(),
        joined("f1", at(1))
    );

    // The family goes with its key: the former one begins anew.
    let with_new = Binding {
        key: digest(2),
        ..binding("t3", "f3")
    };
    assert_eq!(
        families.bind(&with_new, at(3)).await.unwrap(),
        joined("f1", at(1))
    );
    assert_eq!(
        families.bind(&binding("t4", "f4"), at(4)).await.unwrap(),
        joined("f4", at(4))
    );
}

async fn f63_a_family_ends_after_its_lifetime_whatever_joins_it(database: Database) {
    let world = World::new(database).await;
    let families = world.registry.families();
    families.bind(&binding("t1", "f1"), at(0)).await.unwrap();
    let over = Bound::Over(family("f1", at(0)));

    let last = binding("t2", "f2");
    let bound = families.bind(&last, at(HOURS - 1)).await.unwrap();
    assert_eq!(bound, joined("f1", at(0)));
    let refresh = binding("t3", "f3");
    assert_eq!(families.bind(&refresh, at(HOURS)).await.unwrap(), over);
    let continued = Binding {
        key: digest(2),
        ..binding("t4", "f1")
    };
    assert_eq!(families.bind(&continued, at(HOURS)).await.unwrap(), over);
    // Days later the same key is still told so; a new one begins anew.
    assert_eq!(families.bind(&refresh, at(5 * HOURS)).await.unwrap(), over);
    let anew = Binding {
        key: digest(3),
        ..binding("t3", "f3")
    };
    assert_eq!(
        families.bind(&anew, at(HOURS)).await.unwrap(),
        joined("f3", at(HOURS))
    );
}

async fn a_family_is_no_other_holders(database: Database) {
    let world = World::new(database).await;
    let families = world.registry.families();
    families.bind(&binding("t1", "f1"), at(1)).await.unwrap();
    let foreign = Binding {
        holder: digest(8),
        ..binding("t2", "f1")
    };

    assert_eq!(
        families.bind(&foreign, at(2)).await.unwrap(),
        Bound::Foreign
    );
}

async fn every_process_hears_of_spent_tokens_and_of_no_others(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;
    let families = world.registry.families();
    families.bind(&binding("t1", "f1"), at(0)).await.unwrap();
    families.bind(&binding("t1", "f1"), at(1)).await.unwrap();
    families
        .bind(&binding("t2", "f2"), at(HOURS))
        .await
        .unwrap();
    let foreign = Binding {
        holder: digest(8),
        ..binding("t3", "f1")
    };
    families.bind(&foreign, at(1)).await.unwrap();

    let heard = replica.revocations().since(0).await.unwrap().revocations;

    let spent: Vec<_> = heard.iter().map(|one| (&one.target, one.until)).collect();
    let jti = Label::parse("t1").unwrap();
    assert_eq!(spent, [(&Revoked::Spent { jti }, at(300))]);
}

async fn what_is_over_is_removed(database: Database) {
    let world = World::new(database).await;
    let families = world.registry.families();
    families.bind(&binding("t1", "f1"), at(0)).await.unwrap();
    let week = 7 * 24 * 60 * 60;

    assert_eq!(families.purge(at(HOURS + week - 1)).await.unwrap(), 0);
    assert_eq!(families.purge(at(HOURS + week)).await.unwrap(), 1);
}
