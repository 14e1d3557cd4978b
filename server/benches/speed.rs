//! Prints what Weir promises about its own speed: `cargo bench -p weir-server`.
//!
//! Everything runs in one process over the sample lake, through the router and its whole stack of
//! layers, without a socket. The lake (260,000 rows) is made in `target/bench` on the first run.
//!
//! `speed embed 20` opens one hot dashboard for twenty seconds and does nothing else, `speed data 20`
//! reads one hot tile: something to point a profiler at (docs/performance.md). `speed turn` only compares
//! with and without what is kept of kinds of page views.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::unnecessary_debug_formatting,
    clippy::cast_precision_loss,
    reason = "a tool for the terminal"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::NaiveDate;
use futures::future::BoxFuture;
use http::Request;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use weir_engine::lake::seed::{SeedPlan, seed};
use weir_identity::{HashCost, SecretHash};
use weir_policy::{BusinessUnit, RoleName, Subject};
use weir_query::{Dialect, Locked};
use weir_server::app::App;
use weir_server::clock::Clock;
use weir_server::config::Config;
use weir_server::demo::persona::{BUSINESS_UNITS, PERSONAS};
use weir_server::service::plan::Planner;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ORIGIN: &str = "http://127.0.0.1:8081";
const HOME: &str = "http://127.0.0.1:8080";
const TILE: &str = "/api/v1/dashboards/finance-overview/tiles/premium-and-claims-by-month/data";
/// How many ask at the same time where that is measured.
const CALLERS: usize = 32;
/// The demo's client, and one that may ask as often as clients may at all.
const CRM: (&str, &str) = ("demo-crm", "demo-crm-secret");
const BUSY: (&str, &str) = ("busy-crm", "the secret of the busy crm");

const DASHBOARDS: [&str; 4] = [
    "finance-overview",
    "claims-operations",
    "risk-exposure",
    "daily-metrics",
];

fn main() {
    let mut said = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"));
    let (what, seconds) = (said.next(), said.next().and_then(|word| word.parse().ok()));
    let seconds = Duration::from_secs(seconds.unwrap_or(10));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match what.as_deref() {
        Some("embed") => runtime.block_on(only_embeds(seconds)),
        Some("data") => runtime.block_on(only_data(seconds)),
        Some("turn") => runtime.block_on(only_in_turn()),
        _ => runtime.block_on(measure()),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench")
}

/// An app that keeps nothing of kinds of page views, to compare with.
async fn bare() -> App {
    let dir = folder().join("bare");
    std::fs::create_dir_all(&dir).unwrap();
    let config = config(&dir, "[cache]\npages_max_bytes = 0\n");
    App::build(config, Clock::system()).await.unwrap()
}

/// The app over the sample lake, in a directory of its own.
async fn app() -> App {
    let dir = folder();
    let plan = SeedPlan {
        dir: dir.join("lake"),
        rows: 260_000,
        seed: 7,
    };
    seed(&plan, &|_| {}).await.unwrap();

    let start = Instant::now();
    let app = App::build(config(&dir, ""), Clock::system()).await.unwrap();
    row("ready after start, existing lake", start.elapsed(), "2 s");
    app
}

async fn measure() {
    let app = app().await;
    let router = app.router();

    for (name, units) in [
        ("one unit", &BUSINESS_UNITS[..1]),
        ("seven units", &BUSINESS_UNITS[..]),
    ] {
        let token = mint(&router, "finance-overview", name, units).await;
        let cold = open(&router, "finance-overview", &token).await;
        row(
            &format!("cold embed, 9 tiles, {name}, last byte"),
            cold,
            "600 ms",
        );
    }
    let token = mint(
        &router,
        "finance-overview",
        "one unit",
        &BUSINESS_UNITS[..1],
    )
    .await;
    let mut hot = Vec::new();
    for _ in 0..300 {
        hot.push(open(&router, "finance-overview", &token).await);
    }
    row(
        "hot embed, 9 tiles, last byte, median",
        median(hot),
        "10 ms",
    );
    row(
        "plan and policy, 8 tiles, median",
        plan_time(&app),
        "200 µs",
    );
    crowd(&router, Duration::from_secs(5)).await;
    side_by_side(&router, &bare().await.router()).await;

    mints(&router).await;

    for persona in &PERSONAS {
        for dashboard in DASHBOARDS {
            let token = mint(&router, dashboard, persona.sub, persona.business_units).await;
            open(&router, dashboard, &token).await;
        }
    }
    println!(
        "{:<48} {:>9} MB   promised {:>8}",
        "resident after everybody saw everything",
        resident(),
        "200 MB"
    );
}

fn row(what: &str, took: Duration, promised: &str) {
    println!(
        "{what:<48} {:>9.2} ms   promised {promised:>8}",
        took.as_secs_f64() * 1e3
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn config(dir: &Path, more: &str) -> Config {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let site = dir.join("site");
    std::fs::create_dir_all(&site).unwrap();
    let manifest = r#"{"app_js":"a.js","app_wasm":"a.wasm","sdk_js":"s.js",
        "sdk_integrity":"","frame_js":"f.js"}"#;
    std::fs::write(site.join("manifest.json"), manifest).unwrap();
    std::fs::write(site.join("f.js"), "").unwrap();
    let _ = std::fs::remove_dir_all(dir.join("audit"));
    let database = dir.join("weir.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", database.display()));
    }
    let file = dir.join("weir.toml");
    let hash = SecretHash::create(&BUSY.1.into(), HashCost::DEFAULT).unwrap();
    let text = format!(
        "[http]\nbind = \"127.0.0.1:8080\"\npublic_url = \"http://127.0.0.1:8080\"\n\
         [lake]\ndir = {:?}\n[content]\npolicies = {:?}\ndashboards = {:?}\n\
         [registry]\nurl = \"sqlite://{}\"\n[assets]\ndir = {:?}\n\
         [timing]\nfirst_paint_wait_ms = 60000\n\
         [demo]\ncrm = \"127.0.0.1:8081\"\nidp = \"127.0.0.1:8082\"\n\
         [[embed.clients]]\nid = {:?}\nsecret_hash = {:?}\norigins = [{ORIGIN:?}]\n\
         dashboards = [\"finance-overview\"]\nbusiness_units = [\"auto\"]\n\
         rate_per_minute = 60000\n{more}",
        folder().join("lake"),
        root.join("policies"),
        root.join("dashboards"),
        database.display(),
        site,
        BUSY.0,
        hash.as_phc(),
    );
    std::fs::write(&file, text).unwrap();
    Config::load(&file).unwrap()
}

