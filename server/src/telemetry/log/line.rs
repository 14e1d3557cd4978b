//! What a line of the log says, from an event and the spans around it: cleaned, cut, and in two forms.

use std::error::Error;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

use super::super::scrub::scrubbed;
use crate::problem::with_causes;

/// The longest text of one field in bytes.
const LONGEST: usize = 1 << 10;

/// What lines repeat from the spans they are in.
const FROM_SPANS: [&str; 3] = [REQUEST, TRACE, "http.route"];
const REQUEST: &str = "request_id";
const TRACE: &str = "trace_id";

/// One line, in the order it is written.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    timestamp: String,
    level: &'static str,
    #[serde(skip)]
    colour: u8,
    target: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    fields: Map<String, Value>,
}

impl Line {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let mut timestamp = String::new();
        SystemTime
            .format_time(&mut Writer::new(&mut timestamp))
            .ok();
        let mut said = Fields::default();
        event.record(&mut said);
        let mut fields = said.0;
        Self {
            timestamp,
            level: event.metadata().level().as_str(),
            colour: colour(*event.metadata().level()),
            target: event.metadata().target(),
            message: fields.remove("message"),
            request_id: fields.remove(REQUEST),
            trace_id: None,
            route: None,
            fields,
        }
    }

    /// The nearest span decides.
    pub(super) fn belongs_to(&mut self, known: &Known) {
        for (name, value) in &known.0 {
            let place = match *name {
                REQUEST => &mut self.request_id,
                TRACE => &mut self.trace_id,
                _ => &mut self.route,
            };
            place.get_or_insert_with(|| value.as_str().into());
        }
    }

    /// For collectors.
    pub(super) fn json(&self) -> String {
        // What is made of texts and numbers is always JSON.
        one_line(&serde_json::to_string(self).unwrap_or_default())
    }

    /// For people at a terminal, who know what time it is.
    pub(super) fn plain(&self, coloured: bool) -> String {
        let paint = |text: &str, colour: u8| {
            if coloured {
                format!("\u{1b}[{colour}m{text}\u{1b}[0m")
            } else {
                text.to_owned()
            }
        };
        let mut line = paint(&format!("{:>5}", self.level), self.colour);
        if let Some(message) = &self.message {
            line.push(' ');
            push(&mut line, message);
        }
        let around = [(REQUEST, &self.request_id), ("route", &self.route)];
        let around = around.into_iter();
        let around = around.filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let own = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        for (name, value) in own.chain(around) {
            line.push(' ');
            line.push_str(&paint(&format!("{name}="), DIM));
            push(&mut line, value);
        }
        line
    }
}

/// What a terminal shows a little darker.
const DIM: u8 = 2;

fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    }
}

/// Adds a value that neither ends the line nor moves on the terminal.
fn push(line: &mut String, value: &Value) {
    let Some(text) = value.as_str() else {
        line.push_str(&value.to_string());
        return;
    };
    for sign in text.chars() {
        if is_a_move(sign) {
            line.extend(sign.escape_unicode());
        } else {
            line.push(sign);
        }
    }
}

/// Ends a line for some reader, moves on a terminal, or turns the direction of what follows.
fn is_a_move(sign: char) -> bool {
    let turns = matches!(sign,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    sign.is_control() || turns || matches!(sign, '\u{2028}' | '\u{2029}')
}

/// JSON escapes what ends a line in ASCII; some readers end lines elsewhere too (row O3).
fn one_line(json: &str) -> String {
    json.replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
        .replace('\u{85}', "\\u0085")
}

/// What lines repeat from one span.
#[derive(Debug, Default)]
pub(super) struct Known(Vec<(&'static str, String)>);

impl Known {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn keep(&mut self, name: &'static str, text: String) {
        if !text.is_empty() {
            self.0.push((name, text));
        }
    }
}

impl Visit for Known {
    fn record_str(&mut self, field: &Field, value: &str) {
        if FROM_SPANS.contains(&field.name()) {
            self.keep(field.name(), value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if FROM_SPANS.contains(&field.name()) {
            self.keep(field.name(), format!("{value:?}"));
        }
    }
}

/// What an event says.
#[derive(Debug, Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn text(&mut self, field: &Field, text: &str) {
        self.0.insert(field.name().to_owned(), bounded(text).into());
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, &with_causes(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }
}

/// Cleaned, and cut where it is too long.
fn bounded(text: &str) -> String {
    let clean = scrubbed(text);
    let end = clean.floor_char_boundary(LONGEST);
    match clean.get(..end) {
        Some(start) if end < clean.len() => format!("{start}…"),
        _ => clean.into_owned(),
    }
}
