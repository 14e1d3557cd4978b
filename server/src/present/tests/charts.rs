//! Lines, bars, stacks, donuts and tables.

use rust_decimal::Decimal;
use weir_frontend::model::{Hue, Orientation, TileBody};
use weir_policy::ColumnName;
use weir_query::Cell;

use super::{EN, FR, answer, body, cut_answer, date, dec, money, text, world};
use crate::present::Hues;

const REGIONS: [&str; 8] = [
    "montreal",
    "quebec_city",
    "monteregie",
    "laurentides",
    "estrie",
    "outaouais",
    "saguenay",
    "abitibi",
];

/// Eight regions in two months; every amount has cents that binary fractions can't hold.
fn by_region() -> Vec<Vec<Cell>> {
    let amount = |at: usize| Decimal::new(i64::try_from(80_010 - 10_000 * at).unwrap(), 2);
    let rows = REGIONS.iter().enumerate().flat_map(|(at, region)| {
        ["2025-11-01", "2026-10-01"]
            .map(|month| vec![date(month), text(region), Cell::Decimal(amount(at))])
    });
    rows.collect()
}

#[test]
fn missing_months_stay_gaps_on_a_whole_axis() {
    let rows = vec![
        vec![date("2025-12-01"), money("10.50"), money("5")],
        vec![date("2026-03-01"), money("20.25"), Cell::Null],
    ];
    let tile = world().show("by-month", rows, FR);
    let table = tile.table.clone().unwrap();
    let line = body!(tile, Line);
    assert_eq!(line.categories.len(), 12);
    assert_eq!(line.categories[0].label, "nov. 2025");
    let values: Vec<_> = line.series[0]
        .points
        .iter()
        .map(|point| point.value)
        .collect();
    assert_eq!(values[..5], [None, Some(10.5), None, None, Some(20.25)]);
    assert_eq!(line.series[0].points[0].exact, "Aucune donnée");
    assert_eq!(line.series[0].points[1].exact, "10,50\u{a0}$");
    assert_eq!(line.series[0].last, "20,25\u{a0}$");
    assert_eq!(
        (table.rows.len(), table.rows[0][1].text.as_str()),
        (12, "—")
    );
}

#[test]
fn lines_stand_in_the_order_of_their_last_value() {
    let rows = vec![vec![date("2026-10-01"), money("10"), money("30")]];
    let line = body!(world().show("by-month", rows, EN), Line);
    let names: Vec<_> = line
        .series
        .iter()
        .map(|series| series.name.as_str())
        .collect();
    assert_eq!(names, ["Claims incurred", "Written premium"]);
    assert_ne!(line.series[0].hue, line.series[1].hue);
    assert!(line.axis.min <= 10.0 && line.axis.max >= 30.0);
}

#[test]
fn more_lines_than_six_fold_exactly_into_other() {
    let tile = world().show("region-lines", by_region(), FR);
    let table = tile.table.clone().unwrap();
    let line = body!(tile, Line);
    assert_eq!(line.series.len(), 6);
    let other = line.series.last().unwrap();
    assert_eq!((other.name.as_str(), other.hue), ("Autres", Hue::Other));
    // 300.10 + 200.10 + 100.10, to the cent.
    assert_eq!(other.points[0].exact, "600,30\u{a0}$");
    assert_eq!(other.points[1].value, None);
    assert_eq!(
        table.columns.len(),
        1 + REGIONS.len(),
        "the table folds nothing"
    );
    assert_eq!(table.note, None);
}

#[test]
fn ratios_are_never_added_up() {
    let rows = by_region().into_iter().enumerate().map(|(at, mut row)| {
        row[2] = Cell::Double(0.5 + f64::from(u32::try_from(at).unwrap()) / 100.0);
        row
    });
    let tile = world().show("ratio-lines", rows.collect(), EN);
    assert_eq!(
        tile.table.as_ref().unwrap().note.as_deref(),
        Some("The chart shows 6 of 8")
    );
    let line = body!(tile, Line);
    assert_eq!(line.series.len(), 6);
    assert!(line.series.iter().all(|series| series.name != "Other"));
    assert_eq!(line.series[0].name, "Abitibi");
}

