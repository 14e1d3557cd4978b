//! What whoever waits sees: a moving line on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Write as _, stdout};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often something long says a word when no terminal is there.
const PLAIN_INTERVAL: Duration = Duration::from_secs(20);

/// Says how far a run has come. Clones say it at the same place.
#[derive(Debug, Clone)]
pub struct Progress {
    bar: ProgressBar,
    terminal: bool,
    started: Instant,
    said: Arc<Mutex<Instant>>,
}

impl Progress {
    /// On stdout.
    #[must_use]
    pub fn new() -> Self {
        let terminal = stdout().is_terminal();
        let bar = ProgressBar::new_spinner();
        if terminal {
            let style = ProgressStyle::with_template("  {spinner} {elapsed} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let now = Instant::now();
        Self {
            bar,
            terminal,
            started: now,
            said: Arc::new(Mutex::new(now)),
        }
    }

    /// One line that stays on the screen.
    pub fn note(&self, line: &str) {
        self.bar.suspend(|| say(&format!("  {line}")));
    }

    /// What is going on right now; the next call replaces it.
    pub fn now(&self, line: &str) {
        self.bar.set_message(line.to_owned());
        let Ok(mut said) = self.said.lock() else {
            return;
        };
        if !self.terminal && said.elapsed() >= PLAIN_INTERVAL {
            let seconds = self.started.elapsed().as_secs();
            say(&format!("  … {seconds:>4} s  {line}"));
            *said = Instant::now();
        }
    }

    /// `done` of `all`, and what is worked on.
    pub fn counted(&self, done: u64, all: u64, what: &str) {
        self.now(&format!("{done}/{all} {what}"));
    }

    /// Takes the moving line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// Nobody may be reading.
fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}
