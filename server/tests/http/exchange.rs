//! Token exchange (RFC 8693): a person's own token says who is looking, narrowed to what the client
//! is registered for (attacks E11, E14; failures F40, F45).

use chrono::Duration;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use weir_registry::{Digest, Fact, Mint};

use crate::api_tokens::Office;
use crate::support::ask::{Answer, Ask, ask, get, post};
use crate::support::canaries::canary;
use crate::support::world::{CRM, HOST, UNITS, Who};

const EXCHANGE: &str = "/api/v1/embed-tokens/exchange";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A provider, a Weir, and a client that may exchange.
struct Desk {
    office: Office,
    secret: String,
}

impl Desk {
    async fn open(change: impl FnOnce(&mut Value)) -> Self {
        Self::of(Office::open().await, change).await
    }

    async fn of(office: Office, change: impl FnOnce(&mut Value)) -> Self {
        let mut document = json!({
            "origins": [HOST], "dashboards": ["finance-overview"],
            "business_units": ["auto", "home"], "rights": ["export_csv"],
            "attributes": { "clearance": ["internal"] },
            "exchange": { "audiences": ["crm-frontend"], "roles": ["analyst"] },
        });
        change(&mut document);
        let governor = office.world.session(&Who::governor()).await;
        let admin = |ask: Ask| {
            ask.cookie(&governor)
                .header("sec-fetch-site", "same-origin")
        };
        let put = ask(Method::PUT, "/api/v1/embed-clients/portal").json(&document);
        let made = office
            .world
            .send(admin(put))
            .await
            .expect(StatusCode::CREATED);
        let rotate = post("/api/v1/embed-clients/portal/secrets");
        let rotate = rotate.header("if-match", made.header("etag").unwrap());
        let rotated = office
            .world
            .send(admin(rotate))
            .await
            .expect(StatusCode::CREATED);
        let secret = rotated.json()["secret"].as_str().unwrap().to_owned();
        Self { office, secret }
    }

    /// The claims of an analyst of two units, one of which the client may not speak for.
    fn claims(&self) -> Value {
        let now = self.office.world.clock.now();
        json!({
            "iss": self.office.issuer, "aud": "crm-frontend", "sub": "amelie",
            "iat": now.timestamp(), "exp": (now + Duration::minutes(5)).timestamp(),
            "name": "Amélie", "roles": ["analyst", "executive", "governance_admin"],
            "business_units": ["auto", "wealth"],
            "attributes": { "clearance": ["internal", "confidential"], "region": ["QC"] },
        })
    }

    fn with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[name] = value;
        claims
    }

    fn id_token(&self, claims: &Value) -> String {
        self.office.sign("JWT", claims)
    }

    async fn exchange(&self, token: &str, kind: &str, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", GRANT),
            ("subject_token", token),
            ("subject_token_type", kind),
            ("dashboard", "finance-overview"),
            ("origin", HOST),
        ];
        form.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
        form.extend_from_slice(more);
        let ask = post(EXCHANGE).basic("portal", &self.secret).form(&form);
        self.office.world.send(ask).await
    }

    async fn of_claims(&self, claims: &Value) -> Answer {
        self.exchange(&self.id_token(claims), ID_TOKEN, &[]).await
    }

    async fn mints(&self) -> Vec<Mint> {
        let records = self.office.world.audit().await.into_iter();
        let mints = records.filter_map(|record| match record.fact() {
            Fact::Mint(mint) => Some(mint.clone()),
            _ => None,
        });
        mints.collect()
    }

    async fn last_denial(&self) -> (String, Option<String>) {
        let denial = self.office.world.denials().await.pop().unwrap();
        (
            denial.code.to_string(),
            denial.client.map(|id| id.to_string()),
        )
    }
}

/// What an embed token says.
fn said(answer: &Answer) -> Value {
    use base64::Engine as _;
    let body = answer.json();
    let token = body["access_token"].as_str().unwrap();
    let claims = token.split('.').nth(1).unwrap();
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    serde_json::from_slice(&engine.decode(claims).unwrap()).unwrap()
}

