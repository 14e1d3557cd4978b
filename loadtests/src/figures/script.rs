//! What `wrk` sends: whole requests, one on a line, made before. Every proof is good once.

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http::header::HOST;
use http_body_util::Full;

use crate::http::{Crew, now};

/// Proofs say that they are made a little later than they are, because many are made before the
/// first is used; a minute either way is taken.
const LATER: Duration = Duration::from_secs(15);
/// So long may making them take, or the first are too old when the last is used.
const PATIENCE: Duration = Duration::from_secs(20);

/// Requests for the first tile of one person after the other, each with a proof of its own: so many, or as
/// many as there is time to make.
pub(super) fn tiles(crew: &Crew, count: u64) -> anyhow::Result<String> {
    let half = count / 2;
    let made = thread::scope(|scope| {
        let make = |(first, count)| scope.spawn(move || some_tiles(crew, first, count));
        [(0, half), (half, count - half)]
            .map(make)
            .map(thread::ScopedJoinHandle::join)
    });
    let mut lines = String::new();
    for half in made {
        lines += &half.map_err(|_| anyhow!("making proofs failed"))??;
    }
    Ok(lines)
}

fn some_tiles(crew: &Crew, first: u64, count: u64) -> anyhow::Result<String> {
    let mut lines = String::new();
    let began = Instant::now();
    for number in first..first + count {
        if began.elapsed() > PATIENCE {
            break;
        }
        let ask = crew
            .tile_of(number, now() + LATER)
            .context("nobody is there")?;
        line(&mut lines, &ask, "")?;
    }
    Ok(lines)
}

/// The request that opens the page of the first person.
pub(super) fn page(crew: &Crew) -> anyhow::Result<String> {
    let (ask, body) = crew.first_page().context("nobody is there")?;
    let mut lines = String::new();
    line(&mut lines, &ask, &body)?;
    Ok(lines)
}

/// A request without a body, for `wrk` to send again and again.
pub(super) fn one(ask: &Request<Full<Bytes>>) -> anyhow::Result<String> {
    let mut lines = String::new();
    line(&mut lines, ask, "")?;
    Ok(lines)
}

/// One request as it goes over the wire, in base64: it has line ends in it.
fn line(lines: &mut String, ask: &Request<Full<Bytes>>, body: &str) -> anyhow::Result<()> {
    let uri = ask.uri();
    let target = uri.path_and_query().context("no address")?;
    let authority = uri.authority().context("no host")?;
    let mut text = format!(
        "{} {target} HTTP/1.1\r\nHost: {authority}\r\n",
        ask.method()
    );
    for (name, value) in ask.headers().iter().filter(|(name, _)| **name != HOST) {
        write!(text, "{name}: {}\r\n", value.to_str()?)?;
    }
    if !body.is_empty() {
        write!(text, "content-length: {}\r\n", body.len())?;
    }
    text += "\r\n";
    text += body;
    lines.push_str(&STANDARD.encode(text));
    lines.push('\n');
    Ok(())
}
