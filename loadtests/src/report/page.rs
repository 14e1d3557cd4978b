//! The document around the charts: what the budgets say first, then the sections.

use std::fmt::Write as _;

use super::{escape, svg};
use crate::budgets::shown;
use crate::results::{Measure, Outcome, Results, Section, Table, Unit};

const STYLE: &str = include_str!("style.css");

pub(super) fn html(results: &Results) -> String {
    let title = format!("Weir under load: {}", escape(&results.plan));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en-CA\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main>\
         <h1>{title}</h1><p class=\"lead\">{}</p>",
        escape(&results.about)
    );
    page += &verdicts(results);
    page += &machine(results);
    for section in &results.sections {
        page += &self::section(section);
    }
    page + "</main></body></html>\n"
}

fn verdicts(results: &Results) -> String {
    if results.verdicts.is_empty() {
        return "<p class=\"verdict\">No budget is about what this plan measures.</p>".to_owned();
    }
    let of = |wanted: fn(Outcome) -> bool| {
        results
            .verdicts
            .iter()
            .filter(move |verdict| wanted(verdict.outcome))
    };
    let broken = of(|outcome| outcome != Outcome::Within).count();
    let (class, says) = match broken {
        0 => ("within", "Within every budget".to_owned()),
        1 => ("over", "One budget does not hold".to_owned()),
        more => ("over", format!("{more} budgets do not hold")),
    };
    let mut html = format!("<h2 class=\"verdict {class}\">{says}</h2><ul class=\"verdicts\">");
    let sorted =
        of(|outcome| outcome != Outcome::Within).chain(of(|outcome| outcome == Outcome::Within));
    for verdict in sorted {
        let (class, mark) = match verdict.outcome {
            Outcome::Within => ("within", "✓"),
            Outcome::Over => ("over", "✗ over budget:"),
            Outcome::Missing => ("over", "✗ missing:"),
        };
        let _ = write!(
            html,
            "<li class=\"{class}\"><b>{mark}</b> {}</li>",
            code(&verdict.sentence)
        );
    }
    html + "</ul>"
}

/// What stands between backquotes, as code.
fn code(sentence: &str) -> String {
    let mut html = String::new();
    for (number, part) in escape(sentence).split('`').enumerate() {
        if number % 2 == 1 {
            let _ = write!(html, "<code>{part}</code>");
        } else {
            html += part;
        }
    }
    html
}

fn machine(results: &Results) -> String {
    let machine = &results.machine;
    let facts = [
        ("processor", machine.processor.clone()),
        (
            "cores, for Weir and for what asks it",
            machine.cores.to_string(),
        ),
        (
            "memory",
            shown(crate::number::float(machine.memory_bytes), Unit::Bytes),
        ),
        ("system", machine.system.clone()),
        (
            "server",
            format!("{} ({} build)", machine.weir, machine.build),
        ),
        ("took", format!("{:.0} s", results.took_seconds)),
    ];
    let mut html = "<dl class=\"machine\">".to_owned();
    for (name, value) in facts {
        let _ = write!(
            html,
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            escape(&value)
        );
    }
    html + "</dl>"
}

fn section(section: &Section) -> String {
    let id = escape(&section.id);
    let mut html = format!("<section id=\"{id}\"><h2>{}</h2>", escape(&section.title));
    for sentence in &section.summary {
        let _ = write!(html, "<p>{}</p>", code(sentence));
    }
    if !section.charts.is_empty() {
        html += "<div class=\"charts\">";
        for chart in &section.charts {
            html += &svg::figure(chart);
        }
        html += "</div>";
    }
    for table in &section.tables {
        html += &self::table(table);
    }
    html += &measures(&section.measures);
    html + "</section>"
}

fn table(table: &Table) -> String {
    let title = escape(&table.title);
    let mut html = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table>\
         <caption>{title}</caption><thead><tr>"
    );
    for column in &table.columns {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(column));
    }
    html += "</tr></thead><tbody>";
    for row in &table.rows {
        html += "<tr>";
        for cell in row {
            let _ = write!(html, "<td>{}</td>", escape(cell));
        }
        html += "</tr>";
    }
    html + "</tbody></table></div>"
}

/// Everything that budgets can be about, folded away.
fn measures(measures: &[Measure]) -> String {
    if measures.is_empty() {
        return String::new();
    }
    let rows = measures.iter().map(|measure| {
        let labels = measure.labels.iter();
        let labels: Vec<_> = labels
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        vec![
            measure.name.clone(),
            labels.join(", "),
            shown(measure.value, measure.unit),
            measure.because.clone(),
        ]
    });
    let columns = ["measure", "of", "is", "because"].map(str::to_owned);
    let all = Table {
        title: "What budgets can be held against".to_owned(),
        columns: columns.to_vec(),
        rows: rows.collect(),
    };
    format!(
        "<details><summary>All {} measures</summary>{}</details>",
        measures.len(),
        table(&all)
    )
}
