//! Tables: what a page or a proxy sends, what is found, and the line that mends it.

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;
use weir_identity::Origin;

use super::*;

const PAGE: &str = "https://crm.example/customers/7";

fn embed() -> Embed {
    Embed {
        origin: Origin::parse("https://crm.example").unwrap(),
        dashboard: "finance-overview".to_owned(),
        weir: Url::parse("https://weir.example").unwrap(),
    }
}

fn headers(list: &[(&str, &str)]) -> HeaderMap {
    let pairs = list.iter().map(|(name, value)| {
        let name = HeaderName::try_from(*name).unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    });
    pairs.collect()
}

fn page(list: &[(&str, &str)], html: &str) -> Fetched {
    Fetched::new(Url::parse(PAGE).unwrap(), 200, headers(list), html)
}

const WITH_SDK: &str = r#"<!doctype html><script type="module" nonce="n0" src="https://weir.example/sdk/weir.js"></script>
<weir-dashboard dashboard="finance-overview"></weir-dashboard>"#;

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}

/// Headers that stop nothing.
#[test]
fn a_page_that_can_frame_weir_has_no_finding() {
    let csp = "content-security-policy";
    let strict = "default-src 'self'; script-src 'self' https://weir.example; frame-src https://weir.example; form-action 'self' https://weir.example; connect-src 'self'";
    let good: [&[(&str, &str)]; 12] = [
        &[],
        &[(csp, strict)],
        &[(csp, "frame-src https:; form-action *; script-src https:")],
        &[(csp, "child-src https://weir.example")],
        &[(csp, "frame-src https://*.example; object-src 'none'")],
        &[(
            csp,
            "script-src 'nonce-n0' 'strict-dynamic'; base-uri 'none'",
        )],
        &[(csp, "upgrade-insecure-requests"), (csp, strict)],
        &[(
            csp,
            "sandbox allow-scripts allow-forms allow-same-origin allow-popups",
        )],
        &[("content-security-policy-report-only", "default-src 'none'")],
        &[("cross-origin-embedder-policy", "unsafe-none")],
        &[(
            "referrer-policy",
            "no-referrer, strict-origin-when-cross-origin",
        )],
        &[
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ],
    ];
    for list in good {
        let found = host_page(&page(list, WITH_SDK), &embed());
        assert!(found.is_empty(), "{list:?}: {found:#?}");
    }
}

/// Header, value, what is found, and the line that has to stand instead.
const STOPS: [(&str, &str, &str, &str); 19] = [
    (
        "content-security-policy",
        "frame-src 'self'",
        "frame-src",
        "Content-Security-Policy: frame-src 'self' https://weir.example",
    ),
    (
        "content-security-policy",
        "frame-src 'none'",
        "frame-src",
        "Content-Security-Policy: frame-src https://weir.example",
    ),
    (
        "content-security-policy",
        "frame-src http://weir.example:81",
        "frame-src",
        "Content-Security-Policy: frame-src http://weir.example:81 https://weir.example",
    ),
    (
        "content-security-policy",
        "frame-src https://weir.example.evil.example",
        "frame-src",
        "Content-Security-Policy: frame-src https://weir.example.evil.example https://weir.example",
    ),
    (
        "content-security-policy",
        "child-src 'self'",
        "frame-src",
        "Content-Security-Policy: child-src 'self'; frame-src 'self' https://weir.example",
    ),
    (
        "content-security-policy",
        "default-src 'self'; script-src * ; connect-src *",
        "frame-src",
        "Content-Security-Policy: default-src 'self'; script-src *; connect-src *; frame-src 'self' https://weir.example",
    ),
    (
        "content-security-policy",
        "form-action 'self'",
        "form-action",
        "Content-Security-Policy: form-action 'self' https://weir.example",
    ),
    (
        "content-security-policy",
        "form-action 'none'",
        "form-action",
        "Content-Security-Policy: form-action https://weir.example",
    ),
    (
        "content-security-policy",
        "script-src 'self'",
        "script-src",
        "Content-Security-Policy: script-src 'self' https://weir.example",
    ),
    (
        "content-security-policy",
        "script-src 'nonce-other' 'strict-dynamic'",
        "script-src",
        "<script type=\"module\" nonce=\"the page’s nonce\" src=\"https://weir.example/sdk/weir.js\"></script>",
    ),
    (
        "content-security-policy",
        "script-src-elem 'self'",
        "script-src",
        "Content-Security-Policy: script-src-elem 'self' https://weir.example",
    ),
    (
        "content-security-policy",
        "connect-src 'none'",
        "connect-src",
        "Content-Security-Policy: connect-src 'self'",
    ),
    (
        "content-security-policy",
        "connect-src https://api.example",
        "connect-src",
        "Content-Security-Policy: connect-src https://api.example 'self'",
    ),
    (
        "content-security-policy",
        "sandbox allow-scripts",
        "sandbox",
        "Content-Security-Policy: sandbox allow-scripts allow-same-origin allow-forms",
    ),
    (
        "content-security-policy",
        "sandbox",
        "sandbox",
        "Content-Security-Policy: sandbox allow-scripts allow-same-origin allow-forms",
    ),
    (
        "cross-origin-embedder-policy",
        "require-corp",
        "coep",
        "Cross-Origin-Embedder-Policy: unsafe-none",
    ),
    (
        "cross-origin-embedder-policy",
        "credentialless; report-to=\"x\"",
        "coep",
        "Cross-Origin-Embedder-Policy: unsafe-none",
    ),
    (
        "referrer-policy",
        "no-referrer",
        "referrer-policy",
        "Referrer-Policy: strict-origin-when-cross-origin",
    ),
    (
        "referrer-policy",
        "origin, same-origin, nonsense",
        "referrer-policy",
        "Referrer-Policy: strict-origin-when-cross-origin",
    ),
];

