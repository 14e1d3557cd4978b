//! Signing in at the demo identity provider, for real, and out again (failure F59; attacks L1 to L5,
//! L8, L10 to L12, L43, L44).

use std::time::Duration;

use chrono::TimeDelta;
use http::StatusCode;
use http::header::LOCATION;
use secrecy::SecretString;
use tokio::net::TcpListener;
use url::Url;
use weir_registry::Fact;
use weir_server::clock::Clock;
use weir_server::demo::{self, idp};

use crate::support::ask::{Answer, get, post, with_query};
use crate::support::canaries::{Canaries, canary};
use crate::support::world::World;

/// Where browsers would find Weir; nothing listens there.
const WEIR: &str = "http://127.0.0.1:9";
const DATA: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// A world with an identity provider beside it, and a browser that follows redirects by hand.
struct SignIns {
    _canaries: Canaries,
    world: World,
    browser: reqwest::Client,
}

impl SignIns {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let canaries = Canaries::new();
        let mut plan = canaries.plan();
        WEIR.clone_into(&mut plan.public_url);
        plan.issuer.clone_from(&issuer);
        let world = World::build(&plan).await.unwrap();
        let hands = world.clock.clone();
        let provider = idp::router(idp::IdpConfig {
            issuer,
            clients: vec![idp::IdpClient {
                id: "weir".to_owned(),
                secret: Some(SecretString::from("the secret of weir at the provider")),
                redirect_uris: vec![format!("{WEIR}/auth/callback")],
                post_logout_redirect_uris: vec![format!("{WEIR}/signed-out")],
                backchannel_logout_uri: None,
                api: idp::ApiAccess::None,
            }],
            api_audience: "weir-api".to_owned(),
            clock: Clock::from_fn(move || hands.now()),
        });
        tokio::spawn(demo::serve(
            listener,
            provider.unwrap(),
            std::future::pending(),
        ));
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .no_proxy()
            .build()
            .unwrap();
        Self {
            _canaries: canaries,
            world,
            browser,
        }
    }

    /// Begins at Weir: the login cookie, and the provider's address.
    async fn begin(&self, return_to: &str) -> (String, Url) {
        let answer = self
            .world
            .send(get(&with_query("/login", &[("return_to", return_to)])))
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let cookie = cookie(&answer, "weir_login").expect("a login cookie");
        (
            cookie,
            answer.header(LOCATION.as_str()).unwrap().parse().unwrap(),
        )
    }

    /// Picks `persona` at the provider: the address that the browser is sent back to.
    async fn pick(&self, authorize: &Url, persona: &str) -> String {
        let form = url::form_urlencoded::Serializer::new(authorize.query().unwrap().to_owned())
            .append_pair("persona", persona)
            .finish();
        let mut endpoint = authorize.clone();
        endpoint.set_query(None);
        let ask = self.browser.post(endpoint).body(form);
        let answer = ask
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 303);
        let back = answer.headers()[LOCATION.as_str()].to_str().unwrap();
        back.strip_prefix(WEIR).unwrap().to_owned()
    }

    /// The whole way: the session cookie.
    async fn sign_in(&self, persona: &str) -> String {
        let (login, authorize) = self.begin("/").await;
        let back = self.pick(&authorize, persona).await;
        let answer = self.world.send(get(&back).cookie(&login)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        cookie(&answer, "weir_session").expect("a session")
    }
}

/// `name=value` of a cookie that an answer sets and does not remove.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer
        .cookies()
        .into_iter()
        .find(|cookie| cookie.starts_with(&format!("{name}=")))?;
    let pair = set.split(';').next().unwrap();
    (!pair.ends_with('=')).then(|| pair.to_owned())
}

fn failed(answer: &Answer, why: &str) {
    assert_eq!(
        answer.status,
        StatusCode::BAD_REQUEST,
        "{why}: {}",
        answer.text()
    );
    assert!(cookie(answer, "weir_session").is_none(), "{why} signs in");
}

