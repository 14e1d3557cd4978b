//! What Weir tells of itself: metrics for Prometheus, traces and metrics by OTLP, logs, timings.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use athena_sim::{Sim, SimConfig};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weir_server::telemetry::listener;

use crate::support::ask::{Answer, get, launch, post};
use crate::support::canaries::Canaries;
use crate::support::collector::{Collector, Span, count};
use crate::support::lake;
use crate::support::world::{CRM, HOST, Plan, Who, World};

const MINT: &str = "/api/v1/embed-tokens";
const PAGE: &str = "/embed/{slug}";
const DATA: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

fn wish() -> Value {
    json!({
        "dashboard": "finance-overview",
        "subject": { "sub": "u-123", "name": "Somebody" },
        "business_units": ["auto"],
        "origin": HOST,
    })
}

async fn small() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

async fn told_to(collector: &Collector) -> (Canaries, World) {
    let canaries = Canaries::new();
    let plan = canaries.plan();
    let world = World::build_changed(&plan, |text, _| text.push_str(&collector.toml())).await;
    (canaries, world.unwrap())
}

pub(crate) async fn mint(world: &World, parent: Option<&str>) -> String {
    let mut ask = post(MINT).basic(CRM.0, CRM.1).json(&wish());
    if let Some(parent) = parent {
        ask = ask.header("traceparent", parent);
    }
    let answer = world.send(ask).await.ok().json();
    answer["token"].as_str().unwrap().to_owned()
}

/// What Prometheus reads.
pub(crate) async fn metrics(world: &World) -> String {
    use tower::ServiceExt as _;
    let ask = get("/metrics").build();
    let answer = listener::router(world.app.state())
        .oneshot(ask)
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
    String::from_utf8(body.unwrap().to_vec()).unwrap()
}

/// The samples of a page: name and labels, and the value without its exemplar.
fn samples(page: &str) -> BTreeMap<String, String> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let line = line.split(" # ").next().unwrap();
        let (series, value) = line.rsplit_once(' ').unwrap();
        (series.to_owned(), value.to_owned())
    };
    lines.map(sample).collect()
}

fn only<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    let span = found
        .next()
        .unwrap_or_else(|| panic!("no `{name}` among {spans:#?}"));
    assert!(found.next().is_none(), "`{name}` twice among {spans:#?}");
    span
}

#[tokio::test]
async fn requests_tiles_runs_and_records_are_counted_once() {
    let (_canaries, world) = small().await;
    let token = mint(&world, None).await;
    world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    let token = mint(&world, None).await;
    world.send(get(DATA).bearer(&token)).await.ok();
    world.send(get("/nowhere/at/all")).await;
    world.send(get(DATA).bearer("no token")).await;

    let page = metrics(&world).await;
    let known = samples(&page);

    let data = "/api/v1/dashboards/{slug}/tiles/{tile}/data";
    let route = |method: &str, route: &str, status: &str| {
        format!("requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}")
    };
    for (series, value) in [
        (format!("http_{}", route("POST", MINT, "2xx")), "2"),
        (
            format!("http_{}", route("POST", "/embed/{slug}", "2xx")),
            "1",
        ),
        (format!("http_{}", route("other", "unmatched", "4xx")), "1"),
        (format!("http_{}", route("GET", data, "2xx")), "1"),
        (format!("http_{}", route("GET", data, "4xx")), "1"),
        ("problems_total{problem=\"invalid-token\"}".to_owned(), "1"),
        (
            "dashboard_opens_total{dashboard=\"finance-overview\",realm=\"embed\"}".to_owned(),
            "1",
        ),
        (
            "http_request_duration_seconds_count{kind=\"page\"}".to_owned(),
            "1",
        ),
        ("audit_record_duration_seconds_count".to_owned(), "2"),
        ("ready{state=\"ready\"}".to_owned(), "1.0"),
        ("policy_closed".to_owned(), "0.0"),
        ("panics_total".to_owned(), "0"),
    ] {
        let told = known.get(&format!("weir_{series}")).map(String::as_str);
        assert_eq!(told, Some(value), "`{series}` in {page}");
    }
    // Every answer of the page was computed, and the single tile found its own there.
    let hits = number(&known, "weir_tile_fetches_total{source=\"hit\"}");
    let misses = number(&known, "weir_tile_fetches_total{source=\"miss\"}");
    let runs = "weir_engine_runs_total{engine=\"embedded\",outcome=\"succeeded\"}";
    assert!(hits >= 1.0 && misses >= 1.0);
    assert!((number(&known, runs) - misses).abs() < 0.5, "{page}");
    for (series, least) in [
        ("weir_scanned_bytes_total{unit=\"auto\"}", 1.0),
        ("weir_policy_revision", 1.0),
        ("weir_process_resident_memory_bytes", 1e6),
        ("weir_process_open_fds", 3.0),
        ("weir_snapshot_age_seconds{dataset=\"gold.notes\"}", 0.0),
    ] {
        assert!(number(&known, series) >= least, "`{series}` in {page}");
    }
    assert!(page.ends_with("# EOF\n"), "{page}");
}

