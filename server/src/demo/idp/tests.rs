use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreClient, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
};
use openidconnect::{ClientId, IssuerUrl, JsonWebKey as _, Nonce};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::Url;

use super::*;

const ISSUER: &str = "http://127.0.0.1:8082";
const CALLBACK: &str = "http://127.0.0.1:8080/auth/callback";
const VERIFIER: &str = "a-verifier-of-enough-characters-for-rfc-7636.";
const CHALLENGE: &str = "cVveDcucDhmCIk4DiyX8A8bnIEVPGlqrOaI6giMmiM4";
const BASIC: &str = "Basic d2VpcjpzM2NyZXQgJiBtb3Jl"; // weir:s3cret & more

struct World {
    router: Router,
    seconds: Arc<AtomicI64>,
}

struct Reply {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn location(&self) -> Url {
        self.headers[header::LOCATION]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    fn answer(&self, name: &str) -> Option<String> {
        self.location()
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, v)| v.into_owned())
    }
}

fn start() -> DateTime<Utc> {
    "2026-11-02T08:00:00Z".parse().unwrap()
}

fn world() -> World {
    let seconds = Arc::new(AtomicI64::new(0));
    let ticking = Arc::clone(&seconds);
    let client = |id: &str, secret: Option<&str>| IdpClient {
        id: id.to_owned(),
        secret: secret.map(Into::into),
        redirect_uris: vec![CALLBACK.to_owned()],
        post_logout_redirect_uris: vec!["http://127.0.0.1:8080/".to_owned()],
        backchannel_logout_uri: None,
        api: ApiAccess::None,
    };
    let router = router(IdpConfig {
        issuer: ISSUER.to_owned(),
        clients: vec![
            client("weir", Some("s3cret & more")),
            client("public", None),
            IdpClient {
                api: ApiAccess::ForAPersona,
                ..client("terminal", None)
            },
            IdpClient {
                api: ApiAccess::AsItself(&["governance_admin"]),
                ..client("builder", Some("s3cret & more"))
            },
        ],
        api_audience: "weir-api".to_owned(),
        clock: Clock::from_fn(move || {
            start() + TimeDelta::seconds(ticking.load(Ordering::Relaxed))
        }),
    });
    World {
        router: router.unwrap(),
        seconds,
    }
}

impl World {
    fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    async fn get(&self, path: &str) -> Reply {
        let request = Request::get(path).header(header::HOST, "127.0.0.1:8082");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, basic: Option<&str>, form: &str) -> Reply {
        let mut request = Request::post(path)
            .header(header::HOST, "127.0.0.1:8082")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(basic) = basic {
            request = request.header(header::AUTHORIZATION, basic);
        }
        self.send(request.body(Body::from(form.to_owned())).unwrap())
            .await
    }

    async fn picked(&self, persona: &str) -> String {
        let form = format!("{}&persona={persona}", asked(&[]));
        let reply = self.post("/authorize", None, &form).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
        reply.answer("code").unwrap()
    }

    async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Reply {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post("/token", Some(BASIC), &encoded(&fields, changes))
            .await
    }
}

type Fields<'a> = &'a [(&'a str, &'a str)];

