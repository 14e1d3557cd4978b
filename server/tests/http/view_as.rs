//! A dashboard through somebody else's eyes: theirs to the last digit, marked, on record, and over
//! in a quarter of an hour.

use chrono::TimeDelta;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use weir_registry::{Digest, Fact, ViewAsStep};

use crate::support::ask::{Answer, Ask, ask, get, post};
use crate::support::canaries::{Canaries, canary, dataset, held, policy, row};
use crate::support::world::{Who, World};

const VIEW_AS: &str = "/api/v1/view-as";
const SLUG: &str = "finance-overview";
const NOTES: &str = "policies/notes.policy.yaml";
const TABLE: &str = "policies/notes.test.yaml";

/// A world of canaries and an admin at work.
struct Desk {
    world: World,
    canaries: Canaries,
    admin: String,
}

impl Desk {
    async fn open() -> Self {
        let canaries = Canaries::new();
        canaries.edit(
            "policies/personas.yaml",
            "personas:\n  - name: analyst-auto\n    label: { en: Auto analyst, fr: Analyste auto }\n    \
             as: { roles: [analyst], business_units: [auto] }\n",
        );
        let world = World::build(&canaries.plan()).await.unwrap();
        let admin = world.session(&Who::governor()).await;
        Self {
            world,
            canaries,
            admin,
        }
    }

    async fn send(&self, ask: Ask) -> Answer {
        self.send_as(&self.admin, ask).await
    }

    async fn send_as(&self, session: &str, ask: Ask) -> Answer {
        let ask = ask.header("sec-fetch-site", "same-origin");
        self.world.send(ask.cookie(session)).await
    }

    /// A preview as the Auto analyst.
    async fn preview(&self, more: Value) -> Value {
        let mut wish = json!({ "persona": "analyst-auto", "dashboard": SLUG });
        let fields = more.as_object().unwrap().clone();
        wish.as_object_mut().unwrap().extend(fields);
        let begun = self.send(post(VIEW_AS).json(&wish)).await;
        begun.expect(StatusCode::CREATED).json()
    }

    async fn refused(&self, wish: Value) -> Answer {
        let answer = self.send(post(VIEW_AS).json(&wish)).await;
        assert!(!answer.status.is_success(), "{}", answer.text());
        answer
    }

    /// A draft over revision 1 in which some files are others.
    async fn draft(&self, files: &[(&str, &str)]) -> Value {
        let revision = get("/api/v1/policies/revisions/1");
        let mut all = self.send(revision).await.ok().json()["files"].clone();
        for (path, text) in files {
            all[*path] = json!(text);
        }
        let wish = json!({ "title": "A change", "base": 1, "files": all });
        let draft = self.send(post("/api/v1/policies/drafts").json(&wish)).await;
        draft.expect(StatusCode::CREATED).json()["id"].clone()
    }

    /// A draft with another policy of the notes.
    async fn draft_of(&self, policy: &str) -> Value {
        self.draft(&[(NOTES, policy), (TABLE, any_table())]).await
    }

    async fn list(&self, preview: &Value, side: &str) -> Answer {
        self.send(get(&data(preview, side, "list"))).await
    }

    async fn rows(&self, preview: &Value) -> Value {
        let path = format!("{VIEW_AS}/{}/rows", id(preview));
        self.send(get(&path)).await.ok().json()
    }

    async fn page(&self, preview: &Value, query: &str) -> Answer {
        let path = format!("/admin/preview/{}/first{query}", id(preview));
        self.send(get(&path).page()).await
    }
}

fn id(preview: &Value) -> &str {
    preview["id"].as_str().unwrap()
}

fn data(preview: &Value, side: &str, tile: &str) -> String {
    format!("{VIEW_AS}/{}/{side}/tiles/{tile}/data", id(preview))
}

fn of_tile<'a>(rows: &'a Value, tile: &str) -> &'a Value {
    let mut tiles = rows["tiles"].as_array().unwrap().iter();
    tiles.find(|one| one["tile"] == tile).unwrap()
}

/// The policy of the notes without its forbid: held rows show.
fn opened() -> String {
    let policy = policy("notes");
    let before = policy.split("  - id: litigation-hold").next();
    before.unwrap().to_owned()
}

/// The policy of the notes with its forbid the other way round.
fn turned() -> String {
    policy("notes").replace(
        "{ legal_hold: { eq: true } }",
        "{ legal_hold: { eq: false } }",
    )
}

/// A decision table that fits any policy of the notes.
fn any_table() -> &'static str {
    "policy: gold.notes\ngiven: [{ id: one, business_unit: auto }]\n\
     cases: [{ name: nobody, as: { roles: [none] }, sees: denied }]\n"
}

