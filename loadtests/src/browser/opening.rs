//! One opening of a host page, and what was measured inside its frame.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::chromium::{Chromium, text};
use super::profile::Profile;

/// How long the probe stays away from a page that is being painted: the machine has two cores.
pub(super) const AWAY: Duration = Duration::from_millis(400);

/// Between presses, so that each is painted before the next.
const BETWEEN: Duration = Duration::from_millis(150);

/// A host page, and how its frame is told from other frames.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) page: String,
    /// What the frame's own address begins with.
    pub(super) frame: String,
}

/// One opening, in milliseconds since the frame began to load where nothing else is said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sample {
    /// Largest contentful paint.
    pub lcp: f64,
    /// First contentful paint.
    pub fcp: f64,
    /// Cumulative layout shift, without unit.
    pub cls: f64,
    /// The slowest of a few presses, from press to paint; none where nothing could be pressed.
    pub inp: Option<f64>,
    /// When the request for the document left.
    pub requested: f64,
    /// When its first byte came.
    pub ttfb: f64,
    /// When its last byte came.
    pub downloaded: f64,
    /// When it was parsed: every tile is there then.
    pub parsed: f64,
    /// The tile that came last.
    pub last: Option<String>,
    /// From the beginning of the host page to the beginning of the frame.
    pub launch: f64,
    /// What the server says about its own time (`Server-Timing`).
    pub server: BTreeMap<String, f64>,
    /// The tile that the largest element is in.
    pub tile: Option<String>,
    /// The largest element, as `name.class`.
    pub largest: String,
    /// The page says that its figures are not the newest.
    pub stale: bool,
    /// The browser painted the frame before it knew how much of it is in sight, and names no largest
    /// element: the first paint stands for it.
    pub unseen: bool,
    /// Its area in pixels.
    pub size: f64,
    /// Tasks of the frame's main thread over 50 ms.
    pub long_tasks: f64,
    /// By how much they were over it, together.
    pub blocked: f64,
    /// Bytes of the document on the wire, without headers.
    pub document_bytes: f64,
    /// The same unpacked.
    pub whole_bytes: f64,
    /// Requests of the frame, once it rests.
    pub requests: f64,
    /// Bytes of all of them.
    pub bytes: f64,
}

/// What `later.js` says.
#[derive(Debug, Deserialize)]
struct Later {
    requests: f64,
    bytes: f64,
    awake: bool,
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Place {
    x: f64,
    y: f64,
}

/// Opens the host page in a new tab of `context`, waits until its frame rests, and closes it.
pub(super) async fn open(
    browser: &Chromium,
    context: &str,
    address: &Address,
    profile: Profile,
) -> anyhow::Result<Sample> {
    let (target, session) = browser.tab(context).await?;
    let sample = measured(browser, &session, address, profile).await;
    browser.close(&target).await?;
    sample.with_context(|| format!("opening {}", address.page))
}

async fn measured(
    browser: &Chromium,
    session: &str,
    address: &Address,
    profile: Profile,
) -> anyhow::Result<Sample> {
    profile.slow_down(&browser.cdp, session).await?;
    let frames = profile.follow(&browser.cdp, session).await?;
    let inside = framed(browser, session, address, profile.stretched(AWAY)).await?;
    let mut vitals = browser
        .evaluate(&inside, include_str!("../../browser/vitals.js"))
        .await?;
    let began = browser
        .evaluate(session, "performance.timeOrigin")
        .await?
        .as_f64();
    let later = browser
        .evaluate(&inside, include_str!("../../browser/later.js"))
        .await?;
    let later: Later = serde_json::from_value(later).context("reading what the frame says")?;
    anyhow::ensure!(later.awake, "the islands of the frame never woke");
    let inp = presses(browser, session, &inside, &later.places).await?;
    frames.abort();
    complete(&mut vitals, began, &later, inp);
    serde_json::from_value(vitals).context("reading what the frame says")
}

/// Opens the host page in a tab, and stays `away` from its frame before asking it anything; a session
/// with the frame.
pub(super) async fn framed(
    browser: &Chromium,
    session: &str,
    address: &Address,
    away: Duration,
) -> anyhow::Result<String> {
    let mut events = browser.cdp.events();
    let page = json!({ "url": address.page });
    let navigated = browser
        .cdp
        .call(Some(session), "Page.navigate", page)
        .await?;
    if let Some(error) = navigated.get("errorText") {
        anyhow::bail!("the host page did not open: {error}");
    }
    let frame = events
        .find("the frame", |event| {
            let target = event.params.get("targetInfo")?;
            let here = text(target, "url").starts_with(&address.frame);
            (event.method.starts_with("Target.target") && here).then(|| text(target, "targetId"))
        })
        .await?;
    tokio::time::sleep(away).await;
    browser.attach(&frame).await
}

/// Puts what was learnt outside the frame, or later, beside what was learnt inside.
fn complete(vitals: &mut Value, began: Option<f64>, later: &Later, inp: Option<f64>) {
    let origin = vitals.get("origin").and_then(Value::as_f64);
    let launch = origin.zip(began).map(|(frame, host)| frame - host);
    if let Some(fields) = vitals.as_object_mut() {
        fields.insert("launch".to_owned(), json!(launch));
        fields.insert("inp".to_owned(), json!(inp));
        fields.insert("requests".to_owned(), json!(later.requests));
        fields.insert("bytes".to_owned(), json!(later.bytes));
    }
}

/// Presses each place twice, as a reader would with a mouse; the slowest answer in milliseconds.
async fn presses(
    browser: &Chromium,
    session: &str,
    inside: &str,
    places: &[Place],
) -> anyhow::Result<Option<f64>> {
    let corner = browser
        .evaluate(
            session,
            "(({ x, y }) => ({ x, y }))(document.querySelector('iframe').getBoundingClientRect())",
        )
        .await?;
    let corner: Place = serde_json::from_value(corner).context("looking for the frame")?;
    for place in places.iter().chain(places) {
        for kind in ["mousePressed", "mouseReleased"] {
            let press = json!({
                "type": kind, "button": "left", "clickCount": 1,
                "x": corner.x + place.x, "y": corner.y + place.y,
            });
            browser
                .cdp
                .call(Some(session), "Input.dispatchMouseEvent", press)
                .await?;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    let slowest = browser
        .evaluate(inside, "Math.max(0, ...window.__pressed)")
        .await?;
    Ok(slowest.as_f64().filter(|slowest| *slowest > 0.0))
}
