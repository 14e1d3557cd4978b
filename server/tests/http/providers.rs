//! Several identity providers, what they say of members later, and signing out by their word (attacks
//! L6, L7, L11, L14, L27, L29 to L37, L45).

use std::fs;

use chrono::TimeDelta;
use http::StatusCode;
use http::header::LOCATION;
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_registry::{Fact, Revoked, SignOutCause};

use crate::support::ask::{Answer, get, post, with_query};
use crate::support::canaries::{Canaries, canary};
use crate::support::provider::{REFRESH_TOKEN, StubProvider};
use crate::support::world::{Plan, World};

const WEIR: &str = "http://127.0.0.1:9";
const DATA: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const LOGOUT: &str = "/auth/backchannel-logout";

/// Weir with providers, whose words the test chooses.
struct Around {
    canaries: Canaries,
    world: World,
    providers: Vec<StubProvider>,
}

impl Around {
    /// One provider, which Weir knows by a single table.
    async fn one() -> Self {
        Self::build(1, |_, _| {}).await
    }

    /// Two, with a mapping that says whose claims it means.
    async fn two() -> Self {
        Self::build(2, |canaries, providers| {
            let mapping = |provider: &StubProvider, claim: &str| {
                format!(
                    "  {}:\n    business_units: {{ claim: {claim}, allow: [auto, home] }}\n    \
                     roles: {{ claim: roles, allow: [analyst] }}\n",
                    provider.issuer
                )
            };
            let (a, b) = (
                mapping(&providers[0], "units"),
                mapping(&providers[1], "org"),
            );
            canaries.edit("policies/identity.yaml", &format!("issuers:\n{a}{b}"));
        })
        .await
    }

    async fn build(count: usize, content: impl Fn(&Canaries, &[StubProvider])) -> Self {
        let mut providers = Vec::new();
        for _ in 0..count {
            providers.push(StubProvider::bind().await);
        }
        let canaries = Canaries::new();
        content(&canaries, &providers);
        let mut plan = Self::plan(&canaries, &providers);
        WEIR.clone_into(&mut plan.public_url);
        let world = World::build(&plan).await.unwrap();
        for provider in &mut providers {
            let hands = world.clock.clone();
            provider.serve(move || hands.now());
        }
        Self {
            canaries,
            world,
            providers,
        }
    }

    fn plan(canaries: &Canaries, providers: &[StubProvider]) -> Plan {
        let mut plan = canaries.plan();
        plan.issuer.clone_from(&providers[0].issuer);
        if let [one, two] = providers {
            let labels = ["{ en = 'Staff', fr = 'Personnel' }", "'Brokers & partners'"];
            let tables = [
                one.table("staff", labels[0]),
                two.table("brokers", labels[1]),
            ];
            plan.oidc = Some(tables.concat());
        }
        plan
    }

    fn idp(&self) -> &StubProvider {
        &self.providers[0]
    }

    /// Begins at Weir: the login cookie, and the provider's address.
    async fn begin(&self, provider: Option<&str>) -> (String, String) {
        let query: Vec<_> = provider.iter().map(|id| ("provider", *id)).collect();
        let answer = self.world.send(get(&with_query("/login", &query))).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let authorize = answer.header(LOCATION.as_str()).unwrap().to_owned();
        (cookie(&answer, "weir_login").unwrap(), authorize)
    }

    /// The whole way: the session cookie.
    async fn sign_in(&self, index: usize) -> String {
        let ids = ["staff", "brokers"];
        let id = (self.providers.len() > 1).then(|| ids[index]);
        let (login, authorize) = self.begin(id).await;
        let back = self.providers[index].comes_back(&authorize);
        let answer = self.world.send(get(&back).cookie(&login)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        cookie(&answer, "weir_session").expect("a session")
    }

    /// What a member sees: the units, by their canaries; `None` when nobody is signed in.
    async fn sees(&self, session: &str) -> Option<Vec<&'static str>> {
        let answer = self.world.send(get(DATA).cookie(session)).await;
        if answer.status == StatusCode::UNAUTHORIZED {
            return None;
        }
        let units = ["auto", "home"];
        let text = answer.text();
        Some(
            units
                .into_iter()
                .filter(|unit| text.contains(&canary(unit)))
                .collect(),
        )
    }