fn number(known: &BTreeMap<String, String>, series: &str) -> f64 {
    let value = known
        .get(series)
        .unwrap_or_else(|| panic!("no `{series}` in {known:#?}"));
    value.parse().unwrap()
}

#[tokio::test]
async fn metrics_are_told_on_their_own_listener_and_nowhere_else() {
    let (_canaries, world) = small().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let state = world.app.state().clone();
    let told = stop.clone();
    let serving = tokio::spawn(async move { listener::serve(listener, &state, told).await });
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();

    let answer = browser
        .get(format!("http://{address}/metrics"))
        .send()
        .await
        .unwrap();
    let elsewhere = browser
        .get(format!("http://{address}/readyz"))
        .send()
        .await
        .unwrap();

    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(
        answer.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert!(answer.text().await.unwrap().contains("weir_build_info"));
    assert_eq!(elsewhere.status().as_u16(), 404);
    world
        .send(get("/metrics"))
        .await
        .expect(StatusCode::NOT_FOUND);
    stop.cancel();
    serving.await.unwrap();
}

/// From the host's own trace through the token to Athena's execution.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story")]
async fn a_page_is_one_trace_that_leads_to_its_token_and_to_athenas_executions() {
    let collector = Collector::start().await;
    let sim = Sim::start(SimConfig::instant(lake::sample().await))
        .await
        .unwrap();
    let world = over(&sim.url(), &collector).await;
    let listening = collector.listen();
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");

    let token = mint(&world, Some(&format!("00-{trace}-{parent}-01"))).await;
    let page = world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    let again = mint(&world, None).await;
    world
        .send(launch("finance-overview", HOST, &again))
        .await
        .ok();
    // A run ends when it is booked.
    let runs = sim.meter().queries;
    let ended = |spans: &[Span]| count(spans, PAGE) == 2 && count(spans, "engine") == runs;
    let spans = collector.spans(ended).await;
    drop(listening);

    let mut minted = spans.iter().filter(|span| span.name == "mint");
    let minted = minted.find(|span| span.trace == trace);
    let minted = minted.expect("the host's trace goes on");
    assert_eq!(minted.parent, parent);
    let opened: Vec<_> = spans.iter().filter(|span| span.name == PAGE).collect();
    let [first, second] = opened[..] else {
        panic!("{opened:#?}")
    };
    assert_eq!(first.links, [(minted.trace.clone(), minted.id.clone())]);
    assert_ne!(
        first.trace, trace,
        "a browser's request is a trace of its own"
    );
    assert_eq!(
        first.says["request_id"],
        page.header("x-request-id").unwrap()
    );
    let of_first: Vec<_> = spans
        .iter()
        .filter(|span| span.trace == first.trace)
        .cloned()
        .collect();
    let open = only(&of_first, "open");
    assert_eq!(open.parent, first.id);
    assert_eq!(open.says["weir.dashboard"], "finance-overview");
    assert_eq!(open.says["weir.unit"], "auto");
    let cache = only(&of_first, "cache");
    for phase in ["plan", "wait", "audit"] {
        assert_eq!(only(&of_first, phase).parent, open.id, "{phase}");
    }
    assert_eq!(only(&of_first, "render").parent, first.id);
    let runs: Vec<_> = of_first
        .iter()
        .filter(|span| span.name == "engine")
        .collect();
    assert!(runs.iter().all(|run| run.parent == cache.id), "{runs:#?}");
    let ids: BTreeSet<_> = runs
        .iter()
        .map(|run| run.says["weir.execution_id"].clone())
        .collect();
    let billed: BTreeSet<_> = sim.meter().by_execution.into_keys().collect();
    assert_eq!(
        ids, billed,
        "every execution that is billed is in the trace of who caused it"
    );
    assert!(
        runs.iter()
            .all(|run| run.says["weir.fingerprint"].len() == 64)
    );
    // The second page ran nothing: it leads to the runs whose answers it shows.
    let of_second = spans.iter().filter(|span| span.trace == second.trace);
    let linked: BTreeSet<_> = of_second
        .flat_map(|span| span.links.clone())
        .map(|(_, id)| id)
        .collect();
    let made: BTreeSet<_> = runs.iter().map(|run| run.id.clone()).collect();
    assert!(!made.is_disjoint(&linked), "{linked:?} of {made:?}");
    assert!(spans.iter().all(|span| span.events == 0 && !span.is_error));
    let lines = collector.log();
    let line = lines.lines().find(|line| line.contains(&first.trace));
    assert!(
        line.is_none_or(|line| line.contains(&first.says["request_id"])),
        "{line:?}"
    );
}

/// Weir over a simulator of Athena, told to a collector.
async fn over(url: &str, collector: &Collector) -> World {
    let plan = Plan::over(lake::sample().await);
    let world = World::build_changed(&plan, |text, _| {
        *text = text.replace(&format!("dir = \"{}\"\n", plan.lake.display()), "");
        let athena = format!(
            "\n[engine]\nkind = \"athena\"\n[athena]\nregion = \"ca-central-1\"\n\
             workgroup = \"primary\"\nendpoint = \"{url}\"\n[prewarm]\nenabled = false\n"
        );
        text.push_str(&athena);
        text.push_str(&collector.toml());
    });
    world.await.unwrap()
}

#[tokio::test]
async fn o6_nobody_but_a_service_chooses_a_trace() {
    let collector = Collector::start().await;
    let (_canaries, world) = told_to(&collector).await;
    let chosen = "11111111111111111111111111111111";
    let parent = format!("00-{chosen}-00f067aa0ba902b7-01");
    let hostile = "v".repeat(8 << 10);
    let token = mint(&world, None).await;
    let _listening = collector.listen();

    let browser = launch("finance-overview", HOST, &token).header("traceparent", &parent);
    world.send(browser).await.ok();
    let stranger = post(MINT).basic(CRM.0, "not the secret").json(&wish());
    world.send(stranger.header("traceparent", &parent)).await;
    for odd in [
        "",
        "00-0-0-0",
        "00-00000000000000000000000000000000-0000000000000000-01",
    ] {
        mint(&world, Some(odd)).await;
    }
    let service = post(MINT).basic(CRM.0, CRM.1).json(&wish());
    let service = service.header(
        "traceparent",
        &parent.replace('1', "2").replace("-02", "-01"),
    );
    let service = service.header("tracestate", &format!("x={hostile}"));
    world.send(service).await.ok();
    // One of the stranger, three odd ones, and the service.
    let ended = |spans: &[Span]| count(spans, MINT) == 5 && count(spans, PAGE) == 1;
    let spans = collector.spans(ended).await;

    assert!(
        spans
            .iter()
            .any(|span| span.trace == chosen.replace('1', "2"))
    );
    assert!(spans.iter().all(|span| span.trace != chosen), "{spans:#?}");
    let sent = String::from_utf8_lossy(&collector.bytes()).into_owned();
    assert!(!sent.contains("vvvv"), "tracestate is the caller's own");
}

#[tokio::test]
async fn a_collector_gets_the_same_metrics_as_prometheus() {
    let collector = Collector::start().await;
    let (_canaries, world) = told_to(&collector).await;
    let token = mint(&world, None).await;
    world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    let page = metrics(&world).await;

    world.app.state().telemetry.close().await;

    let families = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let sampled: BTreeSet<_> = samples(&page).into_keys().collect();
    for family in families {
        let name = family.split(' ').next().unwrap();
        let has = |series: &String| series.starts_with(name) && series.contains('{');
        // What has no labels is told from the start; OTLP tells what happened.
        if sampled.iter().any(has) && !name.contains("problems") {
            assert!(
                !collector.series(name).is_empty(),
                "no `{name}` at the collector"
            );
        }
    }
    let requests = collector.series("weir_http_requests");
    let opened = requests
        .iter()
        .find(|labels| labels["route"] == "/embed/{slug}")
        .unwrap();
    assert_eq!(opened["status"], "2xx");
}

#[tokio::test]
async fn a_traced_request_is_an_exemplar_of_its_time() {
    let collector = Collector::start().await;
    let (_canaries, world) = told_to(&collector).await;
    let token = mint(&world, None).await;
    let listening = collector.listen();
    world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    drop(listening);

    let page = metrics(&world).await;
    let spans = collector.spans(|spans| count(spans, PAGE) == 1).await;

    let request = only(&spans, PAGE);
    let exemplar = format!("# {{trace_id=\"{}\"}}", request.trace);
    let line = page.lines().find(|line| line.contains(&exemplar));
    let line = line.unwrap_or_else(|| panic!("no {exemplar} in {page}"));
    assert!(line.starts_with("weir_"), "{line}");
}

/// A collector that is gone, and one that takes connections and never answers.
#[tokio::test]
async fn a_collector_that_does_not_answer_costs_no_request() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addresses = [silent.local_addr().unwrap(), gone.local_addr().unwrap()];
    drop(gone);
    for address in addresses {
        let canaries = Canaries::new();
        let otlp = format!("\n[telemetry.otlp]\nendpoint = \"http://{address}\"\n");
        let plan = canaries.plan();
        let world = World::build_changed(&plan, |text, _| text.push_str(&otlp)).await;
        let world = world.unwrap();

        let asked = async {
            for _ in 0..20 {
                let token = mint(&world, None).await;
                world
                    .send(launch("finance-overview", HOST, &token))
                    .await
                    .ok();
            }
        };

        let answered = tokio::time::timeout(Duration::from_mins(1), asked).await;
        assert!(
            answered.is_ok(),
            "requests wait for a collector at {address}"
        );
    }
}

