//! Signing in at the certified `oidc-provider` from npm, step by step as a browser would.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;
use weir_engine::lake::seed::{SeedPlan, seed};

use crate::answers::assert_same;
use crate::support::{Running, beside, node_modules, repository, run_python};
use crate::weir::{Deployment, MASK_KEY, Weir, browser};

/// More redirects than any sign-in has.
const MOST_STEPS: usize = 12;

const PAGE: &str = "/d/finance-overview";

#[tokio::test(flavor = "multi_thread")]
async fn people_who_sign_in_at_a_certified_provider_see_the_units_of_their_claims() {
    let lake = tempfile::tempdir().unwrap();
    let plan = SeedPlan {
        dir: lake.path().join("lake"),
        rows: 20_000,
        seed: 7,
    };
    seed(&plan, &|_| ()).await.unwrap();
    let (weir, _provider) = weir_and_provider(&plan).await;

    for (sub, units) in [("u-auto", &["auto"][..]), ("u-two", &["home", "life"])] {
        let mut tab = Tab::new(sub);
        let page = tab.open(&format!("{}{PAGE}", weir.url)).await;
        assert_eq!(page.status, 401, "nobody is signed in yet");
        let page = tab
            .open(&format!("{}/login?return_to={PAGE}", weir.url))
            .await;
        assert_eq!((page.status, page.url.path()), (200, PAGE), "{}", page.body);
        assert!(page.body.contains("data-tile=\"written-premium\""));

        let mut arguments = vec![plan.dir.to_str().unwrap(), MASK_KEY];
        arguments.extend(units);
        let expected = run_python(&beside("sample_lake.py"), &arguments);
        let expected: Value = serde_json::from_str(&expected).unwrap();
        for (tile, wanted) in expected["finance-overview"].as_object().unwrap() {
            let answer = tab.tile(&weir, tile).await;
            assert_eq!(answer.status, 200, "{tile}: {}", answer.body);
            let answer = serde_json::from_str(&answer.body).unwrap();
            assert_same(&format!("{tile} for {sub}"), &answer, wanted);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_without_usable_claims_shows_nothing_and_a_callback_works_once() {
    let lake = tempfile::tempdir().unwrap();
    let plan = SeedPlan {
        dir: lake.path().join("lake"),
        rows: 2_000,
        seed: 7,
    };
    seed(&plan, &|_| ()).await.unwrap();
    let (weir, _provider) = weir_and_provider(&plan).await;

    for sub in ["u-nothing", "u-unknown-words"] {
        let mut tab = Tab::new(sub);
        let page = tab
            .open(&format!("{}/login?return_to={PAGE}", weir.url))
            .await;
        assert_eq!((page.status, page.url.path()), (200, PAGE), "{}", page.body);
        let answer = tab.tile(&weir, "written-premium").await;
        assert_eq!(answer.status, 403, "{sub}: {}", answer.body);

        let callback = tab
            .seen
            .iter()
            .find(|url| url.path() == "/auth/callback")
            .unwrap()
            .clone();
        let again = tab.open(callback.as_str()).await;
        assert_eq!(
            again.status, 400,
            "a callback that was used: {}",
            again.body
        );
    }
}

/// Both know the other's address before they start.
pub(crate) async fn weir_and_provider(plan: &SeedPlan) -> (Weir, Running) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let callback = format!("http://{}/auth/callback", listener.local_addr().unwrap());
    let (issuer, provider) = provider(&callback);
    let (policies, dashboards) = (repository("policies"), repository("dashboards"));
    let deployment = Deployment {
        lake: &plan.dir,
        policies: &policies,
        dashboards: &dashboards,
        clients: "",
        issuer: &issuer,
    };
    (Weir::start_on(listener, &deployment).await, provider)
}

fn provider(callback: &str) -> (String, Running) {
    let people = json!({
        "u-auto": { "name": "A", "business_units": ["auto"], "roles": ["analyst"], "locale": "fr-CA" },
        "u-two": { "name": "B", "business_units": ["home", "life"], "roles": ["analyst"] },
        "u-nothing": { "name": "C" },
        "u-governs": { "name": "E", "roles": ["governance_admin"] },
        "u-unknown-words": { "name": "D", "business_units": ["*", "AUTO"], "roles": ["analyst", "root"] },
    });
    let mut node = Command::new("node");
    node.arg(beside("oidc_provider.mjs"))
        .arg(node_modules())
        .args([callback, &people.to_string()]);
    let mut node = node.stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(node.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let issuer = said.next().unwrap_or_default();
    // Whoever prints into a closed pipe ends; the rest is read and let go.
    std::thread::spawn(move || said.for_each(drop));
    assert!(
        issuer.starts_with("http://127.0.0.1:"),
        "the provider did not start"
    );
    (issuer.trim().to_owned(), Running(node))
}

/// One browser tab: it follows redirects, keeps cookies by origin, and remembers where it was.
pub(crate) struct Tab<'a> {
    sub: &'a str,
    http: reqwest::Client,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    seen: Vec<Url>,
}

pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) url: Url,
    pub(crate) body: String,
}

