//! Logs: people read a terminal, collectors read one line of JSON per event, with the request it
//! belongs to and the trace that request is recorded in.

use std::error::Error;
use std::fmt;
use std::io::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, fmt as people};

use super::otlp::Traces;
use super::scrub::scrubbed;
use crate::problem::with_causes;

/// The longest text of one field in bytes.
const LONGEST: usize = 1 << 10;

/// What lines repeat from the spans they are in.
const FROM_SPANS: [&str; 3] = [REQUEST, TRACE, "http.route"];
const REQUEST: &str = "request_id";
const TRACE: &str = "trace_id";

/// Begins to log, and to record `traces` if there are any. `RUST_LOG` sets the level. Called again,
/// it does nothing.
pub fn to_stderr(traces: Option<&Traces>) {
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let people = terminal.then(|| {
        let lines = people::layer().with_writer(std::io::stderr);
        lines.without_time().with_target(false)
    });
    let json = (!terminal).then(|| JsonLines::to(std::io::stderr));
    tracing_subscriber::registry()
        .with(people.with_filter(level()))
        .with(json.with_filter(level()))
        .with(traces.map(Traces::layer))
        .try_init()
        .ok();
}

fn level() -> EnvFilter {
    EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,weir=info,weir_server=info"))
}

/// Logs where a panic was, and counts it. What it says stays unsaid: it may hold anything.
pub fn panics(telemetry: &super::Telemetry) {
    let telemetry = telemetry.clone();
    std::panic::set_hook(Box::new(move |panic| {
        telemetry.metrics().panics.add([], 1);
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a part of a request panicked");
    }));
}

/// Writes events as lines of JSON.
#[derive(Debug)]
pub struct JsonLines<W>(W);

impl<W> JsonLines<W> {
    /// Lines go to `writer`.
    #[must_use]
    pub fn to(writer: W) -> Self {
        Self(writer)
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut known = Known::default();
        attributes.record(&mut known);
        if let Some(span) = context.span(id)
            && !known.0.is_empty()
        {
            span.extensions_mut().insert(known);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(known) = span.extensions_mut().get_mut::<Known>()
        {
            values.record(known);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Line::of(event);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(known) = span.extensions().get::<Known>() {
                line.belongs_to(known);
            }
        }
        // What is made of texts and numbers is always JSON.
        let mut text = one_line(&serde_json::to_string(&line).unwrap_or_default());
        text.push('\n');
        // A log that can't be written can't be complained about.
        self.0.make_writer().write_all(text.as_bytes()).ok();
    }
}

/// One line, in the order it is written.
#[derive(Debug, Serialize)]
struct Line {
    timestamp: String,
    level: &'static str,
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
    fn of(event: &Event<'_>) -> Self {
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
            target: event.metadata().target(),
            message: fields.remove("message"),
            request_id: fields.remove(REQUEST),
            trace_id: None,
            route: None,
            fields,
        }
    }

    /// The nearest span decides.
    fn belongs_to(&mut self, known: &Known) {
        for (name, value) in &known.0 {
            let place = match *name {
                REQUEST => &mut self.request_id,
                TRACE => &mut self.trace_id,
                _ => &mut self.route,
            };
            place.get_or_insert_with(|| value.as_str().into());
        }
    }
}

/// JSON escapes what ends a line in ASCII; some readers end lines elsewhere too (row O3).
fn one_line(json: &str) -> String {
    json.replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
        .replace('\u{85}', "\\u0085")
}

/// What lines repeat from one span.
#[derive(Debug, Default)]
struct Known(Vec<(&'static str, String)>);

impl Known {
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(act: impl FnOnce()) -> Vec<Value> {
        let paper = Paper::default();
        let target = paper.clone();
        let layer = JsonLines::to(move || target.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        // Every reader's idea of a line.
        let lines = text
            .trim_end()
            .split(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}']);
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn o3_an_event_is_one_line_whatever_it_says() {
        let hostile = "a\nb\r\u{1b}[31m\u{2028}\u{2029}\u{85}{\"level\":\"INFO\"}";

        let lines = logged(|| tracing::warn!(said = hostile, "refused"));

        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["level"], "WARN");
        assert_eq!(lines[0]["fields"]["said"], hostile);
    }

    #[test]
    fn o3_a_long_text_is_cut() {
        let lines = logged(|| tracing::warn!(said = "é".repeat(1 << 20), "refused"));

        let said = lines[0]["fields"]["said"].as_str().unwrap();
        assert!(said.len() < 1_100 && said.ends_with('…'), "{}", said.len());
    }

    #[test]
    fn a_line_says_the_request_and_the_trace_it_belongs_to() {
        let lines = logged(|| {
            let outer = tracing::info_span!(
                "request",
                request_id = "r1",
                trace_id = tracing::field::Empty
            );
            outer.record("trace_id", "t1");
            let _outer = outer.enter();
            tracing::info_span!("inner", other = 1).in_scope(|| tracing::info!("within"));
            tracing::info!(request_id = "r2", "its own");
        });

        assert_eq!(lines[0]["request_id"], "r1");
        assert_eq!(lines[0]["trace_id"], "t1");
        assert_eq!(lines[0]["message"], "within");
        assert_eq!(lines[1]["request_id"], "r2");
    }
}