#[test]
fn stacks_have_the_biggest_at_the_bottom_and_room_for_their_sums() {
    let mut rows = by_region();
    rows.push(vec![date("2026-01-01"), text("montreal"), money("-50")]);
    let stacked = body!(world().show("stacked", rows, EN), StackedBar);
    assert_eq!(stacked.series.len(), 6);
    assert_eq!(stacked.series[0].name, "Montréal");
    assert_eq!(stacked.series[5].hue, Hue::Other);
    assert!(stacked.axis.max >= 3600.8, "the eight sum to 3600.80");
    assert!(stacked.axis.min <= -50.0);
    assert!(stacked.axis.ticks.len() <= 5);
}

#[test]
fn names_run_horizontally_and_weeks_vertically() {
    let world = world();
    let rows = vec![
        vec![text("estrie"), money("5")],
        vec![text("montreal"), money("500000")],
        vec![Cell::Null, Cell::Null],
    ];
    let bar = body!(world.show("by-region", rows, FR), Bar);
    assert_eq!(bar.orientation, Orientation::Horizontal);
    let read: Vec<_> = bar
        .bars
        .iter()
        .map(|b| (b.category.label.as_str(), b.text.as_str()))
        .collect();
    assert_eq!(
        read,
        [
            ("Montréal", "500\u{a0}k$"),
            ("Estrie", "5,00\u{a0}$"),
            ("Non précisé", "—")
        ]
    );

    let rows = vec![
        vec![date("2026-10-05"), money("5")],
        vec![date("2026-10-19"), money("7")],
    ];
    let bar = body!(world.show("weeks", rows, EN), Bar);
    assert_eq!(bar.orientation, Orientation::Vertical);
    let gap = bar
        .bars
        .iter()
        .find(|bar| bar.category.label == "Week of 12 Oct 2026")
        .unwrap();
    assert_eq!((gap.value, gap.exact.as_str()), (None, "No data"));
    assert_eq!(bar.bars.len(), 52);
}

#[test]
fn a_long_tail_of_bars_folds_only_if_it_can_be_added_up() {
    let customers = |value: fn(u32) -> Cell| -> Vec<Vec<Cell>> {
        (0..40)
            .map(|at| vec![text(&format!("C{at:03}")), value(at)])
            .collect()
    };
    let world = world();
    let sums = customers(|at| Cell::Decimal(Decimal::new(i64::from(10_001 - at * 100), 2)));
    let tile = world.show("by-customer", sums, EN);
    assert_eq!(tile.table.as_ref().unwrap().rows.len(), 40);
    let bar = body!(tile, Bar);
    assert_eq!(bar.bars.len(), 12);
    let other = bar.bars.last().unwrap();
    assert_eq!(
        (other.category.label.as_str(), other.hue),
        ("Other", Hue::Other)
    );
    let exact: Decimal = (11..40).map(|at| dec("100.01") - Decimal::from(at)).sum();
    assert_eq!(other.exact, format!("${}", format_thousands(exact)));

    let ratios = customers(|at| Cell::Double(0.9 - f64::from(at) / 100.0));
    let tile = world.show("ratio-by-customer", ratios, FR);
    let note = tile.table.as_ref().unwrap().note.clone();
    assert_eq!(
        note.as_deref(),
        Some("Le graphique en montre 12 sur\u{a0}40")
    );
    let bar = body!(tile, Bar);
    assert_eq!(bar.bars.len(), 12);
    assert_eq!(bar.bars[11].category.label, "C011");
}

fn format_thousands(value: Decimal) -> String {
    let text = value.to_string();
    let (head, tail) = text.split_at(text.find('.').unwrap() - 3);
    format!("{head},{tail}")
}

