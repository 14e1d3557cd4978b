//! Weir as browsers see it: what a proxy before it added or took away.

use content_security_policy::{CheckResult, CspList, Policy};
use http::header::X_FRAME_OPTIONS;
use http::{HeaderMap, HeaderName};
use url::Url;

use super::policies;
use super::{Embed, Fetched, Finding, Hop, finding};

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The directive by which Weir says who may frame.
const ANCESTORS: &str = "frame-ancestors";

/// Everything about Weir's own answers that would stop the dashboard. `frame` is what an address
/// under `/embed/` answers without a token: a notice with the headers of the embed realm, which
/// every registered origin may frame. `sdk` is the script.
#[must_use]
pub fn weir_from_outside(frame: &Fetched, sdk: &Fetched, embed: &Embed) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(moved) = moved(frame, embed) {
        return vec![moved];
    }
    findings.extend(forbids_frames(&frame.headers));
    findings.extend(of_policies(frame, embed));
    findings.extend(no_script(sdk));
    findings
}

/// Somebody else answers under Weir's address.
fn moved(frame: &Fetched, embed: &Embed) -> Option<Finding> {
    let is_weir = frame.headers.contains_key("x-request-id")
        && frame.url.origin() == embed.weir.origin()
        && !(300..400).contains(&frame.status)
        && frame.status < 500;
    (!is_weir).then(|| {
        finding(
            Hop::Weir,
            "not-weir",
            format!("{} answers {}", frame.url, frame.status),
            "Weir does not answer under its public address, or a proxy answers for it.",
            "Let the proxy pass `/embed/` on to Weir as it is.",
        )
    })
}

fn forbids_frames(headers: &HeaderMap) -> Option<Finding> {
    let values = headers.get_all(X_FRAME_OPTIONS).iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| {
        finding(
            Hop::Weir,
            "x-frame-options",
            format!("X-Frame-Options: {}", values.join(", ")),
            "Weir does not send this under `/embed/`: a proxy adds it. Browsers that read it show nothing.",
            "Remove the header X-Frame-Options under `/embed/` at the proxy.",
        )
    })
}

fn of_policies(frame: &Fetched, embed: &Embed) -> Vec<Finding> {
    let policies = policies::of_headers(&frame.headers);
    let (own, added): (Vec<_>, Vec<_>) = policies.into_iter().partition(is_weirs_own);
    let mut findings: Vec<_> = added.iter().map(added_policy).collect();
    let Some(own) = own.first() else {
        let origin = embed.origin.as_str();
        findings.push(finding(
            Hop::Weir,
            "csp-missing",
            "no Content-Security-Policy of Weir’s own",
            "A proxy takes Weir’s policy away: any page could frame what it shows.",
            format!("Pass Weir’s own header on, such as Content-Security-Policy: {ANCESTORS} {origin}; …"),
        ));
        return findings;
    };
    if !may_be_framed(own, frame, embed) {
        let value = policies::deciding(own, &[ANCESTORS]);
        findings.push(finding(
            Hop::Weir,
            "frame-ancestors",
            value.map_or_else(|| policies::line(own), ToString::to_string),
            "Weir lets other pages frame its dashboards, and not this one.",
            "Register the origin with the client that asks for tokens.",
        ));
    }
    findings
}

/// Weir's documents have a nonce, and say who may frame them.
fn is_weirs_own(policy: &Policy) -> bool {
    let mut words = policy.directive_set.iter().flat_map(|d| d.value.iter());
    words.any(|word| word.starts_with("'nonce-"))
        && policies::deciding(policy, &[ANCESTORS]).is_some()
}

fn added_policy(policy: &Policy) -> Finding {
    finding(
        Hop::Weir,
        "csp-added",
        policies::line(policy),
        "A proxy adds a second policy. Browsers enforce both, and this one knows neither the page’s nonce nor who may frame it.",
        "Remove the header Content-Security-Policy under `/embed/` at the proxy; keep Weir’s own.",
    )
}

fn may_be_framed(policy: &Policy, frame: &Fetched, embed: &Embed) -> bool {
    let Ok(parent) = Url::parse(embed.origin.as_str()) else {
        return false;
    };
    let response = content_security_policy::Response {
        url: frame.url.clone(),
        redirect_count: 0,
    };
    let list = CspList(vec![policy.clone()]);
    let own = frame.url.origin();
    let outcome = list.should_navigation_response_to_navigation_request_be_blocked(
        &response,
        &own,
        &vec![parent],
    );
    outcome.0 == CheckResult::Allowed
}

/// Module scripts are fetched with CORS, whatever the page is.
fn no_script(sdk: &Fetched) -> Option<Finding> {
    let header = |name: &str| {
        let value = sdk.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    };
    let allowed = header("access-control-allow-origin") == "*";
    let is_script = header("content-type").contains("javascript");
    if sdk.status == 200 && allowed && is_script {
        return None;
    }
    let corp = header(CORP.as_str());
    Some(finding(
        Hop::Weir,
        "sdk",
        format!(
            "{} answers {}, content-type: {}, access-control-allow-origin: {}, cross-origin-resource-policy: {corp}",
            sdk.url,
            sdk.status,
            header("content-type"),
            header("access-control-allow-origin"),
        ),
        "Pages of other origins can’t load the SDK.",
        "Pass `/sdk/weir.js` on from Weir as it is, with Access-Control-Allow-Origin: *",
    ))
}
