//! Which labels of an axis are shown at which width, and where labels beside lines stand.

use super::scale::as_f64;
use crate::model::CategoryVm;

/// At which widths of the tile a label is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    /// Below 480 px.
    pub narrow: bool,
    /// From 480 to 680 px.
    pub middle: bool,
    /// Above.
    pub wide: bool,
}

/// The smallest plot in each of the three ranges of widths, in px.
const PLOTS: [f64; 3] = [200.0, 420.0, 620.0];
/// Distances between labels that read well on months, weeks and days.
const STEPS: [usize; 12] = [1, 2, 3, 4, 6, 12, 24, 48, 96, 192, 384, 768];

/// What stands on the axis for `category`.
#[must_use]
pub fn axis_text(category: &CategoryVm) -> &str {
    if category.short.is_empty() {
        &category.label
    } else {
        &category.short
    }
}

/// Thins the labels of a time axis so that they never touch, counted from where a group begins.
/// `beside` is the width that labels beside the plot take, where there is room for them.
#[must_use]
pub fn thin(categories: &[CategoryVm], beside: f64) -> Vec<Shown> {
    let widest = categories
        .iter()
        .map(|c| width(axis_text(c)))
        .fold(20.0, f64::max)
        + 12.0;
    let [narrow, middle, wide] = PLOTS;
    let steps = [narrow, middle - beside, wide - beside]
        .map(|plot| step_for(categories.len(), widest, plot.max(narrow)));
    let anchor = categories
        .iter()
        .rposition(|category| category.group.is_some())
        .unwrap_or(0);
    (0..categories.len())
        .map(|index| {
            let on = |step: usize| index.abs_diff(anchor) % step == 0;
            let [narrow, middle, wide] = steps.map(on);
            Shown {
                narrow,
                middle,
                wide,
            }
        })
        .collect()
}

/// Whether the group that begins at `index` has room before the next one begins.
#[must_use]
pub fn group_fits(categories: &[CategoryVm], index: usize) -> bool {
    let next = categories
        .iter()
        .skip(index + 1)
        .position(|category| category.group.is_some());
    next.is_none_or(|ahead| as_f64(ahead + 1) / as_f64(categories.len().max(1)) * PLOTS[0] > 30.0)
}

/// Whether names are too long to stand side by side under a plot: then the chart runs in rows.
#[must_use]
pub fn want_rows(categories: &[CategoryVm]) -> bool {
    let timed = categories
        .iter()
        .any(|c| c.group.is_some() || !c.short.is_empty());
    let together: f64 = categories.iter().map(|c| width(&c.label) + 12.0).sum();
    !timed && together > PLOTS[0]
}

/// About how wide a text is at 12 px, in px, on the generous side.
#[must_use]
pub fn width(text: &str) -> f64 {
    as_f64(text.chars().count()) * 6.8
}

/// Moves label positions (fractions of the height) apart until `gap` lies between neighbours,
/// keeping their order and staying between 0 and 1 as far as there is room.
#[must_use]
pub fn spread(positions: &[f64], gap: f64) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = positions.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut floor = f64::NEG_INFINITY;
    for (_, position) in &mut order {
        *position = position.max(floor);
        floor = *position + gap;
    }
    let mut ceiling = 1.0;
    for (_, position) in order.iter_mut().rev() {
        *position = position.min(ceiling);
        ceiling = *position - gap;
    }
    order.sort_by_key(|(index, _)| *index);
    order.into_iter().map(|(_, position)| position).collect()
}

fn step_for(count: usize, label: f64, plot: f64) -> usize {
    STEPS
        .into_iter()
        .find(|step| as_f64(count.div_ceil(*step)) * label <= plot)
        .unwrap_or(count.max(1))
}
