//! Sign-in against a real provider over loopback, whose every answer can be wrong (L rows).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: helpers may fail loudly, and tables of attacks are long"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::{Signer, SigningKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use weir_identity::{
    CallbackParams, IdTokenFlaw, IdentityClaims, LoginError, NamedProvider, PendingLogin, Provider,
    ProviderConfig, ProviderTokens, Providers, ProvidersError, ReturnTo, Slug,
};

const REDIRECT_URI: &str = "http://127.0.0.1:8080/auth/callback";
const CODE: &str = "c0de";
const ACCESS_TOKEN: &str = "4ccess";

fn now() -> DateTime<Utc> {
    "2026-10-05T12:00:00Z".parse().unwrap()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

type Edit = Box<dyn Fn(&mut Value, &mut Value) + Send>;
type RawToken = Box<dyn Fn(&Idp, &Value) -> String + Send>;

/// How the token endpoint answers.
enum TokenAnswer {
    Tokens,
    WithoutIdToken,
    Refusal,
    RedirectTo(String),
    Html,
    Huge,
}

/// The provider's state, for tests to change.
struct Idp {
    issuer: String,
    signing: (String, SigningKey),
    published: Vec<(String, SigningKey)>,
    metadata: BTreeMap<&'static str, Value>,
    edit: Edit,
    answer: TokenAnswer,
    /// Replaces the whole ID token.
    raw: Option<RawToken>,
    /// Replaces the key set.
    keys: Option<String>,
    nonce: String,
    challenge: String,
    code_used: bool,
    /// The refresh token that works, which changes each time; none is given without it.
    refresh: Option<String>,
    /// What a refresh is answered with instead: status and body.
    refresh_answer: Option<(StatusCode, Value)>,
}

impl Idp {
    fn id_token(&self) -> String {
        let mut header = json!({ "alg": "EdDSA", "kid": self.signing.0, "typ": "JWT" });
        let hash = Sha512::digest(ACCESS_TOKEN);
        let mut claims = json!({
            "iss": self.issuer, "sub": "broker", "aud": "weir", "nonce": self.nonce,
            "iat": now().timestamp(), "exp": (now() + Duration::minutes(5)).timestamp(),
            "at_hash": b64(&hash[..32]), "name": "Ana", "roles": ["analyst"], "sid": "s-1",
        });
        (self.edit)(&mut header, &mut claims);
        match &self.raw {
            Some(raw) => raw(self, &claims),
            None => self.sign(&header.to_string(), &claims.to_string()),
        }
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        let signature = self.signing.1.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", b64(signature))
    }
}

#[derive(Clone)]
struct Shared {
    idp: Arc<Mutex<Idp>>,
    jwks_hits: Arc<AtomicUsize>,
    token_hits: Arc<AtomicUsize>,
    discovery_hits: Arc<AtomicUsize>,
    canary_hits: Arc<AtomicUsize>,
}

/// A running provider with Weir as its client.
struct World {
    shared: Shared,
    provider: Provider,
}

impl World {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let signing = key("k1");
        let idp = Idp {
            issuer: issuer.clone(),
            published: vec![signing.clone()],
            signing,
            metadata: BTreeMap::new(),
            edit: Box::new(|_, _| {}),
            answer: TokenAnswer::Tokens,
            raw: None,
            keys: None,
            nonce: String::new(),
            challenge: String::new(),
            code_used: false,
            refresh: None,
            refresh_answer: None,
        };
        let shared = Shared {
            idp: Arc::new(Mutex::new(idp)),
            jwks_hits: Arc::default(),
            token_hits: Arc::default(),
            discovery_hits: Arc::default(),
            canary_hits: Arc::default(),
        };
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/canary", get(canary).post(canary))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let provider = Provider::new(config(&issuer)).unwrap();
        Self { shared, provider }
    }

    fn idp<T>(&self, change: impl FnOnce(&mut Idp) -> T) -> T {
        change(&mut self.shared.idp.lock().unwrap())
    }

    /// Changes the claims of the next ID tokens.
    async fn with_claims(edit: impl Fn(&mut Value) + Send + 'static) -> Self {
        let world = Self::new().await;
        world.idp(|idp| idp.edit = Box::new(move |_, claims| edit(claims)));
        world
    }

    /// What a browser does: follows the URL, signs in, and comes back with the query.
    async fn browse(&self, at: DateTime<Utc>) -> (PendingLogin, String) {
        let start = self.provider.begin(ReturnTo::home(), at).await.unwrap();
        let asked: BTreeMap<String, String> =
            start.authorize_url.query_pairs().into_owned().collect();
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["redirect_uri"], REDIRECT_URI);
        self.idp(|idp| {
            idp.nonce.clone_from(&asked["nonce"]);
            idp.challenge.clone_from(&asked["code_challenge"]);
            idp.code_used = false;
        });
        (
            start.pending,
            format!("code={CODE}&state={}", asked["state"]),
        )
    }

    async fn finish(
        &self,
        pending: PendingLogin,
        query: &str,
    ) -> Result<IdentityClaims, LoginError> {
        self.provider
            .finish(pending, CallbackParams::parse(query)?, now())
            .await
    }

    async fn sign_in(&self) -> Result<IdentityClaims, LoginError> {
        let (pending, query) = self.browse(now()).await;
        self.finish(pending, &query).await
    }

    async fn sign_in_at(&self, at: DateTime<Utc>) -> Result<IdentityClaims, LoginError> {
        let (pending, query) = self.browse(at).await;
        self.idp(|idp| {
            idp.edit = Box::new(move |_, claims| {
                claims["iat"] = json!(at.timestamp());
                claims["exp"] = json!(at.timestamp() + 300);
            });
        });
        self.provider
            .finish(pending, CallbackParams::parse(&query)?, at)
            .await
    }

    async fn flaw(&self) -> IdTokenFlaw {
        match self.sign_in().await {
            Err(LoginError::IdToken { reason }) => reason,
            other => panic!("{other:?}"),
        }
    }

    fn count(counter: &AtomicUsize) -> usize {
        counter.load(Ordering::SeqCst)
    }
}

