//! The governance portal: every page in both languages, who finds it, and a change carried through
//! its forms.

use std::ops::Deref;

use http::StatusCode;

use crate::governors::{Governors, NOTES, TABLE, closed, opened, table};
use crate::support::ask::{Answer, Ask, get, post, with_query};
use crate::support::canaries::{canary, held, policy};
use crate::support::world::Who;

const CHANGE: &str = "/admin/policies/gold.notes/change";

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
        self.ask(admin, ask.page()).await
    }

    /// A page, which must be one.
    async fn page(&self, admin: usize, path: &str) -> String {
        let answer = self.send(admin, get(path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.text().to_owned()
    }

    /// Posts a form that must lead on; where to.
    async fn post(&self, admin: usize, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(admin, post(path).form(fields)).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{path}: {}",
            told(answer.text())
        );
        answer.header("location").unwrap().to_owned()
    }

    /// A new draft of an admin over the policy of the notes: its path.
    async fn draft(&self, admin: usize) -> String {
        let to = self.post(admin, CHANGE, &[]).await;
        to.split('?').next().unwrap().to_owned()
    }

    /// Saves `text` as a file of the draft, as its editor would.
    async fn save(&self, admin: usize, draft: &str, path: &str, text: &str) -> String {
        let page = self
            .page(admin, &with_query(draft, &[("file", path)]))
            .await;
        let fields = [
            ("version", value(&page, "version")),
            ("title", value(&page, "title")),
        ];
        let fields = [fields[0], fields[1], ("path", path), ("text", text)];
        let fields = fields.map(|(name, value)| (name, value.to_owned()));
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        self.post(admin, &format!("{draft}/save"), &fields).await
    }

    /// A draft in which nobody sees the word of Auto.
    async fn closing(&self, admin: usize) -> String {
        let draft = self.draft(admin).await;
        self.save(admin, &draft, TABLE, table()).await;
        self.save(admin, &draft, NOTES, &closed()).await;
        draft
    }

    /// A step that must be taken, on the version that the page shows.
    async fn take(&self, admin: usize, draft: &str, step: &str) -> String {
        let version = self.version(admin, draft).await;
        let fields = [("version", version.as_str())];
        self.post(admin, &format!("{draft}/{step}"), &fields).await
    }

    async fn version(&self, admin: usize, draft: &str) -> String {
        let page = self.page(admin, draft).await;
        let version = page.split("name=\"version\" value=\"").nth(1);
        // Where nothing is left to do, there is no form; any version will do then.
        version.map_or_else(
            || "1".to_owned(),
            |rest| rest.split('"').next().unwrap().to_owned(),
        )
    }

    /// The second admin rolls back to revision 1, which opens rows: it takes two approvals.
    async fn goes_back(&self) {
        let back = self.post(1, "/admin/revisions/1/rollback", &[]).await;
        let back = back.split('?').next().unwrap();
        let page = self.page(1, back).await;
        assert!(page.contains("lets somebody see more"), "{}", told(&page));
        self.take(1, back, "submit").await;
        self.take(0, back, "approve").await;
        let one = [("version", "1")];
        let early = self
            .send(0, post(&format!("{back}/publish")).form(&one))
            .await;
        assert!(
            early.text().contains("It has 1 of the 2 approvals"),
            "{}",
            told(early.text())
        );
        self.take(2, back, "approve").await;
        self.take(1, back, "publish").await;
        self.in_force(3).await;
    }
}

/// The value of a field of a form.
fn value<'p>(page: &'p str, name: &str) -> &'p str {
    let field = page.split(&format!("name=\"{name}\"")).nth(1);
    let field = field.unwrap_or_else(|| panic!("no field `{name}` on {}", told(page)));
    field
        .split("value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
}

/// A page without its style sheet, for messages of tests.
fn told(page: &str) -> String {
    let body = page.split("<main").nth(1).unwrap_or(page);
    body.chars().take(6_000).collect()
}

/// Whether a page has a form that posts to a step.
fn offers(page: &str, step: &str) -> bool {
    page.contains(&format!("/{step}\""))
}

const PAGES: [&str; 12] = [
    "/admin",
    "/admin/drafts",
    "/admin/drafts/1",
    "/admin/policies",
    "/admin/policies/gold.notes",
    "/admin/revisions",
    "/admin/revisions/1",
    "/admin/revisions/1?file=policies%2Fnotes.policy.yaml",
    "/admin/revisions/diff?from=1&to=1",
    "/admin/access",
    "/admin/access/explain?dataset=gold.notes&persona=analyst-auto",
    "/admin/audit",
];