#[tokio::test]
async fn a_preview_shows_exactly_what_the_person_sees_tile_by_tile() {
    let world = World::of_the_sample_lake().await;
    let admin = world.session(&Who::governor()).await;
    let admin = |ask: Ask| ask.cookie(&admin).header("sec-fetch-site", "same-origin");
    let mut shown = 0;
    for who in [Who::analyst("auto"), Who::exec(), Who::newcomer()] {
        let session = world.session(&who).await;
        for (slug, tiles, filters) in world.dashboards() {
            let wish = json!({ "persona": who.name, "dashboard": slug });
            let begun = world.send(admin(post(VIEW_AS).json(&wish))).await;
            let preview = begun.expect(StatusCode::CREATED).json();
            for tile in tiles {
                let own = get(&format!("/d/{slug}/tiles/{tile}")).cookie(&session);
                let own = world.send(own).await.ok();
                let path = format!("/admin/preview/{}/first/tiles/{tile}", id(&preview));
                let seen = world.send(admin(get(&path))).await.ok();
                assert_eq!(seen.text(), own.text(), "{} {slug} {tile}", who.name);

                let own = format!("/api/v1/dashboards/{slug}/tiles/{tile}/data");
                let own = world.send(get(&own).cookie(&session)).await;
                let seen = world
                    .send(admin(get(&data(&preview, "first", &tile))))
                    .await;
                assert_eq!(seen.status, own.status, "{} {slug} {tile}", who.name);
                for part in ["columns", "rows", "snapshots", "truncated", "code"] {
                    assert_eq!(seen.json()[part], own.json()[part], "{slug} {tile} {part}");
                }
                shown += own.json()["rows"].as_array().map_or(0, Vec::len);
            }
            for filter in filters {
                let own = format!("/api/v1/dashboards/{slug}/filters/{filter}/values");
                let own = world.send(get(&own).cookie(&session)).await;
                let path = format!("{VIEW_AS}/{}/first/filters/{filter}/values", id(&preview));
                let seen = world.send(admin(get(&path))).await;
                assert_eq!(seen.status, own.status, "{} {slug} {filter}", who.name);
                assert_eq!(seen.json()["values"], own.json()["values"]);
            }
        }
    }
    assert!(shown > 100, "there was something to compare: {shown}");
    world.assert_chain().await;
}

#[tokio::test]
async fn invariant_5_a_preview_under_a_draft_leaks_to_no_reader_and_no_reader_into_it() {
    let desk = Desk::open().await;
    let member = desk.world.session(&Who::analyst("auto")).await;
    let own = format!("/api/v1/dashboards/{SLUG}/tiles/list/data");
    let own = async || desk.world.send(get(&own).cookie(&member)).await.ok();
    let held = held("auto");
    assert!(!own().await.text().contains(&held));

    let draft = desk.draft_of(&opened()).await;
    let preview = desk
        .preview(json!({ "under": { "draft": draft }, "compare": "published" }))
        .await;
    for _ in 0..2 {
        let under_draft = desk.list(&preview, "first").await.ok();
        assert!(under_draft.text().contains(&held), "{}", under_draft.text());
        let published = desk.list(&preview, "second").await.ok();
        assert_eq!(published.json()["rows"], own().await.json()["rows"]);
        assert!(!own().await.text().contains(&held));
    }
    let page = desk.page(&preview, "").await.ok();
    assert!(page.text().contains(&held));
    assert!(!page.text().contains(&canary("home")));

    let sides = &preview["sides"];
    assert_eq!(
        (&sides[0]["draft"], &sides[0]["version"]),
        (&draft, &json!(1))
    );
    assert_eq!(
        (&sides[1]["draft"], &sides[1]["revision"]),
        (&json!(null), &json!(1))
    );
}

#[tokio::test]
async fn what_differs_is_counted_tile_by_tile() {
    let desk = Desk::open().await;
    let draft = desk.draft_of(&opened()).await;
    let preview = desk.preview(json!({ "compare": { "draft": draft } })).await;

    let rows = desk.rows(&preview).await;

    let list = of_tile(&rows, "list");
    assert_eq!(
        (&list["first"], &list["second"]),
        (&json!({ "rows": 3 }), &json!({ "rows": 5 }))
    );
    assert_eq!((&list["gained"], &list["lost"]), (&json!(2), &json!(0)));
    assert_eq!(list["title"], json!({ "en": "List", "fr": "Liste" }));
    let visits = of_tile(&rows, "visits");
    assert_eq!(visits["first"], visits["second"]);
    assert_eq!((&visits["gained"], &visits["lost"]), (&json!(0), &json!(0)));
    // Each row once, however many tiles show it: of the notes and of the visits.
    assert_eq!(rows["sides"][0], json!({ "side": "first", "rows": 6 }));
    assert_eq!(rows["sides"][1], json!({ "side": "second", "rows": 8 }));
}

