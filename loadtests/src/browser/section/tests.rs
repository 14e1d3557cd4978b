use std::collections::BTreeMap;

use super::*;
use crate::browser::{BrowserCache, Case, Profile, ServerCache};

fn sample(ttfb: f64, lcp: f64) -> Sample {
    Sample {
        lcp,
        fcp: lcp,
        cls: 0.0,
        inp: Some(24.0),
        requested: 2.0,
        ttfb,
        downloaded: ttfb + 1.0,
        parsed: ttfb + 5.0,
        launch: 30.0,
        server: BTreeMap::from([("render".to_owned(), 1.5)]),
        tile: Some("premium-by-month".to_owned()),
        last: Some("top-customers".to_owned()),
        stale: false,
        unseen: false,
        largest: "p.value".to_owned(),
        size: 6000.0,
        long_tasks: 0.0,
        blocked: 0.0,
        document_bytes: 80_000.0,
        whole_bytes: 80_000.0,
        requests: 4.0,
        bytes: 82_000.0,
    }
}

/// Weir's first byte comes after 40 ms, the static page's after 4; both paint 60 ms later.
fn results() -> BrowserResults {
    BrowserResults {
        browser: "Chrome/1".to_owned(),
        dashboard: "finance-overview".to_owned(),
        build: "release".to_owned(),
        cases: vec![CaseResults {
            case: Case {
                server_cache: ServerCache::Hot,
                browser_cache: BrowserCache::Warm,
                profile: Profile::LaptopFast4g,
            },
            embed: vec![sample(40.0, 100.0); 5],
            still: vec![sample(4.0, 64.0); 5],
        }],
    }
}

fn measure<'a>(section: &'a Section, name: &str, percentile: &str) -> &'a Measure {
    let found = section
        .measures
        .iter()
        .find(|measure| measure.name == name && measure.labels["percentile"] == percentile);
    found.unwrap_or_else(|| panic!("no {name} of {percentile}"))
}

#[test]
fn a_ratio_says_under_which_circumstances_and_which_tile_and_phase_it_comes_from() {
    let section = Section::from(results());

    let ratio = measure(&section, "browser.lcp_ratio", "p75");

    assert!((ratio.value - 100.0 / 64.0).abs() < 1e-9, "{ratio:?}");
    let labels = [
        ("browser_cache", "warm"),
        ("build", "release"),
        ("percentile", "p75"),
        ("profile", "laptop_fast_4g"),
        ("server_cache", "hot"),
    ];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(ratio.labels, BTreeMap::from(labels));
    assert_eq!(
        ratio.because,
        "the largest paint is tile `premium-by-month` (p.value), after 100 ms (static page 64 ms); \
         most is lost in the phase `first byte`, 38 ms against 2 ms"
    );
}

#[test]
fn late_tiles_are_held_against_the_promise_and_named() {
    let section = Section::from(results());

    let whole = measure(&section, "browser.whole_of_promise", "p75");

    assert!((whole.value - 45.0 / 2200.0).abs() < 1e-9, "{whole:?}");
    assert_eq!(
        whole.because,
        "the last tile is `top-customers`; every tile is there after 45 ms, and the largest paint \
         after 100 ms"
    );
}

#[test]
fn the_phases_add_up_to_the_largest_paint() {
    let one = sample(40.0, 100.0);
    let streamed = Sample {
        downloaded: 400.0,
        ..one.clone()
    };

    for one in [one, streamed] {
        let sum: f64 = PHASES.iter().filter_map(|(_, facet)| facet(&one)).sum();
        assert!((sum - one.lcp).abs() < 1e-9, "{sum} {one:?}");
    }
}

#[test]
fn what_nobody_pressed_has_no_answer_time() {
    let mut results = results();
    for sample in &mut results.cases[0].embed {
        sample.inp = None;
    }

    let section = Section::from(results);

    let inp = section
        .measures
        .iter()
        .find(|one| one.name == "browser.inp");
    assert_eq!(inp, None);
}

#[test]
fn every_table_has_as_many_cells_as_columns() {
    for table in Section::from(results()).tables {
        for row in &table.rows {
            assert_eq!(row.len(), table.columns.len(), "{}", table.title);
        }
    }
}
