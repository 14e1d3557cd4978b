//! Chromium's `DevTools` protocol over a pair of pipes: commands with their answers, and events.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{broadcast, mpsc, oneshot};

/// Longer than any answer of a healthy browser: a machine under load answers late, not never.
const PATIENCE: Duration = Duration::from_mins(1);

/// Events that nobody read yet; a listener that falls further behind is told so.
const EVENTS: usize = 4096;

/// What ends a message on the pipe.
const END: u8 = 0;

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// A connection to a browser.
#[derive(Debug)]
pub(super) struct Cdp {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    waiting: Waiting,
    next: AtomicU64,
    events: broadcast::Sender<Event>,
}

/// Something that happened in the browser.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) method: String,
    /// The session it belongs to; none for the browser itself.
    pub(super) session: Option<String>,
    pub(super) params: Value,
}

/// The events since a moment, in their order.
#[derive(Debug)]
pub(super) struct Events(broadcast::Receiver<Event>);

impl Cdp {
    /// Talks over `writer` and `reader` for as long as the browser does.
    pub(super) fn over(
        writer: impl AsyncWrite + Unpin + Send + 'static,
        reader: impl AsyncBufRead + Unpin + Send + 'static,
    ) -> Self {
        let (outgoing, messages) = mpsc::unbounded_channel();
        let (events, _) = broadcast::channel(EVENTS);
        let waiting = Waiting::default();
        tokio::spawn(write(writer, messages));
        tokio::spawn(read(reader, Arc::clone(&waiting), events.clone()));
        Self {
            outgoing,
            waiting,
            next: AtomicU64::new(1),
            events,
        }
    }

    /// Everything that happens from now on.
    pub(super) fn events(&self) -> Events {
        Events(self.events.subscribe())
    }

    /// Sends a command to a session, or to the browser itself, and waits for its answer.
    pub(super) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> anyhow::Result<Value> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let (Some(session), Some(fields)) = (session, message.as_object_mut()) {
            fields.insert("sessionId".to_owned(), session.into());
        }
        let (answer, answered) = oneshot::channel();
        locked(&self.waiting).insert(id, answer);
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(END);
        self.outgoing
            .send(bytes)
            .with_context(|| format!("the browser ended before `{method}`"))?;
        let mut answer = tokio::time::timeout(PATIENCE, answered)
            .await
            .with_context(|| format!("the browser did not answer `{method}`"))?
            .with_context(|| format!("the browser ended during `{method}`"))?;
        if let Some(error) = answer.get("error") {
            bail!("the browser refused `{method}`: {error}");
        }
        Ok(taken(&mut answer, "result"))
    }
}

impl Events {
    /// The next event that `wanted` makes something of.
    pub(super) async fn find<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&Event) -> Option<T>,
    ) -> anyhow::Result<T> {
        let found = async {
            loop {
                let event = self.0.recv().await?;
                if let Some(found) = wanted(&event) {
                    return Ok(found);
                }
            }
        };
        tokio::time::timeout(PATIENCE, found)
            .await
            .with_context(|| format!("waited {} s for {what}", PATIENCE.as_secs()))?
    }
}

async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut messages: mpsc::UnboundedReceiver<Vec<u8>>,
) {
    while let Some(message) = messages.recv().await {
        if writer.write_all(&message).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}

/// Until the browser ends; whoever waits then is told by the end of its channel.
async fn read(
    mut reader: impl AsyncBufRead + Unpin,
    waiting: Waiting,
    events: broadcast::Sender<Event>,
) {
    let mut bytes = Vec::new();
    while matches!(reader.read_until(END, &mut bytes).await, Ok(length) if length > 0) {
        if bytes.last() == Some(&END) {
            bytes.pop();
        }
        if let Ok(message) = serde_json::from_slice::<Value>(&bytes) {
            deliver(message, &waiting, &events);
        }
        bytes.clear();
    }
    locked(&waiting).clear();
}

fn deliver(mut message: Value, waiting: &Waiting, events: &broadcast::Sender<Event>) {
    if let Some(id) = message.get("id").and_then(Value::as_u64) {
        if let Some(answer) = locked(waiting).remove(&id) {
            // Whoever asked may have given up.
            let _ = answer.send(message);
        }
        return;
    }
    let text = |name: &str| message.get(name).and_then(Value::as_str).map(str::to_owned);
    let event = Event {
        method: text("method").unwrap_or_default(),
        session: text("sessionId"),
        params: taken(&mut message, "params"),
    };
    // Nobody listens to most of them.
    let _ = events.send(event);
}

/// A part of a message, moved out of it.
pub(super) fn taken(message: &mut Value, name: &str) -> Value {
    message.get_mut(name).map(Value::take).unwrap_or_default()
}

fn locked(waiting: &Waiting) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Value>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::io::{BufReader, duplex, split};

    use super::*;

    /// A browser that answers each command with its own parameters, after an event of that name.
    fn echoing() -> Cdp {
        let (ours, theirs) = duplex(1 << 16);
        let (reader, mut writer) = split(theirs);
        tokio::spawn(async move {
            let mut reader = BufReader::new(reader);
            let mut bytes = Vec::new();
            while reader.read_until(END, &mut bytes).await.unwrap() > 0 {
                bytes.pop();
                let asked: Value = serde_json::from_slice(&bytes).unwrap();
                bytes.clear();
                let event = json!({ "method": asked["method"], "sessionId": asked["sessionId"], "params": { "n": 1 } });
                let answer = match asked["method"].as_str().unwrap() {
                    "No.such" => json!({ "id": asked["id"], "error": { "message": "no such" } }),
                    _ => json!({ "id": asked["id"], "result": asked["params"] }),
                };
                for message in [event, answer] {
                    writer
                        .write_all(format!("{message}\0").as_bytes())
                        .await
                        .unwrap();
                }
            }
        });
        let (reader, writer) = split(ours);
        Cdp::over(writer, BufReader::new(reader))
    }

    #[tokio::test]
    async fn an_answer_finds_whoever_asked_and_events_go_to_listeners() {
        let cdp = echoing();
        let mut events = cdp.events();

        let (one, two) = tokio::join!(
            cdp.call(None, "A.one", json!({ "k": 1 })),
            cdp.call(Some("s"), "A.two", json!({ "k": 2 })),
        );
        let session = events
            .find("an event", |event| {
                (event.method == "A.two").then(|| event.session.clone())
            })
            .await
            .unwrap();

        assert_eq!(
            (one.unwrap()["k"].clone(), two.unwrap()["k"].clone()),
            (json!(1), json!(2))
        );
        assert_eq!(session.as_deref(), Some("s"));
    }

    #[tokio::test]
    async fn a_refusal_says_which_command_was_refused() {
        let refused = echoing()
            .call(None, "No.such", json!({}))
            .await
            .unwrap_err();

        assert_eq!(
            refused.to_string(),
            "the browser refused `No.such`: {\"message\":\"no such\"}"
        );
    }

    #[tokio::test]
    async fn the_end_of_the_browser_ends_every_wait() {
        let (ours, theirs) = duplex(64);
        let (reader, writer) = split(ours);
        let cdp = Cdp::over(writer, BufReader::new(reader));
        drop(theirs);

        assert!(cdp.call(None, "A.one", json!({})).await.is_err());
    }
}