#[tokio::test]
async fn the_claims_say_who_is_looking_and_the_registration_narrows_them() {
    let desk = Desk::open(|_| {}).await;

    let answer = desk.of_claims(&desk.claims()).await.ok();

    let body = answer.json();
    let names: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        names,
        [
            "access_token",
            "expires_in",
            "issued_token_type",
            "launch_url",
            "token_type"
        ]
    );
    assert_eq!(
        body["issued_token_type"],
        "urn:ietf:params:oauth:token-type:jwt"
    );
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(answer.header("cache-control"), Some("no-store, private"));
    let claims = said(&answer);
    assert_eq!(claims["sub"], "amelie");
    assert_eq!(claims["client_id"], "portal");
    assert_eq!(claims["business_units"], json!(["auto"]));
    assert_eq!(claims["roles"], json!(["analyst"]));
    assert_eq!(claims["attributes"], json!({ "clearance": ["internal"] }));
    assert_eq!(claims["rights"], json!([]));
    let token = body["access_token"].as_str().unwrap();
    let rows = desk.office.world.send(get(LIST).bearer(token)).await.ok();
    assert!(rows.text().contains(&canary("auto")));
    assert!(!rows.text().contains(&canary("wealth")) && !rows.text().contains(&canary("home")));
}

#[tokio::test]
async fn the_record_says_exchange_client_and_person() {
    let desk = Desk::open(|_| {}).await;

    desk.of_claims(&desk.claims()).await.ok();

    let mint = desk.mints().await.pop().unwrap();
    let exchange = mint.exchange.unwrap();
    assert_eq!(mint.client.as_str(), "portal");
    assert_eq!(exchange.issuer.as_str(), desk.office.issuer);
    assert_eq!(exchange.token.as_str(), "id_token");
    // The same person, whichever door they come through.
    let person = weir_policy::Subject::new(desk.office.issuer.as_str(), "amelie");
    assert_eq!(mint.subject, Digest::from(person.identity_digest()));
    desk.office.world.assert_chain().await;
}

#[tokio::test]
async fn an_access_token_for_the_clients_audience_is_exchanged_too() {
    let desk = Desk::open(|_| {}).await;
    let mut claims = desk.with("client_id", json!("crm-frontend"));
    claims["jti"] = json!("1");
    let token = desk.office.sign("at+jwt", &claims);

    desk.exchange(&token, ACCESS_TOKEN, &[]).await.ok();

    let mixed_up = desk.exchange(&token, ID_TOKEN, &[]).await;
    assert_eq!(mixed_up.problem(), "subject-token-invalid");
    let id_token = desk.id_token(&desk.claims());
    let mixed_up = desk.exchange(&id_token, ACCESS_TOKEN, &[]).await;
    assert_eq!(mixed_up.problem(), "subject-token-invalid");
}

/// E14, and everything else that is no live token of a person for this client.
#[tokio::test]
async fn e14_a_token_that_is_not_a_persons_own_live_one_is_refused() {
    let desk = Desk::open(|_| {}).await;
    let now = desk.office.world.clock.now().timestamp();
    let nested = (0..50).fold(
        json!({ "sub": "a" }),
        |act, _| json!({ "sub": "a", "act": act }),
    );
    let cases = [
        (desk.with("act", json!({ "sub": "portal" })), "delegated"),
        (desk.with("act", nested), "delegated"),
        (
            desk.with("may_act", json!({ "sub": "portal" })),
            "delegated",
        ),
        (desk.with("client_id", json!("amelie")), "no_person"),
        (desk.with("exp", json!(now - 61)), "expired"),
        (desk.with("iat", json!(now + 120)), "times_out_of_range"),
        (desk.with("aud", json!("weir")), "wrong_audience"),
        (
            desk.with("aud", json!(["crm-frontend", "other"])),
            "wrong_audience",
        ),
        (desk.with("azp", json!("other")), "wrong_audience"),
        (
            desk.with("iss", json!("https://other.example")),
            "wrong_issuer",
        ),
    ];
    for (claims, code) in cases {
        let answer = desk.of_claims(&claims).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{claims}");
        assert_eq!(answer.problem(), "subject-token-invalid");
        assert_eq!(answer.json()["error"], "invalid_request");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/subject_token");
        // No more than a few refusals a minute are on record, whatever they are.
        let recorded = desk.last_denial().await;
        assert_eq!(recorded.1.as_deref(), Some("portal"));
        assert_eq!(recorded.0, code, "{claims}");
    }
    assert_eq!(desk.mints().await.len(), 0);
}

