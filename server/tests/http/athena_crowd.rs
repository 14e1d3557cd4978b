//! A crowd before a dashboard of which nothing is computed yet (F76).

use std::fs;
use std::path::Path;
use std::time::Duration;

use athena_sim::{Latency, Sim, SimConfig};
use futures::future::join_all;
use tempfile::TempDir;

use super::athena::over_content;
use crate::support::ask::launch;
use crate::support::lake;
use crate::support::world::{HOST, UNITS, Who, repository};

const VIEWERS: usize = 500;
/// A dimension of each tile; half of them show the premium, half the claims.
const BY: [&str; 6] = [
    "month",
    "region",
    "product",
    "channel",
    "business_unit",
    "customer",
];
/// Tiles of that dashboard.
pub(crate) const TILES: usize = 2 * BY.len();

fn twelve_tiles() -> String {
    let head = "dashboard: twelve\n\
        title: { en: Twelve, fr: Douze }\n\
        subtitle: { en: Twelve tiles, fr: Douze tuiles }\n\
        tiles:\n";
    let tiles = ["written_premium", "claims_incurred"]
        .iter()
        .flat_map(|measure| {
            BY.iter().map(move |by| {
                let id = format!("{measure}-{by}").replace('_', "-");
                format!(
                    "  - {{ id: {id}, title: {{ en: {id}, fr: {id} }}, dataset: gold.statements, \
                 chart: table, width: 6, by: [{by}], measures: [{measure}], limit: 20, \
                 order: {{ by: {measure}, direction: descending }} }}\n"
                )
            })
        });
    head.to_owned() + &tiles.collect::<String>()
}

/// The repository's dashboards and the one of twelve tiles.
pub(crate) fn dashboards(into: &Path) {
    let datasets = into.join("datasets");
    fs::create_dir_all(&datasets).unwrap();
    for (from, to) in [("dashboards", into), ("dashboards/datasets", &datasets)] {
        for entry in fs::read_dir(repository().join(from)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    fs::write(into.join("twelve.dashboard.yaml"), twelve_tiles()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f76_five_hundred_viewers_of_twelve_cold_tiles_start_each_question_once() {
    let content = TempDir::new().unwrap();
    dashboards(content.path());
    let sim = Sim::start(SimConfig {
        latency: Latency {
            p50: Duration::from_millis(200),
            p95: Duration::from_millis(600),
            reuse: Duration::ZERO,
        },
        ..SimConfig::new(lake::sample().await)
    });
    let sim = sim.await.unwrap();
    let world = over_content(&sim, |plan| plan.dashboards = content.path().to_owned());
    let world = world.await.unwrap();

    let crowd = (0..VIEWERS).map(|number| {
        let who = Who {
            name: format!("viewer-{number}"),
            ..Who::analyst(UNITS[number % UNITS.len()])
        };
        let token = world.token(&who, "twelve");
        world.send(launch("twelve", HOST, &token))
    });
    let pages = join_all(crowd).await;

    for page in pages {
        let page = page.ok();
        let ready = page.text().matches("data-state=\"ready\"").count();
        assert_eq!(ready, TILES, "{}", page.text());
    }
    let calls = sim.calls();
    let starts = &calls["StartQueryExecution"];
    assert_eq!(
        starts.total,
        (UNITS.len() * TILES) as u64,
        "each question once"
    );
    assert!(
        starts.peak_per_second <= 100,
        "20 a second after a burst of 80: {starts:?}"
    );
    for (operation, calls) in &calls {
        assert_eq!(calls.throttled, 0, "{operation}: {calls:?}");
    }
    assert!(sim.peak_active() <= 100, "{}", sim.peak_active());
}
