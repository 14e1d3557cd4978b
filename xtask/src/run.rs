//! Runs programs: quietly, with their progress on the screen and their output shown when they
//! fail, or in the open, with their output passed through.

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::console::Progress;

/// No step may hang for ever on a network that answers nothing.
const PATIENCE: Duration = Duration::from_hours(1);

/// A program ran and did not succeed. Its output has the reason.
#[derive(Debug)]
pub(crate) struct CommandFailed {
    shown: String,
    status: String,
    output: String,
}

impl std::fmt::Display for CommandFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.output.is_empty() {
            writeln!(f, "{}\n", self.output.trim_end())?;
        }
        write!(f, "`{}` ended with {}", self.shown, self.status)
    }
}

impl std::error::Error for CommandFailed {}

/// Runs the program, shows how far it is, and returns what it printed.
pub(crate) fn quietly(command: &mut Command, progress: &Progress) -> anyhow::Result<String> {
    quietly_within(command, progress, PATIENCE)
}

/// The same, but the program is ended when it has taken longer than `patience`.
pub(crate) fn quietly_within(
    command: &mut Command,
    progress: &Progress,
    patience: Duration,
) -> anyhow::Result<String> {
    let shown = shown(command);
    // Cargo draws its bar only on a terminal; asked for, it is read here and drawn again.
    command
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "120");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .with_context(|| format!("starting `{shown}`"))?;

    let (sender, lines) = mpsc::channel();
    listen(child.stdout.take(), sender.clone());
    listen(child.stderr.take(), sender);
    let deadline = Instant::now() + patience;
    let heard = follow(&lines, progress, deadline);
    if heard.timed_out {
        child.kill().with_context(|| format!("ending `{shown}`"))?;
    }
    let status = child
        .wait()
        .with_context(|| format!("waiting for `{shown}`"))?;
    let ending = if heard.timed_out {
        format!("nothing after {} s", patience.as_secs())
    } else if status.success() {
        return Ok(heard.output);
    } else {
        ending(status)
    };
    Err(CommandFailed {
        shown,
        status: ending,
        output: heard.output,
    }
    .into())
}

/// Runs the program with its output on the screen as it comes.
pub(crate) fn openly(command: &mut Command, progress: &Progress) -> anyhow::Result<()> {
    let shown = shown(command);
    command.stdin(Stdio::null());
    let status = progress.aside(|| command.status());
    let status = status.with_context(|| format!("starting `{shown}`"))?;
    if status.success() {
        return Ok(());
    }
    Err(CommandFailed {
        shown,
        status: ending(status),
        output: String::new(),
    }
    .into())
}

/// What the program prints on stdout, if it is there and succeeds. For looking around only.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// The command as one could type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(std::ffi::OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

fn ending(status: ExitStatus) -> String {
    status
        .code()
        .map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

#[derive(Debug, Default)]
struct Heard {
    output: String,
    timed_out: bool,
}

fn follow(lines: &Receiver<String>, progress: &Progress, deadline: Instant) -> Heard {
    let mut heard = Heard::default();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) => {
                if let Some((done, all, what)) = cargo_progress(&line) {
                    progress.counted(done, all, what);
                } else if !line.trim().is_empty() {
                    progress.now(line.trim());
                    heard.output.push_str(&line);
                    heard.output.push('\n');
                }
            }
            Err(RecvTimeoutError::Disconnected) => return heard,
            Err(RecvTimeoutError::Timeout) => {
                heard.timed_out = true;
                return heard;
            }
        }
    }
}

/// Sends every line of `stream`; a carriage return ends a line as well.
fn listen(stream: Option<impl Read + Send + 'static>, sender: Sender<String>) {
    let Some(mut stream) = stream else { return };
    thread::spawn(move || {
        let mut line = Vec::new();
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut chunk) {
            for byte in chunk.iter().take(count) {
                if matches!(byte, b'\n' | b'\r') {
                    send(&mut line, &sender);
                } else {
                    line.push(*byte);
                }
            }
        }
        send(&mut line, &sender);
    });
}

fn send(line: &mut Vec<u8>, sender: &Sender<String>) {
    let text = String::from_utf8_lossy(line).replace("\u{1b}[K", "");
    line.clear();
    // Nobody listens any more once the time is up.
    drop(sender.send(text));
}

/// `Building [====>   ] 213/568: serde, syn` as (213, 568, "serde, syn").
fn cargo_progress(line: &str) -> Option<(u64, u64, &str)> {
    let (_, counts) = line.split_once("] ")?;
    let (counts, what) = counts.split_once(": ").unwrap_or((counts, ""));
    let (done, all) = counts.trim().split_once('/')?;
    Some((done.parse().ok()?, all.parse().ok()?, what.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{Console, Outcome};

    fn with_progress<T>(work: impl FnOnce(&Progress) -> T) -> T {
        let mut result = None;
        Console::new()
            .step("step", "for a test", |progress| {
                result = Some(work(progress));
                Ok(Outcome::Done(String::new()))
            })
            .unwrap();
        result.unwrap()
    }

    #[test]
    fn the_bar_of_cargo_is_understood() {
        let line = "    Building [=====>          ] 213/568: serde, syn(build.rs)";

        assert_eq!(
            cargo_progress(line),
            Some((213, 568, "serde, syn(build.rs)"))
        );
    }

    #[test]
    fn an_ordinary_line_is_no_bar() {
        assert_eq!(cargo_progress("   Compiling serde v1.0.0"), None);
        assert_eq!(cargo_progress("warning: [unused] a/b"), None);
    }

    #[test]
    fn what_a_failing_program_printed_is_in_the_error() {
        let mut command = Command::new("cargo");
        command.arg("no-such-subcommand-of-cargo");

        let error = with_progress(|progress| quietly(&mut command, progress)).unwrap_err();

        let text = format!("{error:#}");
        assert!(text.contains("no such command"), "{text}");
        assert!(text.contains("ended with exit code 101"), "{text}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let mut command = Command::new("weir-no-such-program");

        let error = with_progress(|progress| quietly(&mut command, progress)).unwrap_err();

        assert!(format!("{error:#}").contains("weir-no-such-program"));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_hangs_is_ended() {
        let mut command = Command::new("sleep");
        command.arg("600");

        let soon = Duration::from_millis(50);
        let error = with_progress(|progress| quietly_within(&mut command, progress, soon));

        assert!(format!("{:#}", error.unwrap_err()).contains("nothing after"));
    }
}