#[tokio::test]
async fn every_page_answers_an_admin_in_both_languages_without_any_script() {
    let office = Office::open().await;
    office.closing(0).await;
    for path in PAGES {
        for (locale, word, other) in [
            ("en-CA", "Sign out", "Français"),
            ("fr-CA", "Se déconnecter", "English"),
        ] {
            let joint = if path.contains('?') { '&' } else { '?' };
            let path = format!("{path}{joint}locale={locale}");
            let answer = office.send(0, get(&path)).await;
            let page = answer.text();
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", told(page));
            assert!(page.contains(&format!("<html lang=\"{locale}\"")), "{path}");
            assert!(page.contains(word) && page.contains(other), "{path}");
            assert!(!page.contains("<script"), "{path}");
            let policy = answer.header("content-security-policy").unwrap();
            assert!(policy.contains("script-src 'none'"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            let inside = page.matches("href=\"/admin").count();
            let carried = page.matches("locale=").count();
            assert!(carried >= inside, "{path}: a way on loses the language");
        }
    }
}

#[tokio::test]
async fn a1_nobody_else_finds_the_portal() {
    let office = Office::open().await;
    let draft = office.closing(0).await;
    let world = &office.world;
    let analyst = world.session(&Who::analyst("auto")).await;
    let nowhere = world.send(get("/nowhere").page().cookie(&analyst)).await;
    for path in PAGES {
        let nobody = world.send(get(path).page()).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(
            nobody.text().contains("/login?return_to=%2Fadmin"),
            "{path}"
        );
        let member = world.send(get(path).page().cookie(&analyst)).await;
        assert_eq!(member.status, StatusCode::NOT_FOUND, "{path}");
        let same = |answer: &Answer| {
            let body = answer.text().split("</style>").nth(1).unwrap();
            body.split("<code").next().unwrap().to_owned()
        };
        assert_eq!(same(&member), same(&nowhere), "{path} tells itself apart");
    }
    let step = format!("{draft}/withdraw");
    for path in [CHANGE, step.as_str(), "/admin/revisions/1/rollback"] {
        let own = |ask: Ask| ask.page().header("sec-fetch-site", "same-origin");
        let member = own(post(path).form(&[("version", "3")])).cookie(&analyst);
        assert_eq!(
            world.send(member).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
        let nobody = own(post(path).form(&[("version", "3")]));
        assert_eq!(
            world.send(nobody).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
        let elsewhere = post(path).form(&[("version", "3")]).page();
        let elsewhere = elsewhere.header("sec-fetch-site", "cross-site");
        let elsewhere = world.send(elsewhere.cookie(&office.sessions[0])).await;
        assert_eq!(elsewhere.status, StatusCode::FORBIDDEN, "a5: {path}");
    }
    assert!(
        office.page(0, &draft).await.contains(&canary("auto")),
        "it is still there"
    );
}

#[tokio::test]
async fn only_an_admins_pages_lead_to_the_portal() {
    let office = Office::open().await;
    let analyst = office.world.session(&Who::analyst("auto")).await;
    for path in ["/", "/d/finance-overview"] {
        let admin = office.page(0, path).await;
        assert!(admin.contains("/admin?locale=en-CA"), "{path}");
        let member = office
            .world
            .send(get(path).page().cookie(&analyst))
            .await
            .ok();
        assert!(!member.text().contains("/admin"), "{path}");
    }
}

#[tokio::test]
async fn a_change_goes_through_the_forms_to_every_screen_and_back() {
    let office = Office::open().await;
    let auto = Who::analyst("auto");
    let draft = office.closing(0).await;
    let page = office.page(0, &draft).await;
    assert!(
        page.contains("not-that") && offers(&page, "submit"),
        "{}",
        told(&page)
    );
    assert!(
        !offers(&page, "publish"),
        "nothing is published before it is approved"
    );

    let counted = office.take(0, &draft, "check").await;
    assert!(counted.contains("count=1"), "{counted}");
    let page = office.page(0, &counted).await;
    assert!(page.contains("Counted on the data of"), "{}", told(&page));
    office.take(0, &draft, "submit").await;
    let waiting = office.page(1, "/admin").await;
    assert!(
        waiting.contains(&format!("href=\"{draft}\"")),
        "{}",
        told(&waiting)
    );

    let own = [("version", office.version(0, &draft).await)];
    let own = own.each_ref().map(|(name, value)| (*name, value.as_str()));
    let refused = office
        .send(0, post(&format!("{draft}/approve")).form(&own))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text().contains("somebody else has to approve it"),
        "{}",
        told(refused.text())
    );
    let early = office
        .send(0, post(&format!("{draft}/publish")).form(&own))
        .await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(
        early.text().contains("It has 0 of the 1 approvals"),
        "{}",
        told(early.text())
    );

    office.take(1, &draft, "approve").await;
    let published = office.take(1, &draft, "publish").await;
    assert!(published.contains("done=published"), "{published}");
    office.in_force(2).await;
    assert!(
        !office.sees(&auto, &canary("auto")).await,
        "the rule is in force"
    );
    let revision = office.page(2, "/admin/revisions/2").await;
    assert!(revision.contains("governor-1") && revision.contains("governor-2"));
    let diff = office.page(2, "/admin/revisions/diff?from=1&to=2").await;
    assert!(diff.contains("not-that"), "{}", told(&diff));

    office.goes_back().await;
    assert!(office.sees(&auto, &canary("auto")).await);
    office.world.assert_chain().await;
}

#[tokio::test]
async fn a6_of_two_who_write_at_once_neither_loses_a_word() {
    let office = Office::open().await;
    let draft = office.draft(0).await;
    let version = office.version(1, &draft).await;
    office.save(0, &draft, NOTES, &closed()).await;

    let mine = format!("{}# mine\n", policy("notes"));
    let form = [
        ("version", version.as_str()),
        ("title", "My title"),
        ("path", NOTES),
        ("text", mine.as_str()),
    ];
    let conflict = office
        .send(1, post(&format!("{draft}/save")).form(&form))
        .await;

    assert_eq!(conflict.status, StatusCode::CONFLICT);
    let page = conflict.text();
    assert!(
        page.contains("governor-1") && page.contains("Nothing is lost"),
        "{}",
        told(page)
    );
    assert!(
        page.contains("# mine") && page.contains("not-that"),
        "{}",
        told(page)
    );
    assert_eq!(
        (value(page, "title"), value(page, "version")),
        ("My title", "2")
    );
    let form = [("version", "2"), form[1], form[2], form[3]];
    office.post(1, &format!("{draft}/save"), &form).await;
    let page = office.page(0, &draft).await;
    assert!(
        page.contains("# mine") && !page.contains("not-that"),
        "saved knowingly"
    );
}

#[tokio::test]
async fn a_text_that_was_submitted_meanwhile_is_shown_and_not_lost() {
    let office = Office::open().await;
    let draft = office.closing(0).await;
    let version = office.version(0, &draft).await;
    office.take(1, &draft, "submit").await;

    let form = [
        ("version", version.as_str()),
        ("title", "Late"),
        ("path", NOTES),
        ("text", "my late words"),
    ];
    let late = office
        .send(0, post(&format!("{draft}/save")).form(&form))
        .await;

    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text().contains("my late words"),
        "{}",
        told(late.text())
    );
    let page = office.page(1, &draft).await;
    assert!(
        offers(&page, "approve"),
        "the draft is still in review: {}",
        told(&page)
    );
}

#[tokio::test]
async fn a_file_that_nobody_touched_stays_byte_for_byte_whatever_browsers_do_to_its_lines() {
    let office = Office::open().await;
    let draft = office.draft(0).await;
    let to = office
        .save(0, &draft, NOTES, &policy("notes").replace('\n', "\r\n"))
        .await;
    assert!(to.contains("done=same"), "{to}");

    office
        .save(0, &draft, NOTES, &closed().replace('\n', "\r\n"))
        .await;
    let path = draft.replace("/admin/drafts", "/api/v1/policies/drafts");
    let stored = office.send(0, get(&path)).await.ok().json();
    assert_eq!(stored["files"][NOTES], closed());
    assert_eq!(stored["version"], 2);
}

#[tokio::test]
async fn a_draft_that_another_revision_overtook_is_brought_up_and_undoes_nothing() {
    let office = Office::open().await;
    let late = office.draft(1).await;
    office.save(1, &late, TABLE, table()).await;
    let draft = office.closing(0).await;
    office.take(0, &draft, "submit").await;
    office.take(2, &draft, "approve").await;
    office.take(2, &draft, "publish").await;
    office.in_force(2).await;

    let page = office.page(1, &late).await;
    assert!(
        page.contains("Another revision came into force"),
        "{}",
        told(&page)
    );
    let way = office.take(1, &late, "check").await;

    assert!(way.contains("brought-up"), "{way}");
    let path = late.replace("/admin/drafts", "/api/v1/policies/drafts");
    let stored = office.send(1, get(&path)).await.ok().json();
    assert_eq!(
        (&stored["base"], &stored["files"][NOTES]),
        (&2.into(), &closed().into())
    );
}

#[tokio::test]
async fn what_the_checks_find_stands_beside_its_line_and_stops_the_draft() {
    let office = Office::open().await;
    let draft = office.draft(0).await;
    let wrong = policy("notes").replace("legal_hold", "legal_hodl");
    assert_ne!(wrong, policy("notes"));
    office.save(0, &draft, NOTES, &wrong).await;

    let page = office
        .page(0, &with_query(&draft, &[("file", NOTES)]))
        .await;

    assert!(page.contains("id=\"line-"), "{}", told(&page));
    assert!(
        page.contains("Did you mean") && page.contains("<code>legal_hold</code>"),
        "{}",
        told(&page)
    );
    assert!(!offers(&page, "submit"), "{}", told(&page));
    let fields = [("version", "2")];
    let refused = office
        .send(0, post(&format!("{draft}/submit")).form(&fields))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text().contains("The checks found"),
        "{}",
        told(refused.text())
    );
}

#[tokio::test]
async fn what_opens_rows_says_for_whom_and_counts_them() {
    let office = Office::open().await;
    let draft = office.draft(0).await;
    office.save(0, &draft, TABLE, table()).await;
    office.save(0, &draft, NOTES, &opened()).await;
    let page = office.page(0, &draft).await;
    assert!(page.contains("would newly see rows of"), "{}", told(&page));

    let counted = office.take(0, &draft, "check").await;
    let page = office.page(0, &counted).await;
    assert!(
        page.contains("Finance overview") || page.contains("/d/finance-overview"),
        "{}",
        told(&page)
    );
    let french = office.page(0, &format!("{counted}&locale=fr-CA")).await;
    assert!(french.contains("verrait désormais"), "{}", told(&french));

    office.take(0, &draft, "submit").await;
    office.take(1, &draft, "approve").await;
    office.take(2, &draft, "approve").await;
    office.take(0, &draft, "publish").await;
    office.in_force(2).await;
    assert!(office.sees(&Who::analyst("auto"), &held("auto")).await);
}

#[tokio::test]
async fn a_draft_is_sent_back_scheduled_taken_off_and_withdrawn() {
    let office = Office::open().await;
    let draft = office.closing(0).await;
    office.take(0, &draft, "submit").await;
    let version = office.version(1, &draft).await;
    let step = async |admin: usize, step: &str, field: &str, value: &str| {
        let fields = [("version", version.as_str()), (field, value)];
        office
            .send(admin, post(&format!("{draft}/{step}")).form(&fields))
            .await
    };
    let empty = step(1, "send-back", "reason", " ").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        empty.text().contains("Say what should change."),
        "{}",
        told(empty.text())
    );
    step(1, "send-back", "reason", "Say why, please")
        .await
        .expect(StatusCode::SEE_OTHER);
    let page = office.page(0, &draft).await;
    assert!(
        page.contains("Say why, please") && offers(&page, "submit"),
        "{}",
        told(&page)
    );

    office.take(0, &draft, "submit").await;
    office.take(1, &draft, "approve").await;
    let past = step(1, "schedule", "effective_from", "2026-11-15T06:59").await;
    assert!(
        past.text().contains("Choose a time in the future."),
        "{}",
        told(past.text())
    );
    assert!(
        past.text().contains("2026-11-15T06:59"),
        "what was sent stays"
    );
    // 12:00 UTC is 07:00 in Eastern time.
    let soon = step(1, "schedule", "effective_from", "2026-11-15T07:30").await;
    soon.expect(StatusCode::SEE_OTHER);
    let page = office.page(1, &draft).await;
    assert!(
        page.contains("2026-11-15T07:30:00-05:00"),
        "{}",
        told(&page)
    );
    assert!(!offers(&page, "publish"), "its time has not come");
    office.take(1, &draft, "unschedule").await;
    office.take(0, &draft, "withdraw").await;
    let page = office.page(0, &draft).await;
    assert!(
        page.contains("Withdrawn") && !offers(&page, "save"),
        "{}",
        told(&page)
    );
}

