use super::*;

fn price() -> Price {
    Price::per_terabyte(5_000_000)
}

/// The worked table of the cost rules: twelve tiles at the 10 MB minimum.
#[test]
fn a_thousand_views_of_twelve_tiles_cost_what_the_rules_say() {
    let cost = |misses: u64| {
        let sums = CostSums {
            views: 1000,
            runs: misses,
            billed_bytes: misses * 10_000_000,
            ..CostSums::default()
        };
        Figures::of(&sums, price()).dollars_per_1000_views
    };

    assert_eq!(cost(12_000).unwrap().as_str(), "0.600000");
    assert_eq!(cost(1_200).unwrap().as_str(), "0.060000");
    assert_eq!(cost(360).unwrap().as_str(), "0.018000");
}

#[test]
fn the_three_hit_rates_are_told_apart_and_coalesced_answers_are_in_none() {
    let sums = CostSums {
        views: 10,
        views_without_engine: 4,
        computed: 10,
        cached: 70,
        stale: 10,
        coalesced: 10,
        scanned_bytes: 25,
        avoided_scanned: 75,
        billed_bytes: 100,
        ..CostSums::default()
    };

    let figures = Figures::of(&sums, price());

    let rates = [
        figures.tile_hit_rate,
        figures.view_hit_rate,
        figures.byte_hit_rate,
        figures.coalesced_rate,
    ];
    let rates: Vec<_> = rates.iter().flatten().map(String::as_str).collect();
    assert_eq!(rates, ["0.8000", "0.4000", "0.7500", "0.1000"]);
    assert_eq!(figures.bytes_per_view, Some(10));
}

#[test]
fn nothing_is_divided_by_nothing() {
    let figures = Figures::of(&CostSums::default(), price());

    assert_eq!(figures.bytes_per_view, None);
    assert_eq!(figures.dollars_per_1000_views, None);
    assert_eq!(figures.tile_hit_rate, None);
    assert_eq!(figures.dollars.as_str(), "0.000000");
}