#[test]
fn each_header_that_stops_a_frame_is_named_with_the_line_that_mends_it() {
    for (name, value, code, change) in STOPS {
        let found = host_page(&page(&[(name, value)], WITH_SDK), &embed());
        assert_eq!(codes(&found), [code], "{name}: {value}: {found:#?}");
        assert_eq!(found[0].change, change, "{name}: {value}");
        assert!(!found[0].says.is_empty() && !found[0].found.is_empty());
        // What is proposed is no finding any more.
        if let Some(policy) = change.strip_prefix("Content-Security-Policy: ") {
            let mended = page(&[("content-security-policy", policy)], WITH_SDK);
            let left = host_page(&mended, &embed());
            assert!(left.is_empty(), "{policy}: {left:#?}");
        }
    }
}

#[test]
fn a_policy_that_forbids_everything_is_told_directive_by_directive() {
    let list = [(
        "content-security-policy",
        "default-src 'none'; form-action 'none'",
    )];
    let found = host_page(&page(&list, WITH_SDK), &embed());
    assert_eq!(
        codes(&found),
        ["frame-src", "form-action", "script-src", "connect-src"]
    );
}

/// What the markup says, and what only looks like it.
#[test]
fn the_markup_is_read_as_a_browser_reads_it() {
    let table: [(&str, &[&str]); 9] = [
        (
            r#"<meta http-equiv="Content-Security-Policy" content="frame-src 'self'">"#,
            &["frame-src"],
        ),
        (
            r#"<META HTTP-EQUIV=content-security-policy CONTENT="form-action 'self'">"#,
            &["form-action"],
        ),
        (
            r#"<meta http-equiv="Content-Security-Policy" content="sandbox; frame-ancestors 'none'">"#,
            &[],
        ),
        (
            r#"<!-- <meta http-equiv="Content-Security-Policy" content="frame-src 'self'"> -->"#,
            &[],
        ),
        (
            r#"<script>"<meta http-equiv='Content-Security-Policy' content='frame-src none'>"</script>"#,
            &[],
        ),
        (
            r#"<meta name="referrer" content="same-origin">"#,
            &["referrer-policy"],
        ),
        (
            r#"<meta name="referrer" content="no-referrer"><meta name="referrer" content="origin">"#,
            &[],
        ),
        (
            r#"<iframe sandbox="allow-scripts" src="https://weir.example/embed/finance-overview?code=x"></iframe>"#,
            &["sandbox-attribute"],
        ),
        (
            r#"<iframe sandbox src="https://other.example/"></iframe><iframe sandbox="allow-forms allow-scripts allow-same-origin" src="https://weir.example/embed/x"></iframe>"#,
            &[],
        ),
    ];
    for (html, expected) in table {
        let found = host_page(&page(&[], html), &embed());
        assert_eq!(codes(&found), expected, "{html}: {found:#?}");
    }
}