#[tokio::test]
async fn a_person_signs_in_and_sees_the_own_units() {
    let signs = SignIns::new().await;
    let (login, authorize) = signs.begin("/d/finance-overview?locale=fr-CA").await;
    let back = signs.pick(&authorize, "analyst-auto").await;
    let answer = signs
        .world
        .send(get(&back).cookie(&login))
        .await
        .expect(StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header("location"),
        Some("/d/finance-overview?locale=fr-CA")
    );
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    for set in answer.cookies() {
        for attribute in ["Path=/", "HttpOnly", "SameSite=Lax"] {
            assert!(set.contains(attribute), "{set}");
        }
        assert!(!set.contains("Domain"), "{set}");
    }
    let session = cookie(&answer, "weir_session").unwrap();
    let page = signs
        .world
        .send(get("/d/finance-overview").cookie(&session).page())
        .await
        .ok();
    assert!(page.text().contains(&canary("auto")) && !page.text().contains(&canary("home")));
    assert!(
        page.text().contains("Amélie Gagnon"),
        "the person's name is not in the page"
    );
    assert!(
        page.text().contains("lang=\"fr-CA\""),
        "the person's language is French"
    );
    let audit = signs.world.audit().await;
    let Fact::SignIn(sign_in) = audit[0].fact() else {
        panic!("{:?}", audit[0])
    };
    assert_eq!(sign_in.business_units.len(), 1);
    signs.world.assert_chain().await;
}

