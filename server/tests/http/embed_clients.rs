//! Embed clients as admins manage them: through the API, in the portal, and in every process.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use weir_registry::{ClientStep, ClientStepKind, Fact};

use crate::governors::Governors;
use crate::support::ask::{Answer, Ask, ask, get, post};
use crate::support::canaries::Canaries;
use crate::support::world::{CRM, HOST, World};

const CLIENTS: &str = "/api/v1/embed-clients";
const MINT: &str = "/api/v1/embed-tokens";

fn put(id: &str, document: &Value) -> Ask {
    ask(Method::PUT, &format!("{CLIENTS}/{id}")).json(document)
}

fn delete(path: &str) -> Ask {
    ask(Method::DELETE, &format!("{CLIENTS}/{path}"))
}

fn document() -> Value {
    json!({
        "origins": [HOST], "dashboards": ["finance-overview"], "business_units": ["auto"],
        "roles": ["analyst"],
    })
}

fn tag(answer: &Answer) -> &str {
    answer.header("etag").unwrap()
}

fn wish() -> Value {
    json!({
        "dashboard": "finance-overview", "subject": { "sub": "u-1" },
        "business_units": ["auto"], "origin": HOST,
    })
}

async fn mints(world: &World, id: &str, secret: &str) -> StatusCode {
    let ask = post(MINT).basic(id, secret).json(&wish());
    world.send(ask).await.status
}

impl Governors {
    /// A registered client, and the answer with its tag.
    async fn registered(&self, id: &str) -> Answer {
        let answer = self.ask(0, put(id, &document())).await;
        answer.expect(StatusCode::CREATED)
    }

    /// A new secret of a client, and the answer with the new tag.
    async fn rotated(&self, id: &str, seen: &str) -> (String, Answer) {
        let ask = post(&format!("{CLIENTS}/{id}/secrets")).header("if-match", seen);
        let answer = self.ask(0, ask).await.expect(StatusCode::CREATED);
        let secret = answer.json()["secret"].as_str().unwrap().to_owned();
        (secret, answer)
    }

    async fn steps(&self) -> Vec<ClientStep> {
        let records = self.world.audit().await.into_iter();
        let steps = records.filter_map(|record| match record.fact() {
            Fact::ClientStep(step) => Some(step.clone()),
            _ => None,
        });
        steps.collect()
    }
}