/// Labels come from closed sets (row O5), whatever is asked, by whomever.
#[tokio::test]
async fn o5_no_label_comes_from_a_request() {
    let (_canaries, world) = small().await;
    let sign = "SIGNOFAREQUEST";
    let before = samples(&metrics(&world).await).len();
    for n in 0..400 {
        let odd = format!("{sign}{n}");
        world
            .send(get(&format!("/{odd}")).header("user-agent", &odd))
            .await;
        world.send(get(&format!("/d/{odd}?{odd}={odd}"))).await;
        world.send(get(&format!("/assets/{odd}.js"))).await;
        world
            .send(get(&format!("/embed/{odd}/tiles/{odd}")).bearer(&odd))
            .await;
        let method = http::Method::from_bytes(odd.as_bytes()).unwrap();
        world
            .send(crate::support::ask::ask(method, "/healthz"))
            .await;
        let mut wish = wish();
        wish["subject"]["sub"] = json!(odd);
        wish["dashboard"] = json!(odd.to_lowercase());
        world.send(post(MINT).basic(CRM.0, CRM.1).json(&wish)).await;
    }
    for unit in ["auto", "home"] {
        let token = world.token(&Who::analyst(unit), "finance-overview");
        world
            .send(launch("finance-overview", HOST, &token))
            .await
            .ok();
    }

    let page = metrics(&world).await;

    assert!(
        !page.to_lowercase().contains(&sign.to_lowercase()),
        "{page}"
    );
    let series = samples(&page).len();
    assert!(series <= 2_000, "{series} series, {before} at the start");
    assert!(page.len() < 1 << 20, "{} bytes", page.len());
    let routes = weir_server::router::list(&world.app.state().assets);
    let known: BTreeSet<_> = routes.iter().map(|route| route.path.as_str()).collect();
    for (_, rest) in page.lines().filter_map(|line| line.split_once("route=\"")) {
        let route = rest.split('"').next().unwrap();
        assert!(known.contains(route) || route == "unmatched", "{route}");
    }
}