#[tokio::test]
async fn every_persona_sees_what_the_claims_say() {
    let signs = SignIns::new().await;
    for (persona, sees, not) in [
        ("exec", &["auto", "wealth"][..], &[][..]),
        ("broker", &["auto", "home"], &["life"]),
        ("newcomer", &[], &["auto", "home", "life"]),
        ("governor-1", &[], &["auto", "home", "life"]),
    ] {
        let session = signs.sign_in(persona).await;
        signs
            .world
            .send(get("/").cookie(&session).page())
            .await
            .ok();
        let answer = signs.world.send(get(DATA).cookie(&session)).await;
        assert_eq!(
            answer.status == StatusCode::OK,
            !sees.is_empty(),
            "{persona}"
        );
        assert!(
            sees.iter()
                .all(|unit| answer.text().contains(&canary(unit))),
            "{persona}"
        );
        assert!(
            not.iter()
                .all(|unit| !answer.text().contains(&canary(unit))),
            "{persona}"
        );
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_gets_the_sign_in_page_with_the_way_back() {
    let signs = SignIns::new().await;
    let answer = signs
        .world
        .send(get("/d/finance-overview?place=everywhere&locale=fr-CA").page())
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(
        answer
            .text()
            .contains("/login?return_to=%2Fd%2Ffinance-overview%3Fplace%3Deverywhere")
    );
    assert!(answer.text().contains("lang=\"fr-CA\""));
    assert!(answer.cookies().is_empty());
}

#[tokio::test]
async fn l3_a_callback_that_this_browser_did_not_begin_is_refused() {
    let signs = SignIns::new().await;
    let (login, authorize) = signs.begin("/").await;
    let (other_login, _) = signs.begin("/").await;
    let back = signs.pick(&authorize, "exec").await;
    let wrong_state = with_query("/auth/callback", &[("code", "x"), ("state", "x")]);
    let send = async |target: &str, cookies: &str| {
        let ask = get(target);
        let ask = if cookies.is_empty() {
            ask
        } else {
            ask.cookie(cookies)
        };
        signs.world.send(ask).await
    };
    failed(&send(&back, "").await, "no login cookie (L10)");
    failed(&send(&back, &other_login).await, "another sign-in's cookie");
    failed(&send(&back, "weir_login=").await, "an empty cookie");
    failed(
        &send(&back, &format!("{login}; {other_login}")).await,
        "two login cookies (L43)",
    );
    failed(&send(&wrong_state, &login).await, "another state");
    failed(&send("/auth/callback", &login).await, "nothing");
    failed(
        &send(&format!("{back}&code=again"), &login).await,
        "two codes (L8)",
    );
    failed(
        &send(&format!("{back}&state=again"), &login).await,
        "two states (L8)",
    );
    failed(
        &send(&format!("{back}&error=access_denied"), &login).await,
        "code and error (L8)",
    );
    assert!(signs.world.audit().await.is_empty());
    // All of that did not spoil the sign-in that is under way.
    let answer = send(&back, &login).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

#[tokio::test]
async fn l4_a_callback_works_once() {
    let signs = SignIns::new().await;
    let (login, authorize) = signs.begin("/").await;
    let back = signs.pick(&authorize, "exec").await;
    signs
        .world
        .send(get(&back).cookie(&login))
        .await
        .expect(StatusCode::SEE_OTHER);
    failed(
        &signs.world.send(get(&back).cookie(&login)).await,
        "a replay",
    );
}

#[tokio::test]
async fn l5_a_code_of_one_sign_in_does_not_finish_another() {
    let signs = SignIns::new().await;
    let (_, of_the_attacker) = signs.begin("/").await;
    let (login, of_the_victim) = signs.begin("/").await;
    let theirs = signs.pick(&of_the_attacker, "exec").await;
    let own = signs.pick(&of_the_victim, "newcomer").await;
    let part = |target: &str, name: &str| {
        let url = Url::parse(WEIR).unwrap().join(target).unwrap();
        url.query_pairs()
            .find(|(n, _)| n == name)
            .unwrap()
            .1
            .into_owned()
    };
    let injected = with_query(
        "/auth/callback",
        &[
            ("code", &part(&theirs, "code")),
            ("state", &part(&own, "state")),
            ("iss", &part(&own, "iss")),
        ],
    );
    failed(
        &signs.world.send(get(&injected).cookie(&login)).await,
        "an injected code",
    );
}

#[tokio::test]
async fn a_sign_in_that_took_too_long_starts_again() {
    let signs = SignIns::new().await;
    let (login, authorize) = signs.begin("/").await;
    signs.world.clock.advance(TimeDelta::minutes(30));
    let back = signs.pick(&authorize, "exec").await;
    failed(
        &signs.world.send(get(&back).cookie(&login)).await,
        "half an hour later",
    );
}

#[tokio::test]
async fn l1_the_way_back_never_leaves_weir() {
    let signs = SignIns::new().await;
    let targets = [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/%09/evil.example",
        "/\t/evil.example",
        "",
        "evil.example",
        "/\r\nSet-Cookie: a=b",
        "//127.0.0.1:9@evil.example",
        " //evil.example",
        "/.//evil.example",
        "/logout",
        "/login",
    ];
    for target in targets {
        let (login, authorize) = signs.begin(target).await;
        let back = signs.pick(&authorize, "exec").await;
        let answer = signs
            .world
            .send(get(&back).cookie(&login))
            .await
            .expect(StatusCode::SEE_OTHER);
        let location = answer.header("location").unwrap();
        let resolved = Url::parse(WEIR).unwrap().join(location).unwrap();
        assert_eq!(
            resolved.origin(),
            Url::parse(WEIR).unwrap().origin(),
            "{target:?} leads to {location}"
        );
    }
}

#[tokio::test]
async fn l11_a_session_id_from_before_the_sign_in_is_worth_nothing_after_it() {
    let signs = SignIns::new().await;
    let planted = "weir_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let (login, authorize) = signs.begin("/").await;
    let back = signs.pick(&authorize, "exec").await;
    let answer = signs
        .world
        .send(get(&back).cookie(&format!("{planted}; {login}")))
        .await;
    let session = cookie(&answer, "weir_session").unwrap();
    assert_ne!(session, planted);
    signs
        .world
        .send(get(DATA).cookie(planted))
        .await
        .expect(StatusCode::UNAUTHORIZED);
    let two = format!("{planted}; {session}");
    signs
        .world
        .send(get(DATA).cookie(&two))
        .await
        .expect(StatusCode::BAD_REQUEST);
    signs.world.send(get(DATA).cookie(&session)).await.ok();
}

#[tokio::test]
async fn l12_a_session_id_counts_in_its_cookie_only() {
    let signs = SignIns::new().await;
    let session = signs.sign_in("exec").await;
    let (_, id) = session.split_once('=').unwrap();
    let asks = [
        get(&format!("{DATA}?weir_session={id}")),
        get(DATA).header("x-weir-session", id),
        get(DATA).bearer(id),
        get(DATA).cookie(&format!("sid={id}")),
        get(DATA).cookie(&format!("weir_login={id}")),
        get(DATA).cookie(&format!("__Host-weir={id}")),
    ];
    for ask in asks {
        signs.world.send(ask).await.expect(StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_without_use_and_after_twelve_with() {
    let signs = SignIns::new().await;
    let idle = signs.sign_in("exec").await;
    signs.world.clock.advance(TimeDelta::minutes(30));
    signs
        .world
        .send(get(DATA).cookie(&idle))
        .await
        .expect(StatusCode::UNAUTHORIZED);
    let used = signs.sign_in("exec").await;
    for _ in 0..35 {
        signs.world.clock.advance(TimeDelta::minutes(20));
        signs.world.send(get(DATA).cookie(&used)).await.ok();
    }
    signs.world.clock.advance(TimeDelta::minutes(20));
    signs
        .world
        .send(get(DATA).cookie(&used))
        .await
        .expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_member_signs_out_from_weirs_own_page_only() {
    let signs = SignIns::new().await;
    let session = signs.sign_in("exec").await;
    let foreign = [
        post("/logout"),
        post("/logout").header("origin", "http://127.0.0.1:8081"),
        post("/logout").header("origin", "null"),
        post("/logout").header("sec-fetch-site", "cross-site"),
        post("/logout")
            .header("sec-fetch-site", "same-site")
            .header("origin", WEIR),
        post("/logout").header("sec-fetch-site", "none"),
    ];
    for ask in foreign {
        signs
            .world
            .send(ask.cookie(&session))
            .await
            .expect(StatusCode::FORBIDDEN);
    }
    signs
        .world
        .send(get("/logout").cookie(&session))
        .await
        .expect(StatusCode::METHOD_NOT_ALLOWED);
    signs.world.send(get(DATA).cookie(&session)).await.ok();

    let out = post("/logout")
        .cookie(&session)
        .header("sec-fetch-site", "same-origin");
    let answer = signs.world.send(out).await.expect(StatusCode::SEE_OTHER);
    let next: Url = answer.header("location").unwrap().parse().unwrap();
    assert_eq!(next.path(), "/logout", "{next}");
    assert!(
        next.query_pairs()
            .any(|(_, value)| value == format!("{WEIR}/signed-out")),
        "{next}"
    );
    assert_eq!(
        answer.header("clear-site-data"),
        Some("\"cache\", \"storage\"")
    );
    let removed = answer.cookies();
    assert!(
        removed
            .iter()
            .any(|c| c.starts_with("weir_session=;") && c.contains("Max-Age=0")),
        "{removed:?}"
    );
    signs
        .world
        .send(get(DATA).cookie(&session))
        .await
        .expect(StatusCode::UNAUTHORIZED);
    let audit = signs.world.audit().await;
    assert!(
        audit
            .iter()
            .any(|record| record.fact().kind() == "sign_out")
    );
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    assert_eq!(
        weir_server::guard::session_cookie(world.app.state()),
        "__Host-weir"
    );
    assert_eq!(
        weir_server::guard::login_cookie(world.app.state()),
        "__Host-weir-login"
    );
}
