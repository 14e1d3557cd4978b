//! New rules are in force for the next request, and for answers that were under way when they came
//! (failure F3; attack P25).

use std::fs;

use http::StatusCode;
use weir_policy::Revision;
use weir_registry::RequestId;
use weir_server::content::{Content, folders};
use weir_server::overload::Class;
use weir_server::reader::{Reader, Viewer};
use weir_server::routes::page::view;
use weir_server::service::opened::{TileState, View};
use weir_server::service::publisher::PublishError;

use crate::support::ask::get;
use crate::support::canaries::{Canaries, canary, policy};
use crate::support::world::{Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// Puts what lies in the folders in force, as revision 2.
fn publish(world: &World, canaries: &Canaries) {
    let (policies, dashboards) = (canaries.path("policies"), canaries.path("dashboards"));
    let files = folders(&policies, &dashboards).unwrap();
    let files = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let content = Content::read(files, Revision::new(2)).unwrap();
    world.app.state().dashboards.published.replace(content);
}

/// Forbids the rows with the unit's own word.
fn narrowed() -> String {
    policy("notes").replace(
        "forbid: { legal_hold: { eq: true } }",
        &format!(
            "forbid: {{ any: [{{ legal_hold: {{ eq: true }} }}, {{ place: {{ eq: {} }} }}] }}",
            canary("auto")
        ),
    )
}

async fn viewing(world: &World) -> View {
    let state = world.app.state();
    let request = RequestId::parse("r-1").unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let viewer = Viewer::verify(state, &token, &request).await.unwrap();
    let reader = Reader::Viewer(viewer);
    let of_a_page = (Class::Page, request);
    view(&state.dashboards, reader, SLUG, &[], of_a_page)
        .await
        .unwrap()
}

#[tokio::test]
async fn f3_an_edited_rule_holds_for_the_next_request_whatever_is_cached() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let list = async || world.send(get(LIST).bearer(&token)).await.ok();
    assert!(list().await.text().contains(&canary("auto")));
    assert_eq!(list().await.json()["source"], "cache");

    canaries.change_policy(&narrowed());
    publish(&world, &canaries);

    let answer = list().await;
    assert!(
        !answer.text().contains(&canary("auto")),
        "{}",
        answer.text()
    );
    assert_eq!(answer.json()["policy_revision"], 2);
    assert_eq!(answer.json()["source"], "engine");
}

#[tokio::test]
async fn p25_an_answer_under_way_is_withheld_when_the_rules_changed_for_its_reader() {
    let canaries = Canaries::new();
    let mut plan = canaries.plan();
    plan.first_paint_wait_ms = 0;
    let world = World::build(&plan).await.unwrap();
    let dashboards = &world.app.state().dashboards;
    let view = viewing(&world).await;
    let mut opened = dashboards.open(&view).await.unwrap();
    let late = opened.pending.len();
    assert!(late > 0, "every tile was ready at once");

    canaries.change_policy(&narrowed());
    publish(&world, &canaries);

    let mut overtaken = 0;
    while let Some(answer) = dashboards.next(&view, &mut opened).await.unwrap() {
        let tile = &view.dashboard.tiles()[answer.index];
        let of_the_notes = tile.dataset.name().as_str() == "gold.notes";
        match answer.state {
            TileState::Withheld(withheld) if of_the_notes => {
                assert_eq!(withheld.code, "policy-changed");
                overtaken += 1;
            }
            TileState::Answered(..) => assert!(!of_the_notes, "{} shows old rows", tile.id),
            other => panic!("{}: {other:?}", tile.id),
        }
    }
    let denials = world.denials().await;
    let recorded = denials
        .iter()
        .filter(|denial| denial.code.as_str() == "policy-changed");
    assert_eq!(recorded.count(), overtaken);
    assert!(overtaken > 0, "no tile of the notes was late");
}

#[tokio::test]
async fn a_publication_that_asks_the_same_of_a_reader_disturbs_nothing() {
    let canaries = Canaries::new();
    let mut plan = canaries.plan();
    plan.first_paint_wait_ms = 0;
    let world = World::build(&plan).await.unwrap();
    let dashboards = &world.app.state().dashboards;
    let view = viewing(&world).await;
    let mut opened = dashboards.open(&view).await.unwrap();

    canaries.change_policy(&policy("notes").replace("executive", "director"));
    publish(&world, &canaries);

    while let Some(answer) = dashboards.next(&view, &mut opened).await.unwrap() {
        assert!(
            matches!(answer.state, TileState::Answered(..)),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn who_signed_in_under_another_claim_mapping_signs_in_again() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let cookie = world.session(&Who::analyst("auto")).await;
    let list = async || world.send(get(LIST).cookie(&cookie)).await.status;
    let identity = fs::read_to_string(canaries.path("policies/identity.yaml")).unwrap();
    assert_eq!(list().await, StatusCode::OK);

    canaries.edit(
        "policies/identity.yaml",
        &format!("# Only a remark.\n{identity}"),
    );
    publish(&world, &canaries);
    assert_eq!(list().await, StatusCode::OK, "a remark changes nothing");

    let narrowed = identity.replace("auto, ", "");
    assert_ne!(narrowed, identity);
    canaries.edit("policies/identity.yaml", &narrowed);
    publish(&world, &canaries);
    assert_eq!(list().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn p27_a_registry_with_other_files_under_the_number_in_force_is_noticed() {
    let (canaries, others) = (Canaries::new(), Canaries::new());
    others.change_policy(&narrowed());
    let world = World::build(&canaries.plan()).await.unwrap();
    let restored = World::build(&others.plan()).await.unwrap();
    let newest = async |world: &World| {
        let mut newest = world.app.state().registry.revisions().follow();
        *newest.wait_for(Option::is_some).await.unwrap()
    };
    let publisher = &world.app.state().governance.publisher;

    let same = publisher.catch_up(newest(&world).await).await;
    let other = publisher.catch_up(newest(&restored).await).await;

    same.unwrap();
    assert!(matches!(other, Err(PublishError::Replaced(1))), "{other:?}");
}

#[tokio::test]
async fn folders_that_changed_while_weir_was_away_are_recorded_as_what_they_do() {
    let canaries = Canaries::new();
    let mut world = World::build(&canaries.plan()).await.unwrap();
    let mut widening = Vec::new();
    for text in [
        narrowed(),
        policy("notes"),
        policy("notes").replace("bu-own-rows", "own-rows"),
    ] {
        canaries.change_policy(&text);
        world = world.restarted().await;
        let newest = world.app.state().registry.revisions().latest().await;
        let newest = newest.unwrap().unwrap();
        widening.push((newest.number, newest.widening));
    }

    assert_eq!(widening, [(2, false), (3, true), (4, false)]);
}