#[test]
fn donuts_are_sorted_and_their_shares_are_of_what_is_drawn() {
    let rows = vec![
        vec![text("estrie"), money("25")],
        vec![text("montreal"), money("75")],
        vec![text("abitibi"), money("-10")],
        vec![text("mauricie"), Cell::Null],
    ];
    let tile = world().show("shares", rows, FR);
    assert_eq!(
        tile.description,
        "Parts. Total de 90,00\u{a0}$. Part la plus grande\u{a0}: Montréal, 75,0\u{a0}%."
    );
    let table = tile.table.clone().unwrap();
    assert_eq!(table.columns[2].label, "Part");
    let donut = body!(tile, Donut);
    let read: Vec<_> = donut
        .slices
        .iter()
        .map(|s| (s.label.as_str(), s.share.as_str()))
        .collect();
    assert_eq!(
        read,
        [
            ("Montréal", "75,0\u{a0}%"),
            ("Estrie", "25,0\u{a0}%"),
            ("Abitibi", "—")
        ]
    );
    assert_eq!(
        (donut.total.as_str(), donut.total_label.as_str()),
        ("90,00\u{a0}$", "Total")
    );
}

#[test]
fn donuts_fold_beyond_six_and_say_when_the_whole_is_not_the_whole() {
    let world = world();
    let rows: Vec<_> = REGIONS
        .iter()
        .map(|region| vec![text(region), money("0.10")])
        .collect();
    let donut = body!(world.show("shares", rows.clone(), EN), Donut);
    assert_eq!(donut.slices.len(), 6);
    assert_eq!(donut.slices[5].exact, "$0.30");
    assert_eq!(donut.slices[5].share, "37.5%");
    assert_eq!(donut.total, "$0.80");

    let question = world.tile("shares").question(&world.bound);
    let tile = world.show_answer("shares", &cut_answer(&question, rows, true), None, EN);
    assert_eq!(
        tile.table.as_ref().unwrap().note.as_deref(),
        Some("First 8 rows; there are more")
    );
    assert_eq!(body!(tile, Donut).total_label, "Total shown");
}

#[test]
fn tables_are_exact_and_say_what_they_leave_out() {
    let rows = vec![
        vec![
            text("C1000123"),
            text("montreal"),
            money("1234567.89"),
            Cell::Double(0.6237),
            money("4"),
        ],
        vec![
            text("<script>alert(1)</script>"),
            Cell::Null,
            money("617283.945"),
            Cell::Null,
            Cell::Null,
        ],
        vec![
            text(""),
            text("moon"),
            Cell::Null,
            Cell::Double(f64::INFINITY),
            money("0.25"),
        ],
    ];
    let tile = world().show("customers", rows, EN);
    assert_eq!(tile.table, None);
    assert_eq!(tile.description, "Customers. 3 rows.");
    let table = body!(tile, Table);
    assert_eq!(table.columns[4].label, "Longest (days)");
    let read: Vec<Vec<&str>> = table
        .rows
        .iter()
        .map(|row| row.iter().map(|cell| cell.text.as_str()).collect())
        .collect();
    assert_eq!(
        read[0],
        ["C1000123", "Montréal", "$1,234,567.89", "62.37%", "4.0"]
    );
    assert_eq!(
        read[1],
        [
            "<script>alert(1)</script>",
            "Not stated",
            "$617,283.945",
            "—",
            "—"
        ]
    );
    assert_eq!(read[2], ["(blank)", "moon", "—", "—", "0.3"]);
    assert_eq!(table.note.as_deref(), Some("First 3 rows"));
}

#[test]
fn bars_in_cells_are_measured_by_the_largest() {
    let row = |amount: Cell| vec![text("C1"), text("estrie"), amount, Cell::Null, Cell::Null];
    let rows = vec![row(money("10")), row(money("5")), row(Cell::Null)];
    let table = body!(world().show("customers", rows, EN), Table);
    let bars: Vec<_> = table.rows.iter().map(|row| row[2].bar).collect();
    assert_eq!(bars, [Some(1.0), Some(0.5), None]);
}

#[test]
fn bars_in_cells_vanish_where_a_negative_would_make_them_lie() {
    let row = |amount: &str| {
        vec![
            text("C1"),
            text("estrie"),
            money(amount),
            Cell::Null,
            Cell::Null,
        ]
    };
    let table = body!(
        world().show("customers", vec![row("10"), row("-4")], FR),
        Table
    );
    assert!(table.rows.iter().flatten().all(|cell| cell.bar.is_none()));
    assert_eq!(table.rows[1][2].text, "−4,00\u{a0}$");
    assert_eq!(table.note, None);
}