#[tokio::test]
async fn e14_no_other_kind_of_token_is_exchanged() {
    let desk = Desk::open(|_| {}).await;
    let world = &desk.office.world;
    let embed = world.token(&Who::analyst("auto"), "finance-overview");
    let logout = desk.with(
        "events",
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
    );
    let tokens = [
        embed,
        desk.id_token(&logout),
        desk.office.sign("logout+jwt", &desk.claims()),
        desk.office.sign("weir-embed+jwt", &desk.claims()),
        "x".to_owned(),
    ];
    for token in tokens {
        for kind in [ID_TOKEN, ACCESS_TOKEN] {
            let answer = desk.exchange(&token, kind, &[]).await;
            assert_eq!(answer.problem(), "subject-token-invalid", "{token}");
        }
    }
}

#[tokio::test]
async fn a_claim_that_can_not_be_read_refuses_instead_of_meaning_nothing() {
    let desk = Desk::open(|_| {}).await;

    let answer = desk
        .of_claims(&desk.with("business_units", json!("auto")))
        .await;

    assert_eq!(answer.problem(), "subject-token-invalid");
    assert_eq!(desk.last_denial().await.0, "claim_of_wrong_type");
}

#[tokio::test]
async fn e11_what_the_host_asks_beyond_its_registration_is_refused() {
    let desk = Desk::open(|_| {}).await;
    let token = desk.id_token(&desk.claims());
    for (name, value, pointer) in [
        ("dashboard", "claims-operations", "/dashboard"),
        ("origin", "https://evil.example", "/origin"),
        ("rights", "export_csv export_xlsx", "/rights/1"),
        ("expires_in", "301", "/expires_in"),
    ] {
        let answer = desk.exchange(&token, ID_TOKEN, &[(name, value)]).await;
        assert_eq!(answer.problem(), "mint-forbidden", "{name}");
        assert_eq!(answer.json()["error"], "unauthorized_client");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
    }
    let right = [
        ("rights", "export_csv"),
        ("locale", "fr-CA"),
        ("expires_in", "60"),
    ];
    let granted = desk.exchange(&token, ID_TOKEN, &right).await.ok();
    assert_eq!(said(&granted)["rights"], json!(["export_csv"]));
    assert_eq!(granted.json()["expires_in"], 60);
}

#[tokio::test]
async fn e14_a_claim_that_keeps_the_person_back_is_not_left_out() {
    let rule =
        "  - id: executives-see-no-amounts\n    hide: [amount]\n    when: { role: executive }\n";
    let narrow = Desk::of(Office::governed_by(rule).await, |_| {}).await;

    let refused = narrow.of_claims(&narrow.claims()).await;

    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    assert_eq!(narrow.last_denial().await.0, "narrowing_would_open");
    let analyst = narrow.with("roles", json!(["analyst"]));
    narrow.of_claims(&analyst).await.ok();
    let roles = json!(["analyst", "executive"]);
    let wide = Office::governed_by(rule).await;
    let wide = Desk::of(wide, |document| document["exchange"]["roles"] = roles).await;
    wide.of_claims(&wide.claims()).await.ok();
}

#[tokio::test]
async fn e14_nor_is_it_where_a_filter_alone_reads_what_the_rule_is_about() {
    let rule = "  - id: not-for-executives\n    hide: [place]\n    when: { role: executive }\n";
    let office = Office::governed_by(rule).await;
    let desk = Desk::of(office, |document| {
        document["dashboards"] = json!(["claims-operations"]);
    });
    let desk = desk.await;
    let token = desk.id_token(&desk.claims());

    let visits = [("dashboard", "claims-operations")];
    let refused = desk.exchange(&token, ID_TOKEN, &visits).await;

    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    assert_eq!(desk.last_denial().await.0, "narrowing_would_open");
}