#[test]
fn a_page_that_is_not_there_or_elsewhere_is_told() {
    let mut missing = page(&[], "");
    missing.status = 404;
    assert_eq!(codes(&host_page(&missing, &embed())), ["page-status"]);
    let mut elsewhere = page(&[], "");
    elsewhere.url = Url::parse("https://crm.example.evil.example/").unwrap();
    assert_eq!(codes(&host_page(&elsewhere, &embed())), ["page-origin"]);
}

/// What Weir answers to a frame without a token.
const OWN: &str = "default-src 'none'; script-src 'nonce-abc'; frame-ancestors https://crm.example https://other.example";

fn weir(list: &[(&str, &str)]) -> Fetched {
    let mut list = list.to_vec();
    list.push(("x-request-id", "0193"));
    Fetched::new(embed().address(), 401, headers(&list), "")
}

fn sdk(list: &[(&str, &str)], status: u16) -> Fetched {
    Fetched::new(embed().sdk(), status, headers(list), "")
}

const SCRIPT: [(&str, &str); 2] = [
    ("content-type", "text/javascript; charset=utf-8"),
    ("access-control-allow-origin", "*"),
];

#[test]
fn weir_as_it_answers_by_itself_has_no_finding() {
    let seen = weir(&[("content-security-policy", OWN)]);
    let found = weir_from_outside(&seen, &sdk(&SCRIPT, 200), &embed());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_a_proxy_adds_to_weir_or_takes_away_is_found() {
    let csp = "content-security-policy";
    let table: [(&[(&str, &str)], &str); 6] = [
        (
            &[(csp, OWN), ("x-frame-options", "SAMEORIGIN")],
            "x-frame-options",
        ),
        (&[(csp, OWN), (csp, "default-src 'self'")], "csp-added"),
        (&[(csp, OWN), (csp, "frame-ancestors 'self'")], "csp-added"),
        (&[], "csp-missing"),
        (
            &[(
                csp,
                "default-src 'none'; script-src 'nonce-abc'; frame-ancestors 'none'",
            )],
            "frame-ancestors",
        ),
        (
            &[(
                csp,
                "script-src 'nonce-abc'; frame-ancestors https://crm.example.evil.example https://x.crm.example",
            )],
            "frame-ancestors",
        ),
    ];
    for (list, code) in table {
        let found = weir_from_outside(&weir(list), &sdk(&SCRIPT, 200), &embed());
        assert_eq!(codes(&found), [code], "{list:?}: {found:#?}");
    }
    let seen = weir(&[(csp, OWN)]);
    for script in [
        sdk(&SCRIPT, 404),
        sdk(&SCRIPT[..1], 200),
        sdk(&[("content-type", "text/html"), SCRIPT[1]], 200),
    ] {
        assert_eq!(codes(&weir_from_outside(&seen, &script, &embed())), ["sdk"]);
    }
    let mut moved = weir(&[(csp, OWN)]);
    moved.headers.remove("x-request-id");
    let found = weir_from_outside(&moved, &sdk(&SCRIPT, 200), &embed());
    assert_eq!(codes(&found), ["not-weir"]);
}

#[test]
fn an_insecure_weir_in_a_secure_page_is_mixed_content() {
    let with = |weir: &str| Embed {
        weir: Url::parse(weir).unwrap(),
        ..embed()
    };
    assert_eq!(
        with("http://weir.example").by_addresses().unwrap().code,
        "mixed-content"
    );
    // Browsers trust what is on the same machine.
    assert_eq!(with("http://127.0.0.1:8080").by_addresses(), None);
    assert_eq!(embed().by_addresses(), None);
}
