//! The framing self-test over real connections: a host whose headers vary, a proxy before Weir, and
//! what may be looked at for whom.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get as route;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::support::ask::{get, with_query};
use crate::support::canaries::Canaries;
use crate::support::world::{Plan, Who, World};

/// What a little server adds to its answers, and how often it was asked.
#[derive(Debug, Clone, Default)]
struct Server(Arc<Mutex<Answers>>);

#[derive(Debug, Default)]
struct Answers {
    headers: Vec<(String, String)>,
    asked: u32,
}

impl Server {
    fn sends(&self, headers: &[(&str, &str)]) {
        let headers = headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        self.0.lock().unwrap().headers = headers.collect();
    }

    fn asked(&self) -> u32 {
        self.0.lock().unwrap().asked
    }

    fn add_to(&self, headers: &mut HeaderMap) {
        let mut state = self.0.lock().unwrap();
        state.asked += 1;
        for (name, value) in &state.headers {
            let name = HeaderName::try_from(name.as_str()).unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
    }

    fn page(State(server): State<Self>) -> std::future::Ready<Response> {
        let mut response = Html("<!doctype html><title>CRM</title>").into_response();
        server.add_to(response.headers_mut());
        std::future::ready(response)
    }
}

/// A host page and a Weir behind a proxy, both on this machine.
struct Scene {
    world: World,
    host: Server,
    proxy: Server,
    origin: String,
    _canaries: Canaries,
}

impl Scene {
    async fn set() -> Self {
        let canaries = Canaries::new();
        let (host, proxy) = (Server::default(), Server::default());
        let at_host = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", at_host.local_addr().unwrap());
        let pages = Router::new()
            .route("/", route(Server::page))
            .route(
                "/away",
                route(|| async {
                    (
                        StatusCode::FOUND,
                        [("location", "http://127.0.0.1:9/secret")],
                    )
                }),
            )
            .with_state(host.clone());
        tokio::spawn(axum::serve(at_host, pages).into_future());
        let at_weir = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let plan = Plan {
            public_url: format!("http://{}", at_weir.local_addr().unwrap()),
            host: origin.clone(),
            ..canaries.plan()
        };
        let world = World::build(&plan).await.unwrap();
        let (weir, between) = (world.app.router(), proxy.clone());
        let front = Router::new().fallback(move |request: axum::extract::Request| {
            let (weir, between) = (weir.clone(), between.clone());
            async move {
                let framed = request.uri().path().starts_with("/embed/");
                let mut response = weir.oneshot(request).await.unwrap();
                if framed {
                    between.add_to(response.headers_mut());
                }
                response
            }
        });
        tokio::spawn(axum::serve(at_weir, front).into_future());
        Self {
            world,
            host,
            proxy,
            origin,
            _canaries: canaries,
        }
    }

    async fn ask(&self, pairs: &[(&str, &str)]) -> crate::support::ask::Answer {
        let cookie = self.world.session(&Who::governor()).await;
        let target = with_query("/api/v1/framing", pairs);
        self.world.send(get(&target).cookie(&cookie)).await
    }

    /// The codes that are found for the host's front page.
    async fn found(&self, dashboard: &str) -> Vec<String> {
        let pairs = [("origin", self.origin.as_str()), ("dashboard", dashboard)];
        let answer = self.ask(&pairs).await.ok().json();
        assert_eq!(answer["unseen"], json!([]), "{answer}");
        let findings = answer["findings"].as_array().unwrap().iter();
        let code = |finding: &Value| finding["code"].as_str().unwrap().to_owned();
        findings.map(code).collect()
    }
}

#[tokio::test]
async fn a_host_that_is_set_up_well_has_no_finding() {
    let scene = Scene::set().await;
    assert_eq!(scene.found("finance-overview").await, [""; 0]);
    assert_eq!(scene.host.asked(), 1);
}

#[tokio::test]
async fn each_hop_is_told_what_it_has_to_change() {
    let scene = Scene::set().await;
    let csp = "content-security-policy";
    for (headers, code) in [
        ((csp, "frame-src 'self'"), "frame-src"),
        ((csp, "form-action 'self'"), "form-action"),
        (("cross-origin-embedder-policy", "require-corp"), "coep"),
        (("referrer-policy", "same-origin"), "referrer-policy"),
    ] {
        scene.host.sends(&[headers]);
        assert_eq!(scene.found("finance-overview").await, [code]);
    }
    scene.host.sends(&[]);
    for (headers, code) in [
        (("x-frame-options", "SAMEORIGIN"), "x-frame-options"),
        ((csp, "frame-ancestors 'self'"), "csp-added"),
    ] {
        scene.proxy.sends(&[headers]);
        assert_eq!(scene.found("finance-overview").await, [code]);
    }
    scene.proxy.sends(&[]);
    assert_eq!(scene.found("claims-operations").await, [""; 0]);
    assert_eq!(scene.found("gone").await, ["no-dashboard"]);
    assert_eq!(
        scene.found("risk-exposure").await,
        ["no-dashboard", "not-this-dashboard"]
    );
}

/// The API is no way to reach what only the server can reach.
#[tokio::test]
async fn only_pages_of_registered_origins_are_fetched_and_no_redirect_is_followed_elsewhere() {
    let scene = Scene::set().await;
    let stranger = Server::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}", listener.local_addr().unwrap());
    let pages = Router::new()
        .fallback(Server::page)
        .with_state(stranger.clone());
    tokio::spawn(axum::serve(listener, pages).into_future());

    let asked = [
        ("origin", other.as_str()),
        ("dashboard", "finance-overview"),
    ];
    let answer = scene.ask(&asked).await.ok().json();
    let codes: Vec<_> = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["code"])
        .collect();
    assert!(codes.contains(&&json!("no-client")), "{answer}");
    let page = format!("{other}/");
    let asked = [
        ("origin", scene.origin.as_str()),
        ("dashboard", "finance-overview"),
        ("page", &page),
    ];
    assert_eq!(scene.ask(&asked).await.problem(), "invalid-parameter");
    assert_eq!(stranger.asked(), 0, "a stranger's page was fetched");

    let page = format!("{}/away", scene.origin);
    let asked = [
        ("origin", scene.origin.as_str()),
        ("dashboard", "finance-overview"),
        ("page", &page),
    ];
    let answer = scene.ask(&asked).await.ok().json();
    assert_eq!(answer["unseen"][0]["hop"], "page", "{answer}");
}
