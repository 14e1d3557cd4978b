//! What the reader sees: one block per step, a moving bar on a terminal and plain lines elsewhere,
//! and a table of durations at the end.

use std::cell::RefCell;
use std::io::{IsTerminal, stdout};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a long step says a word when no terminal is there to show a bar.
const PLAIN_INTERVAL: Duration = Duration::from_secs(20);

/// Prints steps and remembers how long they took.
#[derive(Debug)]
pub(crate) struct Console {
    terminal: bool,
    started: Instant,
    steps: Vec<Finished>,
}

/// How a step ended, other than by failing.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The work was done; the text says what came out of it.
    Done(String),
    /// There was nothing to do.
    Ready(String),
    /// It could not be done here, which is not an error; the text says why.
    Skipped(String),
}

#[derive(Debug)]
struct Finished {
    name: String,
    mark: &'static str,
    took: Duration,
    note: String,
}

impl Console {
    pub(crate) fn new() -> Self {
        Self {
            terminal: stdout().is_terminal(),
            started: Instant::now(),
            steps: Vec::new(),
        }
    }

    /// Announces a step, does it, and says how it ended. A failure is recorded and handed on.
    pub(crate) fn step(
        &mut self,
        name: &str,
        why: &str,
        work: impl FnOnce(&Progress) -> anyhow::Result<Outcome>,
    ) -> anyhow::Result<()> {
        self.obtain(name, why, |progress| {
            work(progress).map(|outcome| ((), outcome))
        })
    }

    /// The same, for a step that finds or makes something.
    pub(crate) fn obtain<T>(
        &mut self,
        name: &str,
        why: &str,
        work: impl FnOnce(&Progress) -> anyhow::Result<(T, Outcome)>,
    ) -> anyhow::Result<T> {
        println!("\n▸ {name}: {why}");
        let progress = Progress::new(self.terminal);
        let result = work(&progress);
        let took = progress.finish();
        let (mark, note) = match &result {
            Ok((_, Outcome::Done(note))) => ("done", note.clone()),
            Ok((_, Outcome::Ready(note))) => ("ready", note.clone()),
            Ok((_, Outcome::Skipped(note))) => ("skipped", note.clone()),
            Err(_) => ("FAILED", String::new()),
        };
        let separator = if note.is_empty() { "" } else { ": " };
        println!("  {mark} in {}{separator}{note}", seconds(took));
        self.steps.push(Finished {
            name: name.to_owned(),
            mark,
            took,
            note,
        });
        result.map(|(product, _)| product)
    }

    /// The table of all steps so far, and the time since the start.
    pub(crate) fn summary(&self) {
        println!("\n{}", self.table());
    }

    fn table(&self) -> String {
        let width = self
            .steps
            .iter()
            .map(|step| step.name.chars().count())
            .max()
            .unwrap_or(0);
        let mut lines = vec![format!("  {:<width$}  {:>8}  outcome", "step", "time")];
        for step in &self.steps {
            let row = format!(
                "  {:<width$}  {:>8}  {} {}",
                step.name,
                seconds(step.took),
                step.mark,
                step.note
            );
            lines.push(row.trim_end().to_owned());
        }
        lines.push(format!(
            "  {:<width$}  {:>8}",
            "all",
            seconds(self.started.elapsed())
        ));
        lines.join("\n")
    }
}

/// The moving part of a step that is under way.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    bar: ProgressBar,
    terminal: bool,
    said: RefCell<Instant>,
}

impl Progress {
    fn new(terminal: bool) -> Self {
        let bar = ProgressBar::new_spinner();
        if terminal {
            bar.set_style(spinner());
            bar.enable_steady_tick(Duration::from_millis(120));
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let now = Instant::now();
        Self {
            started: now,
            bar,
            terminal,
            said: RefCell::new(now),
        }
    }

    /// One line that stays on the screen.
    pub(crate) fn note(&self, line: &str) {
        self.bar.suspend(|| println!("  {line}"));
    }

    /// What is going on right now; the next call replaces it.
    pub(crate) fn now(&self, line: &str) {
        self.bar.set_message(line.to_owned());
        self.say_plainly(line);
    }

    /// `done` of `all` parts; `what` is the part being worked on.
    pub(crate) fn counted(&self, done: u64, all: u64, what: &str) {
        if self.bar.length() != Some(all) {
            self.bar.set_length(all);
            self.bar.set_style(bar());
        }
        self.bar.set_position(done);
        self.bar.set_message(what.to_owned());
        self.say_plainly(&format!("{done}/{all} {what}"));
    }

    /// Takes the bar away while something else writes to the screen.
    pub(crate) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.disable_steady_tick();
        let result = self.bar.suspend(work);
        if self.terminal {
            self.bar.enable_steady_tick(Duration::from_millis(120));
        }
        result
    }

    fn say_plainly(&self, line: &str) {
        if self.terminal || self.said.borrow().elapsed() < PLAIN_INTERVAL {
            return;
        }
        println!(
            "  … {:>4.0} s  {line}",
            self.started.elapsed().as_secs_f64()
        );
        self.said.replace(Instant::now());
    }

    fn finish(self) -> Duration {
        self.bar.finish_and_clear();
        self.started.elapsed()
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("  {spinner} {elapsed} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn bar() -> ProgressStyle {
    ProgressStyle::with_template("  {spinner} {elapsed} [{bar:30}] {pos}/{len} {wide_msg}")
        .map_or_else(
            |_| ProgressStyle::default_bar(),
            |style| style.progress_chars("=> "),
        )
}

/// `0.4 s`, `71.0 s`, `12 min 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 100 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// `10.0 KB`; one KB is 1024 bytes.
pub(crate) fn kilobytes(bytes: usize) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1024);
    format!("{}.{} KB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(420)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(725)), "12 min 05 s");
    }

    #[test]
    fn sizes_round_up_so_that_a_budget_is_never_flattered() {
        assert_eq!(kilobytes(10 * 1024), "10.0 KB");
        assert_eq!(kilobytes(10 * 1024 + 1), "10.1 KB");
    }

    #[test]
    fn a_failed_step_is_in_the_summary() {
        let mut console = Console::new();

        let result = console.step("lint", "because", |_| anyhow::bail!("no"));

        assert!(result.is_err());
        assert!(console.table().contains("FAILED"));
    }

    #[test]
    fn a_skipped_step_keeps_its_reason_in_the_summary() {
        let mut console = Console::new();

        console
            .step("deny", "because", |_| {
                Ok(Outcome::Skipped("no network".into()))
            })
            .unwrap();

        assert!(console.table().contains("skipped no network"));
    }
}