fn config(issuer: &str) -> ProviderConfig {
    serde_json::from_value(json!({
        "issuer": issuer, "client_id": "weir", "client_secret": "s3cret",
        "redirect_uri": REDIRECT_URI,
    }))
    .unwrap()
}

fn key(id: &str) -> (String, SigningKey) {
    (id.to_owned(), SigningKey::from_bytes(&rand::random()))
}

async fn discovery(State(shared): State<Shared>) -> Json<Value> {
    shared.discovery_hits.fetch_add(1, Ordering::SeqCst);
    let idp = shared.idp.lock().unwrap();
    let base = &idp.issuer;
    let mut metadata = json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/jwks"),
        "end_session_endpoint": format!("{base}/end"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    for (name, value) in &idp.metadata {
        metadata[*name] = value.clone();
    }
    Json(metadata)
}

async fn jwks(State(shared): State<Shared>) -> Response {
    shared.jwks_hits.fetch_add(1, Ordering::SeqCst);
    let idp = shared.idp.lock().unwrap();
    if let Some(keys) = &idp.keys {
        return ([(header::CONTENT_TYPE, "application/json")], keys.clone()).into_response();
    }
    let keys: Vec<Value> = idp
        .published
        .iter()
        .map(|(kid, key)| {
            let x = b64(key.verifying_key().as_bytes());
            json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x })
        })
        .collect();
    Json(json!({ "keys": keys })).into_response()
}

async fn canary(State(shared): State<Shared>) -> &'static str {
    shared.canary_hits.fetch_add(1, Ordering::SeqCst);
    "{}"
}

