//! Where a value is on an axis, and which values are written beside it.

use crate::number::{float, ratio};
use crate::results::{Axis, Scale};

/// From values to places between `start` and `end`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruler {
    kind: Scale,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Ruler {
    /// A ruler on which all values have a place.
    pub(super) fn over(
        axis: &Axis,
        values: impl Iterator<Item = f64> + Clone,
        (start, end): (f64, f64),
    ) -> Self {
        let usable = |value: &f64| value.is_finite();
        let values = values.filter(usable);
        let high = values.clone().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if !axis.names.is_empty() {
            (-0.5, float(axis.names.len() as u64) - 0.5)
        } else if axis.scale == Scale::Logarithmic {
            let positive = values.filter(|value| *value > 0.0);
            let low = positive.fold(f64::INFINITY, f64::min);
            let (low, high) = if low.is_finite() {
                (low, high)
            } else {
                (1.0, 10.0)
            };
            let (from, to) = (low.log10().floor(), high.log10().ceil());
            (from, if to > from { to } else { from + 1.0 })
        } else {
            let low = values.fold(0.0, f64::min);
            let high = if high > low { high } else { low + 1.0 };
            let step = step(high - low);
            ((low / step).floor() * step, (high / step).ceil() * step)
        };
        Self {
            kind: if axis.names.is_empty() {
                axis.scale
            } else {
                Scale::Linear
            },
            low,
            high,
            start,
            end,
        }
    }

    /// Where the value is; nothing for what has no place, such as zero on a logarithmic axis.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let value = match self.kind {
            Scale::Linear => value,
            Scale::Logarithmic if value > 0.0 => value.log10(),
            Scale::Logarithmic => return None,
        };
        let part = ratio(value - self.low, self.high - self.low);
        let place = part.mul_add(self.end - self.start, self.start);
        place.is_finite().then_some(place)
    }

    /// The values to write at the axis.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let step = match self.kind {
            Scale::Linear => step(self.high - self.low),
            Scale::Logarithmic => 1.0,
        };
        let mut ticks = Vec::new();
        let mut at = self.low;
        while at <= self.high + step / 1000.0 && ticks.len() < 20 {
            ticks.push(match self.kind {
                Scale::Linear => at,
                Scale::Logarithmic => 10f64.powf(at),
            });
            at += step;
        }
        ticks
    }
}

/// A round step, so that there are four to eight of them.
fn step(range: f64) -> f64 {
    let rough = range / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let fitting = factors.into_iter().find(|factor| factor * power >= rough);
    fitting.unwrap_or(10.0) * power
}

/// A number at an axis: `0.1`, `20`, `5k`.
pub(super) fn short(value: f64) -> String {
    let magnitude = value.abs();
    let trim = |text: String| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    };
    match magnitude {
        _ if magnitude >= 1e9 => format!("{}G", trim(format!("{:.2}", value / 1e9))),
        _ if magnitude >= 1e6 => format!("{}M", trim(format!("{:.2}", value / 1e6))),
        _ if magnitude >= 1e4 => format!("{}k", trim(format!("{:.1}", value / 1e3))),
        _ => trim(format!("{value:.3}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_axis_begins_at_zero_and_ends_at_a_round_number() {
        let values = [3.0, 87.0];
        let ruler = Ruler::over(&Axis::linear(""), values.into_iter(), (0.0, 100.0));

        let ticks: Vec<_> = ruler.ticks().into_iter().map(short).collect();
        assert_eq!(ticks, ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(ruler.place(50.0), Some(50.0));
    }

    #[test]
    fn a_logarithmic_axis_has_whole_powers_and_no_place_for_zero() {
        let values = [0.0, 0.3, 40.0];
        let ruler = Ruler::over(&Axis::logarithmic(""), values.into_iter(), (300.0, 0.0));

        let ticks: Vec<_> = ruler.ticks().into_iter().map(short).collect();
        assert_eq!(ticks, ["0.1", "1", "10", "100"]);
        assert_eq!(ruler.place(0.1), Some(300.0));
        assert_eq!(ruler.place(0.0), None);
    }

    #[test]
    fn nothing_to_show_still_has_an_axis() {
        for axis in [Axis::linear(""), Axis::logarithmic("")] {
            let ruler = Ruler::over(&axis, std::iter::empty(), (0.0, 1.0));

            assert!(ruler.ticks().len() > 1, "{ruler:?}");
        }
    }

    #[test]
    fn numbers_at_an_axis_are_short() {
        let texts = [0.1, 5.0, 1000.0, 20_000.0, 1_500_000.0].map(short);

        assert_eq!(texts, ["0.1", "5", "1000", "20k", "1.5M"]);
    }
}