fn asked(changes: Fields<'_>) -> String {
    let fields = [
        ("response_type", "code"),
        ("client_id", "weir"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("state", "st&te"),
        ("nonce", "n-0nce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    encoded(&fields, changes)
}

/// Fields with some replaced or added; an empty replacement leaves the field out.
fn encoded(fields: Fields<'_>, changes: Fields<'_>) -> String {
    let stays = |name: &str| changes.iter().all(|(replaced, _)| *replaced != name);
    let kept = fields.iter().filter(|(name, _)| stays(name));
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept.chain(changes).filter(|(_, value)| !value.is_empty()))
        .finish()
}

#[tokio::test]
async fn a_sign_in_ends_with_a_signed_id_token_that_the_openid_client_accepts() {
    let world = world();
    let code = world.picked("broker").await;

    let reply = world.redeem(&code, &[]).await;

    let keys: CoreJsonWebKeySet = serde_json::from_str(&world.get("/jwks").await.body).unwrap();
    let verifier = CoreIdTokenVerifier::new_public_client(
        ClientId::new("weir".to_owned()),
        IssuerUrl::new(ISSUER.to_owned()).unwrap(),
        keys,
    )
    .set_allowed_algs([openidconnect::core::CoreJwsSigningAlgorithm::EdDsa])
    .set_time_fn(start);
    let id_token: openidconnect::core::CoreIdToken =
        reply.json()["id_token"].as_str().unwrap().parse().unwrap();
    let claims = id_token
        .claims(&verifier, &Nonce::new("n-0nce".to_owned()))
        .unwrap();
    assert_eq!(claims.subject().as_str(), "broker");
    assert_eq!(claims.auth_time(), Some(start()));
    let expected = openidconnect::AccessTokenHash::from_token(
        &openidconnect::AccessToken::new(reply.json()["access_token"].as_str().unwrap().into()),
        id_token.signing_alg().unwrap(),
        id_token.signing_key(&verifier).unwrap(),
    );
    assert_eq!(claims.access_token_hash(), Some(&expected.unwrap()));
}

#[tokio::test]
async fn the_id_token_and_userinfo_carry_units_roles_and_attributes() {
    let world = world();
    let code = world.picked("exec").await;
    let tokens = world.redeem(&code, &[]).await.json();

    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let info = world.post("/userinfo", Some(&bearer), "").await.json();

    let payload = tokens["id_token"]
        .as_str()
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap()
        .to_owned();
    let payload =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload);
    let claims: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    for claims in [claims, info] {
        assert_eq!(claims["sub"], "exec");
        assert_eq!(claims["name"], "Hélène Desrosiers");
        assert_eq!(claims["locale"], "fr-CA");
        assert_eq!(claims["business_units"].as_array().unwrap().len(), 7);
        assert_eq!(claims["roles"], serde_json::json!(["executive"]));
        assert_eq!(
            claims["attributes"]["clearance"],
            serde_json::json!(["confidential"])
        );
    }
}

#[tokio::test]
async fn the_answer_carries_state_and_issuer() {
    let form = format!("{}&persona=analyst-auto", asked(&[]));
    let reply = world().post("/authorize", None, &form).await;

    assert_eq!(reply.answer("state").as_deref(), Some("st&te"));
    assert_eq!(reply.answer("iss").as_deref(), Some(ISSUER));
    assert!(reply.location().as_str().starts_with(CALLBACK));
}

#[tokio::test]
async fn a_wrong_verifier_is_refused_and_spends_the_code() {
    let world = world();
    let code = world.picked("analyst-auto").await;

    let other = "another-verifier-of-enough-characters-for-rfc-7636";
    for verifier in [other, VERIFIER] {
        let reply = world.redeem(&code, &[("code_verifier", verifier)]).await;
        assert_eq!(
            (reply.status, reply.json()["error"].as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid_grant"))
        );
    }
}

#[tokio::test]
async fn a_challenge_sent_as_verifier_is_refused() {
    let world = world();
    let code = world.picked("analyst-auto").await;

    let reply = world.redeem(&code, &[("code_verifier", CHALLENGE)]).await;

    assert_eq!(reply.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_request_without_s256_is_sent_back() {
    let world = world();
    for change in [
        ("code_challenge", ""),
        ("code_challenge_method", "plain"),
        ("code_challenge", "short"),
    ] {
        let reply = world.get(&format!("/authorize?{}", asked(&[change]))).await;

        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        assert_eq!(reply.answer("error").as_deref(), Some("invalid_request"));
        assert_eq!(reply.answer("code"), None);
    }
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_its_access_token_ends() {
    let world = world();
    let code = world.picked("analyst-auto").await;
    let tokens = world.redeem(&code, &[]).await.json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    assert_eq!(
        world.post("/userinfo", Some(&bearer), "").await.status,
        StatusCode::OK
    );

    let replay = world.redeem(&code, &[]).await;

    assert_eq!(replay.json()["error"], "invalid_grant");
    assert_eq!(
        world.post("/userinfo", Some(&bearer), "").await.status,
        StatusCode::UNAUTHORIZED
    );
}

async fn renewed(world: &World, token: &str, basic: &str) -> Reply {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    world
        .post("/token", Some(basic), &encoded(&fields, &[]))
        .await
}

#[tokio::test]
async fn l14_a_refresh_token_works_once_and_its_second_use_ends_the_sign_in() {
    let world = world();
    let code = world.picked("broker").await;
    let first = world.redeem(&code, &[]).await.json();
    let token = |answer: &Value| answer["refresh_token"].as_str().unwrap().to_owned();

    let second = renewed(&world, &token(&first), BASIC).await;
    let builder = format!("Basic {}", STANDARD.encode("builder:s3cret & more"));
    let foreign = renewed(&world, &token(&second.json()), &builder).await;
    let third = renewed(&world, &token(&second.json()), BASIC).await;
    let replayed = renewed(&world, &token(&second.json()), BASIC).await;
    let after = renewed(&world, &token(&third.json()), BASIC).await;

    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    assert_ne!(token(&second.json()), token(&first));
    assert!(second.json()["id_token"].is_string());
    for refused in [foreign, replayed, after] {
        assert_eq!(refused.json()["error"], "invalid_grant");
    }
    assert_eq!(third.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_is_signed_out_everywhere_gets_nothing_newer() {
    let world = world();
    let code = world.picked("broker").await;
    let broker = world.redeem(&code, &[]).await.json();
    let code = world.picked("exec").await;
    let exec = world.redeem(&code, &[]).await.json();
    let page = world.get("/sign-out").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("value=\"broker\""), "{}", page.body);

    let done = world.post("/sign-out", None, "persona=broker").await;
    let nobody = world.post("/sign-out", None, "persona=nobody").await;

    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(nobody.status, StatusCode::BAD_REQUEST);
    for (tokens, status) in [(broker, StatusCode::BAD_REQUEST), (exec, StatusCode::OK)] {
        let token = tokens["refresh_token"].as_str().unwrap();
        assert_eq!(renewed(&world, token, BASIC).await.status, status);
    }
}

#[tokio::test]
async fn a_code_is_worth_nothing_after_a_minute() {
    let world = world();
    let code = world.picked("analyst-auto").await;

    world.pass(60);

    assert_eq!(
        world.redeem(&code, &[]).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_code_is_worth_nothing_to_another_client() {
    let world = world();
    let code = world.picked("analyst-auto").await;
    let form = encoded(
        &[
            ("grant_type", "authorization_code"),
            ("client_id", "public"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ],
        &[],
    );

    let reply = world.post("/token", None, &form).await;

    assert_eq!(reply.json()["error"], "invalid_grant");
    assert_eq!(world.redeem(&code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_redirect_address_is_refused_at_both_ends() {
    let world = world();
    for uri in [
        "http://127.0.0.1:8080/auth/callback/",
        "http://127.0.0.1:8080/auth/callback?x=1",
        "http://localhost:8080/auth/callback",
        "https://evil.example/auth/callback",
        "javascript:alert(1)",
    ] {
        let reply = world
            .get(&format!("/authorize?{}", asked(&[("redirect_uri", uri)])))
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{uri}");
        assert!(!reply.headers.contains_key(header::LOCATION), "{uri}");

        let code = world.picked("analyst-auto").await;
        let reply = world.redeem(&code, &[("redirect_uri", uri)]).await;
        assert_eq!(reply.json()["error"], "invalid_grant", "{uri}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_is_refused_and_the_code_stays_good() {
    let world = world();
    let code = world.picked("analyst-auto").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let proofs: [(Option<&str>, Fields<'_>); 5] = [
        (None, &[("client_id", "weir")]),
        (None, &[("client_id", "weir"), ("client_secret", "s3cret")]),
        (None, &[("client_id", "public"), ("client_secret", "x")]),
        (Some("Basic d2VpcjpzM2NyZXQ="), &[]),
        (Some("Bearer x"), &[]),
    ];

    for (basic, more) in proofs {
        let reply = world.post("/token", basic, &encoded(&fields, more)).await;

        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{basic:?} {more:?}");
        assert_eq!(reply.json()["error"], "invalid_client");
        assert!(reply.headers.contains_key(header::WWW_AUTHENTICATE));
    }
    let posted = [("client_id", "weir"), ("client_secret", "s3cret & more")];
    let both = world
        .post("/token", Some(BASIC), &encoded(&fields, &posted))
        .await;
    assert_eq!(both.json()["error"], "invalid_request");
    assert_eq!(
        world
            .post("/token", None, &encoded(&fields, &posted))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_form_encoded_basic_secret_is_understood() {
    let world = world();
    let code = world.picked("analyst-auto").await;
    let basic = "Basic d2VpcjpzM2NyZXQrJTI2K21vcmU="; // weir:s3cret+%26+more
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];

    let reply = world
        .post("/token", Some(basic), &encoded(&fields, &[]))
        .await;

    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let world = world();
    let twice = format!("{}&state=x", asked(&[]));

    assert_eq!(
        world.get(&format!("/authorize?{twice}")).await.status,
        StatusCode::BAD_REQUEST
    );
    let reply = world
        .post("/token", Some(BASIC), "grant_type=a&grant_type=b")
        .await;
    assert_eq!(reply.json()["error"], "invalid_request");
}

#[tokio::test]
async fn hostile_values_are_inert_in_the_picker() {
    let evil = "\"><script>alert(1)</script>{{style}}";
    let query = asked(&[
        ("state", evil),
        ("nonce", evil),
        ("login_hint", evil),
        ("ui_locales", evil),
    ]);

    let reply = world().get(&format!("/authorize?{query}")).await;

    assert_eq!(reply.status, StatusCode::OK);
    assert!(!reply.body.contains("<script"));
    assert!(
        reply
            .body
            .contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{style}}")
    );
    let policy = reply.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'nonce-"),
        "{policy}"
    );
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:8080;"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn the_picker_shows_everybody_in_both_languages() {
    let world = world();
    for (locale, title) in [
        ("fr-CA", "Qui se connecte"),
        ("en-CA", "Who is signing in?"),
    ] {
        let query = asked(&[("ui_locales", locale)]);
        let page = world.get(&format!("/authorize?{query}")).await.body;

        assert!(page.contains(title) && page.contains(&format!("lang=\"{locale}\"")));
        assert_eq!(page.matches("class=\"person\"").count(), 13);
        assert!(!page.contains("{{"), "a slot is not filled");
    }
}

#[tokio::test]
async fn cancelling_and_silent_sign_in_are_told_to_the_client() {
    let world = world();

    let cancelled = world
        .post("/authorize", None, &asked(&[("persona", "")]))
        .await;
    let silent = world
        .get(&format!("/authorize?{}", asked(&[("prompt", "none")])))
        .await;

    assert_eq!(cancelled.answer("error").as_deref(), Some("access_denied"));
    assert_eq!(silent.answer("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn nobody_unknown_is_signed_in_and_no_foreign_site_picks() {
    let world = world();

    let unknown = world
        .post("/authorize", None, &asked(&[("persona", "root")]))
        .await;
    let request = Request::post("/authorize")
        .header(header::HOST, "127.0.0.1:8082")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(asked(&[("persona", "exec")])));
    let foreign = world.send(request.unwrap()).await;

    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn logout_returns_to_registered_addresses_only() {
    let world = world();
    let code = world.picked("exec").await;
    let tokens = world.redeem(&code, &[]).await.json();
    let hint = tokens["id_token"].as_str().unwrap();
    world.pass(3600);
    let go = |fields: &[(&str, &str)]| format!("/logout?{}", encoded(fields, &[]));
    let home = "http://127.0.0.1:8080/";

    let fine = world
        .get(&go(&[
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", home),
            ("state", "s"),
        ]))
        .await;
    assert_eq!(fine.location().as_str(), "http://127.0.0.1:8080/?state=s");
    let named = world
        .post(
            "/logout",
            None,
            &encoded(
                &[("client_id", "weir"), ("post_logout_redirect_uri", home)],
                &[],
            ),
        )
        .await;
    assert_eq!(named.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get("/logout").await.status, StatusCode::OK);

    let forged = format!("{}A", hint.trim_end_matches(char::is_alphanumeric));
    for bad in [
        go(&[
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", "https://evil.example/"),
        ]),
        go(&[
            ("id_token_hint", &forged),
            ("post_logout_redirect_uri", home),
        ]),
        go(&[
            ("id_token_hint", hint),
            ("client_id", "public"),
            ("post_logout_redirect_uri", home),
        ]),
        go(&[("post_logout_redirect_uri", home)]),
    ] {
        let refused = world.get(&bad).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(!refused.headers.contains_key(header::LOCATION));
    }
}

#[tokio::test]
async fn discovery_says_what_is_true() {
    let world = world();

    let metadata = world.get("/.well-known/openid-configuration").await.json();

    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["token_endpoint"], "http://127.0.0.1:8082/token");
    assert_eq!(
        metadata["end_session_endpoint"],
        "http://127.0.0.1:8082/logout"
    );
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(
        metadata["id_token_signing_alg_values_supported"],
        serde_json::json!(["EdDSA"])
    );
    let core: openidconnect::core::CoreProviderMetadata = serde_json::from_value(metadata).unwrap();
    drop(CoreClient::from_provider_metadata(
        core,
        ClientId::new("weir".to_owned()),
        None,
    ));
}

#[tokio::test]
async fn it_answers_only_under_its_own_name() {
    for host in ["evil.example", "127.0.0.1:8080", "localhost:8082"] {
        let request = Request::get("/jwks")
            .header(header::HOST, host)
            .body(Body::empty());

        let reply = world().send(request.unwrap()).await;

        assert_eq!(reply.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
}

#[test]
fn a_provider_that_is_not_on_this_machine_is_refused() {
    let config = |issuer: &str, redirect: &str| IdpConfig {
        issuer: issuer.to_owned(),
        clients: vec![IdpClient {
            id: "weir".to_owned(),
            secret: None,
            redirect_uris: vec![redirect.to_owned()],
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            api: ApiAccess::None,
        }],
        api_audience: "weir-api".to_owned(),
        clock: Clock::system(),
    };

    assert!(matches!(
        router(config("https://id.example", CALLBACK)),
        Err(DemoError::NotLocal { .. })
    ));
    assert!(matches!(
        router(config(ISSUER, "https://weir.example/cb")),
        Err(DemoError::NotLocal { .. })
    ));
}

const DEVICE: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";

/// The claims of an access token whose signature and kind the published key vouches for.
async fn access_claims(world: &World, reply: &Reply) -> Value {
    let token = reply.json()["access_token"].as_str().unwrap().to_owned();
    let keys: CoreJsonWebKeySet = serde_json::from_str(&world.get("/jwks").await.body).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("at+jwt"), &json!("EdDSA"))
    );
    let key = keys.keys().first().unwrap();
    assert_eq!(header["kid"].as_str(), key.key_id().map(|id| id.as_str()));
    let algorithm = CoreJwsSigningAlgorithm::EdDsa;
    key.verify_signature(&algorithm, message.as_bytes(), &decode(signature))
        .unwrap();
    serde_json::from_slice(&decode(claims)).unwrap()
}

#[tokio::test]
async fn a_build_server_gets_an_access_token_about_itself() {
    let world = world();
    let basic = format!("Basic {}", STANDARD.encode("builder:s3cret+%26+more"));

    let form = "grant_type=client_credentials&audience=anything";
    let reply = world.post("/token", Some(&basic), form).await;

    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let claims = access_claims(&world, &reply).await;
    assert_eq!(
        (&claims["sub"], &claims["client_id"]),
        (&json!("builder"), &json!("builder"))
    );
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!(ISSUER), &json!("weir-api"))
    );
    assert_eq!(claims["roles"], json!(["governance_admin"]));
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        600
    );
    let other = world.post("/token", Some(BASIC), form).await;
    assert_eq!(other.json()["error"], "unauthorized_client");
}

/// Begins a sign-in in a terminal: the device code and the user code.
async fn begun(world: &World) -> (String, String) {
    let reply = world
        .post("/device_authorization", None, "client_id=terminal")
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let (answer, page) = (reply.json(), format!("{ISSUER}/device"));
    assert_eq!(answer["verification_uri"], page);
    let code = answer["user_code"].as_str().unwrap().to_owned();
    assert_eq!(
        answer["verification_uri_complete"],
        format!("{page}?user_code={code}")
    );
    (answer["device_code"].as_str().unwrap().to_owned(), code)
}

async fn poll(world: &World, device_code: &str) -> Reply {
    let form = format!("grant_type={DEVICE}&client_id=terminal&device_code={device_code}");
    world.post("/token", None, &form).await
}

async fn told(world: &World, device_code: &str) -> Value {
    poll(world, device_code).await.json()["error"].clone()
}

#[tokio::test]
async fn a_terminal_waits_until_somebody_picked_who_to_be() {
    let world = world();
    let (device_code, user_code) = begun(&world).await;
    assert_eq!(told(&world, &device_code).await, "authorization_pending");
    assert_eq!(told(&world, &device_code).await, "slow_down");

    for typed in [user_code.to_lowercase(), user_code.replace('-', "")] {
        let page = world.get(&format!("/device?user_code={typed}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains("terminal") && page.body.contains(&user_code),
            "{}",
            page.body
        );
        assert_eq!(page.body.matches("class=\"person\"").count(), 13);
        assert!(!page.body.contains("{{"), "a slot is not filled");
    }
    let form = format!("user_code={user_code}&persona=governor-2");
    let picked = world.post("/device", None, &form).await;
    assert!(picked.body.contains("You are signed in"), "{}", picked.body);
    world.pass(1);

    let reply = poll(&world, &device_code).await;
    let claims = access_claims(&world, &reply).await;
    assert_eq!(
        (&claims["sub"], &claims["client_id"]),
        (&json!("governor-2"), &json!("terminal"))
    );
    assert_eq!(claims["roles"], json!(["governance_admin"]));
    world.pass(1);
    assert_eq!(
        told(&world, &device_code).await,
        "invalid_grant",
        "an answer is given once"
    );
    let again = world.post("/device", None, &form).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_terminal_is_told_no_and_too_late() {
    let world = world();
    let (device_code, user_code) = begun(&world).await;
    let declined = format!("user_code={user_code}&persona=");
    assert_eq!(
        world.post("/device", None, &declined).await.status,
        StatusCode::OK
    );
    assert_eq!(told(&world, &device_code).await, "access_denied");

    let (device_code, user_code) = begun(&world).await;
    world.pass(600);
    assert_eq!(told(&world, &device_code).await, "expired_token");
    let late = format!("user_code={user_code}&persona=exec");
    assert_eq!(
        world.post("/device", None, &late).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(told(&world, "made-up").await, "invalid_grant");
}

#[tokio::test]
async fn only_a_terminals_client_signs_in_so_and_no_other_page_answers_for_it() {
    let world = world();
    let other = world
        .post("/device_authorization", None, "client_id=public")
        .await;
    assert_eq!(other.json()["error"], "unauthorized_client");
    let (device_code, user_code) = begun(&world).await;
    let form = format!("grant_type={DEVICE}&client_id=public&device_code={device_code}");
    let stolen = world.post("/token", None, &form).await;
    assert_eq!(stolen.json()["error"], "invalid_grant");

    let foreign = Request::post("/device")
        .header(header::HOST, "127.0.0.1:8082")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(format!("user_code={user_code}&persona=exec")))
        .unwrap();
    assert_eq!(world.send(foreign).await.status, StatusCode::FORBIDDEN);
    let nobody = format!("user_code={user_code}&persona=nobody");
    assert_eq!(
        world.post("/device", None, &nobody).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(told(&world, &device_code).await, "authorization_pending");
    let typed = world.get("/device").await;
    assert!(typed.body.contains("name=\"user_code\"") && !typed.body.contains("{{"));
}