#[tokio::test]
async fn rows_that_come_and_rows_that_go_do_not_cancel_out() {
    let desk = Desk::open().await;
    let draft = desk.draft_of(&turned()).await;
    let preview = desk.preview(json!({ "compare": { "draft": draft } })).await;

    let rows = desk.rows(&preview).await;

    let list = of_tile(&rows, "list");
    assert_eq!(
        (&list["first"]["rows"], &list["second"]["rows"]),
        (&json!(3), &json!(1))
    );
    assert_eq!((&list["gained"], &list["lost"]), (&json!(1), &json!(3)));
}

#[tokio::test]
async fn a_tile_that_the_draft_withholds_or_drops_says_so() {
    let desk = Desk::open().await;
    let hides = policy("notes") + "  - id: no-amounts\n    hide: [amount]\n";
    let path = "dashboards/finance-overview.dashboard.yaml";
    let revision = desk.send(get("/api/v1/policies/revisions/1")).await.ok();
    let overview = revision.json()["files"][path].as_str().unwrap().to_owned();
    let shorter = overview.split("  - id: visits").next().unwrap();
    let files = [
        (NOTES, hides.as_str()),
        (TABLE, any_table()),
        (path, shorter),
    ];
    let draft = desk.draft(&files).await;
    let preview = desk.preview(json!({ "compare": { "draft": draft } })).await;

    let rows = desk.rows(&preview).await;

    let list = of_tile(&rows, "list");
    assert_eq!(list["second"], json!({ "withheld": "nothing-visible" }));
    assert_eq!((&list["gained"], &list["lost"]), (&json!(0), &json!(3)));
    let visits = of_tile(&rows, "visits");
    assert_eq!(visits["second"], json!({ "absent": true }));
    let withheld = desk.list(&preview, "second").await;
    assert_eq!(withheld.problem(), "withheld");
}

/// Datasets are content too: a draft that points one at another table is read through that table,
/// and through no cache that readers share.
#[tokio::test]
async fn a_draft_with_another_table_is_previewed_over_that_table_alone() {
    let desk = Desk::open().await;
    let rows = [row("auto", "elsewhere", 500, Some(false), 5)];
    desk.canaries.add("moved", "first", &rows);
    let moved = dataset("notes").replace("parquet: notes", "parquet: moved");
    let draft = desk
        .draft(&[("dashboards/datasets/notes.dataset.yaml", &moved)])
        .await;
    let preview = desk
        .preview(json!({ "under": { "draft": draft }, "compare": "published" }))
        .await;

    let first = desk.list(&preview, "first").await.ok();
    assert_eq!(first.json()["rows"], json!([["elsewhere", "5.00"]]));
    let second = desk.list(&preview, "second").await.ok();
    assert!(second.text().contains(&canary("auto")));
    let rows = desk.rows(&preview).await;
    let list = of_tile(&rows, "list");
    assert_eq!(
        (&list["first"]["rows"], &list["second"]["rows"]),
        (&json!(1), &json!(3))
    );
    assert_eq!(list["gained"], json!(null), "rows of two tables");
    let member = desk.world.session(&Who::analyst("auto")).await;
    let own = get(&format!("/api/v1/dashboards/{SLUG}/tiles/list/data"));
    let own = desk.world.send(own.cookie(&member)).await.ok();
    assert_eq!(own.json()["rows"], second.json()["rows"]);
}

#[tokio::test]
async fn a_set_of_claims_sees_what_anybody_with_these_claims_sees() {
    let desk = Desk::open().await;
    let claims = json!({ "roles": ["analyst"], "business_units": ["home", "life"] });
    let wish = json!({ "claims": claims, "dashboard": SLUG });
    let begun = desk.send(post(VIEW_AS).json(&wish)).await;
    let preview = begun.expect(StatusCode::CREATED).json();
    assert_eq!(
        preview["claims"]["business_units"],
        json!(["home", "life"]),
        "{preview}"
    );

    let list = desk.list(&preview, "first").await.ok();

    let seen = |unit: &str| list.text().contains(&canary(unit));
    assert!(seen("home") && seen("life") && !seen("auto"));
    let page = desk.page(&preview, "").await.ok();
    assert!(page.text().contains("governor-1 as analyst; home, life"));
}

