//! The governance API for programs: access tokens of the identity provider, and nothing else that
//! looks like one. What is checked of a token is proven token by token in `weir-identity`; here is
//! what a request with one can do.

use axum::routing::get as route;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use ed25519_dalek::{Signer as _, SigningKey};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use weir_registry::Fact;

use crate::support::ask::{Answer, Ask, ask, get, launch, post};
use crate::support::canaries::{Canaries, policy};
use crate::support::world::{HOST, Plan, Who, World};

const DRAFTS: &str = "/api/v1/policies/drafts";
const POLICIES: &str = "/api/v1/policies";
const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// A world whose identity provider publishes a key of the test's own.
pub(crate) struct Office {
    pub(crate) world: World,
    _canaries: Canaries,
    pub(crate) issuer: String,
    key: SigningKey,
}

/// Its tile reads the visits, its filter lists words of the notes.
const VISITS: &str = "
dashboard: claims-operations
title: { en: Visits, fr: Visites }
subtitle: { en: Where people went, fr: Où les gens sont allés }
filters:
  - { id: place, label: { en: Place, fr: Lieu }, dataset: gold.notes, column: place }
tiles:
  - id: elsewhere
    title: { en: Visits, fr: Visites }
    dataset: gold.visits
    chart: bar
    width: 12
    by: [place]
    measures: [amount]
";

impl Office {
    pub(crate) async fn open() -> Self {
        Self::open_with(|plan| plan).await
    }

    /// With a rule more about the notes.
    pub(crate) async fn governed_by(rule: &str) -> Self {
        let canaries = Canaries::new();
        canaries.edit("policies/notes.policy.yaml", &(policy("notes") + rule));
        canaries.edit("dashboards/claims-operations.dashboard.yaml", VISITS);
        Self::over(canaries, |plan| plan).await
    }

    async fn open_with(change: impl FnOnce(Plan) -> Plan) -> Self {
        Self::over(Canaries::new(), change).await
    }

    async fn over(canaries: Canaries, change: impl FnOnce(Plan) -> Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = SigningKey::from_bytes(&rand::random());
        tokio::spawn(provider(listener, &issuer, &key));
        let mut plan = canaries.plan();
        plan.issuer.clone_from(&issuer);
        Self {
            world: World::build(&change(plan)).await.unwrap(),
            _canaries: canaries,
            issuer,
            key,
        }
    }

    /// The claims of a program that governs.
    fn claims(&self) -> Value {
        let now = self.world.clock.now();
        json!({
            "iss": self.issuer, "aud": "weir-api", "sub": "ci", "client_id": "ci", "jti": "1",
            "iat": now.timestamp(), "exp": (now + Duration::minutes(5)).timestamp(),
            "name": "The build server", "roles": ["governance_admin"],
        })
    }

    pub(crate) fn sign(&self, kind: &str, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "typ": kind, "kid": "k1" });
        let [header, claims] =
            [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token with one claim changed.
    fn token_with(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[name] = value;
        self.sign("at+jwt", &claims)
    }

    fn token(&self) -> String {
        self.sign("at+jwt", &self.claims())
    }

    async fn send(&self, ask: Ask) -> Answer {
        self.world.send(ask).await
    }

    /// The files in force, one of them changed.
    async fn files(&self, path: &str, text: &str) -> Value {
        let ask = get("/api/v1/policies/revisions/1").bearer(&self.token());
        let mut files = self.send(ask).await.ok().json()["files"].clone();
        files[path] = json!(text);
        files
    }

    /// A push of these files.
    fn push(&self, files: &Value) -> Ask {
        let wish = json!({ "title": "By the build", "base": 1, "files": files, "origin": "push" });
        post(DRAFTS).bearer(&self.token()).json(&wish)
    }

    async fn drafts(&self) -> usize {
        let ask = get(DRAFTS).bearer(&self.token());
        let drafts = self.send(ask).await.ok().json();
        drafts["drafts"].as_array().unwrap().len()
    }
}