#[tokio::test]
async fn every_page_says_where_its_time_went() {
    let (_canaries, world) = small().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let member = world.session(&Who::analyst("auto")).await;
    let governor = world.session(&Who::governor()).await;

    let embed = world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    let dashboard = world
        .send(get("/d/finance-overview").cookie(&member).page())
        .await
        .ok();
    let home = world.send(get("/").cookie(&member).page()).await.ok();
    let portal = world
        .send(get("/admin").cookie(&governor).page())
        .await
        .ok();
    let data = world.send(get(DATA).cookie(&member)).await.ok();

    for page in [&embed, &dashboard] {
        let phases = timing(page);
        let names: Vec<_> = phases.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["plan", "cache", "engine", "audit", "render", "total"]
        );
        let (parts, total) = phases.split_at(5);
        let parts: f64 = parts.iter().map(|(_, took)| took).sum();
        assert!(parts > 0.0 && parts <= total[0].1 + 0.1, "{phases:?}");
    }
    for page in [&home, &portal] {
        assert_eq!(timing(page)[0].0, "total");
    }
    assert_eq!(data.header("server-timing"), None);
    for page in [&embed, &dashboard, &home, &portal] {
        assert_eq!(page.header("timing-allow-origin"), None);
    }
}

fn timing(page: &Answer) -> Vec<(String, f64)> {
    let header = page
        .header("server-timing")
        .unwrap_or_else(|| panic!("none: {:?}", page.headers));
    let phase = |entry: &str| {
        let (name, took) = entry.split_once(";dur=").unwrap();
        (name.to_owned(), took.parse().unwrap())
    };
    header.split(", ").map(phase).collect()
}
