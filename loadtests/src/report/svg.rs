//! A chart as SVG. Colours come from the page's style, so that dark screens and paper have theirs.

use std::fmt::Write as _;

use super::escape;
use super::scale::{Ruler, short};
use crate::number::float;
use crate::results::{Axis, Chart, ChartKind, Series};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 44.0;
/// Colours and marks are used again from here on.
const COLOURS: usize = 8;

/// The chart with its legend.
pub(super) fn figure(chart: &Chart) -> String {
    let title = escape(&chart.title);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\" \
         preserveAspectRatio=\"xMidYMid meet\">"
    );
    let (x, y) = rulers(chart);
    svg += &axes(chart, &x, &y);
    for (number, series) in chart.series.iter().enumerate() {
        let class = format!("c{}", number % COLOURS);
        svg += &match chart.kind {
            ChartKind::Line => line(series, (&x, &y), &class),
            ChartKind::Dots => dots(series, (&x, &y), &class),
            ChartKind::Bars => bars(chart, number, (&x, &y), &class),
        };
    }
    for limit in &chart.limits {
        let Some(at) = y.place(limit.y) else { continue };
        let (end, above, label) = (WIDTH - RIGHT, at - 4.0, escape(&limit.label));
        let _ = write!(
            svg,
            "<line class=\"limit\" x1=\"{LEFT}\" x2=\"{end}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text class=\"limit\" x=\"{end}\" y=\"{above:.1}\" text-anchor=\"end\">{label}</text>"
        );
    }
    svg += "</svg>";
    format!(
        "<figure><figcaption>{title}</figcaption>{svg}{}</figure>",
        legend(chart)
    )
}

fn rulers(chart: &Chart) -> (Ruler, Ruler) {
    let points = || chart.series.iter().flat_map(|series| &series.points);
    let limits = chart.limits.iter().map(|limit| limit.y);
    let x = Ruler::over(&chart.x, points().map(|(x, _)| *x), (LEFT, WIDTH - RIGHT));
    let heights = points().map(|(_, y)| *y).chain(limits);
    let y = Ruler::over(&chart.y, heights, (HEIGHT - BOTTOM, TOP));
    (x, y)
}

fn axes(chart: &Chart, x: &Ruler, y: &Ruler) -> String {
    let (end, floor) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let mut svg = String::new();
    for tick in y.ticks() {
        let Some(at) = y.place(tick) else { continue };
        let (beside, below, text) = (LEFT - 6.0, at + 4.0, short(tick));
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{end}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{beside}\" y=\"{below:.1}\" text-anchor=\"end\">{text}</text>"
        );
    }
    let below = floor + 16.0;
    for (tick, text) in names(&chart.x, x) {
        let Some(at) = x.place(tick) else { continue };
        let text = escape(&text);
        let _ = write!(
            svg,
            "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{text}</text>"
        );
    }
    let (middle, bottom) = (f64::midpoint(LEFT, end), HEIGHT - 8.0);
    let (across, up) = (escape(&chart.x.label), escape(&chart.y.label));
    let _ = write!(
        svg,
        "<text class=\"axis\" x=\"{middle}\" y=\"{bottom}\" text-anchor=\"middle\">{across}</text>\
         <text class=\"axis\" x=\"4\" y=\"14\">{up}</text>"
    );
    svg
}

/// What is written at the bottom, and where.
fn names(axis: &Axis, ruler: &Ruler) -> Vec<(f64, String)> {
    if axis.names.is_empty() {
        let ticks = ruler.ticks().into_iter();
        return ticks.map(|tick| (tick, short(tick))).collect();
    }
    let names = (0u64..).map(float).zip(axis.names.iter().cloned());
    names.collect()
}

fn places<'a>(
    series: &'a Series,
    (x, y): (&'a Ruler, &'a Ruler),
) -> impl Iterator<Item = (f64, f64)> + 'a {
    let points = series.points.iter();
    points.filter_map(move |(across, up)| Some((x.place(*across)?, y.place(*up)?)))
}

fn line(series: &Series, rulers: (&Ruler, &Ruler), class: &str) -> String {
    let mut points = String::new();
    for (across, up) in places(series, rulers) {
        let _ = write!(points, "{across:.1},{up:.1} ");
    }
    let marks = if series.points.len() <= 20 {
        dots(series, rulers, class)
    } else {
        String::new()
    };
    format!(
        "<polyline class=\"{class}\" points=\"{}\"/>{marks}",
        points.trim_end()
    )
}

fn dots(series: &Series, rulers: (&Ruler, &Ruler), class: &str) -> String {
    let mut svg = String::new();
    for ((across, up), (x, y)) in places(series, rulers).zip(&series.points) {
        let said = escape(&format!("{}: {} at {}", series.name, short(*y), short(*x)));
        let _ = write!(
            svg,
            "<circle class=\"{class}\" cx=\"{across:.1}\" cy=\"{up:.1}\" r=\"3.5\"><title>{said}</title></circle>"
        );
    }
    svg
}

/// The bars of one series, beside those of the others at the same place.
fn bars(chart: &Chart, number: usize, (x, y): (&Ruler, &Ruler), class: &str) -> String {
    let Some(series) = chart.series.get(number) else {
        return String::new();
    };
    let (Some(first), Some(second)) = (x.place(0.0), x.place(1.0)) else {
        return String::new();
    };
    let group = (second - first).abs() * 0.8;
    let width = group / float(chart.series.len().max(1) as u64);
    let floor = HEIGHT - BOTTOM;
    let mut svg = String::new();
    for ((across, up), (_, value)) in places(series, (x, y)).zip(&series.points) {
        let left = width.mul_add(float(number as u64), across - group / 2.0);
        let said = escape(&format!("{}: {}", series.name, short(*value)));
        let (wide, high) = (width * 0.94, (floor - up).max(0.0));
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{up:.1}\" width=\"{wide:.1}\" \
             height=\"{high:.1}\"><title>{said}</title></rect>"
        );
    }
    svg
}

/// Names beside colours; one series needs none.
fn legend(chart: &Chart) -> String {
    if chart.series.len() < 2 {
        return String::new();
    }
    let mut html = "<ul class=\"legend\">".to_owned();
    for (number, series) in chart.series.iter().enumerate() {
        let (class, name) = (number % COLOURS, escape(&series.name));
        let _ = write!(html, "<li><i class=\"c{class}\"></i>{name}</li>");
    }
    html + "</ul>"
}
