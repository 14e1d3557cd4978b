//! Access tokens at Weir's own API, against a real provider over loopback whose every answer can be
//! wrong (J rows), and getting one there.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: helpers may fail loudly, and tables of attacks are long"
)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::{Signer, SigningKey};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use weir_identity::{
    AccessTokenError, AccessTokenFlaw, IdentityClaims, LoginError, LogoutNotice, LogoutTokenError,
    LogoutTokenFlaw, NamedProvider, Provider, Providers, Slug, TokenSource, TokenSourceConfig,
    provider_session_key,
};

const API: &str = "weir-api";

fn now() -> DateTime<Utc> {
    "2026-10-05T12:00:00Z".parse().unwrap()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&rand::random())
}

/// What the token endpoint was asked: the form, and who asked.
type Asked = (Vec<(String, String)>, Option<String>);

/// The provider's state, for tests to change.
struct Idp {
    issuer: String,
    published: Vec<(String, SigningKey)>,
    answers: VecDeque<(StatusCode, Value)>,
    device: Value,
    asked: Vec<Asked>,
}

#[derive(Clone)]
struct Shared {
    idp: Arc<Mutex<Idp>>,
    jwks_hits: Arc<AtomicUsize>,
}

struct World {
    shared: Shared,
    provider: Provider,
    issuer: String,
    key: SigningKey,
}

impl World {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let signing = key();
        let idp = Idp {
            issuer: issuer.clone(),
            published: vec![("k1".to_owned(), signing.clone())],
            answers: VecDeque::new(),
            device: json!({
                "device_code": "d", "user_code": "BCDF-GHJK", "expires_in": 600, "interval": 2,
                "verification_uri": format!("{issuer}/device"),
                "verification_uri_complete": format!("{issuer}/device?user_code=BCDF-GHJK"),
            }),
            asked: Vec::new(),
        };
        let shared = Shared {
            idp: Arc::new(Mutex::new(idp)),
            jwks_hits: Arc::default(),
        };
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/device_authorization", post(device))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let config = json!({
            "issuer": issuer, "client_id": "weir", "redirect_uri": "http://127.0.0.1:8080/auth/callback",
        });
        Self {
            provider: Provider::new(serde_json::from_value(config).unwrap()).unwrap(),
            issuer,
            key: signing,
            shared,
        }
    }

    fn idp<T>(&self, change: impl FnOnce(&mut Idp) -> T) -> T {
        change(&mut self.shared.idp.lock().unwrap())
    }

    fn jwks_hits(&self) -> usize {
        self.shared.jwks_hits.load(Ordering::SeqCst)
    }

    fn header() -> Value {
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "k1" })
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer, "aud": API, "sub": "ci", "client_id": "ci", "jti": "j-1",
            "iat": now().timestamp(), "exp": (now() + Duration::minutes(5)).timestamp(),
            "roles": ["governance_admin"],
        })
    }

    fn claims_with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        claims[name] = value;
        claims
    }

    /// Signs two texts, whatever they are, with the right key.
    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", b64(signature))
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        self.sign(&header.to_string(), &claims.to_string())
    }

    async fn accept_at(
        &self,
        token: &str,
        at: DateTime<Utc>,
    ) -> Result<IdentityClaims, AccessTokenError> {
        self.provider.accept_access_token(token, API, at).await
    }

    async fn flaw(&self, token: &str) -> AccessTokenFlaw {
        match self.accept_at(token, now()).await {
            Err(AccessTokenError::Flaw(flaw)) => flaw,
            other => panic!("{token}: {other:?}"),
        }
    }

    async fn flaw_of_header(&self, name: &str, value: Value) -> AccessTokenFlaw {
        let mut header = Self::header();
        header[name] = value;
        self.flaw(&self.token(&header, &self.claims())).await
    }

    async fn flaw_of_claim(&self, name: &str, value: Value) -> AccessTokenFlaw {
        let claims = self.claims_with(name, value);
        self.flaw(&self.token(&Self::header(), &claims)).await
    }

    fn source(&self, secret: Option<&str>) -> TokenSource {
        TokenSource::new(TokenSourceConfig {
            issuer: self.issuer.clone(),
            client_id: "ci".to_owned(),
            client_secret: secret.map(Into::into),
            scopes: vec!["weir.govern".to_owned()],
            audience: API.to_owned(),
        })
        .unwrap()
    }

    /// Lets the token endpoint answer so, in this order.
    fn answers(&self, answers: &[(u16, Value)]) {
        let answers = answers
            .iter()
            .map(|(status, body)| (StatusCode::from_u16(*status).unwrap(), body.clone()));
        self.idp(|idp| idp.answers = answers.collect());
    }
}

