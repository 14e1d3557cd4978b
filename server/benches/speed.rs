//! Prints what Weir promises about its own speed: `cargo bench -p weir-server`.
//!
//! Everything runs in one process over the sample lake, through the router and its whole stack of
//! layers, without a socket. The lake (260,000 rows) is made in `target/bench` on the first run.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::unnecessary_debug_formatting,
    reason = "a tool for the terminal"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use http::Request;
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
    tokio::runtime::Runtime::new().unwrap().block_on(measure());
}

async fn measure() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    let plan = SeedPlan {
        dir: dir.join("lake"),
        rows: 260_000,
        seed: 7,
    };
    seed(&plan, &|_| {}).await.unwrap();

    let start = Instant::now();
    let app = App::build(config(&dir), Clock::system()).await.unwrap();
    row("ready after start, existing lake", start.elapsed(), "2 s");
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

fn config(dir: &Path) -> Config {
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
         rate_per_minute = 60000\n",
        dir.join("lake"),
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
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
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
