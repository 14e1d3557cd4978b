//! Charts over ordinary, odd and hostile data.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]
#![expect(clippy::too_many_lines, reason = "one list of every chart")]

use weir_frontend::chart::scale::nice_ticks_from_zero;
use weir_frontend::model::*;
use weir_frontend::pages;

const HOSTILE: [&str; 5] = [
    "<img src=x onerror=alert(1)>",
    "\"><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "]]></title><svg/onload=alert(1)>",
    "\u{202e}قسط التأمين {{7*7}}",
];

fn frame(kind: TileKind, title: &str) -> TileFrame {
    TileFrame {
        id: "t".to_owned(),
        title: title.to_owned(),
        subtitle: title.to_owned(),
        kind,
        span: Span {
            columns: 6,
            rows: 2,
        },
    }
}

fn draw(kind: TileKind, body: TileBody, text: &str) -> String {
    let tile = TileVm {
        frame: frame(kind, text),
        body,
        description: text.to_owned(),
        table: Some(table(text)),
        trust: Some(TrustVm {
            data_time: text.to_owned(),
            data_time_iso: text.to_owned(),
            age: text.to_owned(),
            scope: text.to_owned(),
            stale: true,
        }),
        why: vec![text.to_owned()],
        file: Some(FileVm {
            href: text.to_owned(),
            format: text.to_owned(),
            name: text.to_owned(),
        }),
    };
    pages::tile(&tile, Locale::FrCa)
}

fn axis(values: &[Option<f64>]) -> Axis {
    let known = || values.iter().flatten().copied();
    let ticks = nice_ticks_from_zero(
        known().fold(f64::INFINITY, f64::min),
        known().fold(f64::NEG_INFINITY, f64::max),
        5,
    );
    Axis {
        min: ticks[0],
        max: ticks[ticks.len() - 1],
        ticks: ticks
            .into_iter()
            .map(|value| Tick {
                value,
                label: format!("{value}"),
            })
            .collect(),
    }
}

fn category(label: &str) -> CategoryVm {
    CategoryVm {
        label: label.to_owned(),
        short: String::new(),
        group: None,
    }
}

fn series(text: &str, hue: u8, values: &[Option<f64>]) -> SeriesVm {
    let points = values
        .iter()
        .map(|&value| PointVm {
            value,
            exact: text.to_owned(),
        })
        .collect();
    SeriesVm {
        name: text.to_owned(),
        hue: Hue::Categorical(hue),
        points,
        last: text.to_owned(),
    }
}

fn table(text: &str) -> TableVm {
    TableVm {
        columns: vec![
            Column {
                label: text.to_owned(),
                kind: ColumnKind::Text,
            },
            Column {
                label: text.to_owned(),
                kind: ColumnKind::Number,
            },
        ],
        rows: vec![vec![
            Cell {
                text: text.to_owned(),
                bar: None,
            },
            Cell {
                text: text.to_owned(),
                bar: Some(f64::NAN),
            },
        ]],
        note: Some(text.to_owned()),
    }
}

/// Each chart kind over the same values.
fn all_charts(values: &[Option<f64>], text: &str) -> Vec<(TileKind, TileBody)> {
    let categories: Vec<_> = values.iter().map(|_| category(text)).collect();
    let bars = |orientation| {
        let bars = values.iter().map(|&value| BarItem {
            category: category(text),
            value,
            text: text.to_owned(),
            exact: text.to_owned(),
            hue: Hue::Other,
        });
        TileBody::Bar(BarVm {
            orientation,
            axis: axis(values),
            bars: bars.collect(),
        })
    };
    let both = vec![series(text, 0, values), series(text, 9, values)];
    let slices = values.iter().flatten().map(|&value| SliceVm {
        label: text.to_owned(),
        value,
        text: text.to_owned(),
        exact: text.to_owned(),
        share: text.to_owned(),
        hue: Hue::Other,
    });
    vec![
        (
            TileKind::Line,
            TileBody::Line(LineVm {
                categories: categories.clone(),
                axis: axis(values),
                series: both.clone(),
            }),
        ),
        (TileKind::Bar, bars(Orientation::Vertical)),
        (TileKind::Bar, bars(Orientation::Horizontal)),
        (
            TileKind::StackedBar,
            TileBody::StackedBar(StackedBarVm {
                categories,
                axis: axis(values),
                series: both,
            }),
        ),
        (
            TileKind::Donut,
            TileBody::Donut(DonutVm {
                slices: slices.collect(),
                total: text.to_owned(),
                total_label: text.to_owned(),
            }),
        ),
        (TileKind::Table, TileBody::Table(table(text))),
        (
            TileKind::Kpi,
            TileBody::Kpi(KpiVm {
                value: text.to_owned(),
                exact: text.to_owned(),
                change: Some(Change {
                    direction: Direction::Up,
                    tone: Tone::Bad,
                    amount: text.to_owned(),
                    against: text.to_owned(),
                }),
                sparkline: values.to_vec(),
                sparkline_label: text.to_owned(),
            }),
        ),
    ]
}

/// Numbers in attributes must be numbers: no `NaN`, no `inf`, nothing below zero in size.
fn assert_sound(html: &str) {
    assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
    assert!(
        !html.contains("width=\"-") && !html.contains("height=\"-"),
        "{html}"
    );
    assert!(!html.contains(" style="), "{html}");
}

