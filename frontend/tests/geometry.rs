//! Laws of the geometry.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]
#![expect(
    clippy::float_cmp,
    reason = "what is only passed on stays exactly equal"
)]

use proptest::prelude::*;
use weir_frontend::chart::labels::{spread, thin};
use weir_frontend::chart::path::{column, line, ring, row, stack};
use weir_frontend::chart::scale::{MAX_TICKS, fraction, nice_ticks, nice_ticks_from_zero};
use weir_frontend::model::{Axis, CategoryVm};

fn axis(low: f64, high: f64) -> Axis {
    let ticks = nice_ticks_from_zero(low, high, MAX_TICKS);
    Axis {
        min: ticks[0],
        max: ticks[ticks.len() - 1],
        ticks: Vec::new(),
    }
}

fn amounts() -> impl Strategy<Value = f64> {
    prop_oneof![-1e12..1e12_f64, -1.0..1.0_f64, Just(0.0), any::<f64>()]
}

proptest! {
    #[test]
    fn ticks_ascend_evenly_and_enclose_the_data(a in amounts(), b in amounts()) {
        let ticks = nice_ticks(a, b, MAX_TICKS);
        let (first, last) = (ticks[0], ticks[ticks.len() - 1]);

        prop_assert!(ticks.len() >= 2 && ticks.len() <= MAX_TICKS, "{:?}", ticks);
        prop_assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", ticks);
        let slack = (last - first) * 1e-6;
        for end in [a, b].into_iter().filter(|end| end.abs() < 1e300) {
            prop_assert!(first - slack <= end && end <= last + slack, "{end} in {:?}", ticks);
        }
    }

    #[test]
    fn an_axis_for_bars_contains_zero(a in amounts(), b in amounts()) {
        let axis = axis(a, b);

        prop_assert!(axis.min <= 0.0 && axis.max >= 0.0);
    }

    #[test]
    fn positions_stay_inside_the_plot(value in amounts(), a in amounts(), b in amounts()) {
        let axis = axis(a, b);

        let place = fraction(value, axis.min, axis.max);

        prop_assert!((0.0..=1.0).contains(&place));
    }

    #[test]
    fn bars_stay_inside_the_frame(values in prop::collection::vec(-1e9..1e9_f64, 1..60)) {
        let low = values.iter().copied().fold(0.0, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        let axis = axis(low, high);
        for (index, value) in values.iter().enumerate() {
            for frame in [column(index, values.len(), 0.0, *value, &axis), row(0.0, *value, &axis)] {
                prop_assert!(frame.x >= -1e-9 && frame.x + frame.width <= 1.0 + 1e-9);
                prop_assert!(frame.y >= -1e-9 && frame.y + frame.height <= 1.0 + 1e-9);
                prop_assert!(frame.width >= 0.0 && frame.height >= 0.0);
            }
        }
    }

    #[test]
    fn stacks_keep_every_layers_length(values in prop::collection::vec(prop::option::of(-1e6..1e6_f64), 0..9)) {
        let layers = stack(&values);

        prop_assert_eq!(layers.len(), values.len());
        for ((_, length), value) in layers.iter().zip(&values) {
            prop_assert_eq!(*length, value.unwrap_or(0.0));
        }
    }

    #[test]
    fn a_ring_closes(values in prop::collection::vec(0.001..1e12_f64, 1..12)) {
        let parts = ring(&values);
        let (start, length) = parts[parts.len() - 1];

        prop_assert!((start + length - 100.0).abs() < 1e-6);
    }

    #[test]
    fn a_line_has_one_stroke_per_run(values in prop::collection::vec(prop::option::of(0.0..9.0_f64), 0..40)) {
        let runs = values.split(Option::is_none).filter(|run| !run.is_empty()).count();

        prop_assert_eq!(line(&values, &axis(0.0, 9.0)).matches('M').count(), runs);
    }

    #[test]
    fn labels_beside_lines_keep_apart_and_in_order(mut places in prop::collection::vec(0.0..1.0_f64, 1..5)) {
        let placed = spread(&places, 0.16);
        let mut pairs: Vec<_> = places.drain(..).zip(placed).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));

        prop_assert!(pairs.windows(2).all(|pair| pair[1].1 - pair[0].1 > 0.16 - 1e-9));
        prop_assert!(pairs.iter().all(|(_, place)| *place <= 1.0 + 1e-9));
    }

    #[test]
    fn a_time_axis_always_shows_a_label(count in 1_usize..2000, letters in 1_usize..9) {
        let categories: Vec<_> = (0..count)
            .map(|_| CategoryVm { label: "m".repeat(letters), short: String::new(), group: None })
            .collect();

        let shown = thin(&categories, 0.0);

        prop_assert!(shown.iter().any(|at| at.narrow) && shown.iter().any(|at| at.wide));
    }
}

#[test]
fn ticks_are_round_and_waste_little() {
    assert_eq!(nice_ticks(0.0, 470_000.0, 5), [0.0, 250_000.0, 500_000.0]);
    assert_eq!(nice_ticks(0.0, 100.0, 5), [0.0, 25.0, 50.0, 75.0, 100.0]);
    assert_eq!(nice_ticks(-60.0, 120.0, 5), [-100.0, 0.0, 100.0, 200.0]);
    assert_eq!(nice_ticks(0.0, 0.0, 5), [0.0, 0.25, 0.5, 0.75, 1.0]);
    assert_eq!(
        nice_ticks(f64::NAN, f64::INFINITY, 5),
        [0.0, 0.25, 0.5, 0.75, 1.0]
    );
}
