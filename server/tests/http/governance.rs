//! The governance API: a change from its draft to the screens of those it is about, and everybody
//! who may not make it.

use std::ops::Deref;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::governors::{Governors, NOTES, TABLE, closed, opened, table};
use crate::support::ask::{Answer, Ask, ask, get, post};
use crate::support::canaries::{canary, dataset as dataset_yaml, held, policy};
use crate::support::world::Who;

const DRAFTS: &str = "/api/v1/policies/drafts";
const SLUG: &str = "finance-overview";

/// The governors, and what they do.
struct Office(Governors);

impl Deref for Office {
    type Target = Governors;

    fn deref(&self) -> &Governors {
        &self.0
    }
}

impl Office {
    async fn open() -> Self {
        Self(Governors::open().await)
    }

    async fn send(&self, admin: usize, ask: Ask) -> Answer {
        self.ask(admin, ask).await
    }

    /// The files in force, one of them changed.
    async fn files(&self, path: &str, text: &str) -> Value {
        let revision = self.send(0, get("/api/v1/policies/revisions/1")).await.ok();
        let mut files = revision.json()["files"].clone();
        files[path] = json!(text);
        files
    }

    /// A draft of the first admin, as it was answered.
    async fn draft(&self, title: &str, files: &Value) -> Answer {
        let wish = json!({ "title": title, "base": 1, "files": files });
        let answer = self.send(0, post(DRAFTS).json(&wish)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer
    }

    /// A draft with another policy of the notes, and a decision table that fits any.
    async fn proposal(&self, title: &str, policy: &str) -> Answer {
        let mut files = self.files(NOTES, policy).await;
        files[TABLE] = json!(table());
        self.draft(title, &files).await
    }

    /// Carries a draft of the first admin into the registry's newest revision.
    async fn publish(&self, draft: &Answer) {
        let draft = self.take(0, draft, "submit").await;
        let draft = self.take(1, &draft, "approve").await;
        self.take(1, &draft, "publish").await;
    }

    /// A step of `admin` on what `seen` was answered about.
    async fn step(&self, admin: usize, seen: &Answer, step: &str, wish: Value) -> Answer {
        let id = &seen.json()["id"];
        let tag = seen.header("etag").unwrap();
        let ask = post(&format!("{DRAFTS}/{id}/{step}")).header("if-match", tag);
        self.send(admin, ask.json(&wish)).await
    }

    /// As [`Office::step`], which must succeed.
    async fn take(&self, admin: usize, seen: &Answer, step: &str) -> Answer {
        let answer = self.step(admin, seen, step, json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{step}: {}", answer.text());
        answer
    }
}

#[tokio::test]
async fn two_admins_carry_a_change_to_every_screen_and_back() {
    let office = Office::open().await;
    let auto = Who::analyst("auto");
    assert!(office.sees(&auto, &canary("auto")).await);

    let draft = office.proposal("Nobody sees that", &closed()).await;
    let id = draft.json()["id"].clone();
    let checked = office
        .send(0, get(&format!("{DRAFTS}/{id}/check")))
        .await
        .ok()
        .json();
    assert_eq!(
        (&checked["findings"], &checked["widening"]),
        (&json!([]), &json!(false))
    );
    let submitted = office.take(0, &draft, "submit").await;
    let own = office.step(0, &submitted, "approve", json!({})).await;
    assert_eq!(own.problem(), "own-work");
    let early = office.step(0, &submitted, "publish", json!({})).await;
    assert_eq!(early.problem(), "draft-state");
    let approved = office.take(1, &submitted, "approve").await;
    office.take(0, &approved, "publish").await;
    office.in_force(2).await;

    assert!(
        !office.sees(&auto, &canary("auto")).await,
        "the rule is in force"
    );
    let policies = office.send(2, get("/api/v1/policies")).await.ok().json();
    assert_eq!(policies["revision"]["number"], 2);
    assert_eq!(policies["revision"]["author"]["name"], "governor-1");
    assert_eq!(policies["revision"]["approvers"][0]["name"], "governor-2");

    let back = office
        .send(1, post("/api/v1/policies/revisions/1/rollback"))
        .await;
    assert_eq!(back.status, StatusCode::CREATED, "{}", back.text());
    let back = office.take(1, &back, "submit").await;
    assert_eq!(back.json()["widening"], true, "going back opens rows again");
    let back = office.take(0, &back, "approve").await;
    let back = office.take(2, &back, "approve").await;
    office.take(1, &back, "publish").await;
    office.in_force(3).await;
    assert!(office.sees(&auto, &canary("auto")).await);
    office.world.assert_chain().await;
}

#[tokio::test]
async fn what_widens_says_for_whom_and_needs_two_approvals() {
    let office = Office::open().await;
    let draft = office.proposal("Open what is held", &opened()).await;
    let id = draft.json()["id"].clone();

    let checked = office
        .send(0, get(&format!("{DRAFTS}/{id}/check")))
        .await
        .ok()
        .json();
    assert_eq!(checked["widening"], true);
    let notes = &checked["change"]["datasets"][0];
    assert_eq!(notes["dataset"], "gold.notes");
    assert!(
        notes["widening"]["proven"][0]["gain"]["row"].is_object(),
        "{notes}"
    );

    let submitted = office.take(0, &draft, "submit").await;
    assert_eq!(submitted.json()["approvals_required"], 2);
    let once = office.take(1, &submitted, "approve").await;
    let early = office.step(1, &once, "publish", json!({})).await;
    assert_eq!(early.problem(), "draft-state");
    assert_eq!(early.json()["approvals_required"], 2);
    assert!(!office.sees(&Who::analyst("auto"), &held("auto")).await);
    let twice = office.take(2, &once, "approve").await;
    office.take(2, &twice, "publish").await;
    office.in_force(2).await;
    assert!(office.sees(&Who::analyst("auto"), &held("auto")).await);
}

#[tokio::test]
async fn a_draft_that_contradicts_its_table_is_not_handed_in() {
    let office = Office::open().await;
    let wrong = policy("notes").replace("role: analyst", "role: nobody");
    let files = office.files(NOTES, &wrong).await;
    let draft = office.draft("A slip", &files).await;

    let refused = office.step(0, &draft, "submit", json!({})).await;

    assert_eq!(refused.problem(), "content-invalid");
    let finding = refused.json()["findings"][0].as_str().unwrap().to_owned();
    assert!(
        finding.contains("notes.test.yaml") && finding.contains("an analyst sees"),
        "{finding}"
    );
}

#[tokio::test]
async fn a_draft_can_not_ask_what_lies_on_the_servers_disk() {
    let office = Office::open().await;
    let dataset = "dashboards/datasets/notes.dataset.yaml";
    let mut said = Vec::new();
    for path in ["/etc", "/no/such/folder", "../../../../../../../../etc"] {
        let elsewhere =
            dataset_yaml("notes").replace("parquet: notes", &format!("parquet: {path}"));
        let files = office.files(dataset, &elsewhere).await;
        let draft = office.draft("Look around", &files).await;
        let answer = office.step(0, &draft, "submit", json!({})).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!answer.text().contains(path), "{}", answer.text());
        said.push(answer.json()["findings"].clone());
    }
    assert!(
        said.iter().all(|findings| findings == &said[0]),
        "the findings tell what exists: {said:?}"
    );
}

#[tokio::test]
async fn a6_the_second_editor_gets_the_first_ones_work_and_loses_nothing() {
    let office = Office::open().await;
    let files = office.files(NOTES, &closed()).await;
    let draft = office.draft("Two at once", &files).await;
    let path = format!("{DRAFTS}/{}", draft.json()["id"]);
    let tag = draft.header("etag").unwrap().to_owned();
    let wish = |text: &str| {
        let mut files = files.clone();
        files[NOTES] = json!(text);
        json!({ "title": "Two at once", "base": 1, "files": files })
    };

    let blind = office
        .send(1, ask(Method::PUT, &path).json(&wish("mine")))
        .await;
    assert_eq!(blind.problem(), "precondition-required");
    let put = |text: &str| {
        ask(Method::PUT, &path)
            .header("if-match", &tag)
            .json(&wish(text))
    };
    let first = office.send(1, put("theirs")).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let second = office.send(2, put("mine")).await;

    assert_eq!(second.problem(), "draft-conflict");
    let conflict = second.json();
    assert_eq!(conflict["version"], 2);
    assert_eq!(
        conflict["files"],
        json!([{ "path": NOTES, "kind": "both", "theirs": "theirs" }])
    );
    let stored = office.send(2, get(&path)).await.ok().json();
    assert_eq!(stored["files"][NOTES], "theirs");
}

/// Files made from an older revision would undo what came between without anybody having said so.
#[tokio::test]
async fn a6_files_made_from_an_older_revision_are_not_taken_for_a_change_of_the_newest() {
    let office = Office::open().await;
    let draft = office.proposal("First", &closed()).await;
    office.publish(&draft).await;

    let files = office.files(NOTES, &opened()).await;
    let wish = json!({ "title": "From revision 1", "base": 1, "files": files });
    let late = office.send(2, post(DRAFTS).json(&wish)).await;

    assert_eq!(late.problem(), "draft-outdated");
    assert_eq!(late.json()["latest"], 2);
}

/// What this process has in force may be older than the revision a draft changes.
#[tokio::test]
async fn a_change_is_held_against_the_revision_it_changes_wherever_this_process_stands() {
    let office = Office::open().await;
    let draft = office.proposal("Close", &closed()).await;
    office.publish(&draft).await;
    // Revision 2 is published, and not yet in force here.
    let back = post("/api/v1/policies/revisions/1/rollback");
    let back = office.send(0, back).await;

    let back = office.take(0, &back, "submit").await;

    assert_eq!(
        back.json()["widening"],
        true,
        "revision 1 opens what revision 2 closed"
    );
    assert_eq!(back.json()["approvals_required"], 2);
}

#[tokio::test]
async fn invariant_10_counting_what_a_draft_would_do_is_on_record() {
    let office = Office::open().await;
    let draft = office.proposal("Look", &opened()).await;
    let impact = format!("{DRAFTS}/{}/impact", draft.json()["id"]);

    office.send(2, get(&impact)).await.ok();

    let found = office.send(1, get("/api/v1/audit?kind=policy_step")).await;
    let last = found.ok().json()["records"][0]["fact"].clone();
    assert_eq!(
        (&last["step"], &last["draft"]),
        (&json!("count"), &draft.json()["id"])
    );
}

#[tokio::test]
async fn a1_and_a5_nobody_else_finds_the_governance_api() {
    let office = Office::open().await;
    let world = &office.world;
    let analyst = world.session(&Who::analyst("auto")).await;
    let token = world.token(&Who::exec(), SLUG);
    let wish = json!({ "title": "x", "base": 1, "files": {} });
    for path in [
        "/api/v1/policies",
        DRAFTS,
        "/api/v1/audit",
        "/api/v1/explain?dataset=gold.notes",
    ] {
        assert_eq!(
            world.send(get(path)).await.problem(),
            "sign-in-required",
            "{path}"
        );
        assert_eq!(
            world.send(get(path).bearer(&token)).await.problem(),
            "access-token-invalid",
            "{path}"
        );
        assert_eq!(
            world.send(get(path).cookie(&analyst)).await.problem(),
            "not-found",
            "{path}"
        );
    }
    for site in ["cross-site", "same-site", "none"] {
        let ask = post(DRAFTS).header("sec-fetch-site", site).json(&wish);
        let answer = world.send(ask.cookie(&office.sessions[0])).await;
        assert_eq!(answer.problem(), "origin-not-allowed", "{site}");
    }
    let drafts = office.send(0, get(DRAFTS)).await.ok();
    assert_eq!(drafts.json()["drafts"], json!([]));
}

#[tokio::test]
async fn a9_a_wish_with_fields_that_are_not_the_callers_is_refused() {
    let office = Office::open().await;
    for field in ["author", "approved", "approvals_needed", "version"] {
        let mut wish = json!({ "title": "x", "base": 1, "files": {} });
        wish[field] = json!("governor-2");
        let answer = office.send(0, post(DRAFTS).json(&wish)).await;
        assert!(
            answer.status.is_client_error(),
            "{field}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn an_explanation_says_the_rows_in_words_and_why_a_rule_does_not_apply() {
    let office = Office::open().await;
    let explain = async |query: &str| {
        let path = format!("/api/v1/explain?dataset=gold.notes&{query}");
        office.send(0, get(&path)).await
    };
    let auto = explain("role=analyst&business_unit=auto").await.ok().json();
    let (en, fr) = (
        auto["rows"]["en"].as_str().unwrap(),
        auto["rows"]["fr"].as_str().unwrap(),
    );
    assert!(
        en.contains("Business unit") || en.contains("business unit"),
        "{en}"
    );
    assert!(fr.contains("nité d’affaires"), "{fr}");
    assert_eq!(auto["outcome"]["granted"], true);

    let nobody = explain("role=analyst").await.ok().json();
    assert_eq!(nobody["outcome"]["granted"], false);
    assert_eq!(
        nobody["rules"][0]["why_not"], "missing-claim",
        "{}",
        nobody["rules"][0]
    );
    assert_eq!(explain("colour=red").await.problem(), "invalid-parameter");
}

#[tokio::test]
async fn an_explanation_of_a_row_names_the_comparison_and_no_value_that_is_not_the_admins() {
    let office = Office::open().await;
    let explain = async |who: &str, day: &str, place: &str| {
        let path = format!(
            "/api/v1/explain?dataset=gold.notes&{who}&key.day=2026-10-{day}&key.place={place}"
        );
        office.send(0, get(&path)).await.ok().json()["keyed"].clone()
    };
    let auto = "persona=analyst-auto";

    let own = explain(auto, "05", &canary("auto")).await;
    assert_eq!(
        (&own[0]["seen"], &own[0]["rule"]),
        (&json!(true), &json!("bu-own-rows"))
    );
    let foreign = explain(auto, "05", &canary("life")).await;
    assert_eq!(foreign[0]["verdict"], "not_permitted");
    assert_eq!(foreign[0]["clauses"][0]["column"], "business_unit");
    assert_eq!(foreign[0]["clauses"][0]["truth"], "false");
    let forbidden = explain(auto, "08", &held("auto")).await;
    assert_eq!(
        (&forbidden[0]["verdict"], &forbidden[0]["rule"]),
        (&json!("forbidden"), &json!("litigation-hold"))
    );
    let unknown = explain(auto, "09", &held("auto")).await;
    assert_eq!(
        (&unknown[0]["verdict"], &unknown[0]["clauses"][0]["truth"]),
        (&json!("withheld"), &json!("unknown"))
    );
    assert_eq!(explain(auto, "05", "nowhere").await, json!([]));
    let chosen = "role=analyst&business_unit=auto";
    assert_eq!(
        explain(chosen, "05", &canary("auto")).await,
        json!([]),
        "claims of the asker's choice would find out what the row holds"
    );
    for row in [&own, &foreign, &forbidden, &unknown] {
        let clauses = row[0]["clauses"].as_array().unwrap();
        assert!(
            clauses.iter().all(|clause| clause["value"].is_null()),
            "the governor sees no rows: {row}"
        );
    }

    let recorded = office
        .send(1, get("/api/v1/audit?kind=policy_step&limit=5"))
        .await;
    let recorded = recorded.ok().json()["records"].clone();
    let steps = recorded.as_array().unwrap().iter();
    assert!(
        steps
            .into_iter()
            .all(|record| record["fact"]["step"] == "explain"),
        "{recorded}"
    );
}

#[tokio::test]
async fn a_row_is_asked_for_by_its_whole_key_and_nothing_else() {
    let office = Office::open().await;
    for key in [
        "key.day=2026-10-05",
        "key.day=yesterday&key.place=x",
        "key.day=2026-10-05&key.place=x&key.amount=1",
        "key.day=2026-10-05&key.place=x&key.place=y",
        "key.day=2026-10-05&key.nothing=x",
    ] {
        let path = format!("/api/v1/explain?dataset=gold.notes&role=executive&{key}");
        assert_eq!(
            office.send(0, get(&path)).await.problem(),
            "invalid-parameter",
            "{key}"
        );
    }
}

#[tokio::test]
async fn every_step_is_in_the_audit_that_admins_search() {
    let office = Office::open().await;
    let files = office.files(NOTES, &closed()).await;
    let draft = office.draft("On record", &files).await;
    office.take(0, &draft, "withdraw").await;

    let found = office
        .send(1, get("/api/v1/audit?kind=policy_step&order=oldest"))
        .await
        .ok()
        .json();
    let records = found["records"].as_array().unwrap().iter();
    let steps: Vec<_> = records
        .map(|record| record["fact"]["step"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["adopt", "open", "withdraw"]);
    let text = found.to_string();
    assert!(
        !text.contains("On record") && !text.contains("governor-1"),
        "names stay out: {text}"
    );
}