async fn discovery(State(shared): State<Shared>) -> Json<Value> {
    let idp = shared.idp.lock().unwrap();
    let base = &idp.issuer;
    Json(json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/jwks"),
        "device_authorization_endpoint": format!("{base}/device_authorization"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

async fn jwks(State(shared): State<Shared>) -> Json<Value> {
    shared.jwks_hits.fetch_add(1, Ordering::SeqCst);
    let idp = shared.idp.lock().unwrap();
    let keys = idp.published.iter().map(|(kid, key)| {
        let x = b64(key.verifying_key().as_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x })
    });
    Json(json!({ "keys": keys.collect::<Vec<_>>() }))
}

async fn token(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let basic = headers.get("authorization");
    let basic = basic.map(|value| value.to_str().unwrap().to_owned());
    let mut idp = shared.idp.lock().unwrap();
    idp.asked.push((form, basic));
    let (status, body) = idp.answers.pop_front().unwrap();
    (status, Json(body)).into_response()
}

async fn device(State(shared): State<Shared>) -> Json<Value> {
    Json(shared.idp.lock().unwrap().device.clone())
}

#[tokio::test]
async fn a_program_is_who_its_provider_says() {
    let world = World::new().await;
    let token = world.token(&World::header(), &world.claims());

    let identity = world.accept_at(&token, now()).await.unwrap();

    assert_eq!(
        (identity.issuer(), identity.subject()),
        (&*world.issuer, "ci")
    );
    assert_eq!(identity.claims()["roles"], json!(["governance_admin"]));
    assert!(identity.id_token().is_none(), "an access token is no hint");
}

#[tokio::test]
async fn both_spellings_of_type_and_audience_are_the_same() {
    let world = World::new().await;
    let header = json!({ "alg": "EdDSA", "typ": "application/AT+JWT", "kid": "k1" });
    let claims = world.claims_with("aud", json!([API]));

    assert!(
        world
            .accept_at(&world.token(&header, &claims), now())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn j1_to_j4_only_signatures_by_a_published_key_count() {
    use AccessTokenFlaw::{Algorithm, Signature};
    let world = World::new().await;
    for algorithm in [
        "none", "NoNe", "HS256", "HS384", "RS512", "PS256", "eddsa", "",
    ] {
        let flaw = world.flaw_of_header("alg", json!(algorithm)).await;
        assert_eq!(flaw, Algorithm, "{algorithm}");
    }
    // Allowed, but not what this key is for.
    for algorithm in ["RS256", "ES256"] {
        let flaw = world.flaw_of_header("alg", json!(algorithm)).await;
        assert_eq!(flaw, Algorithm, "{algorithm}");
    }
    let good = world.token(&World::header(), &world.claims());
    let (message, _) = good.rsplit_once('.').unwrap();
    assert_eq!(world.flaw(&format!("{message}.")).await, Signature);
    let other = key().sign(message.as_bytes()).to_bytes();
    assert_eq!(
        world.flaw(&format!("{message}.{}", b64(other))).await,
        Signature
    );
}

#[tokio::test]
async fn j5_j10_j11_j24_j25_what_is_no_plain_token_is_malformed() {
    use AccessTokenFlaw::{Malformed, TooLong};
    let world = World::new().await;
    let good = world.token(&World::header(), &world.claims());
    let twice = world
        .claims()
        .to_string()
        .replacen('{', "{\"sub\":\"root\",", 1);
    let repeated = world.sign(&World::header().to_string(), &twice);
    for bad in [
        String::new(),
        "a".to_owned(),
        "a.b".to_owned(),
        format!("{good}."),
        format!("{good}.x.y"),
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        "{\"payload\":\"x\"}".to_owned(),
        repeated,
    ] {
        assert_eq!(world.flaw(&bad).await, Malformed, "{bad}");
    }
    let long = world.claims_with("x", json!("a".repeat(8 * 1024)));
    let long = world.token(&World::header(), &long);
    assert_eq!(world.flaw(&long).await, TooLong);
}

#[tokio::test]
async fn j7_to_j9_j17_headers_that_bring_keys_or_change_the_meaning_are_refused() {
    let world = World::new().await;
    for name in ["crit", "b64", "zip", "enc", "jku", "x5u", "jwk", "x5c"] {
        let flaw = world.flaw_of_header(name, json!(["exp"])).await;
        assert_eq!(flaw, AccessTokenFlaw::Header, "{name}");
    }
    let flaw = world.flaw_of_header("kid", json!(["k1"])).await;
    assert_eq!(flaw, AccessTokenFlaw::Header);
}

#[tokio::test]
async fn j12_to_j15_another_issuer_or_audience_is_refused() {
    use AccessTokenFlaw::{Audience, Claims, Issuer};
    let world = World::new().await;
    for issuer in [
        format!("{}/", world.issuer),
        world.issuer.replace("http", "https"),
        "https://evil.example".to_owned(),
    ] {
        let flaw = world.flaw_of_claim("iss", json!(issuer)).await;
        assert_eq!(flaw, Issuer, "{issuer}");
    }
    for audience in [
        json!("weir"),
        json!("weir-embed"),
        json!([API, "other"]),
        json!([]),
        json!(null),
        json!(7),
        json!("WEIR-API"),
    ] {
        let flaw = world.flaw_of_claim("aud", audience.clone()).await;
        assert_eq!(flaw, Audience, "{audience}");
    }
    assert_eq!(world.flaw_of_claim("iss", json!(null)).await, Claims);
}

#[tokio::test]
async fn j16_id_tokens_logout_tokens_and_embed_tokens_are_no_access_tokens() {
    let world = World::new().await;
    for other in ["JWT", "logout+jwt", "weir-embed+jwt", "at+jwt ", ""] {
        let flaw = world.flaw_of_header("typ", json!(other)).await;
        assert_eq!(flaw, AccessTokenFlaw::WrongType, "{other}");
    }
    let header = json!({ "alg": "EdDSA", "kid": "k1" });
    let flaw = world.flaw(&world.token(&header, &world.claims())).await;
    assert_eq!(flaw, AccessTokenFlaw::WrongType);
}

#[tokio::test]
async fn j18_to_j22_times_hold_within_a_minute_of_skew() {
    use AccessTokenFlaw::{Claims, Expired, Time};
    let world = World::new().await;
    let at = |seconds: i64| json!((now() + Duration::seconds(seconds)).timestamp());
    let good = [
        ("exp", at(-59)),
        ("nbf", at(59)),
        ("iat", at(59)),
        ("nbf", at(-999)),
    ];
    for (name, value) in good {
        let token = world.token(&World::header(), &world.claims_with(name, value.clone()));
        assert!(
            world.accept_at(&token, now()).await.is_ok(),
            "{name}: {value}"
        );
    }
    for (name, value, flaw) in [
        ("exp", at(-60), Expired),
        ("nbf", at(61), Time),
        ("iat", at(61), Time),
        ("exp", at(86_401), Time),
        ("exp", json!(253_402_300_799_i64), Time),
        ("iat", json!(0), Time),
        ("iat", json!(-5), Time),
        ("exp", json!("2030"), Claims),
        ("exp", json!(1e30), Claims),
        ("exp", json!(null), Claims),
        ("iat", json!(1.5), Claims),
        ("nbf", json!("now"), Claims),
    ] {
        assert_eq!(
            world.flaw_of_claim(name, value.clone()).await,
            flaw,
            "{name}: {value}"
        );
    }
}

/// RFC 9068 §2.2; a token bound to a key of its owner (RFC 9449) is more than a bearer token.
#[tokio::test]
async fn claims_that_every_access_token_has_are_demanded() {
    let world = World::new().await;
    for name in ["sub", "client_id", "jti", "iat", "exp"] {
        let mut claims = world.claims();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        let flaw = world.flaw(&world.token(&World::header(), &claims)).await;
        assert_eq!(flaw, AccessTokenFlaw::Claims, "{name}");
    }
    for subject in ["", "\u{0}", " a"] {
        let flaw = world.flaw_of_claim("sub", json!(subject)).await;
        assert_eq!(flaw, AccessTokenFlaw::Claims, "{subject:?}");
    }
    let flaw = world.flaw_of_claim("cnf", json!({ "jkt": "x" })).await;
    assert_eq!(flaw, AccessTokenFlaw::Bound);
}

#[tokio::test]
async fn j6_j27_a_new_key_is_fetched_and_a_retired_one_is_soon_unknown() {
    let world = World::new().await;
    let old = world.token(&World::header(), &world.claims());
    world.accept_at(&old, now()).await.unwrap();
    let newer = key();
    world.idp(|idp| idp.published = vec![("k2".to_owned(), newer.clone())]);

    let message = format!(
        "{}.{}",
        b64(json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "k2" }).to_string()),
        b64(world.claims().to_string())
    );
    let new = format!(
        "{message}.{}",
        b64(newer.sign(message.as_bytes()).to_bytes())
    );
    let later = now() + Duration::seconds(20);

    assert!(world.accept_at(&new, later).await.is_ok());
    let refused = world.accept_at(&old, later + Duration::seconds(20)).await;
    let unknown = AccessTokenError::Flaw(AccessTokenFlaw::UnknownKey);
    assert_eq!(refused.unwrap_err().to_string(), unknown.to_string());
}

#[tokio::test]
async fn strangers_who_make_up_key_ids_or_claims_do_not_make_weir_ask_the_provider() {
    let world = World::new().await;
    let good = world.token(&World::header(), &world.claims());
    world.accept_at(&good, now()).await.unwrap();
    let asked = world.jwks_hits();

    for number in 0..50 {
        let kid = format!("made-up-{number}");
        let flaw = world.flaw_of_header("kid", json!(kid)).await;
        assert_eq!(flaw, AccessTokenFlaw::UnknownKey);
    }
    assert_eq!(world.jwks_hits(), asked);

    let later = now() + Duration::seconds(16);
    for _ in 0..50 {
        let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "made-up" });
        let token = world.token(&header, &world.claims());
        assert!(world.accept_at(&token, later).await.is_err());
    }
    assert_eq!(
        world.jwks_hits(),
        asked + 1,
        "once, for a key that may be new"
    );
}