impl<'a> Tab<'a> {
    pub(crate) fn new(sub: &'a str) -> Self {
        Self {
            sub,
            http: browser(),
            cookies: BTreeMap::new(),
            seen: Vec::new(),
        }
    }

    /// Puts a cookie in, as somebody who prepared this browser would.
    pub(crate) fn brings(&mut self, origin: &str, name: &str, value: &str) {
        let jar = self.cookies.entry(origin.to_owned()).or_default();
        jar.insert(name.to_owned(), value.to_owned());
    }

    /// A cookie's value.
    pub(crate) fn cookie(&self, origin: &str, name: &str) -> Option<String> {
        self.cookies.get(origin)?.get(name).cloned()
    }

    /// The last address with this path that it was led to.
    pub(crate) fn came_by(&self, path: &str) -> Url {
        let mut seen = self.seen.iter().rev();
        seen.find(|url| url.path() == path).unwrap().clone()
    }

    pub(crate) async fn open(&mut self, address: &str) -> Page {
        self.follow(address, None).await
    }

    /// Sends a form of the page, as its button would.
    pub(crate) async fn send(&mut self, address: &str, form: &[(&str, &str)]) -> Page {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        self.follow(address, Some(form)).await
    }

    async fn follow(&mut self, address: &str, mut form: Option<String>) -> Page {
        let mut url = Url::parse(address).unwrap();
        for _ in 0..MOST_STEPS {
            if url.path().starts_with("/sign-in/") {
                url.query_pairs_mut().append_pair("as", self.sub);
            }
            self.seen.push(url.clone());
            let origin = url.origin().ascii_serialization();
            let jar = self.cookies.entry(origin).or_default();
            let sent: Vec<_> = jar
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let request = match form.take() {
                Some(form) => self
                    .http
                    .post(url.clone())
                    .header("sec-fetch-site", "same-origin")
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(form),
                None => self.http.get(url.clone()),
            };
            let request = request.header(COOKIE, sent.join("; "));
            let answer = request.send().await.unwrap();
            for line in answer.headers().get_all(SET_COOKIE) {
                keep(jar, line.to_str().unwrap());
            }
            let Some(next) = answer.headers().get(LOCATION) else {
                let status = answer.status().as_u16();
                let body = answer.text().await.unwrap();
                return Page { status, url, body };
            };
            url = url.join(next.to_str().unwrap()).unwrap();
        }
        panic!("redirected in circles: {:?}", self.seen);
    }

    async fn tile(&mut self, weir: &Weir, tile: &str) -> Page {
        let path = format!("/api/v1/dashboards/finance-overview/tiles/{tile}/data");
        self.open(&format!("{}{path}", weir.url)).await
    }
}

/// Takes a `Set-Cookie` in; an empty value removes it.
fn keep(jar: &mut BTreeMap<String, String>, line: &str) {
    let pair = line.split(';').next().unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    if value.is_empty() {
        jar.remove(name);
    } else {
        jar.insert(name.to_owned(), value.to_owned());
    }
}