async fn token(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    shared.token_hits.fetch_add(1, Ordering::SeqCst);
    let mut idp = shared.idp.lock().unwrap();
    if form["grant_type"] == "refresh_token" {
        return refresh(&mut idp, &form);
    }
    let basic = format!("Basic {}", STANDARD.encode("weir:s3cret"));
    let honest = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|v| v.as_bytes() == basic.as_bytes())
        && form["code"] == CODE
        && form["redirect_uri"] == REDIRECT_URI
        && b64(Sha256::digest(&form["code_verifier"])) == idp.challenge
        && !std::mem::replace(&mut idp.code_used, true);
    let mut answer =
        json!({ "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300 });
    match &idp.answer {
        _ if !honest => refusal(),
        TokenAnswer::Refusal => refusal(),
        TokenAnswer::RedirectTo(target) => Redirect::temporary(target).into_response(),
        TokenAnswer::Html => Html("<script>alert(1)</script>").into_response(),
        TokenAnswer::Huge => Json(json!({ "x": "x".repeat(2 << 20) })).into_response(),
        TokenAnswer::WithoutIdToken => Json(answer).into_response(),
        TokenAnswer::Tokens => {
            answer["id_token"] = json!(idp.id_token());
            if let Some(token) = &idp.refresh {
                answer["refresh_token"] = json!(token);
            }
            Json(answer).into_response()
        }
    }
}

/// Rotates: each refresh token works once.
fn refresh(idp: &mut Idp, form: &BTreeMap<String, String>) -> Response {
    if let Some((status, body)) = &idp.refresh_answer {
        return (*status, Json(body.clone())).into_response();
    }
    if idp.refresh.as_ref() != form.get("refresh_token") {
        return refusal();
    }
    let next = format!("{}+", form["refresh_token"]);
    idp.refresh = Some(next.clone());
    let mut answer = json!({
        "access_token": ACCESS_TOKEN, "token_type": "Bearer", "refresh_token": next,
    });
    if matches!(idp.answer, TokenAnswer::Tokens) {
        answer["id_token"] = json!(idp.id_token());
    }
    Json(answer).into_response()
}

fn refusal() -> Response {
    (
        StatusCode::BAD_REQUEST,
        Json(json!({ "error": "invalid_grant" })),
    )
        .into_response()
}

#[tokio::test]
async fn a_person_signs_in() {
    let world = World::new().await;

    let identity = world.sign_in().await.unwrap();

    assert_eq!(identity.issuer(), world.provider.issuer());
    assert_eq!(identity.subject(), "broker");
    assert_eq!(identity.claims()["roles"], json!(["analyst"]));
    assert_eq!(identity.provider_session(), Some("s-1"));
    assert!(!format!("{identity:?}").contains(identity.id_token().unwrap().expose_secret()));
}

#[tokio::test]
async fn every_sign_in_has_its_own_secrets_and_survives_storage() {
    let world = World::new().await;
    let (first, _) = world.browse(now()).await;
    let (second, query) = world.browse(now()).await;

    assert_ne!(first.state, second.state);
    assert_ne!(first.nonce, second.nonce);
    assert_ne!(first.pkce_verifier, second.pkce_verifier);
    assert!(first.pkce_verifier.len() >= 43);
    let shown = format!("{first:?}");
    assert!(!shown.contains(&first.state) && !shown.contains(&first.pkce_verifier));

    let stored: PendingLogin =
        serde_json::from_str(&serde_json::to_string(&second).unwrap()).unwrap();
    assert!(world.finish(stored, &query).await.is_ok());
}

#[tokio::test]
async fn l3_a_callback_with_another_state_sends_nothing() {
    let world = World::new().await;
    let (pending, _) = world.browse(now()).await;

    let refused = world
        .finish(pending, "code=c0de&state=other")
        .await
        .unwrap_err();

    assert!(matches!(refused, LoginError::State));
    assert_eq!(World::count(&world.shared.token_hits), 0);
}

#[tokio::test]
async fn l4_a_code_works_once() {
    let world = World::new().await;
    let (pending, query) = world.browse(now()).await;

    assert!(world.finish(pending.clone(), &query).await.is_ok());
    assert!(matches!(
        world.finish(pending, &query).await,
        Err(LoginError::CodeRefused)
    ));
}

#[tokio::test]
async fn l5_a_code_of_another_sign_in_is_refused() {
    let world = World::new().await;
    let (victim, query) = world.browse(now()).await;
    let (_attacker, _) = world.browse(now()).await;

    // The provider knows the attacker's challenge: the victim's verifier does not fit.
    assert!(matches!(
        world.finish(victim.clone(), &query).await,
        Err(LoginError::CodeRefused)
    ));

    // A provider without PKCE hands out tokens: the nonce does not fit.
    let challenge = b64(Sha256::digest(&victim.pkce_verifier));
    world.idp(|idp| {
        idp.challenge = challenge;
        idp.code_used = false;
    });
    let refused = world.finish(victim, &query).await.unwrap_err();
    assert_eq!(refused.code(), "id_token_nonce");
}

#[tokio::test]
async fn l6_mix_up_is_noticed_before_any_request() {
    let world = World::new().await;
    world.idp(|idp| {
        idp.metadata.insert(
            "authorization_response_iss_parameter_supported",
            json!(true),
        );
    });
    let (pending, query) = world.browse(now()).await;
    let issuer = world.provider.issuer().to_owned();

    for wrong in [
        query.clone(),
        format!("{query}&iss=https://evil.example"),
        format!("{query}&iss={issuer}/"),
    ] {
        let refused = world.finish(pending.clone(), &wrong).await.unwrap_err();
        assert!(matches!(refused, LoginError::CallbackIssuer), "{wrong}");
    }
    assert_eq!(World::count(&world.shared.token_hits), 0);
    assert!(
        world
            .finish(pending, &format!("{query}&iss={issuer}"))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn l6_a_foreign_iss_is_refused_though_none_was_promised() {
    let world = World::new().await;
    let (pending, query) = world.browse(now()).await;

    let refused = world
        .finish(pending, &format!("{query}&iss=https://evil.example"))
        .await;

    assert!(matches!(refused, Err(LoginError::CallbackIssuer)));
}

#[tokio::test]
async fn l7_a_sign_in_is_finished_where_it_was_begun() {
    let (honest, attacker) = (World::new().await, World::new().await);
    let (pending, query) = honest.browse(now()).await;

    let refused = attacker.finish(pending, &query).await.unwrap_err();

    assert!(matches!(refused, LoginError::State));
    assert_eq!(World::count(&attacker.shared.token_hits), 0);
}

#[tokio::test]
async fn l9_the_token_request_is_not_redirected() {
    let world = World::new().await;
    let canary = format!("{}/canary", world.provider.issuer());
    for target in [canary.as_str(), "http://169.254.169.254/latest/meta-data"] {
        world.idp(|idp| idp.answer = TokenAnswer::RedirectTo(target.to_owned()));

        let refused = world.sign_in().await.unwrap_err();

        assert!(matches!(refused, LoginError::Unavailable(_)) && refused.is_outage());
    }
    assert_eq!(World::count(&world.shared.canary_hits), 0);
}

#[tokio::test]
async fn l13_unreadable_answers_are_outages_and_repeat_nothing() {
    let world = World::new().await;
    for answer in [TokenAnswer::Html, TokenAnswer::Huge] {
        world.idp(|idp| idp.answer = answer);

        let refused = world.sign_in().await.unwrap_err();

        assert!(refused.is_outage(), "{refused:?}");
        assert!(!format!("{refused}").contains("script"));
    }
    world.idp(|idp| idp.answer = TokenAnswer::Refusal);
    assert!(matches!(
        world.sign_in().await,
        Err(LoginError::CodeRefused)
    ));
    world.idp(|idp| idp.answer = TokenAnswer::WithoutIdToken);
    assert_eq!(world.flaw().await, IdTokenFlaw::Missing);
}

#[tokio::test]
async fn a_person_who_declines_is_not_signed_in() {
    let world = World::new().await;
    let (pending, query) = world.browse(now()).await;
    let declined = query.replace("code=c0de", "error=access_denied&error_description=x");

    assert!(matches!(
        world.finish(pending, &declined).await,
        Err(LoginError::Declined)
    ));
}

#[tokio::test]
async fn a_sign_in_takes_ten_minutes_at_most() {
    let world = World::new().await;
    let (pending, query) = world.browse(now() - Duration::minutes(10)).await;

    assert!(matches!(
        world.finish(pending, &query).await,
        Err(LoginError::TooLate)
    ));
}

#[tokio::test]
async fn l15_l25_wrong_claims_are_refused() {
    let seconds = |from_now: i64| json!(now().timestamp() + from_now);
    for (name, value, flaw) in [
        ("iss", json!("https://evil.example"), IdTokenFlaw::Issuer),
        ("aud", json!("other"), IdTokenFlaw::Audience),
        ("aud", json!(["weir", "other"]), IdTokenFlaw::Audience),
        ("aud", json!([]), IdTokenFlaw::Audience),
        ("azp", json!("other"), IdTokenFlaw::AuthorizedParty),
        ("azp", json!(["weir"]), IdTokenFlaw::Malformed),
        ("nonce", json!("other"), IdTokenFlaw::Nonce),
        ("exp", seconds(-60), IdTokenFlaw::Time),
        ("iat", seconds(61), IdTokenFlaw::Time),
        ("iat", seconds(-61), IdTokenFlaw::Time),
        ("nbf", seconds(61), IdTokenFlaw::Time),
        ("nbf", json!("soon"), IdTokenFlaw::Malformed),
        (
            "at_hash",
            json!("AAAAAAAAAAAAAAAAAAAAAA"),
            IdTokenFlaw::AccessTokenHash,
        ),
        (
            "c_hash",
            json!("AAAAAAAAAAAAAAAAAAAAAA"),
            IdTokenFlaw::AccessTokenHash,
        ),
        ("sub", json!(""), IdTokenFlaw::Subject),
        ("sub", json!("x".repeat(256)), IdTokenFlaw::Subject),
        ("sub", json!(7), IdTokenFlaw::Malformed),
        ("exp", json!("never"), IdTokenFlaw::Malformed),
    ] {
        let edited = value.clone();
        let world = World::with_claims(move |claims| claims[name] = edited.clone()).await;
        assert_eq!(world.flaw().await, flaw, "{name}: {value}");
    }
}

#[tokio::test]
async fn l15_l23_missing_claims_are_refused() {
    for (name, flaw) in [
        ("iss", IdTokenFlaw::Malformed),
        ("sub", IdTokenFlaw::Malformed),
        ("iat", IdTokenFlaw::Malformed),
        ("exp", IdTokenFlaw::Malformed),
        ("aud", IdTokenFlaw::Audience),
        ("nonce", IdTokenFlaw::Nonce),
    ] {
        let world = World::with_claims(move |claims| {
            claims.as_object_mut().unwrap().remove(name);
        })
        .await;
        assert_eq!(world.flaw().await, flaw, "{name}");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    for (name, seconds) in [("exp", -59), ("iat", 59), ("iat", -59), ("nbf", 60)] {
        let moment = json!(now().timestamp() + seconds);
        let world = World::with_claims(move |claims| claims[name] = moment.clone()).await;
        assert!(world.sign_in().await.is_ok(), "{name} {seconds}");
    }
}

#[tokio::test]
async fn optional_hashes_and_parties_may_be_absent() {
    let world = World::with_claims(|claims| {
        claims.as_object_mut().unwrap().remove("at_hash");
        claims["azp"] = json!("weir");
        claims["aud"] = json!(["weir"]);
    })
    .await;

    assert!(world.sign_in().await.is_ok());
}

#[tokio::test]
async fn l20_other_algorithms_are_refused() {
    let world = World::new().await;
    let forged = |raw: fn(&Idp, &Value) -> String| world.idp(|idp| idp.raw = Some(Box::new(raw)));

    forged(|_, claims| format!("{}.{}.", b64(r#"{"alg":"none"}"#), b64(claims.to_string())));
    assert_eq!(world.flaw().await, IdTokenFlaw::Algorithm);
    forged(|_, claims| hmac_token(claims, b"s3cret"));
    assert_eq!(world.flaw().await, IdTokenFlaw::Algorithm);
    forged(|idp, claims| hmac_token(claims, idp.signing.1.verifying_key().as_bytes()));
    assert_eq!(world.flaw().await, IdTokenFlaw::Algorithm);
    forged(|idp, claims| idp.sign(r#"{"alg":"PS256","kid":"k1"}"#, &claims.to_string()));
    assert_eq!(world.flaw().await, IdTokenFlaw::Algorithm);
    forged(|idp, claims| idp.sign(r#"{"alg":"RS256","kid":"k1"}"#, &claims.to_string()));
    assert_eq!(world.flaw().await, IdTokenFlaw::Signature);
    forged(|idp, claims| {
        idp.sign(
            r#"{"alg":"EdDSA","kid":"k1","typ":"logout+jwt"}"#,
            &claims.to_string(),
        )
    });
    assert_eq!(world.flaw().await, IdTokenFlaw::Other);
    forged(|idp, claims| {
        idp.sign(
            r#"{"alg":"EdDSA","kid":"k1","crit":["x"]}"#,
            &claims.to_string(),
        )
    });
    assert_eq!(world.flaw().await, IdTokenFlaw::Other);
}

fn hmac_token(claims: &Value, secret: &[u8]) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(secret);
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}

#[tokio::test]
async fn repeated_claims_are_refused() {
    let world = World::new().await;
    world.idp(|idp| {
        idp.raw = Some(Box::new(|idp, claims| {
            let text = claims.to_string();
            let repeated = format!(
                r#"{},"roles":["executive"]}}"#,
                text.strip_suffix('}').unwrap()
            );
            idp.sign(r#"{"alg":"EdDSA","kid":"k1"}"#, &repeated)
        }));
    });

    assert_eq!(world.flaw().await, IdTokenFlaw::Malformed);
}

#[tokio::test]
async fn l20_a_signature_of_an_unpublished_key_is_refused() {
    let world = World::new().await;
    world.idp(|idp| idp.signing.1 = key("k1").1);

    assert_eq!(world.flaw().await, IdTokenFlaw::Signature);
}

#[tokio::test]
async fn l38_a_new_key_is_accepted_on_first_use() {
    let world = World::new().await;
    world.sign_in().await.unwrap();
    world.idp(|idp| {
        idp.signing = key("k2");
        idp.published.push(idp.signing.clone());
    });

    assert!(world.sign_in_at(now() + Duration::seconds(2)).await.is_ok());
}

#[tokio::test]
async fn l38_a_key_taken_out_is_refused_within_a_minute() {
    let world = World::new().await;
    world.sign_in().await.unwrap();
    world.idp(|idp| idp.published = vec![key("k2")]);

    assert!(
        world
            .sign_in_at(now() + Duration::seconds(59))
            .await
            .is_ok()
    );
    let refused = world
        .sign_in_at(now() + Duration::seconds(60))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "id_token_signature");
}

#[tokio::test]
async fn l39_unknown_keys_fetch_the_key_set_once_a_second() {
    let world = World::new().await;
    world.idp(|idp| idp.signing = key("junk"));

    for _ in 0..20 {
        assert_eq!(world.flaw().await, IdTokenFlaw::Signature);
    }

    assert_eq!(World::count(&world.shared.jwks_hits), 1);
    assert_eq!(World::count(&world.shared.discovery_hits), 1);
}

#[tokio::test]
async fn discovery_is_one_flight_for_all_who_wait() {
    let world = World::new().await;
    let provider = &world.provider;

    let begun = tokio::join!(
        provider.begin(ReturnTo::home(), now()),
        provider.begin(ReturnTo::home(), now()),
        provider.begin(ReturnTo::home(), now()),
    );

    assert!(begun.0.is_ok() && begun.1.is_ok() && begun.2.is_ok());
    assert_eq!(World::count(&world.shared.discovery_hits), 1);
}

#[tokio::test]
async fn l28_metadata_that_points_elsewhere_is_refused() {
    for (name, value) in [
        ("issuer", "https://evil.example"),
        ("jwks_uri", "http://169.254.169.254/jwks"),
        ("jwks_uri", "https://evil.example/jwks"),
        ("token_endpoint", "http://169.254.169.254/token"),
        ("authorization_endpoint", "https://evil.example/authorize"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("end_session_endpoint", "https://evil.example/end"),
    ] {
        let world = World::new().await;
        world.idp(|idp| {
            idp.metadata.insert(name, json!(value));
        });

        let refused = world
            .provider
            .begin(ReturnTo::home(), now())
            .await
            .unwrap_err();

        assert!(refused.is_outage(), "{name}: {value}");
    }
}

#[tokio::test]
async fn l40_a_provider_that_is_down_is_asked_again_after_five_seconds() {
    let world = World::new().await;
    world.idp(|idp| {
        idp.metadata.insert("issuer", json!("https://evil.example"));
    });

    let begin = |seconds| {
        world
            .provider
            .begin(ReturnTo::home(), now() + Duration::seconds(seconds))
    };
    assert!(begin(0).await.unwrap_err().is_outage());
    assert!(begin(4).await.unwrap_err().is_outage());
    assert_eq!(World::count(&world.shared.discovery_hits), 1);
    world.idp(|idp| idp.metadata.clear());
    assert!(begin(5).await.is_ok());
}

#[tokio::test]
async fn l37_logout_leads_to_the_provider_with_a_registered_way_back() {
    let world = World::new().await;
    let identity = world.sign_in().await.unwrap();

    let url = world
        .provider
        .end_session_url(
            identity.id_token(),
            "http://127.0.0.1:8080/",
            "st4te",
            now(),
        )
        .await
        .unwrap()
        .unwrap();

    let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert!(
        url.as_str()
            .starts_with(&format!("{}/end?", world.provider.issuer()))
    );
    assert_eq!(asked["client_id"], "weir");
    assert_eq!(asked["state"], "st4te");
    assert_eq!(asked["post_logout_redirect_uri"], "http://127.0.0.1:8080/");
    assert_eq!(
        asked["id_token_hint"],
        identity.id_token().unwrap().expose_secret()
    );
}

#[test]
fn providers_are_configured_with_care() {
    for (name, value) in [
        ("issuer", "http://idp.example"),
        ("redirect_uri", "http://weir.example/auth/callback"),
        ("redirect_uri", "https://weir.example/auth/callback#x"),
        ("client_id", ""),
    ] {
        let mut text = json!({ "issuer": "https://idp.example", "client_id": "weir",
            "redirect_uri": "https://weir.example/auth/callback" });
        text[name] = json!(value);
        let config: ProviderConfig = serde_json::from_value(text).unwrap();

        let error = Provider::new(config).unwrap_err().to_string();

        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
}

/// A provider that gives refresh tokens, and the tokens of one sign-in there.
async fn refreshing() -> (World, ProviderTokens) {
    let world = World::new().await;
    world.idp(|idp| idp.refresh = Some("r".to_owned()));
    let identity = world.sign_in().await.unwrap();
    let tokens = ProviderTokens::of(&identity);
    assert!(tokens.can_refresh());
    (world, tokens)
}

#[tokio::test]
async fn claims_are_fetched_again_and_the_newer_tokens_kept() {
    let (world, tokens) = refreshing().await;
    world.idp(|idp| {
        idp.edit = Box::new(|_, claims| claims["roles"] = json!(["executive"]));
    });

    let first = world.provider.refresh(&tokens, "broker", now()).await;
    let first = first.unwrap();
    let again = world.provider.refresh(&first.tokens, "broker", now()).await;

    let identity = first.identity.unwrap();
    assert_eq!(identity.claims()["roles"], json!(["executive"]));
    assert!(again.is_ok(), "the rotated token was not kept: {again:?}");
    let shown = format!("{tokens:?}");
    assert_eq!(shown, "ProviderTokens { .. }");
}

#[tokio::test]
async fn l14_a_refresh_token_that_was_used_is_no_outage() {
    let (world, tokens) = refreshing().await;
    let used = world.provider.refresh(&tokens, "broker", now()).await;
    assert!(used.is_ok());

    let replayed = world.provider.refresh(&tokens, "broker", now()).await;

    let error = replayed.unwrap_err();
    assert!(matches!(error, LoginError::CodeRefused) && !error.is_outage());
}

#[tokio::test]
async fn l27_a_refreshed_id_token_is_about_the_same_person_of_the_same_issuer() {
    for (claim, value) in [
        ("sub", json!("exec")),
        ("iss", json!("https://other.example")),
        ("aud", json!("another-client")),
        ("aud", json!(["weir", "another-client"])),
        ("azp", json!("another-client")),
        ("nonce", json!("another-nonce")),
        ("iat", json!(now().timestamp() - 3600)),
        ("exp", json!(now().timestamp() - 61)),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ] {
        let (world, tokens) = refreshing().await;
        let wrong = value.clone();
        world.idp(|idp| idp.edit = Box::new(move |_, claims| claims[claim] = wrong.clone()));

        let refused = world.provider.refresh(&tokens, "broker", now()).await;

        let error = refused.err().unwrap_or_else(|| panic!("{claim}: {value}"));
        assert!(
            matches!(error, LoginError::IdToken { .. }),
            "{claim}: {error}"
        );
    }
}

#[tokio::test]
async fn l27_a_refreshed_id_token_may_have_no_nonce() {
    let (world, tokens) = refreshing().await;
    world.idp(|idp| {
        idp.edit = Box::new(|_, claims| {
            claims.as_object_mut().unwrap().remove("nonce");
        });
    });

    let refreshed = world.provider.refresh(&tokens, "broker", now()).await;

    assert!(refreshed.is_ok(), "{refreshed:?}");
}

#[tokio::test]
async fn a_refresh_without_an_id_token_says_nothing_new() {
    let (world, tokens) = refreshing().await;
    world.idp(|idp| idp.answer = TokenAnswer::WithoutIdToken);

    let refreshed = world.provider.refresh(&tokens, "broker", now()).await;
    let refreshed = refreshed.unwrap();

    assert!(refreshed.identity.is_none() && refreshed.tokens.can_refresh());
}

#[tokio::test]
async fn only_a_refused_grant_ends_a_sign_in_and_all_else_is_an_outage() {
    for (status, body, ends) in [
        (400, json!({ "error": "invalid_grant" }), true),
        (401, json!({ "error": "invalid_client" }), false),
        (400, json!({ "error": "temporarily_unavailable" }), false),
        (500, json!({ "error": "server_error" }), false),
        (503, json!("down"), false),
        (200, json!({}), false),
    ] {
        let (world, tokens) = refreshing().await;
        let status = StatusCode::from_u16(status).unwrap();
        world.idp(|idp| idp.refresh_answer = Some((status, body.clone())));

        let error = world.provider.refresh(&tokens, "broker", now()).await;

        let error = error.err().unwrap_or_else(|| panic!("{status} {body}"));
        assert_eq!(error.is_outage(), !ends, "{status} {body}: {error}");
    }
}

async fn side_by_side() -> (World, World, Providers) {
    let (honest, attacker) = (World::new().await, World::new().await);
    let named = |id: &str, world: &World| NamedProvider {
        id: Slug::parse(id).unwrap(),
        provider: Provider::new(config(world.provider.issuer())).unwrap(),
    };
    let both = vec![named("honest", &honest), named("attacker", &attacker)];
    let providers = Providers::new(both).unwrap();
    (honest, attacker, providers)
}

#[tokio::test]
async fn l7_the_code_of_one_provider_is_never_sent_to_another() {
    let (honest, attacker, providers) = side_by_side().await;
    let (pending, query) = honest.browse(now()).await;
    let callback = || CallbackParams::parse(&query).unwrap();
    let wrong = providers.with_id("attacker").unwrap();

    let mixed_up = wrong.finish(pending.clone(), callback(), now()).await;
    let right = providers.with_issuer(&pending.issuer).unwrap();
    let signed_in = right.finish(pending, callback(), now()).await;

    assert!(matches!(mixed_up, Err(LoginError::State)), "{mixed_up:?}");
    assert_eq!(World::count(&attacker.shared.token_hits), 0);
    assert!(signed_in.unwrap().is_from_one_of_several());
}

#[tokio::test]
async fn providers_are_told_apart_by_id_and_issuer() {
    let named = |id: &str, issuer: &str| NamedProvider {
        id: Slug::parse(id).unwrap(),
        provider: Provider::new(config(issuer)).unwrap(),
    };
    let (a, b) = ("https://a.example", "https://b.example");
    let refused = |all: Vec<NamedProvider>| Providers::new(all).unwrap_err();

    assert_eq!(refused(vec![]), ProvidersError::None);
    let same_id = refused(vec![named("one", a), named("one", b)]);
    assert_eq!(same_id, ProvidersError::Id("one".to_owned()));
    let same_issuer = refused(vec![named("one", a), named("two", a)]);
    assert_eq!(same_issuer, ProvidersError::Issuer(a.to_owned()));
    let both = Providers::new(vec![named("one", a), named("two", b)]).unwrap();
    assert!(both.only().is_none() && both.with_id("two").is_some());
    assert!(both.with_issuer("https://a.example/").is_none());
}

#[tokio::test]
async fn l24_a_token_without_a_kid_is_accepted_under_the_only_key_and_no_other() {
    let bare = |idp: &Idp, claims: &Value| idp.sign(r#"{"alg":"EdDSA"}"#, &claims.to_string());
    let alone = World::new().await;
    alone.idp(|idp| idp.raw = Some(Box::new(bare)));
    let among_others = World::new().await;
    among_others.idp(|idp| {
        idp.raw = Some(Box::new(bare));
        idp.published.push(key("k2"));
    });
    let forged = World::new().await;
    forged.idp(|idp| {
        idp.signing = key("k1");
        idp.raw = Some(Box::new(bare));
    });

    assert!(alone.sign_in().await.is_ok());
    assert_eq!(among_others.flaw().await, IdTokenFlaw::Signature);
    assert_eq!(forged.flaw().await, IdTokenFlaw::Signature);
}

#[tokio::test]
async fn l28_endless_crowded_and_broken_key_sets_are_outages() {
    let one = r#"{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    let crowd = format!(r#"{{"keys":[{}]}}"#, vec![one; 20_000].join(","));
    let padded = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(50 << 20));
    for keys in [crowd, padded, "<html>".to_owned()] {
        let world = World::new().await;
        world.idp(|idp| idp.keys = Some(keys.clone()));

        let refused = world.provider.begin(ReturnTo::home(), now()).await;
        let refused = refused.unwrap_err();

        let shown: String = keys.chars().take(20).collect();
        assert!(refused.is_outage(), "{shown}: {refused}");
    }
}

/// The address of a machine that takes every connection, says `text` on it at a byte every 50 ms,
/// and then nothing more.
async fn slow(text: String) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let text = text.clone();
            tokio::spawn(async move {
                let mut pace = tokio::time::interval(std::time::Duration::from_millis(50));
                for byte in text.bytes() {
                    pace.tick().await;
                    drop(stream.try_write(&[byte]));
                }
                std::future::pending::<()>().await;
            });
        }
    });
    address
}

/// The whole of a request may take five seconds, however often something of its answer arrives.
#[tokio::test]
async fn r11_a_provider_that_never_answers_is_an_outage_within_seconds() {
    let silent = slow(String::new()).await;
    let head = slow(format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(1000))).await;
    let body = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{:1000}", "");
    let body = slow(body).await;
    let (keys, tokens) = (World::new().await, World::new().await);
    keys.idp(|idp| {
        idp.metadata.insert("jwks_uri", json!(silent));
    });
    tokens.idp(|idp| {
        idp.metadata.insert("token_endpoint", json!(silent));
    });
    let begin = async |provider: &Provider| {
        let begun = provider.begin(ReturnTo::home(), now()).await;
        begun.map(drop)
    };
    let [silent, head, body] = [silent, head, body].map(|at| Provider::new(config(&at)).unwrap());

    let refused = tokio::time::timeout(std::time::Duration::from_secs(15), async {
        tokio::join!(
            begin(&silent),
            begin(&head),
            begin(&body),
            begin(&keys.provider),
            async { tokens.sign_in().await.map(drop) },
        )
    });

    let (silent, head, body, keys, tokens) = refused.await.unwrap();
    for refused in [silent, head, body, keys, tokens] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, LoginError::Unavailable(_)) && refused.is_outage());
    }
}