#[test]
fn odd_data_draws_sound_charts() {
    let cases: [&[Option<f64>]; 8] = [
        &[],
        &[None],
        &[Some(3.0)],
        &[Some(0.0), Some(0.0)],
        &[Some(-4.0), Some(-1.5)],
        &[Some(1.0), None, None, Some(-2.0), None],
        &[Some(1e300), Some(-1e300), Some(5e-324)],
        &[Some(1.0), Some(f64::NAN), Some(f64::INFINITY)],
    ];

    for values in cases {
        for (kind, body) in all_charts(values, "x") {
            assert_sound(&draw(kind, body, "x"));
        }
    }
}

#[test]
fn f69_hostile_strings_from_data_are_inert_text() {
    for text in HOSTILE {
        for (kind, body) in all_charts(&[Some(1.0), Some(2.0)], text) {
            let html = draw(kind, body, text);
            assert!(
                !html.contains("<img") && !html.contains("<script"),
                "{html}"
            );
            assert!(!html.contains("<svg/onload"), "{html}");
            for tag in html.split('<').filter_map(|part| part.split_once('>')) {
                let quoted_away: String = tag.0.split('"').step_by(2).collect();
                assert!(!quoted_away.contains("onmouseover"), "{}", tag.0);
            }
        }
    }
}

#[test]
fn f69_notes_quote_what_they_are_told() {
    for text in HOSTILE {
        let told = || text.to_owned();
        for body in [
            TileBody::Empty {
                sentence: told(),
                cause: Some(told()),
            },
            TileBody::Withheld {
                reason: told(),
                contact: Some(told()),
            },
            TileBody::Unaffordable {
                reason: told(),
                contact: Some(told()),
            },
            TileBody::Error {
                sentence: told(),
                request_id: told(),
            },
        ] {
            let html = draw(TileKind::Bar, body, text);
            assert!(
                !html.contains("<img") && !html.contains("<script"),
                "{html}"
            );
        }
    }
}

#[test]
fn gaps_lift_the_pen_and_lone_values_stay_visible() {
    let values = [
        Some(1.0),
        Some(2.0),
        None,
        Some(3.0),
        None,
        Some(2.0),
        Some(1.0),
    ];
    let (kind, body) = all_charts(&values, "x").swap_remove(0);
    let html = draw(kind, body, "x");
    let path = html
        .split(" class=\"ln\"")
        .next()
        .unwrap()
        .rsplit("d=\"")
        .next()
        .unwrap();

    assert_eq!(path.matches('M').count(), 3, "{path}");
    assert_eq!(path.matches("h0").count(), 1, "{path}");
}

#[test]
fn every_chart_is_an_image_with_a_name_a_description_and_a_table() {
    for (kind, body) in all_charts(&[Some(1.0), Some(2.0)], "Primes") {
        let html = draw(kind, body, "Primes");
        let image = html.contains("role=\"img\" aria-label=\"Primes\"");
        assert!(image || matches!(kind, TileKind::Table), "{html}");
        assert!(html.contains("Vue en tableau") && html.contains("Pourquoi ces lignes"));
        assert!(html.contains("<table>"));
    }
}

#[test]
fn every_name_of_a_horizontal_bar_is_shown_whole() {
    let name = "Gaspésie–Îles-de-la-Madeleine et toute la Côte-Nord, jusqu’à Blanc-Sablon";
    let charts = all_charts(&[Some(3.0), Some(2.0), Some(1.0)], name);
    let html = draw(charts[2].0, charts[2].1.clone(), "x");

    assert_eq!(
        html.matches(&format!("<span class=\"n\">{name}</span>"))
            .count(),
        3
    );
}

#[test]
fn long_names_turn_stacks_into_rows() {
    let charts = all_charts(
        &[Some(3.0), Some(2.0)],
        "A name much too long for one column",
    );
    let html = draw(charts[3].0, charts[3].1.clone(), "x");

    assert!(html.contains("<ol class=\"rows\">"));
    assert!(!html.contains("class=\"plot"));
}

#[test]
fn negative_bars_hang_below_the_axis() {
    let charts = all_charts(&[Some(10.0), Some(-10.0)], "x");
    let html = draw(charts[1].0, charts[1].1.clone(), "x");
    let bars: Vec<&str> = html
        .split("<rect ")
        .filter(|bar| bar.contains("class=\"h o\""))
        .collect();

    assert!(
        bars[0].contains("y=\"0%\"") && bars[0].contains("height=\"50%\""),
        "{}",
        bars[0]
    );
    assert!(
        bars[1].contains("y=\"50%\"") && bars[1].contains("height=\"50%\""),
        "{}",
        bars[1]
    );
}

#[test]
fn the_same_hue_is_the_same_class_and_others_are_grey() {
    let charts = all_charts(&[Some(1.0)], "x");

    assert!(
        draw(charts[0].0, charts[0].1.clone(), "x").contains("class=\"h h1\""),
        "nine wraps to one"
    );
    assert!(draw(charts[4].0, charts[4].1.clone(), "x").contains("class=\"h o\""));
}