#[tokio::test]
async fn a_client_is_registered_gets_a_secret_and_mints_at_once() {
    let office = Governors::open().await;

    let made = office.registered("broker-portal").await;
    let (secret, _) = office.rotated("broker-portal", tag(&made)).await;

    assert_eq!(
        mints(&office.world, "broker-portal", &secret).await,
        StatusCode::OK
    );
    let listed = office.ask(1, get(CLIENTS)).await.ok().json();
    let ids: Vec<_> = listed["clients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, ["board", "broker-portal", "crm"]);
    let one = office
        .ask(1, get(&format!("{CLIENTS}/broker-portal")))
        .await
        .ok();
    let said = one.json();
    assert_eq!(said["source"], "registry");
    assert_eq!(said["registration"]["rate_per_minute"], 600);
    assert_eq!(said["secrets"].as_array().unwrap().len(), 1);
    assert_eq!(said["created_by"]["sub"], "governor-1");
    assert_eq!(
        one.header("etag"),
        Some(format!("\"{}\"", said["version"]).as_str())
    );
}

#[tokio::test]
async fn a_secret_is_said_once_and_never_again_anywhere() {
    let office = Governors::open().await;
    let made = office.registered("broker-portal").await;
    let (secret, answer) = office.rotated("broker-portal", tag(&made)).await;
    assert_eq!(answer.header("cache-control"), Some("no-store, private"));

    let places = [
        CLIENTS.to_owned(),
        format!("{CLIENTS}/broker-portal"),
        "/api/v1/audit".to_owned(),
    ];
    for place in places {
        let text = office.ask(0, get(&place)).await.ok().text().to_owned();
        assert!(
            !text.contains(&secret) && !text.contains("argon2"),
            "{place}: {text}"
        );
    }
    for page in [
        "/admin/clients",
        "/admin/clients/broker-portal",
        "/admin/audit",
    ] {
        let text = office.ask(0, get(page).page()).await.ok().text().to_owned();
        assert!(
            !text.contains(&secret) && !text.contains("argon2"),
            "{page}"
        );
    }
    let records = format!("{:?}", office.world.audit().await);
    assert!(!records.contains(&secret) && !records.contains("argon2"));
}

#[tokio::test]
async fn two_secrets_overlap_and_the_third_ends_the_oldest() {
    let office = Governors::open().await;
    let world = &office.world;
    let made = office.registered("portal").await;
    let (first, answer) = office.rotated("portal", tag(&made)).await;
    let (second, answer) = office.rotated("portal", tag(&answer)).await;
    for live in [&first, &second] {
        assert_eq!(mints(world, "portal", live).await, StatusCode::OK);
    }

    let (third, answer) = office.rotated("portal", tag(&answer)).await;

    // The first was known to be right a moment ago; that is worth nothing now.
    assert_eq!(
        mints(world, "portal", &first).await,
        StatusCode::UNAUTHORIZED
    );
    for live in [&second, &third] {
        assert_eq!(mints(world, "portal", live).await, StatusCode::OK);
    }
    let oldest = answer.json()["client"]["secrets"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let gone = delete(&format!("portal/secrets/{oldest}")).header("if-match", tag(&answer));
    let left = office.ask(0, gone).await.ok();
    assert_eq!(left.json()["secrets"].as_array().unwrap().len(), 1);
    assert_eq!(
        mints(world, "portal", &second).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(mints(world, "portal", &third).await, StatusCode::OK);
    let again = delete(&format!("portal/secrets/{oldest}")).header("if-match", tag(&left));
    assert_eq!(office.ask(0, again).await.problem(), "not-found");
}

#[tokio::test]
async fn a6_nobody_changes_a_client_they_did_not_see() {
    let office = Governors::open().await;
    let first = office.registered("portal").await;
    let narrower = json!({ "origins": [], "dashboards": [], "business_units": [] });
    let second = put("portal", &narrower).header("if-match", tag(&first));
    let second = office.ask(1, second).await.ok();

    let secrets = format!("{CLIENTS}/portal/secrets");
    let asks = || {
        [
            put("portal", &document()),
            post(&secrets),
            delete("portal"),
            delete("portal/secrets/0a"),
        ]
    };
    for ask in asks() {
        let answer = office.ask(2, ask).await;
        assert_eq!(answer.status, StatusCode::PRECONDITION_REQUIRED);
        assert_eq!(answer.problem(), "precondition-required");
    }
    for ask in asks() {
        let answer = office.ask(2, ask.header("if-match", tag(&first))).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert_eq!(answer.problem(), "registration-conflict");
        assert_eq!(answer.json()["version"], second.json()["version"]);
        assert_eq!(answer.json()["changed_by"]["sub"], "governor-2");
    }
    for junk in ["*", "7", "\"x\"", "W/\"1\""] {
        let answer = office
            .ask(2, delete("portal").header("if-match", junk))
            .await;
        assert_eq!(answer.problem(), "precondition-required", "{junk}");
    }
    let now = office.ask(0, get(&format!("{CLIENTS}/portal"))).await.ok();
    assert_eq!(tag(&now), tag(&second));
}

#[tokio::test]
async fn a_registration_that_can_not_be_used_names_the_field_and_changes_nothing() {
    let office = Governors::open().await;
    let with = |name: &str, value: Value| {
        let mut document = document();
        document[name] = value;
        document
    };
    for (document, pointer, said) in [
        (
            with("dashbords", json!([])),
            "/dashbords",
            "did you mean `dashboards`?",
        ),
        (with("secret", json!("x")), "/secret", "unknown key"),
        (
            with("origins", json!(["https://*.example"])),
            "/origins/0",
            "no wildcard",
        ),
        (
            with("origins", json!(["http://crm.example"])),
            "/origins/0",
            "loopback",
        ),
        (
            with("max_lifetime_seconds", json!(3600)),
            "/max_lifetime_seconds",
            "1 to 300",
        ),
        (json!([]), "", "a mapping"),
    ] {
        let answer = office.ask(0, put("portal", &document)).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{document}"
        );
        assert_eq!(answer.problem(), "registration-invalid");
        let fault = &answer.json()["errors"][0];
        assert_eq!(fault["pointer"], pointer, "{document}");
        assert!(fault["detail"].as_str().unwrap().contains(said), "{fault}");
    }
    for id in ["Portal", "a_b", "-", "%2e%2e"] {
        let answer = office.ask(0, put(id, &document())).await;
        assert_eq!(answer.problem(), "registration-invalid", "{id}");
    }
    assert_eq!(office.steps().await, []);
}

#[tokio::test]
async fn what_does_not_exist_is_a_warning_and_not_silently_taken() {
    let office = Governors::open().await;
    let mut wide = document();
    wide["dashboards"] = json!(["finance-overview", "old-report"]);

    let answer = office
        .ask(0, put("portal", &wide))
        .await
        .expect(StatusCode::CREATED);

    let warnings = answer.json()["warnings"].clone();
    assert_eq!(warnings.as_array().unwrap().len(), 1, "{warnings}");
    assert_eq!(warnings[0]["pointer"], "/dashboards/1");
    assert!(
        warnings[0]["detail"]
            .as_str()
            .unwrap()
            .contains("old-report")
    );
    let page = office
        .ask(0, get("/admin/clients/portal?locale=fr-CA").page())
        .await
        .ok();
    assert!(
        page.text().contains("Il n’y a pas de tableau de bord"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn every_step_is_on_record_with_who_and_what() {
    let office = Governors::open().await;
    let made = office.registered("portal").await;
    let changed = put("portal", &document()).header("if-match", tag(&made));
    let changed = office.ask(1, changed).await.ok();
    let (_, rotated) = office.rotated("portal", tag(&changed)).await;
    let id = rotated.json()["id"].as_str().unwrap().to_owned();
    let gone = delete(&format!("portal/secrets/{id}")).header("if-match", tag(&rotated));
    let left = office.ask(1, gone).await.ok();
    let removed = delete("portal").header("if-match", tag(&left));
    office.ask(1, removed).await.expect(StatusCode::NO_CONTENT);

    let steps = office.steps().await;
    let kinds: Vec<_> = steps.iter().map(|step| step.step).collect();
    assert_eq!(
        kinds,
        [
            ClientStepKind::Register,
            ClientStepKind::Change,
            ClientStepKind::AddSecret,
            ClientStepKind::RemoveSecret,
            ClientStepKind::Remove,
        ]
    );
    assert!(steps.iter().all(|step| step.client.as_str() == "portal"));
    assert_ne!(steps[0].by, steps[1].by);
    assert_eq!(steps[2].secret.as_ref().unwrap().as_str(), id);
    let page = office
        .ask(0, get("/admin/audit?locale=fr-CA").page())
        .await
        .ok();
    assert!(
        page.text().contains("Client d’intégration portal"),
        "{}",
        page.text()
    );
    office.world.assert_chain().await;
}

#[tokio::test]
async fn an_inactive_or_removed_client_gets_nothing_any_more() {
    let office = Governors::open().await;
    let made = office.registered("portal").await;
    let (secret, seen) = office.rotated("portal", tag(&made)).await;
    assert_eq!(
        mints(&office.world, "portal", &secret).await,
        StatusCode::OK
    );

    let mut inactive = document();
    inactive["active"] = json!(false);
    let seen = put("portal", &inactive).header("if-match", tag(&seen));
    let seen = office.ask(0, seen).await.ok();
    assert_eq!(
        mints(&office.world, "portal", &secret).await,
        StatusCode::UNAUTHORIZED
    );

    let removed = delete("portal").header("if-match", tag(&seen));
    office.ask(0, removed).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(
        mints(&office.world, "portal", &secret).await,
        StatusCode::UNAUTHORIZED
    );
    let codes: Vec<_> = office
        .world
        .denials()
        .await
        .into_iter()
        .map(|d| d.code.to_string())
        .collect();
    assert_eq!(codes, ["client_inactive"]);
}

#[tokio::test]
async fn a_client_of_the_configuration_is_shown_and_changed_nowhere_else() {
    let office = Governors::open().await;
    let seen = office
        .ask(0, get(&format!("{CLIENTS}/{}", CRM.0)))
        .await
        .ok();
    assert_eq!(seen.json()["source"], "configuration");
    assert!(seen.header("etag").is_none() && seen.json().get("secrets").is_none());
    assert!(!seen.text().contains("argon2"));

    let secrets = format!("{CLIENTS}/{}/secrets", CRM.0);
    for ask in [put(CRM.0, &document()), delete(CRM.0), post(&secrets)] {
        let answer = office.ask(0, ask.header("if-match", "\"1\"")).await;
        assert_eq!(answer.problem(), "registration-conflict");
    }
    assert_eq!(
        office.ask(0, put(CRM.0, &document())).await.problem(),
        "registration-conflict"
    );
    assert_eq!(mints(&office.world, CRM.0, CRM.1).await, StatusCode::OK);
    assert_eq!(office.steps().await, []);
}

#[tokio::test]
async fn another_process_follows_what_was_changed_here() {
    let canaries = Canaries::new();
    let office = Governors::open().await;
    let here = &office.world;
    // The other process has the same registry, and a folder of its own for what it records.
    let (address, segments) = (here.registry_address(), tempfile::tempdir().unwrap());
    let mut plan = canaries.plan();
    plan.registry = Some((address, segments.path().to_owned()));
    let there = World::build(&plan).await.unwrap();
    let made = office.registered("portal").await;
    let (secret, seen) = office.rotated("portal", tag(&made)).await;
    assert_eq!(
        mints(&there, "portal", &secret).await,
        StatusCode::UNAUTHORIZED
    );

    let stop = CancellationToken::new();
    let following = there.app.follow_clients(stop.clone());
    let seen = async {
        while mints(&there, "portal", &secret).await != StatusCode::OK {
            tokio::task::yield_now().await;
        }
        let removed = delete("portal").header("if-match", tag(&seen));
        office.ask(0, removed).await.expect(StatusCode::NO_CONTENT);
        while mints(&there, "portal", &secret).await != StatusCode::UNAUTHORIZED {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    tokio::join!(following, seen);
}

#[tokio::test]
async fn an_id_in_both_places_stops_weir_and_is_named() {
    let canaries = Canaries::new();
    let office = Governors::open().await;
    let clients = office.world.app.state().registry.embed_clients().clone();
    let change = weir_registry::ClientChange {
        client: weir_registry::Label::parse(CRM.0).unwrap(),
        seen: None,
        by: weir_registry::Actor {
            issuer: "i".to_owned(),
            sub: "s".to_owned(),
            name: "n".to_owned(),
        },
        at: office.world.clock.now(),
        request: weir_registry::RequestId::parse("r-1").unwrap(),
    };
    clients.put(&change, &document().to_string()).await.unwrap();
    let segments = tempfile::tempdir().unwrap();
    let mut plan = canaries.plan();
    plan.registry = Some((office.world.registry_address(), segments.path().to_owned()));

    let refused = World::build(&plan).await.map(drop).unwrap_err();

    assert!(refused.to_string().contains("`crm`"), "{refused}");
}

#[tokio::test]
async fn the_portal_makes_shows_and_removes_secrets_by_plain_forms() {
    let office = Governors::open().await;
    office.registered("portal").await;
    let page = "/admin/clients/portal";
    let version = async || {
        let seen = office.ask(0, get(&format!("{CLIENTS}/portal"))).await.ok();
        seen.json()["version"].to_string()
    };
    let list = office.ask(0, get("/admin/clients").page()).await.ok();
    for said in ["portal", CRM.0, HOST, "In the configuration"] {
        assert!(list.text().contains(said), "{said}");
    }

    let before = version().await;
    let form = post(&format!("{page}/rotate"))
        .page()
        .form(&[("version", &before)]);
    let made = office.ask(0, form).await.ok();
    let shown = made.text().split("weir_secret_").nth(1).unwrap();
    let secret = format!("weir_secret_{}", &shown[..43]);
    assert_eq!(
        mints(&office.world, "portal", &secret).await,
        StatusCode::OK
    );
    assert_eq!(made.header("cache-control"), Some("no-store, private"));

    // Reloading the page sends the form again, which makes no third secret.
    let form = post(&format!("{page}/rotate"))
        .page()
        .form(&[("version", &before)]);
    let again = office.ask(0, form).await.expect(StatusCode::CONFLICT);
    assert!(!again.text().contains("weir_secret_"), "{}", again.text());
    assert!(again.text().contains("meanwhile"));

    let seen = office
        .ask(0, get(&format!("{CLIENTS}/portal")))
        .await
        .ok()
        .json();
    let id = seen["secrets"][0]["id"].as_str().unwrap().to_owned();
    let form = [("version", &*version().await), ("secret", &id)].map(|(n, v)| (n, v.to_owned()));
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let gone = post(&format!("{page}/remove-secret")).page().form(&form);
    let gone = office.ask(0, gone).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(
        gone.header("location"),
        Some("/admin/clients/portal?done=secret-removed")
    );
    assert_eq!(
        mints(&office.world, "portal", &secret).await,
        StatusCode::UNAUTHORIZED
    );
}
