use super::*;
use crate::results::{
    Axis, Chart, ChartKind, Limit, Machine, Measure, Outcome, SCHEMA, Section, Series, Table, Unit,
    Verdict,
};

fn results() -> Results {
    let series = |name: &str, points: Vec<(f64, f64)>| Series {
        name: name.to_owned(),
        points,
    };
    let chart = Chart {
        title: "A & B".to_owned(),
        kind: ChartKind::Bars,
        x: Axis::named("profile", vec!["none".to_owned(), "laptop".to_owned()]),
        y: Axis::linear("ms"),
        series: vec![
            series("embed", vec![(0.0, 120.0), (1.0, 260.0)]),
            series("static", vec![(0.0, 100.0), (1.0, f64::NAN)]),
        ],
        limits: vec![Limit {
            label: "budget".to_owned(),
            y: 200.0,
        }],
    };
    Results {
        schema: SCHEMA,
        plan: "smoke".to_owned(),
        about: "Is <b> in proportion?".to_owned(),
        started: 0,
        took_seconds: 61.2,
        machine: Machine {
            processor: "Core".to_owned(),
            cores: 2,
            memory_bytes: 8 << 30,
            system: "Linux".to_owned(),
            weir: "weir 0.1.0".to_owned(),
            build: "debug".to_owned(),
        },
        sections: vec![Section {
            id: "browser".to_owned(),
            title: "In the browser".to_owned(),
            summary: vec!["`hot` is quick.".to_owned()],
            measures: vec![Measure::new("browser.lcp_ratio", 1.2, Unit::Ratio)],
            charts: vec![chart],
            tables: vec![Table {
                title: "All".to_owned(),
                columns: vec!["what".to_owned()],
                rows: vec![vec!["<script>".to_owned()]],
            }],
        }],
        verdicts: vec![
            Verdict {
                sentence: "`a` is 1.".to_owned(),
                outcome: Outcome::Within,
            },
            Verdict {
                sentence: "`b` is 2, and must be at most 1.".to_owned(),
                outcome: Outcome::Over,
            },
        ],
    }
}

#[test]
fn what_is_over_budget_stands_first_and_says_so() {
    let page = html(&results());

    assert!(page.contains("One budget does not hold"), "{page}");
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
    assert!(place("<code>b</code> is 2") < place("<code>a</code> is 1"));
}

#[test]
fn no_text_of_a_result_becomes_markup_and_no_script_is_there() {
    let page = html(&results());

    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("Is &lt;b&gt; in proportion?"));
    assert!(page.contains("&lt;script&gt;") && page.contains("A &amp; B"));
}

#[test]
fn a_chart_has_a_bar_for_each_value_that_is_a_number() {
    let page = html(&results());

    assert_eq!(page.matches("<rect class=").count(), 3);
    assert!(page.contains("<text class=\"limit\"") && page.contains(">budget<"));
    assert!(!page.contains("NaN"), "{page}");
}

#[test]
fn the_page_needs_nothing_from_anywhere_else() {
    let page = html(&results());

    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside} is in the page");
    }
}

#[test]
fn results_are_the_same_after_being_written_and_read() {
    let mut before = results();
    // JSON has no word for what is not a number.
    before.sections[0].charts[0].series.pop();

    let text = serde_json::to_string(&before).unwrap();

    assert_eq!(serde_json::from_str::<Results>(&text).unwrap(), before);
}
