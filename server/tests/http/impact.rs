//! What a draft would change, counted on the data. The counts are the engine's; what they must be
//! is read off the rows that the canaries are made of.

use weir_engine::MaskKey;
use weir_policy::Subject;
use weir_server::content::Content;
use weir_server::service::impact::{Comparison, Impact, Person, Shown, TileImpact, UnitImpact};

use crate::support::canaries::{Canaries, canary, held, policy};
use crate::support::world::{Who, World};

/// What changing the policy of the notes does to `people`, as `asker` gets to see it.
async fn impact(changed: &str, people: &[Who], asker: &Who) -> Vec<Impact> {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    canaries.change_policy(changed);
    let after = Content::load(&canaries.path("policies"), &canaries.path("dashboards")).unwrap();
    let dashboards = &world.app.state().dashboards;
    let before = dashboards.published.current();
    let snapshots = dashboards.snapshots.current();
    let comparison = Comparison {
        before: &before,
        after: &after,
        snapshots: &snapshots,
        cache: &dashboards.cache,
        asker: &asker.subject("idp"),
        mask: &MaskKey::new([7; 32]),
        today: world.clock.now().date_naive(),
    };
    let people: Vec<_> = people.iter().map(person).collect();
    comparison.impact(&people).await.unwrap()
}

fn person(who: &Who) -> Person {
    let subject: Subject = who.subject("persona");
    Person {
        name: who.name.clone(),
        subject,
    }
}

fn unit(name: &str, before: u64, after: u64, gained: u64, lost: u64) -> UnitImpact {
    UnitImpact {
        unit: Some(name.to_owned()),
        before,
        after,
        gained,
        lost,
    }
}

/// The keys of the examples, the day cut off.
fn places(impact: &Impact) -> Vec<&str> {
    let keys = impact.examples.iter().flat_map(|example| &example.key);
    let places = keys.filter(|(column, _)| column.as_str() == "place");
    places.map(|(_, place)| place.as_str()).collect()
}

#[tokio::test]
async fn a_dropped_forbid_gives_rows_held_and_rows_of_which_nobody_knows() {
    let open = policy("notes");
    let open = open.split("  - id: litigation-hold").next().unwrap();
    let people = [Who::analyst("auto"), Who::broker(), Who::newcomer()];

    let found = impact(open, &people, &Who::exec()).await;

    let [auto, broker] = found.as_slice() else {
        panic!("the newcomer gains nothing: {found:?}")
    };
    assert_eq!(
        (auto.person.as_str(), auto.dataset.as_str()),
        ("analyst-auto", "gold.notes")
    );
    assert_eq!(auto.units, [unit("auto", 3, 5, 2, 0)]);
    assert_eq!(
        broker.units,
        [unit("auto", 3, 5, 2, 0), unit("home", 3, 5, 2, 0)]
    );
    assert_eq!(auto.columns, []);
    let tiles = auto.tiles.iter().map(|tile| tile.tile.as_str());
    let of_the_notes = ["by-place", "list", "share", "stacked", "total"];
    assert_eq!(
        tiles.collect::<Vec<_>>(),
        of_the_notes,
        "and no tile of the visits"
    );
    // An executive may not see what is held either, so the keys are masked for them.
    assert_eq!(auto.examples.len(), 2);
    assert!(auto.examples.iter().all(|example| example.masked));
    assert!(!places(auto).contains(&held("auto").as_str()), "{auto:?}");
}

#[tokio::test]
async fn a_narrower_permit_loses_rows_and_names_them_to_who_may_see_them() {
    let narrow = policy("notes").replace(
        "permit: { business_unit: { in: subject.business_units } }",
        "permit: { all: [{ business_unit: { in: subject.business_units } }, { place: { eq: everywhere } }] }",
    );
    let lost = impact(&narrow, &[Who::analyst("auto")], &Who::exec()).await;
    assert_eq!(lost[0].units, [unit("auto", 3, 1, 0, 2)]);
    assert!(
        places(&lost[0]).contains(&canary("auto").as_str()),
        "{lost:?}"
    );

    let masked = impact(&narrow, &[Who::analyst("auto")], &Who::governor()).await;
    assert_eq!(masked[0].units, lost[0].units);
    assert_eq!(masked[0].examples.len(), lost[0].examples.len());
    assert!(
        !places(&masked[0]).contains(&canary("auto").as_str()),
        "{masked:?}"
    );
}

#[tokio::test]
async fn rows_that_come_and_rows_that_go_do_not_cancel_out() {
    let turned = policy("notes").replace(
        "{ legal_hold: { eq: true } }",
        "{ legal_hold: { eq: false } }",
    );

    let found = impact(&turned, &[Who::analyst("auto")], &Who::governor()).await;

    assert_eq!(found[0].units, [unit("auto", 3, 1, 1, 3)]);
}

#[tokio::test]
async fn columns_that_close_are_named() {
    let hides = policy("notes") + "  - id: no-amounts\n    hide: [amount]\n";

    let found = impact(&hides, &[Who::analyst("auto")], &Who::governor()).await;

    assert_eq!(found[0].units, []);
    let withheld =
        |tile: &&TileImpact| tile.withheld_before.is_none() && tile.withheld_after.is_some();
    assert_eq!(
        found[0].tiles.iter().filter(withheld).count(),
        5,
        "every tile sums amounts"
    );
    let column = &found[0].columns[0];
    assert_eq!(
        (column.column.as_str(), &column.before, &column.after),
        ("amount", &Shown::Visible, &Shown::Hidden)
    );
}

#[tokio::test]
async fn a_change_that_means_the_same_touches_nobody() {
    let same = policy("notes").replace("- id: litigation-hold", "- id: held-back");

    let found = impact(&same, &Who::everybody(), &Who::governor()).await;

    assert_eq!(found, []);
}
