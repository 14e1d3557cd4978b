//! One number and its comparison.

use weir_frontend::model::{Direction, KpiVm, TileBody, Tone};
use weir_query::{Cell, Locale};

use super::{EN, FR, answer, body, date, money, world};

fn kpi(id: &str, now: Cell, before: Cell, locale: Locale) -> KpiVm {
    body!(world().show(id, vec![vec![now, before]], locale), Kpi)
}

#[test]
fn a_rise_is_told_with_amount_words_and_comparison() {
    let en = kpi("premium", money("13712345.67"), money("13159640.76"), EN);
    assert_eq!(
        (en.value.as_str(), en.exact.as_str()),
        ("$13.7M", "$13,712,345.67")
    );
    let change = en.change.unwrap();
    assert_eq!((change.direction, change.tone), (Direction::Up, Tone::Good));
    assert_eq!(
        (change.amount.as_str(), change.against.as_str()),
        ("4.2%", "on last year ($13.2M)")
    );

    let fr = kpi("premium", money("13712345.67"), money("13159640.76"), FR)
        .change
        .unwrap();
    assert_eq!(fr.amount, "4,2\u{a0}%");
    assert_eq!(fr.against, "par rapport à l’an dernier (13,2\u{a0}M$)");
}

#[test]
fn changes_follow_direction_and_what_is_better() {
    let cases = [
        ("premium", "90", "100", Direction::Down, Tone::Bad, "10.0%"),
        ("claims", "90", "100", Direction::Down, Tone::Good, "10.0%"),
        ("claims", "110", "100", Direction::Up, Tone::Bad, "10.0%"),
        (
            "premium",
            "100.02",
            "100",
            Direction::Flat,
            Tone::Neutral,
            "0.0%",
        ),
        ("premium", "0", "100", Direction::Down, Tone::Bad, "100%"),
        ("premium", "412", "100", Direction::Up, Tone::Good, "312%"),
    ];
    for (id, now, before, direction, tone, amount) in cases {
        let change = kpi(id, money(now), money(before), EN).change.unwrap();
        assert_eq!(
            (change.direction, change.tone, change.amount.as_str()),
            (direction, tone, amount)
        );
    }
    let flat = kpi("premium", money("100"), money("100"), EN)
        .change
        .unwrap();
    assert_eq!(flat.against, "from last year ($100)");
}

#[test]
fn shares_change_in_points() {
    let now = Cell::Double(0.634);
    let change = kpi("loss-ratio", now.clone(), Cell::Double(0.621), EN)
        .change
        .unwrap();
    assert_eq!((change.amount.as_str(), change.tone), ("1.3 pt", Tone::Bad));
    let from_zero = kpi("loss-ratio", now, Cell::Double(0.0), FR)
        .change
        .unwrap();
    assert_eq!(from_zero.amount, "63,4\u{a0}pt");
}

#[test]
fn a_comparison_without_meaning_is_left_out() {
    for before in [money("0"), money("-5"), Cell::Null, Cell::Double(f64::NAN)] {
        assert_eq!(kpi("premium", money("10"), before, EN).change, None);
    }
    let huge = kpi(
        "premium",
        money("79228162514264337593543950335"),
        money("-1"),
        EN,
    );
    assert_eq!(huge.change, None);
}

#[test]
fn the_period_before_is_counted_in_what_it_is_made_of() {
    // 365 days ending on 31 October 2025 begin on 1 November 2024: twelve months on both sides.
    let change = kpi("claims", money("90"), money("100"), EN).change.unwrap();
    assert_eq!(change.against, "on the 12 months before ($100)");
    let fr = kpi("claims", money("90"), money("100"), FR).change.unwrap();
    assert_eq!(
        fr.against,
        "par rapport aux 12\u{a0}mois précédents (100\u{a0}$)"
    );
}

#[test]
fn a_missing_number_makes_an_empty_tile_and_zero_does_not() {
    let tile = world().show("premium", vec![vec![Cell::Null, money("5")]], EN);
    assert!(matches!(tile.body, TileBody::Empty { .. }));
    assert_eq!(kpi("premium", money("0"), Cell::Null, EN).value, "$0.00");
}

#[test]
fn a_unit_stands_beside_the_number() {
    let tile = world().show("longest", vec![vec![money("12.25")]], FR);
    let kpi = body!(tile, Kpi);
    assert_eq!(
        (kpi.value.as_str(), kpi.exact.as_str()),
        ("12,3\u{a0}jours", "12,3\u{a0}jours")
    );
    assert_eq!(kpi.change, None);
}

#[test]
fn the_sparkline_covers_the_period_and_keeps_its_gaps() {
    let world = world();
    let question = world.tile("premium").question(&world.bound);
    let rows = answer(&question, vec![vec![money("30"), money("20")]]);
    let trend = vec![
        vec![date("2025-12-01"), money("10")],
        vec![date("2026-02-01"), money("20")],
    ];
    let tile = world.show_answer("premium", &rows, Some(trend), EN);
    let table = tile.table.clone().unwrap();
    assert_eq!(table.rows.len(), 2 + 12);
    assert_eq!(table.rows[0][0].text, "Nov 2025 to Oct 2026");
    assert_eq!(table.rows[1][1].text, "$20.00");
    assert_eq!(
        tile.description,
        "Written premium: $30.00, up 50.0% on last year ($20.00)."
    );
    let kpi = body!(tile, Kpi);
    assert_eq!(kpi.sparkline[..4], [None, Some(10.0), None, Some(20.0)]);
    assert_eq!(kpi.sparkline.len(), 12);
    assert_eq!(kpi.sparkline_label, "Nov 2025 to Oct 2026");
}