#[tokio::test]
async fn filters_work_in_a_preview_and_offer_what_its_rules_open() {
    let desk = Desk::open().await;
    let draft = desk.draft_of(&opened()).await;
    let preview = desk
        .preview(json!({ "under": { "draft": draft }, "compare": "published" }))
        .await;
    let held = held("auto");
    let values = async |side: &str| {
        let path = format!("{VIEW_AS}/{}/{side}/filters/place/values", id(&preview));
        desk.send(get(&path)).await.ok()
    };
    assert!(values("first").await.text().contains(&held));
    assert!(!values("second").await.text().contains(&held));

    let page = desk.page(&preview, "?place=everywhere").await.ok();
    assert!(!page.text().contains("data-state=\"error\""));
    let base = format!("/admin/preview/{}/first", id(&preview));
    assert!(page.text().contains(&format!("action=\"{base}\"")));
    assert!(page.text().contains(&format!("{base}/tiles")));
    let tile = format!("{base}/tiles/list?place=everywhere");
    let tile = desk.send(get(&tile)).await.ok();
    assert!(tile.text().contains("everywhere"));
    assert!(!tile.text().contains(&canary("auto")), "narrowed");
    let listed = format!("{VIEW_AS}/{}/first/filters/place/values", id(&preview));
    let nowhere = desk.page(&preview, "?place=nowhere").await.ok();
    let own = "not the admin's own values";
    assert!(nowhere.text().contains(&listed), "{own}");
    let path = format!("{VIEW_AS}/{}/rows?place=everywhere", id(&preview));
    let rows = desk.send(get(&path)).await.ok().json();
    assert_eq!(of_tile(&rows, "list")["first"], json!({ "rows": 1 }));
}

/// Every address below a preview.
fn addresses(preview: &Value) -> Vec<String> {
    let id = id(preview);
    vec![
        format!("{VIEW_AS}/{id}"),
        format!("{VIEW_AS}/{id}/rows"),
        data(preview, "first", "list"),
        format!("{VIEW_AS}/{id}/first/filters/place/values"),
        format!("/admin/preview/{id}/first"),
        format!("/admin/preview/{id}/first/tiles/list"),
    ]
}

#[tokio::test]
async fn a1_a_preview_is_found_by_its_admin_in_its_session_and_by_nobody_else() {
    let desk = Desk::open().await;
    let preview = desk.preview(json!({})).await;
    let other = Who {
        name: "governor-2".to_owned(),
        ..Who::governor()
    };
    let other = desk.world.session(&other).await;
    let again = desk.world.session(&Who::governor()).await;
    let analyst = desk.world.session(&Who::analyst("auto")).await;
    let token = desk.world.token(&Who::exec(), SLUG);
    for path in addresses(&preview) {
        desk.send(get(&path)).await.ok();
        for stranger in [&other, &again, &analyst] {
            let answer = desk.send_as(stranger, get(&path)).await;
            assert_eq!(answer.problem(), "not-found", "{path}");
        }
        let nobody = desk.world.send(get(&path)).await;
        assert_eq!(nobody.problem(), "sign-in-required", "{path}");
        let viewer = desk.world.send(get(&path).bearer(&token)).await;
        assert_eq!(viewer.problem(), "access-token-invalid", "{path}");
    }
    let path = format!("{VIEW_AS}/{}", id(&preview));
    let theirs = desk.send_as(&other, ask(Method::DELETE, &path)).await;
    assert_eq!(theirs.problem(), "not-found");
    let wish = json!({ "persona": "analyst-auto", "dashboard": SLUG });
    let answer = desk.send_as(&analyst, post(VIEW_AS).json(&wish)).await;
    assert_eq!(answer.problem(), "not-found");
    let from_elsewhere = post(VIEW_AS)
        .json(&wish)
        .header("sec-fetch-site", "cross-site");
    let answer = desk.world.send(from_elsewhere.cookie(&desk.admin)).await;
    assert_eq!(answer.problem(), "origin-not-allowed");
    for side in ["second", "third"] {
        let answer = desk.list(&preview, side).await;
        assert_eq!(answer.problem(), "not-found", "{side}");
    }
}

#[tokio::test]
async fn a_preview_opens_its_one_dashboard_and_nothing_for_its_admin() {
    let desk = Desk::open().await;
    let preview = desk.preview(json!({})).await;
    let elsewhere = data(&preview, "first", "elsewhere");
    let answer = desk.send(get(&elsewhere)).await;
    assert_eq!(answer.problem(), "not-found", "a tile of another dashboard");

    let own = format!("/api/v1/dashboards/{SLUG}/tiles/list/data");
    let answer = desk.send(get(&own)).await;
    assert_eq!(answer.problem(), "withheld", "the admin is who they were");
    let answer = desk.send(post("/api/v1/embed-tokens")).await;
    assert_eq!(answer.problem(), "client-unauthorized");
}

