//! Logs: people read a terminal, collectors read one line of JSON per event, with the request it
//! belongs to and the trace that request is recorded in. Neither shows a token, a secret, a value or
//! an address.

mod line;

use std::io::Write as _;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer};

use self::line::{Known, Line};
use super::otlp::Traces;

/// Begins to log, and to record `traces` if there are any. `RUST_LOG` sets the level, `NO_COLOR` takes
/// the colours out of a terminal. Called again, it does nothing.
pub fn to_stderr(traces: Option<&Traces>) {
    let form = if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        Form::Plain { coloured: !plain }
    } else {
        Form::Json
    };
    let lines = Lines {
        writer: std::io::stderr,
        form,
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(level()))
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

/// Writes events as lines.
#[derive(Debug)]
pub struct Lines<W> {
    writer: W,
    form: Form,
}

/// For whom.
#[derive(Debug, Clone, Copy)]
enum Form {
    Json,
    Plain { coloured: bool },
}

impl<W> Lines<W> {
    /// Lines of JSON go to `writer`.
    #[must_use]
    pub fn json(writer: W) -> Self {
        let form = Form::Json;
        Self { writer, form }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut known = Known::default();
        attributes.record(&mut known);
        if let Some(span) = context.span(id)
            && !known.is_empty()
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
        let mut text = match self.form {
            Form::Json => line.json(),
            Form::Plain { coloured } => line.plain(coloured),
        };
        text.push('\n');
        // A log that can't be written can't be complained about.
        let mut writer = self.writer.make_writer();
        writer.write_all(text.as_bytes()).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl std::io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What a terminal shows.
    fn shown(act: impl FnOnce()) -> String {
        let paper = Paper::default();
        let target = paper.clone();
        let layer = Lines {
            writer: move || target.clone(),
            form: Form::Plain { coloured: true },
        };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        paper.text()
    }

    fn logged(act: impl FnOnce()) -> Vec<Value> {
        let paper = Paper::default();
        let target = paper.clone();
        let layer = Lines::json(move || target.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        let text = paper.text();
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
    fn e9_o4_a_terminal_shows_no_token_secret_literal_or_address() {
        let error = std::io::Error::other("can't cast 'canaryliteral', ask canary@example.com");

        let shown = shown(|| {
            let span = tracing::info_span!("request", request_id = "r1", who = "canary@span.com");
            let _in = span.enter();
            let token = "Bearer eyJhbGciOiJFZERTQSJ9.canarytoken.c2lnbmF0dXJl";
            let error = &error as &dyn Error;
            tracing::warn!(error, said = token, "refused canary@message.com");
        });

        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains("refused") && shown.contains("can't cast"),
            "{shown}"
        );
        assert!(shown.contains("WARN") && shown.contains("r1"), "{shown}");
    }

    #[test]
    fn o3_nobody_writes_on_a_terminal_but_in_its_own_line() {
        let hostile = "a\nWARN b\r\u{1b}[31m\u{9b}2J\u{2028}\u{85}\u{202e}";

        let shown = shown(|| tracing::warn!(said = hostile, "{hostile}"));

        let line = shown.strip_suffix('\n').unwrap();
        for sign in [
            "\n",
            "\r",
            "\u{1b}[31m",
            "\u{9b}",
            "\u{2028}",
            "\u{85}",
            "\u{202e}",
        ] {
            assert!(!line.contains(sign), "{sign:?} in {line:?}");
        }
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