#[test]
fn no_rows_and_only_nulls_are_empty_tiles_that_name_the_filter() {
    let world = world();
    for id in [
        "premium",
        "by-month",
        "region-lines",
        "weeks",
        "by-region",
        "stacked",
        "shares",
        "customers",
    ] {
        let tile = world.show(id, Vec::new(), EN);
        let TileBody::Empty { sentence, cause } = tile.body else {
            panic!("{id} is not empty")
        };
        assert_eq!(sentence, "No statements in this period.");
        assert_eq!(cause.as_deref(), Some("Region: Gaspésie"));
        assert!(tile.trust.is_some());
        assert!(tile.table.is_none());
    }
    let tile = world.show("by-region", vec![vec![text("estrie"), Cell::Null]], FR);
    let TileBody::Empty { sentence, .. } = tile.body else {
        panic!("only NULL is not empty")
    };
    assert_eq!(sentence, "Relevés\u{a0}: aucune donnée pour cette période.");
}

#[test]
fn sums_too_large_to_hold_are_left_out_instead_of_wrong() {
    let huge = || money("79228162514264337593543950335");
    let rows: Vec<_> = REGIONS
        .iter()
        .map(|region| vec![text(region), huge()])
        .collect();
    let tile = world().show("shares", rows, EN);
    assert_eq!(
        tile.table.as_ref().unwrap().note.as_deref(),
        Some("The chart shows 6 of 8")
    );
    let donut = body!(tile, Donut);
    assert_eq!((donut.total.as_str(), donut.total_label.as_str()), ("", ""));
    assert!(
        donut
            .slices
            .iter()
            .all(|slice| slice.share == "—" && slice.value.is_finite())
    );

    let rows: Vec<_> = by_region()
        .into_iter()
        .map(|row| vec![row[0].clone(), row[1].clone(), huge()])
        .collect();
    let stacked = body!(world().show("stacked", rows, EN), StackedBar);
    assert!(stacked.series.iter().all(|series| series.name != "Other"));
}

#[test]
fn rows_shorter_than_the_question_do_not_break_a_page() {
    let world = world();
    for id in [
        "premium",
        "by-month",
        "region-lines",
        "by-region",
        "stacked",
        "shares",
        "customers",
    ] {
        let question = world.tile(id).question(&world.bound);
        let rows = answer(&question, vec![vec![text("estrie")], vec![]]);
        let tile = world.show_answer(id, &rows, None, EN);
        assert!(!matches!(tile.body, TileBody::Error { .. }));
    }
}

#[test]
fn an_entity_keeps_its_colour_whoever_stands_beside_it() {
    let hues = Hues::for_dashboard(&world().dashboard);
    let region = ColumnName::parse("region").unwrap();
    let alone = hues.values(&region, &[Some("montreal")]);
    let beside = hues.values(
        &region,
        &[Some("unheard-of"), Some("montreal"), None, Some("estrie")],
    );
    assert_eq!(alone[0], beside[1]);
    assert_eq!(beside[2], Hue::Other);
    let unknown = hues.values(&region, &[Some("unheard-of")]);
    assert_eq!(unknown, hues.values(&region, &[Some("unheard-of")]));
    // `quebec_city` is the ninth region and would repeat a hue; beside the first it moves away.
    let first = hues.values(&region, &[Some("abitibi"), Some("quebec_city")]);
    assert_ne!(first[0], first[1]);
    let many: Vec<String> = (0..8).map(|at| format!("value {at}")).collect();
    let many: Vec<Option<&str>> = many.iter().map(|value| Some(value.as_str())).collect();
    let mut given: Vec<String> = hues
        .values(&region, &many)
        .iter()
        .map(|hue| format!("{hue:?}"))
        .collect();
    given.sort();
    given.dedup();
    assert_eq!(given.len(), 8, "eight values side by side have eight hues");
}

#[test]
fn the_same_region_has_one_colour_on_every_tile() {
    let world = world();
    let donut = body!(
        world.show("shares", vec![vec![text("estrie"), money("1")]], EN),
        Donut
    );
    let line = body!(world.show("region-lines", by_region(), FR), Line);
    let estrie = line
        .series
        .iter()
        .find(|series| series.name == "Estrie")
        .unwrap();
    assert_eq!(donut.slices[0].hue, estrie.hue);
}
