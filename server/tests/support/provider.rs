//! An identity provider whose every word the test chooses: who signs in, with which claims, whether
//! it answers at all, and what it says afterwards.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

/// The secret that every provider here gives Weir.
pub(crate) const SECRET: &str = "the secret of weir at the provider";

/// A code that it does not answer before it is told to, and then refuses.
pub(crate) const STUCK: &str = "stuck";

/// What begins every refresh token.
pub(crate) const REFRESH_TOKEN: &str = "r3fresh-token-of-";

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the provider says.
struct Says {
    claims: Value,
    nonce: String,
    /// The refresh token that works now; none is given without it.
    refresh: Option<String>,
    /// Refuses every refresh.
    disabled: bool,
    /// Answers nothing that can be read.
    down: bool,
    key: SigningKey,
}

/// Codes that it has not thought about long enough.
struct Stuck {
    now: watch::Sender<usize>,
    freed: watch::Sender<bool>,
}

impl Default for Stuck {
    fn default() -> Self {
        Self {
            now: watch::Sender::new(0),
            freed: watch::Sender::new(false),
        }
    }
}

#[derive(Clone)]
struct Shared {
    issuer: String,
    says: Arc<Mutex<Says>>,
    tokens: Arc<AtomicUsize>,
    refreshes: Arc<AtomicUsize>,
    stuck: Arc<Stuck>,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

/// A provider on a port of its own.
pub(crate) struct StubProvider {
    pub(crate) issuer: String,
    listener: Option<TcpListener>,
    shared: Option<Shared>,
}

impl StubProvider {
    /// One that has an address, and does not listen before the world's clock is known.
    pub(crate) async fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            listener: Some(listener),
            shared: None,
        }
    }

    /// `[[oidc]]` for it.
    pub(crate) fn table(&self, id: &str, label: &str) -> String {
        format!(
            "[[oidc]]\nid = '{id}'\nlabel = {label}\nissuer = '{}'\nclient_id = 'weir'\n\
             client_secret = '{SECRET}'\n",
            self.issuer
        )
    }

    /// Starts it.
    pub(crate) fn serve(&mut self, now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) {
        let says = Says {
            claims: json!({ "sub": "ana", "sid": "s-1", "name": "Ana" }),
            nonce: String::new(),
            refresh: None,
            disabled: false,
            down: false,
            key: SigningKey::from_bytes(&rand::random()),
        };
        let shared = Shared {
            issuer: self.issuer.clone(),
            says: Arc::new(Mutex::new(says)),
            tokens: Arc::default(),
            refreshes: Arc::default(),
            stuck: Arc::default(),
            now: Arc::new(now),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .with_state(shared.clone());
        let listener = self.listener.take().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        self.shared = Some(shared);
    }

    fn shared(&self) -> &Shared {
        self.shared.as_ref().expect("the provider is served")
    }

    fn change(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.shared().says.lock().unwrap());
    }

    /// Whoever signs in next, and what is said at refreshes.
    pub(crate) fn says(&self, claims: Value) {
        self.change(|says| says.claims = claims);
    }

    /// From now on sign-ins get a refresh token, which works once and is followed by another.
    pub(crate) fn gives_refresh_tokens(&self) {
        self.change(|says| says.refresh = Some(format!("{REFRESH_TOKEN}0")));
    }

    /// Somebody's account is gone.
    pub(crate) fn disables(&self) {
        self.change(|says| says.disabled = true);
    }

    /// Whether it answers.
    pub(crate) fn is_down(&self, down: bool) {
        self.change(|says| says.down = down);
    }

    /// How often a code was sent to it.
    pub(crate) fn codes(&self) -> usize {
        self.shared().tokens.load(Ordering::SeqCst)
    }

    /// How many of [`STUCK`] it holds now.
    pub(crate) fn stuck(&self) -> watch::Receiver<usize> {
        self.shared().stuck.now.subscribe()
    }

    /// Refuses all of [`STUCK`].
    pub(crate) fn frees(&self) {
        self.shared().stuck.freed.send_replace(true);
    }

    /// How often it was asked for newer claims.
    pub(crate) fn refreshes(&self) -> usize {
        self.shared().refreshes.load(Ordering::SeqCst)
    }

    /// Where a browser comes back to that signed in by this address.
    pub(crate) fn comes_back(&self, authorize: &str) -> String {
        let url: Url = authorize.parse().unwrap();
        assert!(authorize.starts_with(&self.issuer), "{authorize}");
        let asked: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        self.change(|says| says.nonce.clone_from(&asked["nonce"]));
        let back: Url = asked["redirect_uri"].parse().unwrap();
        format!("{}?code=c&state={}", back.path(), asked["state"])
    }

    /// A logout token with these changes to its claims; `null` removes one.
    pub(crate) fn logout_token(&self, changes: &Value) -> String {
        let shared = self.shared();
        let now = (shared.now)().timestamp();
        let mut claims = json!({
            "iss": shared.issuer, "aud": "weir", "iat": now, "exp": now + 120,
            "jti": "logout-1", "events": { (EVENT): {} },
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims = claims.as_object_mut().unwrap();
        claims.retain(|_, value| !value.is_null());
        let header = json!({ "alg": "EdDSA", "kid": "k1", "typ": "logout+jwt" });
        let says = shared.says.lock().unwrap();
        sign(&says.key, &header, &Value::Object(claims.clone()))
    }

    /// The ID token of a sign-in, as somebody might post it elsewhere.
    pub(crate) fn id_token(&self) -> String {
        let shared = self.shared();
        let says = shared.says.lock().unwrap();
        id_token(shared, &says)
    }
}

fn sign(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let signature = key.sign(message.as_bytes()).to_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn id_token(shared: &Shared, says: &Says) -> String {
    let now = (shared.now)().timestamp();
    let mut claims = says.claims.clone();
    for (name, value) in [
        ("iss", json!(shared.issuer)),
        ("aud", json!("weir")),
        ("nonce", json!(says.nonce)),
        ("iat", json!(now)),
        ("exp", json!(now + 300)),
    ] {
        claims[name] = value;
    }
    let header = json!({ "alg": "EdDSA", "kid": "k1", "typ": "JWT" });
    sign(&says.key, &header, &claims)
}

async fn discovery(State(shared): State<Shared>) -> (StatusCode, Json<Value>) {
    let base = &shared.issuer;
    if shared.says.lock().unwrap().down {
        return (StatusCode::BAD_GATEWAY, Json(json!("down")));
    }
    let metadata = json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/jwks"),
        "end_session_endpoint": format!("{base}/end"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    (StatusCode::OK, Json(metadata))
}

async fn jwks(State(shared): State<Shared>) -> Json<Value> {
    let says = shared.says.lock().unwrap();
    let x = URL_SAFE_NO_PAD.encode(says.key.verifying_key().as_bytes());
    Json(json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k1", "x": x },
    ] }))
}

