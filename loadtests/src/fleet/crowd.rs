//! Everybody at once: people of every business unit open every dashboard through a host page.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::future::try_join_all;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::surroundings::{BUSINESS_UNITS, CLIENT, DASHBOARDS, Web};

/// A period that nobody looks at by default, as the page's form sends it.
pub(super) const LAST_QUARTER: &str = "from=2026-07-01&to=2026-09-30";

/// What everybody was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Visits {
    /// Pages that were opened.
    pub pages: u64,
    /// Pages that were refused, or broke.
    pub failed: u64,
    /// Tiles with rows.
    pub ready: u64,
    /// Tiles that policy keeps.
    pub withheld: u64,
    /// Tiles that say that they can't be shown.
    pub errors: u64,
    /// From asking to the last byte, in milliseconds, the shortest first.
    pub milliseconds: Vec<f64>,
}

/// One page, as it was given.
struct Page {
    milliseconds: f64,
    body: Option<String>,
}

/// Opens every dashboard for every business unit, `viewers` times at once. Tokens are got from
/// `public`, pages from `through`.
pub(super) async fn visit(
    public: &str,
    through: &str,
    viewers: usize,
    period: &str,
) -> anyhow::Result<Visits> {
    let mut tokens = Vec::new();
    for dashboard in DASHBOARDS {
        for unit in BUSINESS_UNITS {
            for viewer in 0..viewers {
                tokens.push((dashboard, mint(public, dashboard, unit, viewer).await?));
            }
        }
    }
    let opened = tokens
        .iter()
        .map(|(dashboard, token)| open(public, through, dashboard, token, period));
    let pages = try_join_all(opened).await?;
    Ok(counted(&pages))
}

/// A token for somebody of `unit`.
pub(super) async fn mint(
    public: &str,
    dashboard: &str,
    unit: &str,
    viewer: usize,
) -> anyhow::Result<String> {
    let wish = json!({
        "dashboard": dashboard, "subject": { "sub": format!("{unit}-{viewer}") },
        "business_units": [unit], "origin": CLIENT.2, "locale": "en-CA",
    });
    let minted = as_client(public, "/api/v1/embed-tokens", &wish).await?;
    let token = minted.get("token").and_then(Value::as_str);
    Ok(token.context("a mint without a token")?.to_owned())
}

/// What the host's back end is told.
pub(super) async fn as_client(public: &str, path: &str, wish: &Value) -> anyhow::Result<Value> {
    let (id, secret, _) = CLIENT;
    let credential = STANDARD.encode(format!("{id}:{secret}"));
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("{public}{path}"))
        .header("authorization", format!("Basic {credential}"))
        .header("content-type", "application/json")
        .body(Full::from(wish.to_string()))?;
    let answer = Web::new().send(request).await?;
    let said = String::from_utf8_lossy(&answer.body);
    ensure!(
        answer.status.is_success(),
        "{path}: {} {said}",
        answer.status
    );
    Ok(serde_json::from_slice(&answer.body)?)
}

/// A request to one replica, under the name that browsers know it by.
pub(super) fn to_replica(public: &str, uri: &str) -> http::request::Builder {
    let host = public.strip_prefix("http://").unwrap_or(public);
    Request::builder().uri(uri).header("host", host)
}

async fn open(
    public: &str,
    through: &str,
    dashboard: &str,
    token: &str,
    period: &str,
) -> anyhow::Result<Page> {
    let form = if period.is_empty() {
        format!("token={token}")
    } else {
        format!("token={token}&{period}")
    };
    let request = to_replica(public, &format!("{through}/embed/{dashboard}"))
        .method(Method::POST)
        .header("origin", CLIENT.2)
        .header("sec-fetch-dest", "iframe")
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::<Bytes>::from(form))?;
    let began = Instant::now();
    // A connection of its own, so that the balancer deals out pages.
    let answer = Web::new().send(request).await;
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let page = answer.ok().filter(|answer| answer.status.is_success());
    Ok(Page {
        milliseconds,
        body: page.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()),
    })
}

fn counted(pages: &[Page]) -> Visits {
    let bodies = || pages.iter().filter_map(|page| page.body.as_deref());
    let tiles = |state: &str| {
        let attribute = format!("data-state=\"{state}\"");
        let many: usize = bodies().map(|body| body.matches(&attribute).count()).sum();
        many as u64
    };
    let mut milliseconds: Vec<f64> = pages.iter().map(|page| page.milliseconds).collect();
    milliseconds.sort_by(f64::total_cmp);
    Visits {
        pages: pages.len() as u64,
        failed: (pages.len() - bodies().count()) as u64,
        ready: tiles("ready"),
        withheld: tiles("withheld"),
        errors: tiles("error"),
        milliseconds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_counted_by_what_became_of_them_and_pages_that_broke_by_themselves() {
        let page = |milliseconds, body: Option<&str>| Page {
            milliseconds,
            body: body.map(str::to_owned),
        };
        let body = "<i data-state=\"ready\"><i data-state=\"ready\"><i data-state=\"error\">";

        let visits = counted(&[page(9.0, Some(body)), page(3.0, None)]);

        assert_eq!((visits.pages, visits.failed), (2, 1));
        assert_eq!((visits.ready, visits.withheld, visits.errors), (2, 0, 1));
        assert_eq!(visits.milliseconds, [3.0, 9.0]);
    }
}
