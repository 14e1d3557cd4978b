//! Attacks on signing in and out, against the certified `oidc-provider` from npm.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;
use weir_engine::lake::seed::{SeedPlan, seed};

use crate::sign_in::{Page, Tab, weir_and_provider};
use crate::support::Running;
use crate::weir::{Weir, browser};

const PAGE: &str = "/d/finance-overview";

/// A Weir, its provider, and the lake as long as both need it.
struct Around {
    _lake: tempfile::TempDir,
    weir: Weir,
    _provider: Running,
}

impl Around {
    async fn new() -> Self {
        let lake = tempfile::tempdir().unwrap();
        let plan = SeedPlan {
            dir: lake.path().join("lake"),
            rows: 2_000,
            seed: 7,
        };
        seed(&plan, &|_| ()).await.unwrap();
        let (weir, provider) = weir_and_provider(&plan).await;
        Self {
            _lake: lake,
            weir,
            _provider: provider,
        }
    }

    async fn sign_in(&self, tab: &mut Tab<'_>) -> Page {
        let login = format!("{}/login?return_to={PAGE}", self.weir.url);
        tab.open(&login).await
    }

    /// The provider's address, as a sign-in leads to it.
    async fn issuer(&self) -> Url {
        let login = browser().get(format!("{}/login", self.weir.url));
        let answer = login.send().await.unwrap();
        let leads = answer.headers()["location"].to_str().unwrap();
        let mut url = Url::parse(leads).unwrap();
        url.set_path("/");
        url.set_query(None);
        url
    }

    async fn tell(&self, what: &str, body: &Value) {
        let address = self.issuer().await.join(what).unwrap();
        let told = browser().post(address).body(body.to_string());
        assert_eq!(told.send().await.unwrap().status(), 204);
    }
}

fn assert_signed_in(page: &Page) {
    assert_eq!((page.status, page.url.path()), (200, PAGE), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn l15_l22_l38_foreign_issuers_and_nonces_are_refused_and_a_rotated_key_is_accepted() {
    let around = Around::new().await;
    for change in [
        json!({ "nonce": "of another sign-in" }),
        json!({ "iss": "https://other.example" }),
        json!({ "aud": "another client" }),
        json!({ "aud": ["weir", "another client"], "azp": "another client" }),
        json!({ "exp": 1 }),
        json!({ "at_hash": "of another token" }),
    ] {
        around.tell("/test/tamper", &change).await;
        let mut tab = Tab::new("u-auto");
        let page = around.sign_in(&mut tab).await;
        assert_eq!(
            (page.status, page.url.path()),
            (400, "/auth/callback"),
            "{change}"
        );
        let home = tab.open(&format!("{}{PAGE}", around.weir.url)).await;
        assert_eq!(home.status, 401, "{change} signs in");
    }
    around.tell("/test/tamper", &Value::Null).await;
    assert_signed_in(&around.sign_in(&mut Tab::new("u-auto")).await);
    // Longer than Weir leaves a provider alone that it just asked for its keys.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    around.tell("/test/rotate", &Value::Null).await;
    assert_signed_in(&around.sign_in(&mut Tab::new("u-auto")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn l1_l4_l6_l11_borrowed_callbacks_ways_back_and_sessions_are_worth_nothing() {
    let around = Around::new().await;
    let weir = &around.weir.url;
    for way in [
        "//evil.example",
        "https://evil.example/d/finance-overview",
        "/\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/auth/callback",
    ] {
        let mut tab = Tab::new("u-auto");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", way)
            .finish();
        let page = tab.open(&format!("{weir}/login?{query}")).await;
        assert_eq!(page.url.as_str(), format!("{weir}/"), "{way}");
    }
    let mut tab = Tab::new("u-auto");
    tab.brings(weir, "weir_session", &"A".repeat(43));
    assert_signed_in(&around.sign_in(&mut tab).await);
    assert_ne!(tab.cookie(weir, "weir_session").unwrap(), "A".repeat(43));

    let callback = tab.came_by("/auth/callback");
    for (name, value) in [
        ("iss", "https://other.example"),
        ("state", "x"),
        ("code", "x"),
    ] {
        let mut changed = callback.clone();
        let kept: Vec<(String, String)> = callback
            .query_pairs()
            .into_owned()
            .map(|(n, v)| {
                if n == name {
                    (n, value.to_owned())
                } else {
                    (n, v)
                }
            })
            .collect();
        changed.query_pairs_mut().clear().extend_pairs(kept);
        assert_eq!(tab.open(changed.as_str()).await.status, 400, "{name}");
    }
    assert_eq!(
        tab.open(callback.as_str()).await.status,
        400,
        "a code replayed"
    );
    assert_eq!(Tab::new("u-two").open(callback.as_str()).await.status, 400);
    let still = tab.open(&format!("{weir}{PAGE}")).await;
    assert_signed_in(&still);
}

#[tokio::test(flavor = "multi_thread")]
async fn l36_the_provider_signs_people_out_behind_their_back() {
    let around = Around::new().await;
    let weir = &around.weir.url;
    let mut tab = Tab::new("u-auto");
    assert_signed_in(&around.sign_in(&mut tab).await);
    let mut other = Tab::new("u-two");
    assert_signed_in(&around.sign_in(&mut other).await);

    let end = around.issuer().await.join("/session/end").unwrap();
    let page = tab.open(end.as_str()).await;
    let (_, rest) = page.body.split_once("name=\"xsrf\" value=\"").unwrap();
    let xsrf = rest.split('"').next().unwrap().to_owned();
    let confirm = end.join("/session/end/confirm").unwrap();
    let form = [("xsrf", xsrf.as_str()), ("logout", "yes")];
    tab.send(confirm.as_str(), &form).await;

    let page = tab.open(&format!("{weir}{PAGE}")).await;
    assert_eq!(page.status, 401, "the provider's word did not end it");
    assert_signed_in(&other.open(&format!("{weir}{PAGE}")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn l37_signing_out_at_weir_signs_out_at_the_provider_and_leads_back() {
    let around = Around::new().await;
    let weir = &around.weir.url;
    let mut tab = Tab::new("u-auto");
    assert_signed_in(&around.sign_in(&mut tab).await);

    let page = tab.send(&format!("{weir}/logout"), &[]).await;
    // The provider knows the person by the hint, and asks.
    let (_, rest) = page.body.split_once("name=\"xsrf\" value=\"").unwrap();
    let xsrf = rest.split('"').next().unwrap().to_owned();
    let confirm = page.url.join("/session/end/confirm").unwrap();
    let form = [("xsrf", xsrf.as_str()), ("logout", "yes")];
    let back = tab.send(confirm.as_str(), &form).await;

    assert_eq!(
        (back.status, back.url.path()),
        (200, "/signed-out"),
        "{}",
        back.body
    );
    assert_eq!(
        back.url.query(),
        None,
        "the state was checked and taken away"
    );
    assert_eq!(tab.open(&format!("{weir}{PAGE}")).await.status, 401);
}