#[tokio::test]
async fn whatever_stands_in_a_draft_stays_text() {
    let office = Office::open().await;
    let draft = office.draft(0).await;
    let evil = "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let form = [
        ("version", "1"),
        ("title", evil),
        ("path", NOTES),
        ("text", evil),
    ];
    office.post(0, &format!("{draft}/save"), &form).await;
    let conflict = office
        .send(1, post(&format!("{draft}/save")).form(&form))
        .await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);

    let own = with_query(&draft, &[("file", NOTES)]);
    let query = with_query("/admin/audit", &[("subject", evil), ("from", evil)]);
    let mut pages = vec![("conflict", conflict.text().to_owned())];
    for path in [
        own.as_str(),
        "/admin",
        "/admin/drafts",
        "/admin/access",
        &query,
    ] {
        pages.push((path, office.page(0, path).await));
    }
    for (path, page) in pages {
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{path}: {}",
            told(&page)
        );
        assert_eq!(
            page.matches("</textarea>").count(),
            page.matches("<textarea").count(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_does_not_exist_is_said_inside_the_portal() {
    let office = Office::open().await;
    for path in [
        "/admin/drafts/77",
        "/admin/revisions/77",
        "/admin/policies/gold.nothing",
        "/admin/access?content=draft:77",
        "/admin/access/explain?dataset=gold.notes&persona=nobody",
    ] {
        let answer = office.send(0, get(path)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let page = answer.text();
        assert!(
            page.contains("This does not exist") && page.contains("/admin/policies"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_audit_is_searched_by_kind_person_and_day_and_says_when_the_chain_was_walked() {
    let office = Office::open().await;
    let draft = office.closing(0).await;
    office.take(0, &draft, "submit").await;

    let page = office.page(1, "/admin/audit?kind=policy_step").await;
    assert!(page.contains("submitted for review"), "{}", told(&page));
    assert!(
        page.contains("Intact") && page.contains("15 Nov 2026, 07:00"),
        "{}",
        told(&page)
    );
    let subject = page.split("/admin/audit?subject=").nth(1).unwrap();
    let subject = &subject[..64];
    let own = office
        .page(1, &format!("/admin/audit?subject={subject}"))
        .await;
    assert!(own.contains("submitted for review"), "{}", told(&own));
    let before = office.page(1, "/admin/audit?to=2026-11-14").await;
    assert!(before.contains("No record matches"), "{}", told(&before));
    let wrong = office.page(1, "/admin/audit?subject=abc&from=soon").await;
    assert!(
        wrong.contains("64 characters") && wrong.contains("as 2026-11-21"),
        "{}",
        told(&wrong)
    );
}

#[tokio::test]
async fn the_matrix_says_who_sees_what_and_leads_to_why() {
    let office = Office::open().await;
    let matrix = office.page(0, "/admin/access").await;
    assert!(
        matrix.contains("Auto analyst") && matrix.contains("Newcomer"),
        "{}",
        told(&matrix)
    );
    let why = "/admin/access/explain?dataset=gold.notes&persona=analyst-auto";
    let page = office.page(0, why).await;
    assert!(
        page.contains("litigation-hold") && page.contains("Since revision 1"),
        "{}",
        told(&page)
    );

    let row = async |key: &str| {
        office
            .page(
                0,
                &format!(
                    "{why}&{}",
                    with_query("", &[("key", key)]).trim_start_matches('?')
                ),
            )
            .await
    };
    let own = row(&format!("2026-10-05, {}", canary("auto"))).await;
    assert!(
        own.contains("Seen") && own.contains("business unit is “auto”: yes"),
        "{}",
        told(&own)
    );
    let foreign = row(&format!("2026-10-05,{}", canary("life"))).await;
    assert!(
        foreign.contains("Not seen") && foreign.contains("no rule"),
        "{}",
        told(&foreign)
    );
    assert!(row("2026-10-05").await.contains("with commas between them"));
    assert!(
        row("2026-10-05,nowhere")
            .await
            .contains("There is no row with this key, or it is not yours")
    );

    let draft = office.draft(0).await;
    office.save(0, &draft, TABLE, table()).await;
    let none = policy("notes").replace("role: analyst", "role: nobody");
    office.save(0, &draft, NOTES, &none).await;
    let id = draft.rsplit('/').next().unwrap();
    let page = office.page(0, &format!("{why}&content=draft:{id}")).await;
    assert!(
        page.contains("under draft") || page.contains(&format!("draft {id}")),
        "{}",
        told(&page)
    );
    assert!(
        page.contains("No rule shows them any row"),
        "{}",
        told(&page)
    );
}
