//! Who could see what, when: over the API and without a server.

use std::process::Command;

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::{Value, json};
use weir_registry::{
    Actor, AdoptFolder, Adopted, ContentPath, ContentTree, PublishedRevision, RequestId,
};

use crate::support::ask::{get, with_query};
use crate::support::canaries::{Canaries, policy};
use crate::support::world::{Who, World};

const PATH: &str = "/api/v1/policies/who-could-see";
const NOTES: &str = "policies/notes.policy.yaml";
const TABLE: &str = "policies/notes.test.yaml";

/// A world in which days pass.
struct Archive {
    world: World,
    canaries: Canaries,
}

impl Archive {
    async fn open() -> Self {
        let canaries = Canaries::new();
        canaries.edit(
            "policies/personas.yaml",
            "personas:
  - { name: analyst-auto, label: { en: Auto, fr: Auto }, as: { roles: [analyst], business_units: [auto] } }
  - { name: analyst-home, label: { en: Home, fr: Habitation }, as: { roles: [analyst], business_units: [home] } }
",
        );
        let world = World::build(&canaries.plan()).await.unwrap();
        Self { world, canaries }
    }

    /// Puts files in force a day later than what is.
    async fn publish(&self, title: &str, changed: &[(&str, &str)]) -> PublishedRevision {
        let revisions = self.world.app.state().registry.revisions();
        let latest = revisions.latest().await.unwrap().unwrap();
        let tree = revisions.tree(latest.number).await.unwrap();
        let mut files: Vec<_> = tree
            .files()
            .map(|(path, text)| (path.clone(), text.to_owned()))
            .collect();
        for (path, text) in changed {
            files.retain(|(known, _)| known.as_str() != *path);
            files.push((
                ContentPath::parse((*path).to_owned()).unwrap(),
                (*text).to_owned(),
            ));
        }
        self.world.clock.advance(TimeDelta::days(1));
        let adopted = revisions
            .adopt(AdoptFolder {
                tree: ContentTree::new(files).unwrap(),
                title: title.to_owned(),
                by: Actor {
                    issuer: "https://idp.example".to_owned(),
                    sub: "gov-1".to_owned(),
                    name: "Gisèle".to_owned(),
                },
                at: self.world.clock.now(),
                request: RequestId::parse("r-1").unwrap(),
                widens_nothing_since: None,
            })
            .await
            .unwrap();
        match adopted {
            Adopted::Published(revision) => revision,
            Adopted::Unchanged(revision) => panic!("{revision:?}"),
        }
    }

    async fn ask(&self, pairs: &[(&str, &str)]) -> Value {
        let now = self.world.clock.now().to_rfc3339();
        let times = [("from", "2026-01-01T00:00:00Z"), ("to", now.as_str())];
        let pairs = [&times, pairs].concat();
        let admin = self.world.session(&Who::governor()).await;
        let asked = get(&with_query(PATH, &pairs)).cookie(&admin);
        self.world.send(asked).await.ok().json()
    }
}

/// A decision table that fits any policy of the notes.
fn any_table() -> &'static str {
    "policy: gold.notes\ngiven: [{ id: one, business_unit: auto }]\n\
     cases: [{ name: nobody, as: { roles: [none] }, sees: denied }]\n"
}

