//! Paths and boxes of marks, in a plot that runs from 0 to 1000 both ways or in per cent.

use super::scale::{as_f64, fraction};
use crate::model::Axis;
use std::fmt::Write as _;

/// The side of the square that line paths are drawn in; the browser stretches it over the plot.
pub const SIDE: f64 = 1000.0;

/// A box, as fractions of the plot, `y` counted from the top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// Where the middle of category `index` of `count` stands, as a fraction of the width.
#[must_use]
pub fn middle(index: usize, count: usize) -> f64 {
    (as_f64(index) + 0.5) / as_f64(count.max(1))
}

/// How high `value` stands, as a fraction from the top.
#[must_use]
pub fn height_from_top(value: f64, axis: &Axis) -> f64 {
    1.0 - fraction(value, axis.min, axis.max)
}

/// The path of a line. A gap (`None`) lifts the pen; a value alone between gaps becomes a dot.
#[must_use]
pub fn line(values: &[Option<f64>], axis: &Axis) -> String {
    let mut path = String::new();
    let mut pen_down = false;
    for (index, value) in values.iter().enumerate() {
        let Some(value) = finite(*value) else {
            pen_down = false;
            continue;
        };
        let x = middle(index, values.len()) * SIDE;
        let y = height_from_top(value, axis) * SIDE;
        let alone = !pen_down && next_is_gap(values, index);
        let _ = write!(
            path,
            "{}{} {}",
            if pen_down { 'L' } else { 'M' },
            short(x),
            short(y)
        );
        if alone {
            path.push_str("h0");
        }
        pen_down = true;
    }
    path
}

/// The areas between a line and the axis' zero (or its nearer end), one closed shape per run.
#[must_use]
pub fn area(values: &[Option<f64>], axis: &Axis) -> String {
    let floor = short(height_from_top(0.0_f64.clamp(axis.min, axis.max), axis) * SIDE);
    let mut path = String::new();
    let mut last_x: Option<String> = None;
    for (index, value) in values.iter().enumerate() {
        let Some(value) = finite(*value) else {
            close(&mut path, last_x.take(), &floor);
            continue;
        };
        let x = short(middle(index, values.len()) * SIDE);
        let y = short(height_from_top(value, axis) * SIDE);
        if last_x.is_none() {
            let _ = write!(path, "M{x} {floor}");
        }
        let _ = write!(path, "L{x} {y}");
        last_x = Some(x);
    }
    close(&mut path, last_x, &floor);
    path
}

/// The last value that exists, with its place: the point that gets a mark and a label.
#[must_use]
pub fn last_point(values: &[Option<f64>], axis: &Axis) -> Option<(f64, f64)> {
    values.iter().enumerate().rev().find_map(|(index, value)| {
        let value = finite(*value)?;
        Some((middle(index, values.len()), height_from_top(value, axis)))
    })
}

/// A vertical bar from `base` to `base + length`, in the band of category `index` of `count`.
#[must_use]
pub fn column(index: usize, count: usize, base: f64, length: f64, axis: &Axis) -> Frame {
    let band = 1.0 / as_f64(count.max(1));
    // Few bars stay slim, many keep a visible gap.
    let width = (band * 0.72).min(0.12);
    let (from, to) = (
        height_from_top(base, axis),
        height_from_top(base + length, axis),
    );
    Frame {
        x: middle(index, count) - width / 2.0,
        y: from.min(to),
        width,
        height: (from - to).abs(),
    }
}

/// A horizontal bar from `base` to `base + length`; height and `y` are the row's own.
#[must_use]
pub fn row(base: f64, length: f64, axis: &Axis) -> Frame {
    let from = fraction(base, axis.min, axis.max);
    let to = fraction(base + length, axis.min, axis.max);
    Frame {
        x: from.min(to),
        y: 0.0,
        width: (from - to).abs(),
        height: 1.0,
    }
}

/// Where each layer of one stack begins: positive values pile up from zero, negative ones down.
#[must_use]
pub fn stack(values: &[Option<f64>]) -> Vec<(f64, f64)> {
    let (mut above, mut below) = (0.0, 0.0);
    values
        .iter()
        .map(|value| {
            let value = finite(*value).unwrap_or(0.0);
            let side = if value < 0.0 { &mut below } else { &mut above };
            let base = *side;
            *side += value;
            (base, value)
        })
        .collect()
}

/// The parts of a ring in per cent of its length: start and length. Negative parts get none.
#[must_use]
pub fn ring(values: &[f64]) -> Vec<(f64, f64)> {
    let drawable = |value: &f64| {
        if value.is_finite() {
            value.max(0.0)
        } else {
            0.0
        }
    };
    let biggest = values.iter().map(drawable).fold(0.0, f64::max);
    // Dividing by the biggest first keeps the sum of huge values finite.
    let scale = |value: &f64| {
        if biggest > 0.0 {
            drawable(value) / biggest
        } else {
            0.0
        }
    };
    let total: f64 = values.iter().map(scale).sum();
    let mut start = 0.0;
    values
        .iter()
        .map(|value| {
            let length = if total > 0.0 {
                scale(value) / total * 100.0
            } else {
                0.0
            };
            let part = (start, length);
            start += length;
            part
        })
        .collect()
}

/// A fraction as an SVG percentage with two decimals at most.
#[must_use]
pub fn percent(fraction: f64) -> String {
    let mut text = format!("{:.2}", fraction * 100.0);
    trim_zeros(&mut text);
    text.push('%');
    text
}

/// A coordinate with one decimal at most.
#[must_use]
pub fn short(coordinate: f64) -> String {
    let mut text = format!("{coordinate:.1}");
    trim_zeros(&mut text);
    text
}

fn trim_zeros(text: &mut String) {
    let kept = text.trim_end_matches('0').trim_end_matches('.').len();
    text.truncate(kept);
    if text == "-0" || text.is_empty() {
        "0".clone_into(text);
    }
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

fn next_is_gap(values: &[Option<f64>], index: usize) -> bool {
    values
        .get(index + 1)
        .is_none_or(|next| finite(*next).is_none())
}

fn close(path: &mut String, last_x: Option<String>, floor: &str) {
    if let Some(x) = last_x {
        let _ = write!(path, "L{x} {floor}Z");
    }
}
