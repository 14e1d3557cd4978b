//! Requests that no good client sends, as bytes over a real socket: rows H of the catalogue of
//! attacks. A row names what Weir must answer, and whether it may go on with the connection.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::ask::{get, post};
use crate::support::canaries::Canaries;
use crate::support::wire::{Wire, good};
use crate::support::world::{CRM, Who, World};

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// What follows on it is not read.
    Closed,
    /// What follows on it is answered.
    Open,
}
use After::{Closed, Open};

/// A row: its name, what is sent, the status, what becomes of the connection.
type Row = (&'static str, String, u16, After);

fn get_of(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: weir.example\r\n\r\n")
}

fn get_with(lines: &str) -> String {
    format!("GET /healthz HTTP/1.1\r\nHost: weir.example\r\n{lines}\r\n")
}

fn post_with(lines: &str, body: &str) -> String {
    let client = STANDARD.encode(format!("{}:{}", CRM.0, CRM.1));
    format!(
        "POST /api/v1/embed-tokens HTTP/1.1\r\nHost: weir.example\r\n\
         Authorization: Basic {client}\r\nContent-Type: application/json\r\n{lines}\r\n{body}"
    )
}

fn hosts() -> Vec<Row> {
    let no_host = "GET /healthz HTTP/1.1\r\n\r\n".to_owned();
    let host = |value: &str| format!("GET / HTTP/1.1\r\nHost: {value}\r\n\r\n");
    let two = host("weir.example\r\nHost: weir.example");
    let absolute =
        "GET http://evil.example/admin HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned();
    let other = "GET http://weir.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned();
    let itself =
        "GET http://weir.example/healthz HTTP/1.1\r\nHost: weir.example\r\n\r\n".to_owned();
    vec![
        ("H1 no Host", no_host, 400, Closed),
        ("H1 two Hosts", two, 400, Closed),
        ("H1 junk Host", host("a b%%"), 421, Closed),
        ("H1 Host with a user", host("me@weir.example"), 421, Closed),
        ("H1 empty Host", host(""), 421, Closed),
        ("H2 a foreign Host", host("evil.example"), 421, Closed),
        ("H2 a foreign target", absolute, 421, Closed),
        ("H2 target and Host that differ", other, 400, Closed),
        ("H2 its own name in the target", itself, 200, Open),
    ]
}

fn framing() -> Vec<Row> {
    let both = post_with(
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "0\r\n\r\n",
    );
    let coded = |value: &str| post_with(&format!("Transfer-Encoding: {value}\r\n"), "0\r\n\r\n");
    let sized = |value: &str| post_with(&format!("Content-Length: {value}\r\n"), "ab");
    vec![
        ("H3 both lengths", both, 400, Closed),
        ("H4 xchunked", coded("xchunked"), 400, Closed),
        (
            "H4 chunked, identity",
            coded("chunked, identity"),
            400,
            Closed,
        ),
        (
            "H4 two lengths",
            sized("2\r\nContent-Length: 2"),
            400,
            Closed,
        ),
        ("H4 a signed length", sized("+2"), 400, Closed),
        (
            "H4 a length of 20 digits",
            sized("99999999999999999999"),
            400,
            Closed,
        ),
        (
            "H4 a bad chunk",
            post_with("Transfer-Encoding: chunked\r\n", "zz\r\n"),
            400,
            Closed,
        ),
        (
            "H5 bare line feeds",
            "GET /healthz HTTP/1.1\nHost: weir.example\n\n".to_owned(),
            400,
            Closed,
        ),
        ("H5 one bare line feed", get_with("A: b\n"), 400, Closed),
        ("H6 a folded line", get_with("A: b\r\n c\r\n"), 400, Closed),
        (
            "H6 a blank before the colon",
            get_with("A : b\r\n"),
            400,
            Closed,
        ),
        ("H6 NUL", get_with("A: b\0\r\n"), 400, Closed),
        ("H6 a bare CR", get_with("A: b\rc\r\n"), 400, Closed),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn paths() -> Vec<Row> {
    let odd = [
        "/x/../admin",
        "//admin",
        "/%2e%2e/admin",
        "/x%2f..%2fadmin",
        "/admin;x=1",
        "/healthz/",
        "/HEALTHZ",
        "/healthz%00",
        "/healthz\\",
        "/./healthz",
    ];
    let mut rows: Vec<Row> = odd
        .map(|path| ("H7 an odd path", get_of(path), 404, Open))
        .into();
    let long = |length: usize| get_of(&format!("/healthz?a={}", "b".repeat(length)));
    rows.extend([
        ("H8 a fragment", get_of("/admin/policies#f"), 400, Closed),
        (
            "H10 a way around health",
            get_of("/healthz/../admin"),
            404,
            Open,
        ),
        ("H11 9 kB of address", long(9_000), 414, Closed),
        ("H11 70 kB of address", long(70_000), 414, Closed),
        ("H11 600 kB of address", long(600_000), 414, Closed),
        (
            "H12 120 headers",
            get_with(&"A: b\r\n".repeat(120)),
            431,
            Closed,
        ),
        (
            "H12 a value of 17 kB",
            get_with(&format!("A: {}\r\n", "b".repeat(17_000))),
            431,
            Closed,
        ),
        (
            "H12 a value of 500 kB",
            get_with(&format!("A: {}\r\n", "b".repeat(500_000))),
            431,
            Closed,
        ),
        (
            "H13 as many parameters as an address holds",
            get_of(&format!("/healthz?{}", "a&".repeat(3_900))),
            400,
            Open,
        ),
        (
            "H14 what is not UTF-8 in a query",
            get_of("/healthz?a=%FF"),
            400,
            Open,
        ),
        ("H15 %c0%af", get_of("/d/%c0%af"), 400, Open),
        ("H15 %ff", get_of("/d/%ff"), 400, Open),
        (
            "H16 raw bytes in a target",
            "GET /d/\u{fe}\u{202e} HTTP/1.1\r\nHost: weir.example\r\n\r\n".to_owned(),
            400,
            Closed,
        ),
    ]);
    rows
}

fn others() -> Vec<Row> {
    let gzip = post_with("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "ab");
    let line = |line: &str| format!("{line}\r\nHost: weir.example\r\n\r\n");
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://evil.example\r\n\
                   Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n";
    vec![
        ("H18 a packed body", gzip, 415, Open),
        ("H23 TRACE", line("TRACE / HTTP/1.1"), 405, Closed),
        (
            "H23 CONNECT",
            line("CONNECT evil.example:443 HTTP/1.1"),
            405,
            Closed,
        ),
        ("H23 get", line("get / HTTP/1.1"), 405, Closed),
        ("H23 HTTP/9.9", line("GET / HTTP/9.9"), 400, Closed),
        (
            "H23 a method that no route has",
            line("DELETE /healthz HTTP/1.1"),
            405,
            Open,
        ),
        (
            "H27 an upgrade from elsewhere",
            get_with(upgrade),
            200,
            Open,
        ),
    ]
}

/// Every row is followed by a good request on the same connection, as a smuggler would.
#[tokio::test]
async fn h1_to_h27_odd_requests_over_a_real_socket_get_what_their_row_says() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let wire = Wire::of(&world, |_| ()).await;
    let rows = [hosts(), framing(), paths(), others()].concat();
    let mut wrong = Vec::new();
    for (name, sent, status, after) in rows {
        let bytes = [sent.as_bytes(), &good("/healthz")].concat();
        let answer = wire.say(&bytes).await;
        let statuses = crate::support::wire::statuses(&answer);
        let expected = match after {
            Closed => vec![status],
            Open => vec![status, 200],
        };
        if statuses != expected {
            wrong.push(format!(
                "{name}: {statuses:?} instead of {expected:?} to {sent:.80?}"
            ));
        }
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        if status >= 400 && !text.contains("application/problem+json") {
            wrong.push(format!("{name}: is not said as a problem: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Headers that a proxy would write change nothing that anybody is answered.
#[tokio::test]
async fn h9_headers_of_proxies_are_not_read() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let plain = world.send(get("/admin")).await;
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-uri", "/healthz"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "for=127.0.0.1;host=evil.example"),
        ("x-original-url", "/healthz"),
        ("x-rewrite-url", "/healthz"),
        ("x-http-method-override", "POST"),
        ("x_forwarded_for", "127.0.0.1"),
        ("x-request-id", "mine"),
    ] {
        let answer = world.send(get("/admin").header(name, value)).await;
        assert_eq!(answer.status, plain.status, "{name}");
        assert!(!answer.text().contains("evil"), "{name}");
        assert_ne!(answer.header("x-request-id"), Some("mine"));
    }
}

/// JSON that means two things to two readers means nothing here, and is refused before anything runs.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn h17_to_h22_bodies_that_could_be_read_in_two_ways_are_refused() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let wish = json!({ "dashboard": "finance-overview", "subject": { "sub": "u" },
        "business_units": ["auto"], "origin": "https://crm.example" });
    let good = wish.to_string();
    let send = |kind: &'static str, body: String| {
        let ask = post("/api/v1/embed-tokens").basic(CRM.0, CRM.1);
        world.send(ask.header("content-type", kind).body(body))
    };
    let minted = send("application/json", good.clone()).await;
    assert_eq!(minted.status, StatusCode::OK, "{}", minted.text());
    let changed = |name: &str, value: Value| {
        let mut other = wish.clone();
        other[name] = value;
        other.to_string()
    };
    let bodies = [
        (
            "H19 an array for an object",
            r#"["finance-overview", {"sub":"u"}]"#.to_owned(),
        ),
        ("H20 an unknown field", changed("role", json!("admin"))),
        (
            "H21 a field twice",
            good.replacen('{', r#"{"dashboard":"gone","#, 1),
        ),
        (
            "H21 a number as text",
            changed("lifetime_seconds", json!("60")),
        ),
        ("H21 null", changed("dashboard", Value::Null)),
        ("H21 a lone surrogate", good.replace("\"u\"", "\"\\ud800\"")),
        ("H21 a byte order mark", format!("\u{feff}{good}")),
        ("H21 something behind", format!("{good} x")),
        (
            "H21 1e400",
            good.replacen('{', r#"{"lifetime_seconds":1e400,"#, 1),
        ),
        ("H16 NUL in a name", good.replace("\"u\"", "\"u\\u0000\"")),
    ];
    for (row, body) in bodies {
        let answer = send("application/json", body).await;
        let status = answer.status.as_u16();
        assert!([400, 422].contains(&status), "{row}: {}", answer.text());
        answer.problem();
    }
    // A form of another site can send these types without asking anybody.
    let cookie = world.session(&Who::governor()).await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let ask = post("/api/v1/policies/drafts").cookie(&cookie);
        let ask = ask
            .header("sec-fetch-site", "same-origin")
            .header("content-type", kind);
        let answer = world
            .send(ask.body(r#"{"title":"a","base":1,"files":{}}"#))
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "H22 {kind}"
        );
    }
    let large = send(
        "application/json",
        format!("{good}{}", " ".repeat(64 << 10)),
    )
    .await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "H17");
}

/// Whatever comes back in a header went through a parser that knows no line ends.
#[tokio::test]
async fn h26_what_ends_a_line_never_reaches_a_header() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let wire = Wire::of(&world, |_| ()).await;
    for target in [
        "/login?return_to=/d/x%0d%0aSet-Cookie:%20planted=1",
        "/d/x%0d%0aSet-Cookie:%20planted=1",
        "/embed/x%0d%0aSet-Cookie:%20planted=1?code=a%0d%0ab",
        "/sdk/x%0d%0aSet-Cookie:%20planted=1",
        "/assets/x%0d%0aSet-Cookie:%20planted=1",
        "/auth/callback?state=a%0d%0aSet-Cookie:%20planted=1&code=b",
    ] {
        let answer = wire.say(&good(target)).await;
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let planted = head
            .lines()
            .any(|line| line.starts_with("set-cookie: planted"));
        assert!(!planted, "{target}: {head}");
        assert_eq!(crate::support::wire::statuses(&answer).len(), 1, "{target}");
    }
}

/// A handler that panics: one request's error, said as every other, and everybody else goes on.
#[tokio::test]
async fn r16_a_panic_is_one_requests_error_and_nobody_elses() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let routes = axum::Router::new()
        .route(
            "/boom",
            axum::routing::get(|| async { panic!("the secret reason") as () }),
        )
        .route("/well", axum::routing::get(|| async { "well" }));
    let layered = weir_server::layers::apply(routes, world.app.state());
    let wire = Wire::of(&world, |door| door.router = layered).await;
    let same = b"GET /boom HTTP/1.1\r\nHost: weir.example\r\n\r\n";
    let answer = wire.say(&[same.as_slice(), &good("/well")].concat()).await;
    assert_eq!(crate::support::wire::statuses(&answer), [500, 200]);
    let text = String::from_utf8_lossy(&answer);
    assert!(
        text.contains("\"code\":\"internal\"") && !text.contains("secret"),
        "{text}"
    );
}

/// What probes are told is on the listener of everybody, so it is a word that everybody may know, and
/// whoever calls itself a probe is nobody.
#[tokio::test]
async fn h10_whoever_calls_itself_a_health_check_finds_no_way_in() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let guarded = [
        "/",
        "/admin",
        "/d/finance-overview",
        "/api/v1/policies",
        "/api/v1/dashboards/finance-overview/tiles/list/data",
    ];
    for path in guarded {
        let nobody = world.send(get(path)).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{path}");
        for probe in ["kube-probe/1.30", "ELB-HealthChecker/2.0", "GoogleHC/1.0"] {
            let ask = get(path).header("user-agent", probe);
            let answer = world.send(ask.header("x-original-url", "/healthz")).await;
            assert_eq!(answer.status, nobody.status, "{probe} {path}");
        }
    }

    let live = world.send(get("/healthz?verbose=1")).await.ok().json();
    let ready = world.send(get("/readyz?verbose=1")).await.ok().json();
    assert_eq!(live, json!({ "status": "live" }));
    let words = ready.as_object().unwrap();
    assert_eq!(
        words.keys().collect::<Vec<_>>(),
        ["engine", "registry", "status"]
    );
    for word in words.values() {
        let is_word = |word: &str| word.chars().all(|c| c.is_ascii_lowercase());
        assert!(
            word.is_boolean() || word.as_str().is_some_and(is_word),
            "{word}"
        );
    }
}