#[tokio::test]
async fn a_provider_that_is_down_is_an_outage_and_no_flaw() {
    let config = json!({
        "issuer": "http://127.0.0.1:1", "client_id": "weir",
        "redirect_uri": "http://127.0.0.1:8080/auth/callback",
    });
    let provider = Provider::new(serde_json::from_value(config).unwrap()).unwrap();
    let world = World::new().await;
    let claims = world.claims_with("iss", json!("http://127.0.0.1:1"));
    let token = world.token(&World::header(), &claims);

    match provider.accept_access_token(&token, API, now()).await {
        Err(AccessTokenError::Provider(error)) => assert!(error.is_outage(), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_program_gets_a_token_by_its_secret() {
    let world = World::new().await;
    world.answers(&[(200, json!({ "access_token": "t", "token_type": "Bearer" }))]);

    let token = world.source(Some("s3cret")).as_itself(now()).await.unwrap();

    assert_eq!(token.expose_secret(), "t");
    let (form, basic) = world.idp(|idp| idp.asked.remove(0));
    let said = |name: &str| {
        let mut values = form.iter().filter(|(key, _)| key == name);
        values.next().map(|(_, value)| value.as_str())
    };
    assert_eq!(said("grant_type"), Some("client_credentials"));
    assert_eq!(said("audience"), Some(API));
    assert_eq!(said("scope"), Some("weir.govern"));
    assert_eq!(said("client_secret"), None, "the secret goes one way only");
    assert!(basic.unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn a_refusal_is_told_in_the_providers_word_and_nothing_else_of_it() {
    let world = World::new().await;
    for (word, shown) in [
        ("invalid_client", "invalid_client"),
        ("\u{1b}[31mred\n", "[31mred"),
    ] {
        world.answers(&[(
            401,
            json!({ "error": word, "error_description": "\u{7}secret" }),
        )]);
        let refused = world.source(Some("wrong")).as_itself(now()).await;
        match refused.unwrap_err() {
            LoginError::TokenRefused(told) => assert_eq!(told, shown),
            other => panic!("{other:?}"),
        }
    }
}

async fn wait_for(
    world: &World,
) -> (
    Result<secrecy::SecretString, LoginError>,
    Vec<std::time::Duration>,
) {
    let source = world.source(None);
    let login = source.begin_device(now()).await.unwrap();
    let waits = Mutex::new(Vec::new());
    let wait = |pause| {
        waits.lock().unwrap().push(pause);
        std::future::ready(())
    };
    let token = source.finish_device(&login, now, wait).await;
    (token, waits.into_inner().unwrap())
}

#[tokio::test]
async fn a_person_is_waited_for_as_often_as_the_provider_allows() {
    let world = World::new().await;
    let pending = (400, json!({ "error": "authorization_pending" }));
    let slower = (400, json!({ "error": "slow_down" }));
    let token = (200, json!({ "access_token": "t", "token_type": "Bearer" }));
    world.answers(&[pending.clone(), slower, pending, token]);

    let (token, waits) = wait_for(&world).await;

    assert_eq!(token.unwrap().expose_secret(), "t");
    let seconds: Vec<_> = waits.iter().map(std::time::Duration::as_secs).collect();
    assert_eq!(
        seconds,
        [2, 7, 7],
        "slow_down adds five seconds (RFC 8628 §3.5)"
    );
}

#[tokio::test]
async fn a_person_who_declines_or_comes_too_late_ends_the_waiting() {
    let world = World::new().await;
    world.answers(&[(400, json!({ "error": "access_denied" }))]);
    assert!(matches!(
        wait_for(&world).await.0,
        Err(LoginError::Declined)
    ));
    world.answers(&[(400, json!({ "error": "expired_token" }))]);
    assert!(matches!(wait_for(&world).await.0, Err(LoginError::TooLate)));
}

#[tokio::test]
async fn nobody_is_sent_to_a_page_or_shown_a_code_that_the_provider_may_not_name() {
    let world = World::new().await;
    for (name, value) in [
        ("verification_uri", "https://evil.example/device"),
        ("verification_uri", "file:///etc/passwd"),
        ("verification_uri_complete", "http://10.0.0.1/"),
        ("verification_uri_complete", "\u{1b}]8;;http://evil.example"),
        ("user_code", "\u{1b}[2J"),
        ("user_code", ""),
        ("user_code", "two words"),
    ] {
        let fresh = World::new().await;
        fresh.idp(|idp| idp.device[name] = json!(value));
        let begun = fresh.source(None).begin_device(now()).await;
        assert!(
            matches!(begun, Err(LoginError::Metadata(_))),
            "{name}: {value:?}"
        );
    }
    assert_eq!(
        world.source(None).begin_device(now()).await.unwrap().code(),
        "BCDF-GHJK"
    );
}

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

impl World {
    fn logout_header() -> Value {
        json!({ "alg": "EdDSA", "typ": "logout+jwt", "kid": "k1" })
    }

    fn logout_claims(&self) -> Value {
        json!({
            "iss": self.issuer, "aud": "weir", "sub": "broker", "sid": "s-1", "jti": "j-1",
            "iat": now().timestamp(), "exp": (now() + Duration::minutes(2)).timestamp(),
            "events": { (EVENT): {} },
        })
    }

    async fn logout(&self, token: &str) -> Result<LogoutNotice, LogoutTokenFlaw> {
        match self.provider.accept_logout_token(token, now()).await {
            Ok(notice) => Ok(notice),
            Err(LogoutTokenError::Flaw(flaw)) => Err(flaw),
            Err(LogoutTokenError::Provider(error)) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_logout_token_names_a_session_or_a_person() {
    let world = World::new().await;

    for (without, subject, session) in [
        (None, Some("broker"), Some("s-1")),
        (Some("sub"), None, Some("s-1")),
        (Some("sid"), Some("broker"), None),
    ] {
        let mut claims = world.logout_claims();
        if let Some(name) = without {
            claims.as_object_mut().unwrap().remove(name);
        }
        let token = world.token(&World::logout_header(), &claims);
        let notice = world.logout(&token).await.unwrap();

        assert_eq!(notice.subject.as_deref(), subject);
        assert_eq!(notice.session.as_deref(), session);
        let key = session.map(|session| provider_session_key(&world.issuer, session));
        assert_eq!(notice.session_key(), key);
    }
}

#[tokio::test]
async fn l29_to_l36_what_is_no_logout_token_of_this_provider_for_weir_is_refused() {
    use LogoutTokenFlaw as Flaw;
    let world = World::new().await;
    let other = "http://schemas.openid.net/event/other";
    let cases: Vec<(&str, Value, Flaw)> = vec![
        ("iss", json!("https://other.example"), Flaw::Issuer),
        ("iss", json!(null), Flaw::Issuer),
        ("aud", json!("another-client"), Flaw::Audience),
        ("aud", json!(["weir", "another-client"]), Flaw::Audience),
        ("aud", json!([]), Flaw::Audience),
        ("events", json!(null), Flaw::Event),
        ("events", json!({ (other): {} }), Flaw::Event),
        ("events", json!({ (EVENT): true }), Flaw::Event),
        ("events", json!([EVENT]), Flaw::Event),
        ("nonce", json!("n"), Flaw::Nonce),
        ("nonce", json!(null), Flaw::Nonce),
        ("jti", json!(""), Flaw::Claims),
        ("jti", json!(7), Flaw::Claims),
        ("sid", json!(7), Flaw::Claims),
        ("sid", json!(""), Flaw::Claims),
        ("sub", json!(["broker"]), Flaw::Claims),
        ("sub", json!("x".repeat(256)), Flaw::Claims),
        ("iat", json!("now"), Flaw::Claims),
        ("iat", json!(now().timestamp() + 61), Flaw::Time),
        ("exp", json!(now().timestamp() - 60), Flaw::Time),
        ("exp", json!(now().timestamp() + 3601), Flaw::Time),
        ("exp", json!(1e300), Flaw::Claims),
    ];
    for (name, value, flaw) in cases {
        let mut claims = world.logout_claims();
        claims[name] = value.clone();
        let token = world.token(&World::logout_header(), &claims);
        assert_eq!(world.logout(&token).await, Err(flaw), "{name}: {value}");
    }
    for (name, flaw) in [
        ("iss", Flaw::Issuer),
        ("aud", Flaw::Audience),
        ("events", Flaw::Event),
        ("jti", Flaw::Claims),
        ("iat", Flaw::Claims),
        ("exp", Flaw::Claims),
    ] {
        let mut claims = world.logout_claims();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        let token = world.token(&World::logout_header(), &claims);
        assert_eq!(world.logout(&token).await, Err(flaw), "without {name}");
    }
    let mut nobody = world.logout_claims();
    nobody.as_object_mut().unwrap().remove("sub").unwrap();
    nobody.as_object_mut().unwrap().remove("sid").unwrap();
    let token = world.token(&World::logout_header(), &nobody);
    assert_eq!(world.logout(&token).await, Err(Flaw::Claims));
}

#[tokio::test]
async fn l29_l30_unsigned_and_foreign_signatures_are_refused() {
    use LogoutTokenFlaw as Flaw;
    let world = World::new().await;
    let claims = world.logout_claims();
    for (name, value, flaw) in [
        ("alg", json!("none"), Flaw::Algorithm),
        ("alg", json!("HS256"), Flaw::Algorithm),
        ("alg", json!("RS256"), Flaw::Algorithm),
        ("alg", json!("RS512"), Flaw::Algorithm),
        ("typ", json!("JWT"), Flaw::WrongType),
        ("typ", json!("at+jwt"), Flaw::WrongType),
        ("kid", json!("k2"), Flaw::UnknownKey),
        ("kid", json!(1), Flaw::Header),
        ("jku", json!("https://evil.example/jwks"), Flaw::Header),
        ("crit", json!(["exp"]), Flaw::Header),
    ] {
        let mut header = World::logout_header();
        header[name] = value.clone();
        let token = world.token(&header, &claims);
        assert_eq!(world.logout(&token).await, Err(flaw), "{name}: {value}");
    }
    let good = world.token(&World::logout_header(), &claims);
    let (message, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{message}.{}", b64([7; 64]));
    assert_eq!(world.logout(&forged).await, Err(Flaw::Signature));
    let bare = format!("{message}.");
    assert_eq!(world.logout(&bare).await, Err(Flaw::Signature));
    assert_eq!(world.logout("").await, Err(Flaw::Malformed));
    let twice = claims.to_string().replacen('{', r#"{"sub":"exec","#, 1);
    let twice = world.sign(&World::logout_header().to_string(), &twice);
    assert_eq!(world.logout(&twice).await, Err(Flaw::Malformed));
}

#[tokio::test]
async fn l35_an_id_token_or_an_access_token_is_no_logout_token() {
    let world = World::new().await;
    let mut id_token = world.logout_claims();
    id_token.as_object_mut().unwrap().remove("events").unwrap();
    id_token["nonce"] = json!("n");
    let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" });
    for token in [
        world.token(&header, &id_token),
        world.token(&json!({ "alg": "EdDSA", "kid": "k1" }), &id_token),
        world.token(&World::header(), &world.claims()),
    ] {
        assert_eq!(
            world.logout(&token).await,
            Err(LogoutTokenFlaw::WrongType),
            "{token}"
        );
    }
}

#[tokio::test]
async fn l35_the_same_id_of_another_issuer_is_another_one() {
    let world = World::new().await;
    let token = world.token(&World::logout_header(), &world.logout_claims());
    let notice = world.logout(&token).await.unwrap();

    let mut elsewhere = notice.clone();
    elsewhere.issuer = "https://other.example".to_owned();

    assert_ne!(notice.replay_key(), elsewhere.replay_key());
    assert_ne!(notice.session_key(), elsewhere.session_key());
    assert!(!format!("{notice:?}").contains("broker"));
}

#[tokio::test]
async fn l39_a_thousand_logout_tokens_with_made_up_keys_fetch_the_key_set_once() {
    let world = World::new().await;
    let good = world.token(&World::logout_header(), &world.logout_claims());
    world.logout(&good).await.unwrap();
    let before = world.jwks_hits();
    let later = now() + Duration::seconds(20);

    for n in 0..1000 {
        let mut header = World::logout_header();
        header["kid"] = json!(format!("made-up-{n}"));
        let token = world.token(&header, &world.logout_claims());
        let refused = world.provider.accept_logout_token(&token, later).await;
        assert!(refused.is_err());
    }

    assert_eq!(world.jwks_hits(), before + 1);
}

#[tokio::test]
async fn tokens_of_several_providers_are_held_against_the_issuer_they_name() {
    let (one, two) = (World::new().await, World::new().await);
    let named = |id: &str, world: &World| NamedProvider {
        id: Slug::parse(id).unwrap(),
        provider: Provider::new(
            serde_json::from_value(json!({ "issuer": world.issuer, "client_id": "weir",
                "redirect_uri": "http://127.0.0.1:8080/auth/callback" }))
            .unwrap(),
        )
        .unwrap(),
    };
    let providers = Providers::new(vec![named("one", &one), named("two", &two)]).unwrap();
    let accept = async |token: &str| providers.accept_access_token(token, API, now()).await;

    for world in [&one, &two] {
        let token = world.token(&World::header(), &world.claims());
        let identity = accept(&token).await.unwrap();
        assert_eq!(identity.issuer(), world.issuer);
        assert!(identity.is_from_one_of_several());
        let token = world.token(&World::logout_header(), &world.logout_claims());
        let notice = providers.accept_logout_token(&token, now()).await.unwrap();
        assert_eq!(notice.issuer, world.issuer);
    }
    // One of them signs what only the other may say.
    let foreign = two.token(&World::header(), &one.claims());
    assert!(matches!(
        accept(&foreign).await,
        Err(AccessTokenError::Flaw(AccessTokenFlaw::Signature))
    ));
    let stranger = one.token(
        &World::header(),
        &one.claims_with("iss", json!("https://other.example")),
    );
    assert!(matches!(
        accept(&stranger).await,
        Err(AccessTokenError::Flaw(AccessTokenFlaw::Issuer))
    ));
}