async fn mint(router: &Router, dashboard: &str, sub: &str, units: &[&str]) -> String {
    mint_as(CRM, router, dashboard, (sub, units)).await
}

async fn mint_as(
    (id, secret): (&str, &str),
    router: &Router,
    dashboard: &str,
    (sub, units): (&str, &[&str]),
) -> String {
    let body = serde_json::json!({
        "dashboard": dashboard, "subject": { "sub": sub.replace(' ', "-") },
        "business_units": units, "locale": "fr-CA", "origin": ORIGIN,
    });
    let secret = STANDARD.encode(format!("{id}:{secret}"));
    let request = Request::post("/api/v1/embed-tokens")
        .header("authorization", format!("Basic {secret}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

/// Tokens a second through the whole route: secret, registration, signature, record, launch code.
async fn mints(router: &Router) {
    const CALLERS: usize = 64;
    const EACH: usize = 100;
    let start = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let router = router.clone();
        callers.spawn(async move {
            for _ in 0..EACH {
                mint_as(BUSY, &router, "finance-overview", ("u", &["auto"])).await;
            }
        });
    }
    callers.join_all().await;
    let rate = (CALLERS * EACH) as f64 / start.elapsed().as_secs_f64();
    let what = "tokens minted, 64 callers";
    println!("{what:<48} {rate:>9.0} /s   promised  1,500 /s");
}

async fn open(router: &Router, dashboard: &str, token: &str) -> Duration {
    let request = Request::post(format!("/embed/{dashboard}"))
        .header("origin", ORIGIN)
        .header("sec-fetch-dest", "iframe")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("token={token}")))
        .unwrap();
    let start = Instant::now();
    let response = router.clone().oneshot(request).await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    to_bytes(response.into_body(), usize::MAX).await.unwrap();
    start.elapsed()
}

/// One after another, and then many at a time: hot embeds, each with a token that nobody brought
/// before, and hot tiles as JSON, each with a proof of its own.
async fn crowd(router: &Router, time: Duration) {
    let opens = Arc::new(Opens::prepare(router, 400).await);
    let opened = at_once(router, time, &opens).await;
    rate("hot embeds, 32 callers", opened, "2,000 /s");
    let reads = Arc::new(Reads::prepare(router, 24_000).await);
    let mut alone = Vec::new();
    for number in 0..300 {
        alone.push(reads.ask(router.clone(), number).await);
    }
    row("hot tile as JSON, median", median(alone), "");
    let read = at_once(router, time, &reads).await;
    rate("hot tiles as JSON, 32 callers", read, "");
}

