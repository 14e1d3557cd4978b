use weir_registry::FoundPreview;

use crate::support::{Database, World, at, digest};

on_both_databases! {
    a_preview_is_found_by_the_session_that_opened_it_and_by_no_other,
    a_preview_that_is_over_is_told_from_one_that_never_was,
    a_preview_that_was_ended_stays_ended,
    a_preview_id_that_is_in_use_is_not_replaced,
}

fn open(payload: &str, until: i64) -> FoundPreview {
    FoundPreview::Open {
        payload: payload.to_owned(),
        until: at(until),
    }
}

fn over(payload: &str) -> FoundPreview {
    FoundPreview::Over {
        payload: payload.to_owned(),
    }
}

async fn a_preview_is_found_by_the_session_that_opened_it_and_by_no_other(database: Database) {
    let world = World::new(database).await;
    let previews = world.registry.previews();
    let (id, mine, theirs) = (digest(1), digest(2), digest(3));
    previews.put(&id, &mine, "{}", at(900)).await.unwrap();

    let found = previews.find(&id, &mine, at(1)).await.unwrap();
    assert_eq!(found, open("{}", 900));
    for (id, session) in [(id, theirs), (theirs, mine), (mine, id)] {
        let found = previews.find(&id, &session, at(1)).await.unwrap();
        assert_eq!(found, FoundPreview::Unknown);
    }
    assert!(!previews.end(&id, &theirs, at(1)).await.unwrap());
    let found = previews.find(&id, &mine, at(1)).await.unwrap();
    assert_eq!(found, open("{}", 900));
}

async fn a_preview_that_is_over_is_told_from_one_that_never_was(database: Database) {
    let world = World::new(database).await;
    let previews = world.registry.previews();
    let (id, mine) = (digest(1), digest(2));
    previews.put(&id, &mine, "{}", at(900)).await.unwrap();

    let just_before = previews.find(&id, &mine, at(899)).await.unwrap();
    assert_eq!(just_before, open("{}", 900));
    assert_eq!(
        previews.find(&id, &mine, at(900)).await.unwrap(),
        over("{}")
    );

    assert_eq!(previews.purge(at(901)).await.unwrap(), 0);
    let later = at(900 + 12 * 3600);
    assert_eq!(previews.find(&id, &mine, later).await.unwrap(), over("{}"));
    assert_eq!(previews.purge(later).await.unwrap(), 1);
    let found = previews.find(&id, &mine, later).await.unwrap();
    assert_eq!(found, FoundPreview::Unknown);
}

async fn a_preview_that_was_ended_stays_ended(database: Database) {
    let world = World::new(database).await;
    let previews = world.registry.previews();
    let (id, mine) = (digest(1), digest(2));
    previews.put(&id, &mine, "{}", at(900)).await.unwrap();

    assert!(previews.end(&id, &mine, at(10)).await.unwrap());
    assert!(!previews.end(&id, &mine, at(11)).await.unwrap());

    assert_eq!(previews.find(&id, &mine, at(11)).await.unwrap(), over("{}"));
}

async fn a_preview_id_that_is_in_use_is_not_replaced(database: Database) {
    let world = World::new(database).await;
    let previews = world.registry.previews();
    let (id, mine, theirs) = (digest(1), digest(2), digest(3));
    previews.put(&id, &mine, "mine", at(900)).await.unwrap();

    assert!(previews.put(&id, &theirs, "theirs", at(900)).await.is_err());
    let found = previews.find(&id, &mine, at(1)).await.unwrap();
    assert_eq!(found, open("mine", 900));
}