    async fn logged_out(&self, token: &str) -> Answer {
        let form = post(LOGOUT).form(&[("logout_token", token)]);
        self.world.send(form).await
    }

    async fn facts(&self) -> Vec<Fact> {
        let records = self.world.audit().await;
        records.iter().map(|record| record.fact().clone()).collect()
    }

    async fn sign_outs(&self) -> Vec<(SignOutCause, u64)> {
        let facts = self.facts().await.into_iter();
        facts
            .filter_map(|fact| match fact {
                Fact::SignOut(out) => Some((out.cause, out.sessions)),
                _ => None,
            })
            .collect()
    }
}

/// `name=value` of a cookie that an answer sets and does not remove.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let cookies = answer.cookies().into_iter();
    let mut set = cookies.filter(|cookie| cookie.starts_with(&format!("{name}=")));
    let pair = set.next()?.split(';').next().unwrap();
    (!pair.ends_with('=')).then(|| pair.to_owned())
}

fn ana(units: &[&str]) -> Value {
    json!({ "sub": "ana", "sid": "s-1", "name": "Ana", "roles": ["analyst"],
        "business_units": units, "units": units, "org": units })
}

#[tokio::test]
async fn l7_a_code_of_one_provider_is_sent_to_no_other() {
    let around = Around::two().await;
    let (login, authorize) = around.begin(Some("staff")).await;
    let back = around.idp().comes_back(&authorize);
    assert!(back.starts_with("/auth/callback/staff?"), "{back}");

    for elsewhere in [
        "/auth/callback/brokers",
        "/auth/callback/nobody",
        "/auth/callback",
    ] {
        let (login, authorize) = around.begin(Some("staff")).await;
        let mixed_up = around.idp().comes_back(&authorize);
        let mixed_up = mixed_up.replace("/auth/callback/staff", elsewhere);
        let answer = around.world.send(get(&mixed_up).cookie(&login)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{elsewhere}");
        assert_eq!(cookie(&answer, "weir_session"), None);
    }
    assert_eq!(around.providers[1].codes(), 0, "the attacker got a code");
    assert_eq!(around.idp().codes(), 0);
    let (login, authorize) = (login, authorize);
    let back = around.idp().comes_back(&authorize);
    let answer = around.world.send(get(&back).cookie(&login)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

#[tokio::test]
async fn with_one_provider_the_callback_has_no_name() {
    let around = Around::one().await;
    let (login, authorize) = around.begin(None).await;
    let back = around.idp().comes_back(&authorize);
    assert!(back.starts_with("/auth/callback?"), "{back}");
    let named = back.replace("/auth/callback", "/auth/callback/sso");
    let answer = around.world.send(get(&named).cookie(&login)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(around.idp().codes(), 0);
}

#[tokio::test]
async fn people_choose_where_to_sign_in_in_both_languages() {
    let around = Around::two().await;
    let page = around.world.send(get("/d/finance-overview").page()).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    for part in [
        ">Staff</a>",
        ">Brokers &amp; partners</a>",
        "/login?return_to=%2Fd%2Ffinance-overview&amp;provider=staff",
        "/login?return_to=%2Fd%2Ffinance-overview&amp;provider=brokers",
    ] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let french = get("/login?return_to=%2Fadmin&locale=fr-CA").page();
    let french = around.world.send(french).await.ok();
    for part in [
        ">Personnel</a>",
        "lang=\"fr-CA\"",
        "return_to=%2Fadmin&amp;provider=staff",
    ] {
        assert!(french.text().contains(part), "{part}: {}", french.text());
    }
    let unknown = around.world.send(get("/login?provider=nobody")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    // One provider is no choice.
    let alone = Around::one().await;
    let page = alone.world.send(get("/").page()).await;
    assert!(!page.text().contains("provider="), "{}", page.text());
}

#[tokio::test]
async fn claims_mean_what_their_own_provider_is_mapped_to() {
    let around = Around::two().await;
    let claims = json!({ "sub": "ana", "roles": ["analyst"], "units": ["auto"], "org": ["home"] });
    around.providers[0].says(claims.clone());
    around.providers[1].says(claims);

    let staff = around.sign_in(0).await;
    let broker = around.sign_in(1).await;

    assert_eq!(around.sees(&staff).await.unwrap(), ["auto"]);
    assert_eq!(around.sees(&broker).await.unwrap(), ["home"]);
}

#[tokio::test]
async fn a_mapping_that_names_no_issuer_gives_nothing_to_anybody_of_several() {
    let around = Around::build(2, |_, _| {}).await;
    around.providers[1].says(ana(&["auto", "home"]));

    let session = around.sign_in(1).await;

    assert_eq!(around.sees(&session).await.unwrap(), Vec::<&str>::new());
}

#[tokio::test]
async fn l11_the_session_a_browser_had_before_a_sign_in_is_over() {
    let around = Around::one().await;
    around.idp().says(ana(&["auto"]));
    let before = around.sign_in(0).await;
    let (login, authorize) = around.begin(None).await;
    let back = around.idp().comes_back(&authorize);

    let both = format!("{before}; {login}");
    let answer = around.world.send(get(&back).cookie(&both)).await;

    let after = cookie(&answer, "weir_session").unwrap();
    assert_ne!(after, before);
    assert_eq!(around.sees(&before).await, None);
    assert_eq!(around.sees(&after).await.unwrap(), ["auto"]);
}

#[tokio::test]
async fn l45_claims_are_fetched_again_after_a_quarter_of_an_hour_of_use() {
    let around = Around::one().await;
    around.idp().gives_refresh_tokens();
    around.idp().says(ana(&["auto"]));
    let session = around.sign_in(0).await;
    around.idp().says(ana(&["home"]));

    around
        .world
        .clock
        .advance(TimeDelta::minutes(15) - TimeDelta::seconds(1));
    assert_eq!(around.sees(&session).await.unwrap(), ["auto"]);
    assert_eq!(around.idp().refreshes(), 0);
    around.world.clock.advance(TimeDelta::seconds(1));
    let at_once = (0..8).map(|_| around.sees(&session));
    for seen in futures::future::join_all(at_once).await {
        assert_eq!(seen.unwrap(), ["home"], "whoever asks waits for the answer");
    }

    assert_eq!(around.idp().refreshes(), 1, "single flight");
    let sign_ins = around.facts().await.into_iter();
    let sign_ins: Vec<_> = sign_ins
        .filter_map(|fact| match fact {
            Fact::SignIn(one) => Some(one.business_units[0].to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(
        sign_ins,
        ["auto", "home"],
        "what somebody became is on record"
    );
    // The rotated token works the next time, and nothing new is no news.
    around.world.clock.advance(TimeDelta::minutes(15));
    assert_eq!(around.sees(&session).await.unwrap(), ["home"]);
    assert_eq!(around.idp().refreshes(), 2);
}

#[tokio::test]
async fn l45_l14_a_refused_refresh_ends_the_session_and_is_on_record() {
    let around = Around::one().await;
    around.idp().gives_refresh_tokens();
    around.idp().says(ana(&["auto"]));
    let session = around.sign_in(0).await;
    around.idp().disables();

    around.world.clock.advance(TimeDelta::minutes(15));

    assert_eq!(around.sees(&session).await, None);
    assert_eq!(around.sees(&session).await, None);
    let ended = [(SignOutCause::IdentityProvider, 1)];
    assert_eq!(around.sign_outs().await, ended);
}

#[tokio::test]
async fn l27_a_refresh_that_is_about_somebody_else_ends_the_session() {
    let around = Around::one().await;
    around.idp().gives_refresh_tokens();
    around.idp().says(ana(&["auto"]));
    let session = around.sign_in(0).await;
    let mut other = ana(&["auto", "home"]);
    other["sub"] = json!("bob");
    around.idp().says(other);

    around.world.clock.advance(TimeDelta::minutes(15));

    assert_eq!(around.sees(&session).await, None);
}

#[tokio::test]
async fn l40_an_outage_keeps_a_session_for_an_hour_and_then_ends_it() {
    let around = Around::one().await;
    around.idp().gives_refresh_tokens();
    around.idp().says(ana(&["auto"]));
    let session = around.sign_in(0).await;
    around.idp().is_down(true);

    for _ in 0..3 {
        around.world.clock.advance(TimeDelta::minutes(15));
        assert_eq!(around.sees(&session).await.unwrap(), ["auto"]);
    }
    let asked = around.idp().refreshes();
    assert_eq!(around.sees(&session).await.unwrap(), ["auto"]);
    assert_eq!(around.idp().refreshes(), asked, "not on every request");
    around.world.clock.advance(TimeDelta::minutes(15));
    assert_eq!(around.sees(&session).await, None);
    let ended = [(SignOutCause::ProviderUnavailable, 1)];
    assert_eq!(around.sign_outs().await, ended);
}

#[tokio::test]
async fn an_outage_that_is_over_in_time_ends_nothing() {
    let around = Around::one().await;
    around.idp().gives_refresh_tokens();
    around.idp().says(ana(&["auto"]));
    let session = around.sign_in(0).await;
    around.idp().is_down(true);
    around.world.clock.advance(TimeDelta::minutes(20));
    assert_eq!(around.sees(&session).await.unwrap(), ["auto"]);
    around.idp().is_down(false);
    around.idp().says(ana(&["home"]));

    around.world.clock.advance(TimeDelta::minutes(2));

    assert_eq!(around.sees(&session).await.unwrap(), ["home"]);
}

#[tokio::test]
async fn the_providers_tokens_are_unreadable_in_the_registry() {
    let (canaries, home) = (Canaries::new(), TempDir::new().unwrap());
    let mut provider = StubProvider::bind().await;
    let mut plan = canaries.plan();
    WEIR.clone_into(&mut plan.public_url);
    plan.issuer.clone_from(&provider.issuer);
    let file = home.path().join("weir.db");
    let address = format!("sqlite://{}", file.display());
    plan.registry = Some((address, home.path().join("audit")));
    let world = World::build(&plan).await.unwrap();
    let hands = world.clock.clone();
    provider.serve(move || hands.now());
    provider.gives_refresh_tokens();
    let around = Around {
        canaries,
        world,
        providers: vec![provider],
    };
    around.sign_in(0).await;
    let id_token = around.idp().id_token();
    around.world.app.state().registry.close().await.unwrap();

    for entry in fs::read_dir(home.path()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = fs::read(&path) else { continue };
        for secret in [REFRESH_TOKEN, &id_token] {
            let found = bytes
                .windows(secret.len())
                .any(|it| it == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
    }
}

#[tokio::test]
async fn a_back_channel_logout_ends_the_session_on_every_process_and_revokes_embeds() {
    let around = Around::one().await;
    around.idp().says(ana(&["auto"]));
    let first = around.sign_in(0).await;
    let second = around.sign_in(0).await;
    let mut elsewhere = ana(&["auto"]);
    elsewhere["sid"] = json!("s-2");
    around.idp().says(elsewhere);
    let third = around.sign_in(0).await;

    let token = around.idp().logout_token(&json!({ "sid": "s-1" }));
    let answer = around.logged_out(&token).await;

    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(around.sees(&first).await, None);
    assert_eq!(around.sees(&second).await, None);
    assert_eq!(around.sees(&third).await.unwrap(), ["auto"]);
    assert_eq!(
        around.sign_outs().await,
        [(SignOutCause::IdentityProvider, 2)]
    );
    let revocations = around.world.app.state().registry.revocations();
    let revocations = revocations.since(0).await.unwrap().revocations;
    let ana = Revoked::Subject {
        issuer: around.idp().issuer.clone(),
        sub: "ana".to_owned(),
    };
    let revoked: Vec<_> = revocations.iter().map(|it| &it.target).collect();
    assert_eq!(revoked, [&ana]);

    let all = json!({ "sub": "ana", "jti": "logout-2" });
    let all = around.logged_out(&around.idp().logout_token(&all)).await;
    assert_eq!(all.status, StatusCode::OK, "{}", all.text());
    assert_eq!(around.sees(&third).await, None);
    // Whoever is signed out already is signed out.
    let again = json!({ "sid": "s-1", "sub": "ana", "jti": "logout-3" });
    let again = around.logged_out(&around.idp().logout_token(&again)).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());
}

#[tokio::test]
async fn l29_to_l36_a_logout_token_that_is_not_right_ends_nothing() {
    let around = Around::one().await;
    around.idp().says(ana(&["auto"]));
    let session = around.sign_in(0).await;
    let token = |changes: Value| {
        let mut claims = json!({ "sid": "s-1" });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        around.idp().logout_token(&claims)
    };
    let good = token(json!({}));
    let unsigned = good.rsplit_once('.').unwrap().0.to_owned() + ".";
    let other_event = json!({ "http://schemas.openid.net/event/other": {} });
    let cases = [
        ("l29 unsigned", unsigned),
        (
            "l31 another issuer",
            token(json!({ "iss": "https://other.example" })),
        ),
        ("l32 another audience", token(json!({ "aud": "another" }))),
        ("l33 no events", token(json!({ "events": null }))),
        ("l34 another event", token(json!({ "events": other_event }))),
        ("l35 a nonce", token(json!({ "nonce": "n" }))),
        ("l36 an ID token", around.idp().id_token()),
        ("l36 an unknown session", token(json!({ "sid": "s-9" }))),
        (
            "l36 another person's session",
            token(json!({ "sub": "bob" })),
        ),
        ("no id", token(json!({ "jti": null }))),
        ("over", token(json!({ "exp": 1 }))),
        ("nobody", token(json!({ "sid": null }))),
        ("nothing", String::new()),
    ];
    for (why, token) in cases {
        let answer = around.logged_out(&token).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{why}");
        let caching = answer.header("cache-control").unwrap();
        assert!(caching.starts_with("no-store"), "{why}: {caching}");
        assert_eq!(around.sees(&session).await.unwrap(), ["auto"], "{why}");
    }
    let twice = [("logout_token", good.as_str()), ("logout_token", &good)];
    let twice = around.world.send(post(LOGOUT).form(&twice)).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    let as_json = post(LOGOUT).json(&json!({ "logout_token": good }));
    let as_json = around.world.send(as_json).await;
    assert_eq!(as_json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let by_get = around.world.send(get(LOGOUT)).await;
    assert_eq!(by_get.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(around.sign_outs().await.is_empty());
    // What was refused used nothing up; a replay of what was not does nothing.
    assert_eq!(around.logged_out(&good).await.status, StatusCode::OK);
    assert_eq!(around.sees(&session).await, None);
    let again = around.sign_in(0).await;
    let replayed = around.logged_out(&good).await;
    assert_eq!(replayed.status, StatusCode::BAD_REQUEST, "l36 replayed");
    assert_eq!(around.sees(&again).await.unwrap(), ["auto"]);
    around.world.assert_chain().await;
}

#[tokio::test]
async fn one_provider_cannot_sign_out_anothers_people() {
    let around = Around::two().await;
    around.providers[0].says(ana(&["auto"]));
    let session = around.sign_in(0).await;
    let theirs = json!({ "sid": "s-1", "sub": "ana" });
    let posing = json!({ "sid": "s-1", "iss": around.providers[0].issuer });

    let by_own_name = around.providers[1].logout_token(&theirs);
    let by_the_others = around.providers[1].logout_token(&posing);

    for token in [by_own_name, by_the_others] {
        let answer = around.logged_out(&token).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    }
    assert_eq!(around.sees(&session).await.unwrap(), ["auto"]);
}

#[tokio::test]
async fn l37_the_way_back_from_the_providers_logout_is_this_browsers() {
    let around = Around::one().await;
    let session = around.sign_in(0).await;
    let out = post("/logout")
        .cookie(&session)
        .header("sec-fetch-site", "same-origin");
    let answer = around.world.send(out).await;
    let leaves = answer.header(LOCATION.as_str()).unwrap().to_owned();
    let cookie = cookie(&answer, "weir_logout").unwrap();
    let leaves: url::Url = leaves.parse().unwrap();
    let asked: std::collections::BTreeMap<_, _> = leaves.query_pairs().into_owned().collect();
    assert_eq!(
        asked["post_logout_redirect_uri"],
        format!("{WEIR}/signed-out")
    );
    assert_eq!(asked["id_token_hint"].split('.').count(), 3);
    let state = &asked["state"];
    assert_eq!(cookie, format!("weir_logout={state}"));

    let back = with_query("/signed-out", &[("state", state)]);
    let twice = with_query("/signed-out", &[("state", state), ("state", state)]);
    for (target, brings, why) in [
        (&back, "", "another browser"),
        (&back, "weir_logout=other", "another logout"),
        (
            &with_query("/signed-out", &[("state", "x")]),
            &*cookie,
            "another state",
        ),
        (
            &with_query("/signed-out", &[("state", "")]),
            &*cookie,
            "no state",
        ),
        (&twice, &*cookie, "two states"),
    ] {
        let answer = around.world.send(get(target).cookie(brings)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{why}");
    }
    let answer = around.world.send(get(&back).cookie(&cookie)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header(LOCATION.as_str()), Some("/signed-out"));
    assert!(
        answer
            .cookies()
            .iter()
            .any(|it| it.starts_with("weir_logout=;"))
    );
    around.world.send(get("/signed-out")).await.ok();
}

#[tokio::test]
async fn l6_mixed_up_answers_and_l40_outages_leave_no_trace() {
    let around = Around::two().await;
    let (login, authorize) = around.begin(Some("staff")).await;
    let back = around.idp().comes_back(&authorize);
    let foreign = format!("{back}&iss={}", around.providers[1].issuer);
    let answer = around.world.send(get(&foreign).cookie(&login)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(around.idp().codes() + around.providers[1].codes(), 0);

    let fresh = Around::two().await;
    fresh.providers[1].is_down(true);
    let down = fresh.world.send(get("/login?provider=brokers")).await;
    assert_eq!(down.status, StatusCode::SERVICE_UNAVAILABLE);
    let session = fresh.sign_in(0).await;
    assert!(fresh.sees(&session).await.is_some(), "the other one works");
    drop(fresh.canaries);
}

/// Weir does not rely on its provider to take a code once.
#[tokio::test]
async fn l4_a_sign_in_counts_once_though_its_provider_takes_a_code_twice() {
    let around = Around::one().await;
    let (login, authorize) = around.begin(None).await;
    let back = around.idp().comes_back(&authorize);

    let sends = (0..10).map(|_| around.world.send(get(&back).cookie(&login)));
    let answers = futures::future::join_all(sends).await;

    assert!(around.idp().codes() > 1, "the provider was asked again");
    let sessions = answers.iter().filter_map(|it| cookie(it, "weir_session"));
    assert_eq!(sessions.count(), 1);
    let again = around.world.send(get(&back).cookie(&login)).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "{}", again.text());
    assert!(cookie(&again, "weir_session").is_none());
}