#[tokio::test]
async fn a_preview_is_over_after_a_quarter_of_an_hour_and_when_it_is_ended() {
    let desk = Desk::open().await;
    let (first, second) = (desk.preview(json!({})).await, desk.preview(json!({})).await);
    let end = ask(Method::DELETE, &format!("{VIEW_AS}/{}", id(&first)));
    desk.send(end).await.expect(StatusCode::NO_CONTENT);
    for path in addresses(&first) {
        let answer = desk.send(get(&path)).await;
        assert_eq!(answer.problem(), "preview-ended", "{path}");
    }

    desk.world
        .clock
        .advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
    let page = desk.page(&second, "").await.ok();
    assert_eq!(
        page.header("refresh"),
        Some("2"),
        "gone from the screen too"
    );
    desk.world.clock.advance(TimeDelta::seconds(1));
    for path in addresses(&second) {
        let answer = desk.send(get(&path)).await;
        assert_eq!(answer.problem(), "preview-ended", "{path}");
    }
    let page = desk.page(&second, "?locale=fr-CA").await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text().contains("Cet aperçu a pris fin"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("frame-ancestors 'self'"),
        "the frame shows why: {policy}"
    );
}

#[tokio::test]
async fn invariant_10_a_preview_is_on_record_with_who_looks_and_whose_eyes_before_it_shows() {
    let desk = Desk::open().await;
    let draft = desk.draft_of(&opened()).await;
    let preview = desk.preview(json!({ "under": { "draft": draft } })).await;
    desk.list(&preview, "first").await.ok();
    desk.rows(&preview).await;
    desk.page(&preview, "").await.ok();
    let end = ask(Method::DELETE, &format!("{VIEW_AS}/{}", id(&preview)));
    desk.send(end).await;

    let admin = Who::governor().subject("http://127.0.0.1:1");
    let admin = Digest::from(admin.identity_digest());
    let content = desk.world.app.state().dashboards.published.current();
    let eyes = Digest::from(content.personas()[0].subject().digest());
    let facts: Vec<_> = desk.world.audit().await;
    let facts: Vec<_> = facts.iter().map(|record| record.fact().clone()).collect();
    let Fact::ViewAs(began) = facts.first().unwrap() else {
        panic!("the first thing on record is the preview: {facts:?}")
    };
    assert_eq!((began.step, began.by), (ViewAsStep::Begin, admin));
    assert_eq!((began.eyes, began.expires_in_seconds), (eyes, 900));
    assert_eq!(began.persona.as_ref().unwrap().as_str(), "analyst-auto");
    assert_eq!(
        (began.under[0].revision, began.under[0].version),
        (1, Some(1))
    );
    let Fact::ViewAs(ended) = facts.last().unwrap() else {
        panic!("and so is its end: {facts:?}")
    };
    assert_eq!(
        (ended.step, ended.preview),
        (ViewAsStep::End, began.preview)
    );

    let reads = desk.world.reads().await;
    assert!(reads.len() > 12, "one tile, counts and a page: {reads:?}");
    for read in reads {
        let lens = read.view_as.expect("every read says whose eyes");
        assert_eq!((read.subject, lens.eyes), (admin, eyes), "{}", read.tile);
        assert_eq!((lens.preview, lens.version), (began.preview, Some(1)));
        assert_eq!(json!(lens.draft), draft);
    }
    let found = get(&format!("/api/v1/audit?kind=view_as&subject={admin}"));
    let found = desk.send(found).await.ok().json();
    assert_eq!(found["records"].as_array().unwrap().len(), 2, "{found}");
    let text = found.to_string();
    assert!(!text.contains(id(&preview)), "the id stays out: {text}");
    desk.world.assert_chain().await;
}

#[tokio::test]
async fn what_is_withheld_in_a_preview_is_on_record_under_the_admin() {
    let desk = Desk::open().await;
    let wish = json!({ "claims": { "roles": ["analyst"] }, "dashboard": SLUG });
    let begun = desk.send(post(VIEW_AS).json(&wish)).await;
    let preview = begun.expect(StatusCode::CREATED).json();

    let answer = desk.list(&preview, "first").await;

    assert_eq!(answer.problem(), "withheld");
    let denial = desk.world.denials().await.pop().unwrap();
    let admin = Who::governor().subject("http://127.0.0.1:1");
    assert_eq!(denial.subject, Some(Digest::from(admin.identity_digest())));
    assert!(denial.view_as.is_some());
}