fn rules(period: &Value) -> Vec<&str> {
    let ways = period["ways"].as_array().unwrap();
    ways.iter()
        .map(|way| way["rule"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_auditor_learns_who_could_see_since_when_until_when_and_who_let_them() {
    let archive = Archive::open().await;
    let closed =
        policy("notes") + "  - { id: home-is-closed, forbid: { business_unit: { eq: home } } }\n";
    let shut = [(NOTES, closed.as_str()), (TABLE, any_table())];
    archive.publish("Close home", &shut).await;
    let label = std::fs::read_to_string(
        archive
            .canaries
            .path("dashboards/claims-operations.dashboard.yaml"),
    )
    .unwrap();
    let renamed = format!("{label}# another\n");
    let third = [(
        "dashboards/claims-operations.dashboard.yaml",
        renamed.as_str(),
    )];
    archive.publish("Rename a dashboard", &third).await;

    let home = archive
        .ask(&[
            ("dataset", "gold.notes"),
            ("business_unit", "home"),
            ("column", "amount"),
        ])
        .await;

    let [open, shut] = home["periods"].as_array().unwrap().as_slice() else {
        panic!("{home:#}")
    };
    assert_eq!(rules(open), ["bu-own-rows", "executives-see-all"]);
    assert_eq!(open["until"], shut["from"]);
    let own = &open["ways"][0];
    let required: Vec<_> = own["requires"].as_array().unwrap().iter().collect();
    assert_eq!(
        required,
        [
            &json!({ "claim": "business_units", "holds": { "any_of": ["home"] },
                "provider": { "claim": "business_units", "values": { "home": "home" } } }),
            &json!({ "claim": "roles", "holds": { "any_of": ["analyst"] },
                "provider": { "claim": "roles", "values": { "analyst": "analyst" } } }),
        ]
    );
    assert_eq!(
        (&own["proven"], &own["sign_in"]),
        (&json!(true), &json!("somebody"))
    );
    assert_eq!(own["column"], json!({ "shown": "visible", "rules": [] }));
    assert_eq!(open["sample_people"][0]["name"], "analyst-home");
    assert_eq!(open["sample_people"].as_array().unwrap().len(), 1);
    assert_eq!((rules(shut).len(), &shut["until"]), (0, &Value::Null));
    // A revision that changes nothing about the answer goes on with it.
    let numbers: Vec<_> = shut["revisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["number"])
        .collect();
    assert_eq!(numbers, [2, 3]);
    assert_eq!(shut["revisions"][0]["author"]["name"], "Gisèle");
    let auto = archive
        .ask(&[("dataset", "gold.notes"), ("business_unit", "auto")])
        .await;
    assert_eq!(auto["periods"].as_array().unwrap().len(), 1, "{auto:#}");
}

#[tokio::test]
async fn what_cannot_be_answered_is_said_and_not_left_out() {
    let archive = Archive::open().await;
    archive
        .publish("Broken", &[(NOTES, "dataset: gold.notes\nrules: 7\n")])
        .await;

    let notes = archive.ask(&[("dataset", "gold.notes")]).await;
    let nothing = archive.ask(&[("dataset", "gold.nothing")]).await;

    let states = |answer: &Value| -> Vec<String> {
        let periods = answer["periods"].as_array().unwrap();
        periods
            .iter()
            .map(|p| p["state"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(states(&notes), ["answered", "unreadable"]);
    let problem = notes["periods"][1]["problem"].as_str().unwrap();
    assert!(problem.contains("notes.policy.yaml:2"), "{problem}");
    assert_eq!(states(&nothing), ["no_dataset", "unreadable"]);
}

#[tokio::test]
async fn a_claim_that_the_mapping_gives_to_nobody_is_named_and_the_way_stays() {
    let archive = Archive::open().await;
    let more = policy("notes")
        + "  - { id: ghosts, permit: all, when: { role: ghost } }\n\
           \x20 - { id: hashed, mask: { column: place, with: hash }, unless: { attribute: { region: { eq: QC } } } }\n";
    archive
        .publish("Ghosts", &[(NOTES, &more), (TABLE, any_table())])
        .await;

    let answer = archive
        .ask(&[("dataset", "gold.notes"), ("column", "place")])
        .await;

    let ways = answer["periods"][1]["ways"].as_array().unwrap();
    let ghost = ways.iter().find(|way| way["rule"] == "ghosts").unwrap();
    assert_eq!(ghost["sign_in"], "nobody");
    let role = ghost["requires"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["claim"] == "roles");
    assert_eq!(role.unwrap()["provider"], Value::Null);
    let shown: Vec<_> = ways
        .iter()
        .filter(|way| way["rule"] == "bu-own-rows")
        .map(|way| {
            (
                way["column"]["shown"].clone(),
                way["requires"].as_array().unwrap().len(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [(json!("visible"), 3), (json!({ "masked": "hash" }), 2)]
    );
}

#[tokio::test]
async fn only_admins_ask_and_times_must_be_in_order() {
    let archive = Archive::open().await;
    let times = [
        ("dataset", "gold.notes"),
        ("from", "2026-02-01T00:00:00Z"),
        ("to", "2026-01-01T00:00:00Z"),
    ];
    let asked = || get(&with_query(PATH, &times));
    let analyst = archive.world.session(&Who::analyst("auto")).await;

    let stranger = archive.world.send(asked().cookie(&analyst)).await;
    let admin = archive.world.session(&Who::governor()).await;
    let backwards = archive.world.send(asked().cookie(&admin)).await;

    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert_eq!(backwards.problem(), "invalid-parameter");
}

#[tokio::test]
async fn the_command_answers_from_the_registry_without_a_server() {
    let archive = Archive::open().await;
    let closed =
        policy("notes") + "  - { id: home-is-closed, forbid: { business_unit: { eq: home } } }\n";
    archive
        .publish("Close home", &[(NOTES, &closed), (TABLE, any_table())])
        .await;
    let (address, _home) = archive.world.ended().await;
    let ask = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_weir"))
            .args(["policy", "who-could-see", "--registry", &address])
            .args([
                "--dataset",
                "gold.notes",
                "--business-unit",
                "home",
                "--column",
                "amount",
            ])
            .args(more)
            .output()
            .unwrap();
        let (said, complaint) = (
            String::from_utf8(output.stdout),
            String::from_utf8(output.stderr),
        );
        (output.status.code(), said.unwrap(), complaint.unwrap())
    };

    let (code, said, complaint) = ask(&["--between", "2026-11-01", "2026-11-30"]);
    let (_, json, _) = ask(&["--between", "2026-11-15", "2026-11-15", "--json"]);
    let (wrong, ..) = ask(&["--between", "2026-11-30", "2026-11-01"]);

    assert_eq!(code, Some(0), "{complaint}");
    for words in [
        "Who could see gold.notes, column amount, rows of home",
        "2026-11-15T12:00:00.000Z until 2026-11-16T12:00:00.000Z",
        "By bu-own-rows, column visible: ",
        "business unit home, from claim `business_units` home",
        "role analyst, from claim `roles` analyst",
        "Sample people: analyst-home (visible)",
        "2026-11-16T12:00:00.000Z until now",
        "Revision 2, \"Close home\", by Gisèle, approved by nobody",
        "Nobody: the policy lets nobody in.",
    ] {
        assert!(said.contains(words), "{words:?} is not in:\n{said}");
    }
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["periods"].as_array().unwrap().len(), 1);
    assert_eq!(wrong, Some(2));
}