async fn token(
    State(shared): State<Shared>,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let refused = || {
        (
            StatusCode::BAD_REQUEST,
            Json(json!({ "error": "invalid_grant" })),
        )
    };
    let refreshing = form["grant_type"] == "refresh_token";
    let hits = if refreshing {
        &shared.refreshes
    } else {
        &shared.tokens
    };
    let hit = hits.fetch_add(1, Ordering::SeqCst);
    if form.get("code").is_some_and(|code| code == STUCK) {
        shared.stuck.now.send_modify(|now| *now += 1);
        let mut freed = shared.stuck.freed.subscribe();
        freed.wait_for(|freed| *freed).await.unwrap();
        return refused();
    }
    let mut says = shared.says.lock().unwrap();
    if says.down {
        return (StatusCode::BAD_GATEWAY, Json(json!("down")));
    }
    if refreshing && (says.disabled || says.refresh.as_ref() != form.get("refresh_token")) {
        return refused();
    }
    let mut answer = json!({ "access_token": "a", "token_type": "Bearer" });
    answer["id_token"] = json!(id_token(&shared, &says));
    if let Some(refresh) = &mut says.refresh {
        if refreshing {
            *refresh = format!("{REFRESH_TOKEN}{}", hit + 1);
        }
        answer["refresh_token"] = json!(refresh);
    }
    (StatusCode::OK, Json(answer))
}