#[tokio::test]
async fn c_a_preview_is_marked_in_the_language_of_the_page_and_framed_by_weir_alone() {
    let desk = Desk::open().await;
    let draft = desk.draft_of(&opened()).await;
    let preview = desk.preview(json!({ "under": { "draft": draft } })).await;
    // Noon in UTC is seven in the morning where the readers are.
    for (query, mark) in [
        (
            "?locale=en-CA",
            format!(
                "Preview: governor-1 as Auto analyst · draft {draft}, version 1 · until 15 Nov 2026, 07:15"
            ),
        ),
        (
            "?locale=fr-CA",
            format!(
                "Aperçu\u{a0}: governor-1 comme Analyste auto · ébauche\u{a0}{draft}, version\u{a0}1 · jusqu’au 15 nov. 2026, 07\u{a0}h\u{a0}15"
            ),
        ),
    ] {
        let page = desk.page(&preview, query).await.ok();
        let text = page.text();
        assert!(
            text.contains(&format!("<p class=\"lens\" role=\"note\">{mark}</p>")),
            "{text}"
        );
        assert!(text.matches(&mark).count() > 6, "all over the picture");
        assert!(!text.contains("Policy revision 1."), "a draft decides");
        assert!(text.contains("@media print"), "on paper too");
        assert_eq!(page.header("cache-control"), Some("no-store, private"));
        assert_eq!(page.header("x-frame-options"), Some("SAMEORIGIN"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.ends_with("frame-ancestors 'self'"), "{policy}");
        assert!(
            policy.starts_with("sandbox allow-forms allow-same-origin allow-scripts; default-src 'none'; script-src 'nonce-"),
            "{policy}"
        );
        assert!(!text.contains("/logout"), "a picture, not a session");
    }
    let revision = desk.preview(json!({})).await;
    let page = desk.page(&revision, "").await.ok();
    assert!(page.text().contains("as Auto analyst · revision 1 · until"));
}

#[tokio::test]
async fn what_can_not_be_looked_at_is_refused_with_the_reason() {
    let desk = Desk::open().await;
    let broken = desk
        .draft(&[(NOTES, "dataset: gold.notes\nrules: no")])
        .await;
    let wish =
        json!({ "persona": "analyst-auto", "dashboard": SLUG, "under": { "draft": broken } });
    let answer = desk.refused(wish).await;
    assert_eq!(answer.problem(), "content-invalid");
    let findings = answer.json()["findings"].to_string();
    assert!(findings.contains("notes.policy.yaml"), "{findings}");
}

#[tokio::test]
async fn a_wish_that_means_nothing_is_refused_and_not_on_record() {
    let desk = Desk::open().await;
    let wishes = [
        (
            json!({ "persona": "analyst-atuo", "dashboard": SLUG }),
            "invalid-parameter",
        ),
        (
            json!({ "persona": "analyst-auto", "dashboard": "no-such" }),
            "invalid-parameter",
        ),
        (json!({ "dashboard": SLUG }), "invalid-parameter"),
        (
            json!({ "persona": "analyst-auto", "claims": {}, "dashboard": SLUG }),
            "invalid-parameter",
        ),
        (
            json!({ "persona": "analyst-auto", "dashboard": SLUG, "under": { "draft": 99 } }),
            "not-found",
        ),
        (
            json!({ "persona": "analyst-auto", "dashboard": SLUG, "compare": { "revision": 9 } }),
            "not-found",
        ),
        (
            json!({ "claims": { "role": "analyst" }, "dashboard": SLUG }),
            "invalid-request",
        ),
        (
            json!({ "claims": { "business_units": [""] }, "dashboard": SLUG }),
            "invalid-request",
        ),
    ];
    for (wish, code) in wishes {
        let answer = desk.refused(wish.clone()).await;
        assert_eq!(answer.problem(), code, "{wish}");
    }
    let near = desk
        .refused(json!({ "persona": "analyst-atuo", "dashboard": SLUG }))
        .await;
    assert!(
        near.text().contains("did you mean `analyst-auto`?"),
        "{}",
        near.text()
    );
    assert_eq!(
        desk.world
            .audit()
            .await
            .iter()
            .filter(|record| matches!(record.fact(), Fact::ViewAs(_)))
            .count(),
        0
    );
}

#[tokio::test]
async fn a_slip_in_a_business_unit_is_told_where_the_catalog_names_them() {
    let world = World::of_the_sample_lake().await;
    let admin = world.session(&Who::governor()).await;
    let claims = json!({ "roles": ["analyst"], "business_units": ["auto", "hoem"] });
    let wish = json!({ "claims": claims, "dashboard": SLUG });
    let ask = post(VIEW_AS).json(&wish).cookie(&admin);

    let answer = world
        .send(ask.header("sec-fetch-site", "same-origin"))
        .await;

    assert_eq!(answer.problem(), "invalid-parameter");
    assert!(
        answer.text().contains("did you mean `home`?"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn p27_nothing_is_previewed_while_the_newest_revision_can_not_be_put_in_force() {
    let desk = Desk::open().await;
    let preview = desk.preview(json!({})).await;
    desk.list(&preview, "first").await.ok();
    let reads = desk.world.reads().await.len();

    desk.world.app.state().dashboards.published.close();

    let wish = json!({ "persona": "analyst-auto", "dashboard": SLUG });
    assert_eq!(desk.refused(wish).await.problem(), "registry-unavailable");
    for path in addresses(&preview).into_iter().skip(1) {
        let answer = desk.send(get(&path)).await;
        assert_eq!(answer.problem(), "registry-unavailable", "{path}");
    }
    assert_eq!(desk.world.reads().await.len(), reads, "nothing was read");
}

#[tokio::test]
async fn a_preview_stays_under_the_rules_it_names_when_others_come_into_force() {
    let desk = Desk::open().await;
    let preview = desk.preview(json!({})).await;
    let before = desk.list(&preview, "first").await.ok().json();
    let draft = desk.draft_of(&turned()).await;
    let under_draft = desk.preview(json!({ "under": { "draft": draft } })).await;
    let saved = get(&format!("/api/v1/policies/drafts/{draft}"));
    let saved = desk.send(saved).await.ok();
    let files = saved.json()["files"].clone();
    let mut files = files.as_object().unwrap().clone();
    files.insert(NOTES.to_owned(), json!(opened()));
    let wish = json!({ "title": "Another", "base": 1, "files": files });
    let save = ask(Method::PUT, &format!("/api/v1/policies/drafts/{draft}"));
    let save = save.header("if-match", saved.header("etag").unwrap());
    desk.send(save.json(&wish)).await.ok();

    let under_version_1 = desk.list(&under_draft, "first").await.ok();

    assert!(!under_version_1.text().contains(&canary("auto")));
    let newer = desk.preview(json!({ "under": { "draft": draft } })).await;
    assert_eq!(newer["sides"][0]["version"], 2);
    let under_version_2 = desk.list(&newer, "first").await.ok();
    assert!(under_version_2.text().contains(&canary("auto")));
    let after = desk.list(&preview, "first").await.ok().json();
    assert_eq!(after["rows"], before["rows"]);
}

/// The fields of a redirect or a form, as the portal's page has them.
async fn begin(desk: &Desk, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("csrf", ""), ("dashboard", SLUG), ("content", "revision:1")];
    all.extend(fields);
    desk.send(post("/admin/view-as").page().form(&all)).await
}

#[tokio::test]
async fn the_portals_form_begins_a_preview_and_shows_both_pictures_with_what_differs() {
    let desk = Desk::open().await;
    let draft = desk.draft_of(&turned()).await;
    let asked = format!("/admin/view-as?persona=analyst-auto&content=draft:{draft}&locale=en-CA");
    let form = desk.send(get(&asked).page()).await.ok();
    let chosen = format!("<option value=\"draft:{draft}\" selected");
    assert!(form.text().contains(&chosen), "{}", form.text());
    assert!(form.text().contains("Revision 1, in force"));
    assert!(form.text().contains("Ends by itself after"));

    let compare = format!("draft:{draft}");
    let fields = [("persona", "analyst-auto"), ("compare", compare.as_str())];
    let begun = begin(&desk, &fields).await.expect(StatusCode::SEE_OTHER);
    let there = begun.header("location").unwrap().to_owned();
    let page = desk
        .send(get(&format!("{there}?locale=en-CA")).page())
        .await
        .ok();

    let text = page.text();
    assert_eq!(text.matches("<iframe").count(), 2);
    let id = there.rsplit('/').next().unwrap();
    for side in ["first", "second"] {
        let source = format!("src=\"/admin/preview/{id}/{side}?locale=en-CA\"");
        assert!(text.contains(&source), "{source}: {text}");
        let picture = desk
            .send(get(&format!("/admin/preview/{id}/{side}")).page())
            .await;
        assert!(picture.ok().text().contains("class=\"lens\""));
    }
    assert!(text.contains("+1 −3"), "rows come and rows go");
    assert!(text.contains("other rows") && text.contains("the same"));
    assert!(text.contains("Preview: governor-1 as Auto analyst"));
    assert_eq!(page.header("refresh"), Some("901"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'none'") && policy.contains("frame-src 'self'"));
    assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("x-frame-options"), Some("DENY"));

    let french = desk
        .send(get(&format!("{there}?locale=fr-CA")).page())
        .await
        .ok();
    assert!(
        french
            .text()
            .contains("Aperçu\u{a0}: governor-1 comme Analyste auto")
    );
    assert!(french.text().contains("d’autres lignes"));
    assert!(french.text().contains("first?locale=fr-CA"));
}

#[tokio::test]
async fn the_portal_says_that_a_preview_is_over_and_offers_the_same_answers() {
    let desk = Desk::open().await;
    let fields = [
        ("persona", ""),
        ("roles", "analyst"),
        ("business_units", "home, life"),
        ("attributes", "region = QC, ON"),
    ];
    let begun = begin(&desk, &fields).await.expect(StatusCode::SEE_OTHER);
    let there = begun.header("location").unwrap().to_owned();
    let page = desk.send(get(&there).page()).await.ok();
    assert_eq!(page.text().matches("<iframe").count(), 1);
    assert!(
        page.text()
            .contains("as analyst; home, life; region: ON, QC"),
        "{}",
        page.text()
    );

    let other = Who {
        name: "governor-2".to_owned(),
        ..Who::governor()
    };
    let other = desk.world.session(&other).await;
    let answer = desk.send_as(&other, get(&there).page()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let end = post(&format!("{there}/end")).page().form(&[("csrf", "")]);
    let answer = desk.send_as(&other, end).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    desk.send(get(&there).page()).await.ok();

    desk.world.clock.advance(TimeDelta::minutes(15));
    let over = desk
        .send(get(&format!("{there}?locale=fr-CA")).page())
        .await;
    assert_eq!(over.status, StatusCode::GONE);
    assert!(over.text().contains("Cet aperçu a pris fin"));
    let again = "/admin/view-as?attributes=region+%3D+ON%2C+QC&amp;business_units=home%2C+life";
    assert!(over.text().contains(again), "{}", over.text());
    let form = "/admin/view-as?attributes=region+%3D+ON%2C+QC&business_units=home%2C+life";
    let form = desk.send(get(form).page()).await.ok();
    assert!(form.text().contains("value=\"home, life\""));
    assert!(form.text().contains("region = ON, QC"));

    let begun = begin(&desk, &fields).await.expect(StatusCode::SEE_OTHER);
    let there = begun.header("location").unwrap();
    let end = post(&format!("{there}/end")).page().form(&[("csrf", "")]);
    let ended = desk.send(end).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(ended.header("location"), Some("/admin/view-as?done=ended"));
    let answer = desk.send(get(there).page()).await;
    assert_eq!(answer.status, StatusCode::GONE);
}

#[tokio::test]
async fn the_portals_form_says_beside_the_field_what_is_wrong_and_keeps_the_answers() {
    let desk = Desk::open().await;
    let broken = desk
        .draft(&[(NOTES, "dataset: gold.notes\nrules: no")])
        .await;
    let broken = format!("draft:{broken}");
    for (fields, field, said) in [
        (
            vec![("persona", "nobody")],
            "persona",
            "There is no such persona.",
        ),
        (
            vec![("persona", "analyst-auto"), ("compare", "draft:99")],
            "compare",
            "no such revision or draft",
        ),
        (
            vec![("persona", "analyst-auto"), ("compare", "x")],
            "compare",
            "no such revision or draft",
        ),
        (
            vec![("persona", "analyst-auto"), ("compare", broken.as_str())],
            "compare",
            "notes.policy.yaml",
        ),
        (
            vec![("attributes", "region QC"), ("roles", "analyst")],
            "attributes",
            "Write name = value, value.",
        ),
    ] {
        let answer = begin(&desk, &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{fields:?}"
        );
        let text = answer.text();
        assert!(text.contains(said), "{said}: {text}");
        assert!(text.contains(&format!("href=\"#f-{field}\"")), "{text}");
        assert!(text.contains("aria-invalid=\"true\""));
        for (name, value) in fields {
            let kept = name == "compare" || text.contains(value);
            assert!(kept, "{name} is kept: {text}");
        }
        assert!(
            text.contains("/admin/view-as?"),
            "the other language keeps them too"
        );
    }
    let stranger = desk.world.session(&Who::analyst("auto")).await;
    let answer = desk.send_as(&stranger, get("/admin/view-as").page()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let nobody = desk.world.send(get("/admin/view-as").page()).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}