/// What keeping kinds of page views is worth: the same opened in turn with and without, so that
/// whatever else the machine does is done to both. The processor's time says it also on a busy machine.
async fn side_by_side(kept: &Router, bare: &Router) {
    const AT_ONCE: usize = 100;
    let routers = [bare, kept];
    let mut opens = Vec::new();
    for router in routers {
        let prepared = Opens::prepare(router, AT_ONCE).await;
        // From here on every token is known: what is compared is what comes after.
        for number in 0..AT_ONCE {
            prepared.ask(router.clone(), number).await;
        }
        opens.push(prepared);
    }
    let (mut times, mut spent) = ([Vec::new(), Vec::new()], [Duration::ZERO; 2]);
    for _ in 0..6 {
        for (side, router) in routers.into_iter().enumerate() {
            let before = processor_time();
            for number in 0..AT_ONCE {
                times[side].push(opens[side].ask(router.clone(), number).await);
            }
            spent[side] += processor_time().saturating_sub(before);
        }
    }
    let opened = times[0].len() as f64;
    for (side, what) in ["nothing kept", "kinds kept"].into_iter().enumerate() {
        let each = spent[side].as_secs_f64() * 1e3 / opened;
        let what = format!("hot embed, in turn, {what}");
        row(&format!("{what}, median"), median(times[side].clone()), "");
        println!("{:<48} {each:>9.2} ms", format!("{what}, processor"));
    }
    let ratio = spent[1].as_secs_f64() / spent[0].as_secs_f64();
    println!(
        "{:<48} {ratio:>9.2}",
        "processor time, kept to nothing kept"
    );
}

async fn only_in_turn() {
    let kept = app().await.router();
    side_by_side(&kept, &bare().await.router()).await;
}

/// What this process has used of processors (`/proc/self/stat`, in hundredths of a second).
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after_name) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = [11, 12]
        .map(|at: usize| fields[at].parse::<u64>().unwrap())
        .iter()
        .sum();
    Duration::from_millis(10 * ticks)
}

/// Something that can be asked for again and again.
trait Asked: Send + Sync + 'static {
    /// Where it begins, and where there is no more of it.
    fn range(&self) -> (usize, usize);
    /// Asks once, for the one of this number.
    fn ask(&self, router: Router, number: usize) -> BoxFuture<'static, Duration>;
}

/// Hot embeds.
struct Opens(Vec<String>);

impl Opens {
    async fn prepare(router: &Router, tokens: usize) -> Self {
        let mut minted = Vec::new();
        for _ in 0..tokens {
            minted.push(mint_as(BUSY, router, "finance-overview", ("u", &["auto"])).await);
        }
        for token in &minted[..1] {
            open(router, "finance-overview", token).await;
        }
        Self(minted)
    }
}

impl Asked for Opens {
    fn range(&self) -> (usize, usize) {
        (0, usize::MAX)
    }

    fn ask(&self, router: Router, number: usize) -> BoxFuture<'static, Duration> {
        let token = self.0[number % self.0.len()].clone();
        Box::pin(async move { open(&router, "finance-overview", &token).await })
    }
}

/// Hot tiles: a frame token, and for each request a proof that was made before.
struct Reads(Vec<(Arc<str>, String)>);

impl Reads {
    /// One key may make so many proofs in their time.
    const OF_ONE_KEY: usize = 1_500;

    async fn prepare(router: &Router, requests: usize) -> Self {
        let mut ready = Vec::with_capacity(requests);
        while ready.len() < requests {
            let token = mint_as(BUSY, router, "finance-overview", ("u", &["auto"])).await;
            let key = SigningKey::from_slice(&secret(ready.len())).unwrap();
            let frame: Arc<str> = bind(router, &token, &key).await.into();
            for _ in 0..Self::OF_ONE_KEY.min(requests - ready.len()) {
                let proof = proof(&key, ("GET", TILE), &frame);
                ready.push((Arc::clone(&frame), proof));
            }
        }
        Self(ready)
    }
}

impl Asked for Reads {
    /// The first few hundred were for one after another.
    fn range(&self) -> (usize, usize) {
        (300, self.0.len())
    }

    fn ask(&self, router: Router, number: usize) -> BoxFuture<'static, Duration> {
        let (token, proof) = self.0[number].clone();
        let request = Request::get(TILE)
            .header("authorization", format!("DPoP {token}"))
            .header("dpop", proof)
            .body(Body::empty())
            .unwrap();
        Box::pin(async move {
            let start = Instant::now();
            let response = router.oneshot(request).await.unwrap();
            assert!(response.status().is_success(), "{}", response.status());
            to_bytes(response.into_body(), usize::MAX).await.unwrap();
            start.elapsed()
        })
    }
}

