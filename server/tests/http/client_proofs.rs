//! How a client proves itself where tokens are minted: secrets, signed assertions, rates, and what
//! of its refusals is on record.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::governors::Governors;
use crate::support::ask::{Answer, ask, get, post};
use crate::support::canaries::Canaries;
use crate::support::world::{CRM, HOST, World};

const MINT: &str = "/api/v1/embed-tokens";
const ENDPOINT: &str = "https://weir.example/api/v1/embed-tokens";

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn wish() -> Value {
    json!({
        "dashboard": "finance-overview", "subject": { "sub": "u-1" },
        "business_units": ["auto"], "origin": HOST,
    })
}

/// An office in which a client is registered with a key and no secret.
struct Signing {
    office: Governors,
    key: SigningKey,
}

impl Signing {
    async fn open(change: impl FnOnce(&mut Value)) -> Self {
        let office = Governors::open().await;
        let key = SigningKey::from_bytes(&rand::random());
        let x = b64(key.verifying_key().as_bytes());
        let mut document = json!({
            "origins": [HOST], "dashboards": ["finance-overview"], "business_units": ["auto"],
            "roles": ["analyst"],
            "jwks": { "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": x }] },
        });
        change(&mut document);
        let put = ask(Method::PUT, "/api/v1/embed-clients/signer").json(&document);
        office.ask(0, put).await.expect(StatusCode::CREATED);
        Self { office, key }
    }

    fn world(&self) -> &World {
        &self.office.world
    }

    fn claims(&self, jti: &str) -> Value {
        let now = self.world().clock.now().timestamp();
        json!({
            "iss": "signer", "sub": "signer", "aud": ENDPOINT, "jti": jti,
            "iat": now, "exp": now + 60,
        })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", b64(signature))
    }

    fn assertion(&self, claims: &Value) -> String {
        self.sign(
            &json!({ "alg": "EdDSA", "kid": "k1", "typ": "JWT" }),
            claims,
        )
    }

    async fn mint(&self, assertion: &str) -> Answer {
        let ask = post(MINT).bearer(assertion).json(&wish());
        self.world().send(ask).await
    }

    async fn denied(&self) -> Vec<(String, Option<String>)> {
        let denials = self.world().denials().await.into_iter();
        let told = denials.map(|one| (one.code.to_string(), one.client.map(|id| id.to_string())));
        told.collect()
    }
}

#[tokio::test]
async fn a_signed_assertion_mints_once_and_only_once_on_every_process() {
    let signing = Signing::open(|_| {}).await;
    let assertion = signing.assertion(&signing.claims("one"));
    let canaries = Canaries::new();
    let segments = tempfile::tempdir().unwrap();
    let mut plan = canaries.plan();
    plan.registry = Some((
        signing.world().registry_address(),
        segments.path().to_owned(),
    ));
    let there = World::build(&plan).await.unwrap();

    let minted = signing.mint(&assertion).await.ok();

    assert!(minted.json()["token"].as_str().unwrap().starts_with("eyJ"));
    assert_eq!(
        signing.mint(&assertion).await.status,
        StatusCode::UNAUTHORIZED
    );
    let elsewhere = there
        .send(post(MINT).bearer(&assertion).json(&wish()))
        .await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
    let replayed = ("assertion_replayed".to_owned(), Some("signer".to_owned()));
    assert_eq!(signing.denied().await, [replayed]);
    let next = signing.assertion(&signing.claims("two"));
    signing.mint(&next).await.ok();
}

