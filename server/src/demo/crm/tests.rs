use std::sync::Mutex;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

const OWN: &str = "http://127.0.0.1:8081";

/// A router whose Weir is at `weir`.
fn crm(weir: &str) -> Router {
    router(CrmConfig {
        weir_url: weir.to_owned(),
        own_origin: OWN.to_owned(),
        client_id: "demo-crm".to_owned(),
        client_secret: "demo-crm-secret".into(),
    })
    .unwrap()
}

async fn get(path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path)
        .header(header::HOST, "127.0.0.1:8081")
        .body(Body::empty());
    open(crm("http://127.0.0.1:8080"), request.unwrap()).await
}

async fn open(crm: Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let (parts, body) = crm.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (
        parts.status,
        parts.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

fn wants(origin: Option<&str>, body: &Value) -> Request<Body> {
    let mut request = Request::post("/weir-token")
        .header(header::HOST, "127.0.0.1:8081")
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    request.body(Body::from(body.to_string())).unwrap()
}

type Seen = Arc<Mutex<Vec<(Option<String>, Value)>>>;

/// A listener in Weir's place that keeps what it is asked and answers with `status`.
async fn weir(status: StatusCode) -> (String, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let mint = post(async move |headers: HeaderMap, Json(body): Json<Value>| {
        let credential = headers
            .get(header::AUTHORIZATION)
            .map(|v| v.to_str().unwrap().to_owned());
        kept.lock().unwrap().push((credential, body));
        (
            status,
            Json(json!({ "token": "t", "expires_in": 300, "launch_url": "http://x/?code=c" })),
        )
    });
    let listener = crate::demo::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().route("/api/v1/embed-tokens", mint);
    tokio::spawn(crate::demo::serve(listener, routes, std::future::pending()));
    (origin, seen)
}

#[tokio::test]
async fn the_back_end_says_who_is_looking_and_passes_on_the_token_only() {
    let (weir, seen) = weir(StatusCode::OK).await;
    let wanted = json!({ "dashboard": "finance-overview", "persona": "broker", "locale": "fr-CA" });

    let (status, _, body) = open(crm(&weir), wants(Some(OWN), &wanted)).await;

    assert_eq!(status, StatusCode::OK);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body, json!({ "token": "t", "expires_in": 300 }));
    let (credential, asked) = seen.lock().unwrap().pop().unwrap();
    assert_eq!(
        credential.as_deref(),
        Some("Basic ZGVtby1jcm06ZGVtby1jcm0tc2VjcmV0")
    );
    assert_eq!(
        asked,
        json!({
            "dashboard": "finance-overview", "locale": "fr-CA", "origin": OWN,
            "subject": { "sub": "broker", "name": "David Cohen" },
            "business_units": ["auto", "home"], "rights": ["export_csv"],
        })
    );
}

#[tokio::test]
async fn the_executive_has_all_units_and_the_newcomer_none() {
    let (weir, seen) = weir(StatusCode::OK).await;
    for (persona, units) in [("exec", 7), ("newcomer", 0)] {
        let wanted = json!({ "dashboard": "risk-exposure", "persona": persona });

        open(crm(&weir), wants(Some(OWN), &wanted)).await;

        let (_, asked) = seen.lock().unwrap().pop().unwrap();
        assert_eq!(asked["business_units"].as_array().unwrap().len(), units);
    }
}

#[tokio::test]
async fn only_the_own_page_gets_a_token() {
    let (weir, seen) = weir(StatusCode::OK).await;
    let wanted = json!({ "dashboard": "finance-overview", "persona": "exec" });

    for origin in [
        None,
        Some("null"),
        Some("https://evil.example"),
        Some("http://127.0.0.1:8080"),
    ] {
        let (status, _, _) = open(crm(&weir), wants(origin, &wanted)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{origin:?}");
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_the_page_would_not_send_is_refused_before_weir_is_asked() {
    let (weir, seen) = weir(StatusCode::OK).await;
    let cases = [
        (
            json!({ "dashboard": "finance-overview", "persona": "governor-1" }),
            StatusCode::NOT_FOUND,
        ),
        (
            json!({ "dashboard": "finance-overview", "persona": "root" }),
            StatusCode::NOT_FOUND,
        ),
        (
            json!({ "dashboard": "../admin", "persona": "exec" }),
            StatusCode::NOT_FOUND,
        ),
        (json!({ "dashboard": 7 }), StatusCode::BAD_REQUEST),
        (json!([]), StatusCode::BAD_REQUEST),
    ];

    for (wanted, expected) in cases {
        let (status, _, _) = open(crm(&weir), wants(Some(OWN), &wanted)).await;
        assert_eq!(status, expected, "{wanted}");
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_refusing_or_absent_weir_is_a_bad_gateway_without_details() {
    let (refusing, _) = weir(StatusCode::FORBIDDEN).await;
    let absent = {
        let listener = crate::demo::bind("127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let wanted = json!({ "dashboard": "finance-overview", "persona": "exec" });

    for (weir, code) in [(refusing, "weir-refused"), (absent, "weir-unreachable")] {
        let (status, _, body) = open(crm(&weir), wants(Some(OWN), &wanted)).await;
        assert_eq!(status, StatusCode::BAD_GATEWAY);
        assert_eq!(
            serde_json::from_str::<Value>(&body).unwrap(),
            json!({ "code": code })
        );
    }
}

#[tokio::test]
async fn the_first_page_is_the_main_job() {
    let (status, headers, page) = get("/").await;

    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(
        "<weir-dashboard dashboard=\"finance-overview\" locale=\"en-CA\" theme=\"auto\" data-persona=\"analyst-auto\">"
    ));
    assert!(page.contains("src=\"http://127.0.0.1:8080/sdk/weir.js\""));
    assert!(!page.contains("demo-crm-secret"));
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("frame-src http://127.0.0.1:8080;"),
        "{policy}"
    );
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:8080;"),
        "{policy}"
    );
    assert_eq!(headers[header::REFERRER_POLICY], "strict-origin");
}

#[tokio::test]
async fn every_view_is_complete_in_both_languages() {
    for locale in ["fr-CA", "en-CA"] {
        for tab in ["overview", "policies", "claims", "analytics", "activity"] {
            let (_, _, page) = get(&format!(
                "/?locale={locale}&tab={tab}&persona=exec&theme=dark"
            ))
            .await;

            assert!(!page.contains("{{"), "a slot is not filled");
            assert!(page.contains(&format!("<html lang=\"{locale}\" data-theme=\"dark\">")));
            assert!(
                page.contains(&format!("aria-labelledby=\"tab-{tab}\" >")),
                "{tab} is shown"
            );
            assert_eq!(page.matches("role=\"tabpanel\"").count(), 5);
        }
    }
}

#[tokio::test]
async fn hostile_addresses_are_inert() {
    let evil = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for name in ["persona", "dashboard", "locale", "theme", "tab", "x"] {
        let (status, _, page) = get(&format!("/?{name}={evil}")).await;

        assert_eq!(status, StatusCode::OK);
        assert!(!page.contains("alert(1)"), "{name}");
        assert!(page.contains("data-persona=\"analyst-auto\""));
    }
    let (status, _, page) = get("/?persona=a&persona=b&%FF=%00").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("dashboard=\"finance-overview\""));
}

#[tokio::test]
async fn it_answers_only_under_its_own_name() {
    let request = Request::get("/")
        .header(header::HOST, "evil.example")
        .body(Body::empty());

    let (status, _, _) = open(crm("http://127.0.0.1:8080"), request.unwrap()).await;

    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
}

#[test]
fn origins_of_other_machines_are_refused() {
    for (weir, own) in [
        ("https://weir.example", OWN),
        ("http://127.0.0.1:8080", "http://crm.example"),
    ] {
        let refused = router(CrmConfig {
            weir_url: weir.to_owned(),
            own_origin: own.to_owned(),
            client_id: "demo-crm".to_owned(),
            client_secret: "x".into(),
        });

        assert!(matches!(refused, Err(DemoError::NotLocal { .. })));
    }
}