/// What came of many callers.
struct Crowd {
    times: Vec<Duration>,
    took: Duration,
}

async fn at_once(router: &Router, time: Duration, asked: &Arc<impl Asked>) -> Crowd {
    let (first, end) = asked.range();
    let next = Arc::new(AtomicUsize::new(first));
    let start = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (router, asked, next) = (router.clone(), Arc::clone(asked), Arc::clone(&next));
        callers.spawn(async move {
            let mut times = Vec::new();
            while start.elapsed() < time {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    break;
                }
                times.push(asked.ask(router.clone(), number).await);
            }
            times
        });
    }
    let mut times: Vec<Duration> = callers.join_all().await.concat();
    let took = start.elapsed();
    times.sort();
    Crowd { times, took }
}

fn rate(what: &str, crowd: Crowd, promised: &str) {
    let Crowd { times, took } = crowd;
    let rate = times.len() as f64 / took.as_secs_f64();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
    println!(
        "{what:<48} {rate:>9.0} /s   promised {promised:>8}   p50 {:.2} ms, p99 {:.2} ms",
        at(50),
        at(99)
    );
}

async fn only_embeds(time: Duration) {
    let router = app().await.router();
    let opens = Arc::new(Opens::prepare(&router, 400).await);
    rate(
        "hot embeds, 32 callers",
        at_once(&router, time, &opens).await,
        "",
    );
}

async fn only_data(time: Duration) {
    let router = app().await.router();
    let opens = Opens::prepare(&router, 1).await;
    open(&router, "finance-overview", &opens.0[0]).await;
    let reads = Arc::new(Reads::prepare(&router, 120_000).await);
    rate(
        "hot tiles as JSON, 32 callers",
        at_once(&router, time, &reads).await,
        "",
    );
}

/// A secret key for a number: any but zero will do.
fn secret(number: usize) -> [u8; 32] {
    Sha256::digest(format!("frame {number}")).into()
}

async fn bind(router: &Router, token: &str, key: &SigningKey) -> String {
    let path = "/embed/finance-overview/bind";
    let request = Request::post(path)
        .header("authorization", format!("Bearer {token}"))
        .header("dpop", proof(key, ("POST", path), token))
        .body(Body::empty())
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

/// A proof as a frame makes one (RFC 9449 §4.2).
fn proof(key: &SigningKey, (method, path): (&str, &str), token: &str) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let point = key.verifying_key().to_encoded_point(false);
    let (x, y) = (encode(point.x().unwrap()), encode(point.y().unwrap()));
    let header = serde_json::json!({ "typ": "dpop+jwt", "alg": "ES256",
        "jwk": { "kty": "EC", "crv": "P-256", "x": x, "y": y } });
    let claims = serde_json::json!({ "jti": uuid::Uuid::now_v7().to_string(), "htm": method,
        "htu": format!("{HOME}{path}"), "iat": Clock::system().now().timestamp(),
        "ath": encode(&Sha256::digest(token)) });
    let (header, claims) = (header.to_string(), claims.to_string());
    let message = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(claims.as_bytes())
    );
    let signature: Signature = key.sign(message.as_bytes());
    format!("{message}.{}", encode(&signature.to_bytes()))
}

/// The pure part of a page view: bind, resolve, compile and fingerprint, for eight tiles.
fn plan_time(app: &App) -> Duration {
    let dashboards = &app.state().dashboards;
    let content = dashboards.published.current();
    let dashboard = content.dashboard("risk-exposure").unwrap();
    let subject = Subject::new("bench", "analyst")
        .with_business_units([BusinessUnit::parse("auto").unwrap()])
        .with_roles([RoleName::parse("analyst").unwrap()]);
    let planner = Planner {
        policies: content.policies(),
        subject: &subject,
        dialect: Dialect::DataFusion,
        principal: None,
    };
    let snapshots = dashboards.snapshots.current();
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let times = (0..2000).map(|_| {
        let start = Instant::now();
        let bound = dashboard.bind(&Locked::new(), &[], today).unwrap();
        let plan = planner.tiles(dashboard, &bound, &snapshots, |_| true);
        assert_eq!(plan.tiles.len(), 8);
        start.elapsed()
    });
    median(times.collect())
}

/// Resident megabytes of this process (`/proc/self/status`, `VmRSS`).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}
