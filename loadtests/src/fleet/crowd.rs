//! Everybody at once: people of every business unit open every dashboard through a host page.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::future::try_join_all;
use http::header::RETRY_AFTER;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::broken::{self, Broken, What};
use crate::surroundings::{Answer, BUSINESS_UNITS, CLIENT, Web, to_replica};

/// A period that nobody looks at by default, as the page's form sends it.
pub(super) const LAST_QUARTER: &str = "from=2026-07-01&to=2026-09-30";

/// What everybody was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Visits {
    /// Pages that were asked for.
    pub pages: u64,
    /// Pages that Weir refused for want of room, and said when to come again.
    pub shed: u64,
    /// Tiles with rows.
    pub ready: u64,
    /// Tiles that policy keeps.
    pub withheld: u64,
    /// Pages and tiles that somebody was not given, and not for want of room.
    pub broken: Vec<Broken>,
    /// From asking to the last byte, in milliseconds, the shortest first.
    pub milliseconds: Vec<f64>,
}

impl Visits {
    /// Pages that were refused, or broke.
    #[must_use]
    pub fn failed(&self) -> u64 {
        let pages = self.broken.iter();
        pages
            .filter(|broken| matches!(broken.what, What::Page(_)))
            .count() as u64
    }

    /// Tiles that say that they can't be shown.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.broken.len() as u64 - self.failed()
    }
}

/// Somebody who is about to open a page.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    dashboard: &'static str,
    unit: &'static str,
    token: String,
}

/// One page, as it was given.
struct Page<'a> {
    visitor: &'a Visitor,
    took: Duration,
    request: Option<String>,
    body: Result<String, Refused>,
}

/// Why there is no page.
enum Refused {
    /// For want of room.
    Shed,
    /// For another reason, which is told.
    Else(String),
}

/// `many` people of each business unit for each of these dashboards, with tokens from `public`.
pub(super) async fn gathered(
    public: &str,
    dashboards: &[&'static str],
    many: usize,
) -> anyhow::Result<Vec<Visitor>> {
    let mut visitors = Vec::new();
    for dashboard in dashboards.iter().copied() {
        for unit in BUSINESS_UNITS {
            for number in 0..many {
                let token = mint(public, dashboard, unit, number).await?;
                visitors.push(Visitor {
                    dashboard,
                    unit,
                    token,
                });
            }
        }
    }
    Ok(visitors)
}

/// Everybody opens their page at once, through `through`.
pub(super) async fn visit(
    visitors: &[Visitor],
    public: &str,
    through: &str,
    period: &str,
) -> anyhow::Result<Visits> {
    let opened = visitors
        .iter()
        .map(|visitor| open(visitor, public, through, period));
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
    let answer = Web::new().succeed(request).await?;
    Ok(serde_json::from_slice(&answer.body)?)
}

async fn open<'a>(
    visitor: &'a Visitor,
    public: &str,
    through: &str,
    period: &str,
) -> anyhow::Result<Page<'a>> {
    let Visitor {
        dashboard, token, ..
    } = visitor;
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
    let took = began.elapsed();
    let id = |answer: &Answer| {
        Some(
            answer
                .headers
                .get("x-request-id")?
                .to_str()
                .ok()?
                .to_owned(),
        )
    };
    Ok(Page {
        visitor,
        took,
        request: answer.as_ref().ok().and_then(id),
        body: page_in(answer),
    })
}

fn page_in(answer: anyhow::Result<Answer>) -> Result<String, Refused> {
    let answer = answer.map_err(|error| Refused::Else(format!("{error:#}")))?;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let again = answer.headers.contains_key(RETRY_AFTER);
    match answer.status {
        status if status.is_success() => Ok(body),
        StatusCode::SERVICE_UNAVAILABLE if again => Err(Refused::Shed),
        status => Err(Refused::Else(broken::refusal(status.as_u16(), &body))),
    }
}

impl Page<'_> {
    /// What is missing: the page, tiles in it, or nothing.
    fn broken(&self) -> Vec<Broken> {
        let what = match &self.body {
            Ok(page) => broken::tiles(page),
            Err(Refused::Shed) => Vec::new(),
            Err(Refused::Else(said)) => vec![What::Page(said.clone())],
        };
        let broken = what.into_iter().map(|what| Broken {
            what,
            dashboard: self.visitor.dashboard,
            unit: self.visitor.unit,
            ended: self.took.as_secs_f64(),
            request: self.request.clone(),
            logged: Vec::new(),
        });
        broken.collect()
    }
}

fn counted(pages: &[Page<'_>]) -> Visits {
    let bodies = || pages.iter().filter_map(|page| page.body.as_deref().ok());
    let tiles = |state: &str| {
        let attribute = format!("data-state=\"{state}\"");
        let many: usize = bodies().map(|body| body.matches(&attribute).count()).sum();
        many as u64
    };
    let shed = pages
        .iter()
        .filter(|page| matches!(page.body, Err(Refused::Shed)));
    let mut milliseconds: Vec<f64> = pages
        .iter()
        .map(|page| page.took.as_secs_f64() * 1000.0)
        .collect();
    milliseconds.sort_by(f64::total_cmp);
    Visits {
        pages: pages.len() as u64,
        shed: shed.count() as u64,
        ready: tiles("ready"),
        withheld: tiles("withheld"),
        broken: pages.iter().flat_map(Page::broken).collect(),
        milliseconds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_counted_by_what_became_of_them_and_pages_by_whether_they_were_shed() {
        let visitor = Visitor {
            dashboard: "finance-overview",
            unit: "auto",
            token: String::new(),
        };
        let page = |took, body: Result<&str, Refused>| Page {
            visitor: &visitor,
            took: Duration::from_millis(took),
            request: None,
            body: body.map(str::to_owned),
        };
        let body = "<i data-tile=\"a\" data-state=\"ready\"><i data-tile=\"b\" data-state=\"ready\">\
            <i data-tile=\"c\" data-state=\"error\">No</section>";

        let visits = counted(&[
            page(9, Ok(body)),
            page(1, Err(Refused::Shed)),
            page(3, Err(Refused::Else("502".to_owned()))),
        ]);

        assert_eq!((visits.pages, visits.shed), (3, 1));
        assert_eq!((visits.failed(), visits.errors()), (1, 1));
        assert_eq!((visits.ready, visits.withheld), (2, 0));
        assert_eq!(visits.milliseconds, [1.0, 3.0, 9.0]);
        let said: Vec<_> = visits.broken.iter().map(|b| b.what.to_string()).collect();
        assert_eq!(said, ["tile `c`: No", "the page: 502"]);
    }
}