#[tokio::test]
async fn e10_a_token_from_before_its_person_was_revoked_is_not_exchanged() {
    let desk = Desk::open(|_| {}).await;
    let before = desk.claims();
    desk.of_claims(&before).await.ok();
    let world = &desk.office.world;
    let governor = world.session(&Who::governor()).await;
    let target = json!({ "subject": { "issuer": desk.office.issuer, "sub": "amelie" } });
    let revoke = post("/api/v1/embed-tokens/revoke")
        .json(&json!({ "target": target, "reason": "A laptop was stolen" }))
        .cookie(&governor)
        .header("sec-fetch-site", "same-origin");
    world.send(revoke).await.ok();

    world.clock.advance(Duration::minutes(1));
    let refused = desk.of_claims(&before).await;

    assert_eq!(refused.problem(), "subject-token-invalid");
    assert_eq!(desk.last_denial().await.0, "revoked");
    desk.of_claims(&desk.claims()).await.ok();
}

#[tokio::test]
async fn f45_unknown_repeated_and_foreign_fields_are_refused() {
    let desk = Desk::open(|_| {}).await;
    let token = desk.id_token(&desk.claims());
    for (name, value) in [
        ("business_units", "home"),
        ("roles", "executive"),
        ("actor_token", "x"),
        ("audience", "weir"),
        ("rls", "1=1"),
    ] {
        let answer = desk.exchange(&token, ID_TOKEN, &[(name, value)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert_eq!(answer.problem(), "mint-invalid");
    }
    let unknown = [("parameters", r#"{"nothing_declared":["x"]}"#)];
    let answer = desk.exchange(&token, ID_TOKEN, &unknown).await;
    assert_eq!(answer.problem(), "mint-invalid");
    let twice = [("origin", HOST), ("origin", HOST)];
    let answer = desk.exchange(&token, ID_TOKEN, &twice).await;
    assert_eq!(answer.problem(), "mint-invalid");
    let as_json = post(EXCHANGE)
        .basic("portal", &desk.secret)
        .json(&json!({}));
    let answer = desk.office.world.send(as_json).await;
    assert_eq!(answer.problem(), "unsupported-media-type");
}

#[tokio::test]
async fn a_client_that_is_not_registered_for_it_exchanges_nothing() {
    let desk = Desk::open(|_| {}).await;
    let token = desk.id_token(&desk.claims());
    let form = [
        ("grant_type", GRANT),
        ("subject_token", token.as_str()),
        ("subject_token_type", ID_TOKEN),
        ("dashboard", "finance-overview"),
        ("origin", HOST),
    ];

    let ask = post(EXCHANGE).basic(CRM.0, CRM.1).form(&form);
    let answer = desk.office.world.send(ask).await;

    assert_eq!(answer.problem(), "mint-forbidden");
    assert_eq!(desk.last_denial().await.0, "exchange_not_allowed");
    let nobody = desk.office.world.send(post(EXCHANGE).form(&form)).await;
    assert_eq!(nobody.problem(), "client-unauthorized");
}

/// F40: whoever signs in and whoever comes by an exchange of the same claims reads the same, as far
/// as the client is registered for all of it.
#[tokio::test]
async fn f40_an_exchange_and_a_sign_in_with_the_same_claims_read_the_same() {
    let desk = Desk::open(|document| {
        document["business_units"] = json!(UNITS);
        document["attributes"] = json!({ "clearance": "any", "region": "any" });
        document["exchange"]["roles"] = json!([
            "analyst",
            "executive",
            "governance_admin",
            "privacy_officer"
        ]);
    })
    .await;
    let world = &desk.office.world;
    let rows = |answer: &Answer| {
        let body = answer.json();
        (
            answer.status,
            body["columns"].clone(),
            body["rows"].clone(),
            body["code"].clone(),
        )
    };
    for who in Who::everybody() {
        let mut claims = desk.with("business_units", json!(who.units));
        claims["roles"] = json!(who.roles);
        let clearance = if who.clearance {
            vec!["confidential"]
        } else {
            vec![]
        };
        claims["attributes"] = json!({ "clearance": clearance });
        let exchanged = desk.of_claims(&claims).await.ok().json();
        let token = exchanged["access_token"].as_str().unwrap();
        let cookie = world.session(&who).await;
        for tile in ["list", "total"] {
            let route = format!("/api/v1/dashboards/finance-overview/tiles/{tile}/data");

            let by_exchange = world.send(get(&route).bearer(token)).await;
            let by_session = world.send(get(&route).cookie(&cookie)).await;

            assert_eq!(
                rows(&by_exchange),
                rows(&by_session),
                "{} at {tile}",
                who.name
            );
        }
    }
}