fn provider(
    listener: TcpListener,
    base: &str,
    key: &SigningKey,
) -> impl Future<Output = ()> + use<> {
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let keys = json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k1", "x": x,
    }] });
    let metadata = json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"), "jwks_uri": format!("{base}/jwks"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    let answer = |body: Value| {
        route(move || {
            let body = body.clone();
            async move { Json(body) }
        })
    };
    let routes = Router::new()
        .route("/.well-known/openid-configuration", answer(metadata))
        .route("/jwks", answer(keys));
    async move {
        axum::serve(listener, routes).await.unwrap();
    }
}

fn narrower() -> String {
    policy("notes") + "  - id: not-that\n    hide: [amount]\n"
}

#[tokio::test]
async fn a_program_hands_in_as_itself_and_people_decide() {
    let office = Office::open().await;
    let files = office
        .files("policies/notes.policy.yaml", &narrower())
        .await;

    let draft = office.send(office.push(&files)).await;

    assert_eq!(draft.status, StatusCode::CREATED, "{}", draft.text());
    let said = draft.json();
    assert_eq!(said["origin"]["kind"], "push");
    assert_eq!(
        said["author"],
        json!({ "issuer": office.issuer, "sub": "ci", "name": "The build server" })
    );
    let step = |step: &str, seen: &Answer, token: &str| {
        let tag = seen.header("etag").unwrap();
        let path = format!("{DRAFTS}/{}/{step}", seen.json()["id"]);
        post(&path)
            .bearer(token)
            .header("if-match", tag)
            .json(&json!({}))
    };
    let submitted = office
        .send(step("submit", &draft, &office.token()))
        .await
        .ok();
    let other = office.token_with("sub", json!("governor-2"));
    for token in [&office.token(), &other] {
        for decision in ["approve", "publish", "schedule"] {
            let mut ask = step(decision, &submitted, token);
            if decision == "schedule" {
                ask = ask.json(&json!({ "effective_from": "2026-12-01T00:00:00Z" }));
            }
            let refused = office.send(ask).await;
            assert_eq!(refused.problem(), "sign-in-required", "{decision}");
        }
    }
    let governor = office.world.session(&Who::governor()).await;
    for decision in ["approve", "publish"] {
        let path = format!("{DRAFTS}/{}", draft.json()["id"]);
        let seen = office.send(get(&path).cookie(&governor)).await.ok();
        let ask = post(&format!("{path}/{decision}"))
            .cookie(&governor)
            .header("sec-fetch-site", "same-origin")
            .header("if-match", seen.header("etag").unwrap())
            .json(&json!({}));
        office.send(ask).await.ok();
    }
    office.world.assert_chain().await;
}