#[tokio::test]
async fn an_assertion_for_somebody_else_or_out_of_time_mints_nothing() {
    let signing = Signing::open(|_| {}).await;
    let with = |name: &str, value: Value| {
        let mut claims = signing.claims("j");
        claims[name] = value;
        claims
    };
    let now = signing.world().clock.now().timestamp();
    for (claims, code) in [
        (
            with("aud", json!("https://weir.example/")),
            "assertion_audience",
        ),
        (
            with(
                "aud",
                json!("https://weir.example/api/v1/embed-tokens/exchange"),
            ),
            "assertion_audience",
        ),
        (with("exp", json!(now)), "assertion_expired"),
        (with("exp", json!(now + 400)), "assertion_time"),
    ] {
        let answer = signing.mint(&signing.assertion(&claims)).await;
        assert_eq!(answer.problem(), "client-unauthorized", "{claims}");
        let last = signing.denied().await.pop().unwrap();
        assert_eq!(last, (code.to_owned(), Some("signer".to_owned())));
    }
    // Whoever is unknown leaves no record, whatever they send.
    let recorded = signing.denied().await.len();
    let strangers = [
        signing.assertion(&with("sub", json!("board"))),
        signing.assertion(&json!({ "iss": "nobody", "sub": "nobody", "jti": "1" })),
        "x.y.z".to_owned(),
    ];
    for assertion in strangers {
        assert_eq!(
            signing.mint(&assertion).await.problem(),
            "client-unauthorized"
        );
    }
    assert_eq!(signing.denied().await.len(), recorded);
}

#[tokio::test]
async fn an_assertion_opens_nothing_but_the_calls_of_clients() {
    let signing = Signing::open(|_| {}).await;
    let doors = [
        "/api/v1/dashboards/finance-overview/tiles/list/data",
        "/api/v1/embed-clients",
        "/api/v1/audit",
        "/embed/finance-overview/tiles/list",
    ];
    for door in doors {
        let assertion = signing.assertion(&signing.claims(door));
        let answer = signing.world().send(get(door).bearer(&assertion)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{door}");
    }
}

#[tokio::test]
async fn e8_a_credential_in_the_address_proves_nobody() {
    let signing = Signing::open(|_| {}).await;
    let assertion = signing.assertion(&signing.claims("q"));
    for target in [
        format!("{MINT}?client_assertion={assertion}"),
        format!("{MINT}?access_token={assertion}"),
        format!("{MINT}?client_id={}&client_secret=x", CRM.0),
    ] {
        let answer = signing.world().send(post(&target).json(&wish())).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
        assert!(!answer.text().contains("eyJ"), "{}", answer.text());
    }
    assert_eq!(signing.mint(&assertion).await.status, StatusCode::OK);
}

#[tokio::test]
async fn e11_a_flood_of_one_client_is_told_to_wait_and_holds_up_nobody_else() {
    let signing = Signing::open(|document| document["rate_per_minute"] = json!(3)).await;
    for jti in ["1", "2", "3"] {
        let assertion = signing.assertion(&signing.claims(jti));
        signing.mint(&assertion).await.ok();
    }

    let flood = signing.mint(&signing.assertion(&signing.claims("4"))).await;

    assert_eq!(flood.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(flood.problem(), "too-many-requests");
    let wait: u64 = flood.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(flood.json()["retry_after"], wait);
    let other = post(MINT).basic(CRM.0, CRM.1).json(&wish());
    signing.world().send(other).await.ok();
    let limited = ("rate_exceeded".to_owned(), Some("signer".to_owned()));
    assert_eq!(signing.denied().await, [limited]);
}

#[tokio::test]
async fn e11_guesses_at_a_secret_are_on_record_but_do_not_fill_it() {
    let signing = Signing::open(|_| {}).await;
    for guess in 0..40 {
        let guess = post(MINT)
            .basic(CRM.0, &format!("guess {guess}"))
            .json(&wish());
        assert_eq!(
            signing.world().send(guess).await.status,
            StatusCode::UNAUTHORIZED
        );
        let stranger = post(MINT).basic("no-such-client", "x").json(&wish());
        assert_eq!(
            signing.world().send(stranger).await.status,
            StatusCode::UNAUTHORIZED
        );
    }

    let denied = signing.denied().await;

    assert!((10..20).contains(&denied.len()), "{}", denied.len());
    let wrong = ("secret_wrong".to_owned(), Some(CRM.0.to_owned()));
    assert!(denied.iter().all(|one| *one == wrong), "{denied:?}");
}