/// No page can make a browser send a token, so it is not asked where a request comes from (A5).
#[tokio::test]
async fn a5_a_request_with_a_token_needs_no_origin() {
    let office = Office::open().await;
    let files = office
        .files("policies/notes.policy.yaml", &narrower())
        .await;

    let push = office.push(&files).header("sec-fetch-site", "cross-site");

    assert_eq!(office.send(push).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn f53_a_token_is_judged_alone_whatever_the_cookie_says() {
    let office = Office::open().await;
    let governor = office.world.session(&Who::governor()).await;
    let newcomer = office.world.session(&Who::newcomer()).await;

    let expired = office.token_with("exp", json!(1));
    let refused = office
        .send(get(POLICIES).bearer(&expired).cookie(&governor))
        .await;
    assert_eq!(refused.problem(), "access-token-invalid");
    let basic = get(POLICIES).basic("ci", "secret").cookie(&governor);
    assert_eq!(office.send(basic).await.problem(), "access-token-invalid");
    let twice = get(POLICIES)
        .bearer(&office.token())
        .bearer(&office.token());
    assert_eq!(office.send(twice).await.problem(), "access-token-invalid");

    let good = get(POLICIES).bearer(&office.token()).cookie(&newcomer);
    office.send(good).await.ok();
}

#[tokio::test]
async fn every_flaw_is_the_same_401_and_says_how_to_do_better() {
    let office = Office::open().await;
    let mut other_key = office.token();
    other_key.truncate(other_key.rfind('.').unwrap() + 1);
    other_key.push_str(&URL_SAFE_NO_PAD.encode([7_u8; 64]));
    let tokens = [
        String::new(),
        "x".to_owned(),
        "a.b.c".to_owned(),
        other_key,
        office.sign("JWT", &office.claims()),
        office.sign("weir-embed+jwt", &office.claims()),
        office.token_with("aud", json!("weir")),
        office.token_with("aud", json!(["weir-api", "other"])),
        office.token_with("iss", json!("https://evil.example")),
        office.token_with("exp", json!(1)),
        office.token_with("nbf", json!(4_102_444_800_i64)),
        office.token_with("sub", json!("")),
        office.token_with("jti", json!(null)),
        // The mapping refuses what nobody can make sense of, as at a sign-in.
        office.token_with("roles", json!("governance_admin")),
    ];
    for token in &tokens {
        for request in [get(POLICIES), post(DRAFTS).json(&json!({}))] {
            let answer = office.send(request.bearer(token)).await;
            assert_eq!(answer.problem(), "access-token-invalid", "{token}");
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert_eq!(
                answer.header("www-authenticate"),
                Some("Bearer error=\"invalid_token\"")
            );
            assert!(!answer.text().contains(&office.issuer), "{}", answer.text());
        }
    }
}

/// Invariant 7: each realm has its own tokens.
#[tokio::test]
async fn embed_tokens_do_not_govern_and_access_tokens_do_not_read() {
    let office = Office::open().await;
    let embed = office.world.token(&Who::exec(), SLUG);
    for path in [
        POLICIES,
        "/api/v1/audit",
        "/api/v1/explain?dataset=gold.notes",
    ] {
        let answer = office.send(get(path).bearer(&embed)).await;
        assert_eq!(answer.problem(), "access-token-invalid", "{path}");
    }
    let executive = office.token_with("roles", json!(["executive", "governance_admin"]));
    let read = office.send(get(LIST).bearer(&executive)).await;
    assert_eq!(read.problem(), "invalid-token");
    let framed = office.send(launch(SLUG, HOST, &executive)).await;
    assert_eq!(framed.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a1_a_token_without_the_role_finds_nothing_there() {
    let office = Office::open().await;
    for roles in [
        json!([]),
        json!(["executive"]),
        json!(["Governance_Admin", "root"]),
    ] {
        let token = office.token_with("roles", roles.clone());
        let read = office.send(get(POLICIES).bearer(&token)).await;
        assert_eq!(read.problem(), "not-found", "{roles}");
        let write = post(DRAFTS).bearer(&token).json(&json!({}));
        assert_eq!(office.send(write).await.problem(), "not-found", "{roles}");
    }
}

/// Whoever comes with a token is on record once, whatever they find there.
#[tokio::test]
async fn the_first_use_of_a_token_is_a_sign_in_on_record() {
    let office = Office::open().await;
    let (governs, reads) = (
        office.token(),
        office.token_with("roles", json!(["executive"])),
    );

    for token in [&governs, &governs, &reads, &reads, &"x".to_owned()] {
        office.send(get(POLICIES).bearer(token)).await;
    }

    let records = office.world.audit().await;
    let signed_in: Vec<_> = records
        .iter()
        .filter_map(|record| match record.fact() {
            Fact::SignIn(sign_in) => Some(sign_in.roles.iter().map(ToString::to_string)),
            _ => None,
        })
        .map(Iterator::collect::<Vec<_>>)
        .collect();
    assert_eq!(signed_in, [["governance_admin"], ["executive"]]);
}

#[tokio::test]
async fn without_a_configured_audience_no_token_governs() {
    let office = Office::open_with(|plan| Plan { api: "", ..plan }).await;
    let governor = office.world.session(&Who::governor()).await;

    let refused = office.send(get(POLICIES).bearer(&office.token())).await;
    assert_eq!(refused.problem(), "access-token-invalid");
    office.send(get(POLICIES).cookie(&governor)).await.ok();
    let where_to = office
        .send(get("/.well-known/oauth-protected-resource"))
        .await;
    assert_eq!(where_to.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be_and_keeps_nobody_with_a_session_out() {
    let down = "http://127.0.0.1:1".to_owned();
    let office = Office::open_with(|plan| Plan {
        issuer: down.clone(),
        ..plan
    })
    .await;
    let governor = office.world.session(&Who::governor()).await;

    let token = office.token_with("iss", json!(down));
    let answer = office.send(get(POLICIES).bearer(&token)).await;

    assert_eq!(answer.problem(), "identity-provider-unavailable");
    office.send(get(POLICIES).cookie(&governor)).await.ok();
}

#[tokio::test]
async fn a_program_is_told_where_to_get_a_token() {
    let office = Office::open_with(|plan| Plan {
        api: "[api]\naudience = \"weir-api\"\ndevice_client_id = \"weir-cli\"\nscopes = [\"govern\"]",
        ..plan
    })
    .await;

    let said = office
        .send(get("/.well-known/oauth-protected-resource"))
        .await;

    assert_eq!(
        said.ok().json(),
        json!({
            "resource": "https://weir.example",
            "authorization_servers": [office.issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["govern"],
            "weir_audience": "weir-api",
            "weir_device_client_id": "weir-cli",
        })
    );
}

#[tokio::test]
async fn the_same_push_twice_is_one_draft() {
    let office = Office::open().await;
    let files = office
        .files("policies/notes.policy.yaml", &narrower())
        .await;

    let first = office.send(office.push(&files)).await;
    let second = office.send(office.push(&files)).await;

    assert_eq!(
        (first.status, second.status),
        (StatusCode::CREATED, StatusCode::OK)
    );
    assert_eq!(first.json(), second.json());
    assert_eq!(office.drafts().await, 1);
}

#[tokio::test]
async fn a_push_that_can_not_be_used_leaves_nothing() {
    let office = Office::open().await;
    let broken = "dataset: gold.notes\nrules:\n  - id: x\n    permt: all\n";
    let files = office.files("policies/notes.policy.yaml", broken).await;

    let refused = office.send(office.push(&files)).await;

    assert_eq!(refused.problem(), "content-invalid");
    let finding = refused.json()["findings"][0].as_str().unwrap().to_owned();
    assert!(
        finding.contains("policies/notes.policy.yaml:4"),
        "{finding}"
    );
    assert_eq!(office.drafts().await, 0);
    let same = office.files("policies/nothing.policy.yaml", "").await;
    let mut same = same;
    same.as_object_mut()
        .unwrap()
        .remove("policies/nothing.policy.yaml");
    let unchanged = office.send(office.push(&same)).await;
    assert_eq!(unchanged.problem(), "draft-state");
}

#[tokio::test]
async fn a9_a_draft_keeps_the_origin_it_was_opened_with() {
    let office = Office::open().await;
    let files = office
        .files("policies/notes.policy.yaml", &narrower())
        .await;
    let draft = office.send(office.push(&files)).await;
    let path = format!("{DRAFTS}/{}", draft.json()["id"]);
    let wish = json!({ "title": "x", "base": 1, "files": files, "origin": "draft" });

    let put = ask(Method::PUT, &path)
        .bearer(&office.token())
        .header("if-match", draft.header("etag").unwrap());

    assert_eq!(
        office.send(put.json(&wish)).await.problem(),
        "content-invalid"
    );
    let made_up = json!({ "title": "x", "base": 1, "files": files, "origin": "folder" });
    let opened = post(DRAFTS).bearer(&office.token()).json(&made_up);
    assert_eq!(office.send(opened).await.problem(), "invalid-request");
}
