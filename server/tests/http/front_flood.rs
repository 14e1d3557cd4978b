//! HTTP/2 by prior knowledge, frame by frame (RFC 9113): what is answered, and what floods do (H25).

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::canaries::Canaries;
use crate::support::wire::{Wire, to_the_end};
use crate::support::world::World;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [head, payload.to_vec()].concat()
}

fn literal(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

/// `GET` of a path, by the static table and literals (RFC 7541).
fn request(path: &str, authority: &str) -> Vec<u8> {
    [
        vec![0x82, 0x87],
        literal(":path", path),
        literal(":authority", authority),
    ]
    .concat()
}

fn begin() -> Vec<u8> {
    [PREFACE.to_vec(), frame(SETTINGS, 0, 0, &[])].concat()
}

fn get(stream: u32, block: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, block)
}

/// Kind, flags, stream and payload of every frame in `bytes`.
fn frames(mut bytes: &[u8]) -> Vec<(u8, u8, u32, Vec<u8>)> {
    let mut frames = Vec::new();
    while let Some((head, rest)) = bytes.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let Some((payload, rest)) = rest.split_at_checked(length) else {
            break;
        };
        frames.push((head[3], head[4], stream, payload.to_vec()));
        bytes = rest;
    }
    frames
}

/// Sends `bytes` and reads until every stream of `streams` has ended.
async fn answers(wire: &Wire, bytes: &[u8], streams: &[u32]) -> Vec<(u8, u8, u32, Vec<u8>)> {
    let mut stream = wire.connect().await;
    stream.write_all(bytes).await.unwrap();
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut part).await.unwrap();
        all.extend_from_slice(&part[..length]);
        let frames = frames(&all);
        let ended = |which: &u32| {
            frames.iter().any(|(kind, flags, stream, _)| {
                let last = matches!(*kind, HEADERS | DATA) && flags & END_STREAM != 0;
                stream == which && (last || *kind == RST_STREAM)
            })
        };
        if length == 0 || streams.iter().all(ended) {
            return frames;
        }
    }
}

fn said(frames: &[(u8, u8, u32, Vec<u8>)], kind: u8, stream: u32) -> Option<&[u8]> {
    let found = frames
        .iter()
        .find(|frame| frame.0 == kind && frame.2 == stream);
    found.map(|frame| frame.3.as_slice())
}

/// `:status: 200` in the static table.
const OK: u8 = 0x88;

async fn world() -> World {
    let canaries = Canaries::new();
    World::build(&canaries.plan()).await.unwrap()
}

#[tokio::test]
async fn h25_http_2_is_spoken_and_held_to_the_same_rules() {
    let world = world().await;
    let wire = Wire::of(&world, |_| ()).await;
    let good = request("/healthz", "weir.example");
    let coded = [good.clone(), literal("transfer-encoding", "chunked")].concat();
    let split = [good.clone(), literal("a", "b\r\nc: d")].concat();
    let asked = [
        good,
        request("/", "evil.example"),
        request("/healthz?a=%FF", "weir.example"),
        coded,
        split,
    ];
    let mut frames = Vec::new();
    for (number, block) in (0_u32..).zip(&asked) {
        let bytes = [begin(), get(2 * number + 1, block)].concat();
        frames.extend(answers(&wire, &bytes, &[2 * number + 1]).await);
    }
    assert_eq!(
        said(&frames, HEADERS, 1).map(|block| block[0]),
        Some(OK),
        "{frames:?}"
    );
    let body = |stream| String::from_utf8_lossy(said(&frames, DATA, stream).unwrap()).into_owned();
    assert!(body(3).contains("misdirected-request"), "{}", body(3));
    assert!(body(5).contains("invalid-request"), "{}", body(5));
    // Either is malformed (RFC 9113 §8.2): its stream ends, or the connection.
    for (stream, what) in [(7, "chunks"), (9, "a line feed in a value")] {
        assert!(
            said(&frames, HEADERS, stream).is_none(),
            "{what}: {frames:?}"
        );
    }
}

/// HTTP/2's parser leaves a fragment out before anybody sees it: then there is one path, which guards
/// and routes read alike, and not two (the failure of others was to guard one and route the other).
#[tokio::test]
async fn h8_over_http_2_a_fragment_changes_nothing_for_guards_or_routes() {
    let world = world().await;
    let wire = Wire::of(&world, |_| ()).await;
    let ask = async |path: &str| {
        let asked = get(1, &request(path, "weir.example"));
        let frames = answers(&wire, &[begin(), asked].concat(), &[1]).await;
        let body = said(&frames, DATA, 1).map(<[u8]>::to_vec);
        let body = String::from_utf8(body.unwrap_or_default()).unwrap();
        let told: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
        (told["code"].clone(), told["status"].clone())
    };
    for path in ["/admin", "/api/v1/policies", "/healthz", "/nothing"] {
        let plain = ask(path).await;
        for fragment in ["#", "#f", "#/healthz", "#/../healthz", "?a=b#/healthz"] {
            assert_eq!(
                ask(&format!("{path}{fragment}")).await,
                plain,
                "{path}{fragment}"
            );
        }
    }
    assert_eq!(ask("/api/v1/policies#/healthz").await.1, 401);
    assert_eq!(ask("/healthz#/admin").await.1, "live");
}

/// A window of nothing: the answer is there, the connection is not blocked, and the client does not
/// take it.
#[tokio::test]
async fn h24_a_client_whose_window_stays_shut_is_left() {
    let world = world().await;
    let wire = Wire::of(&world, |door| {
        door.patience.read = std::time::Duration::from_millis(200);
    })
    .await;
    let shut = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let asked = get(1, &request("/healthz", "weir.example"));
    let began = std::time::Instant::now();

    let said = wire.say(&[PREFACE.to_vec(), shut, asked].concat()).await;

    let said = frames(&said);
    assert!(said.iter().any(|frame| frame.0 == HEADERS), "{said:?}");
    assert!(said.iter().all(|frame| frame.0 != DATA), "{said:?}");
    // Long before a ping that is not answered would end it.
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

/// A window that opens by a byte at a time: the connection is never blocked, what answers is done with
/// its work, and the answer lies there for days.
#[tokio::test]
async fn h24_a_client_whose_window_opens_byte_by_byte_is_left() {
    let world = world().await;
    let large = axum::Router::new().route(
        "/large",
        axum::routing::get(|| async { vec![b'a'; 4 << 20] }),
    );
    let wire = Wire::of(&world, |door| {
        door.router = large;
        door.patience.read = Duration::from_millis(300);
    })
    .await;
    let narrow = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 1]);
    let asked = get(1, &request("/large", "weir.example"));
    let mut stream = wire.connect().await;
    let first = [PREFACE.to_vec(), narrow, asked].concat();
    stream.write_all(&first).await.unwrap();
    let (mut from, mut to) = stream.into_split();

    let opening = async {
        let byte = frame(WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes());
        while to.write_all(&byte).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    let hearing = async { while let Ok(1..) = from.read(&mut [0; 4096]).await {} };
    let left = async {
        tokio::select! {
            () = opening => {}
            () = hearing => {}
        }
    };

    let left = tokio::time::timeout(Duration::from_secs(20), left).await;
    assert!(left.is_ok(), "an answer of days is still under way");
}

/// Each flood, and whether the connection has to end of it.
fn floods() -> Vec<(&'static str, Vec<u8>, bool)> {
    let block = request("/healthz", "weir.example");
    let mut resets = begin();
    for number in 0..10_000 {
        resets.extend(get(2 * number + 1, &block));
        resets.extend(frame(RST_STREAM, 0, 2 * number + 1, &8_u32.to_be_bytes()));
    }
    let part = literal("a", &"b".repeat(100)).repeat(100);
    let mut continued = [begin(), frame(HEADERS, END_STREAM, 1, &block)].concat();
    for _ in 0..1_000 {
        continued.extend(frame(CONTINUATION, 0, 1, &part));
    }
    let empty = frame(CONTINUATION, 0, 1, &[]).repeat(10_000);
    let nothing = [begin(), frame(HEADERS, END_STREAM, 1, &block), empty].concat();
    let pings = [begin(), frame(PING, 0, 0, &[0; 8]).repeat(10_000)].concat();
    let settings = [begin(), frame(SETTINGS, 0, 0, &[]).repeat(10_000)].concat();
    vec![
        ("rapid reset", resets, true),
        ("CONTINUATION", continued, true),
        ("empty CONTINUATION", nothing, true),
        ("PING", pings, false),
        ("SETTINGS", settings, false),
    ]
}

#[tokio::test]
async fn h25_floods_end_their_own_connection_and_trouble_nobody_else() {
    let world = world().await;
    let wire = Wire::of(&world, |_| ()).await;
    for (name, bytes, ends) in floods() {
        let mut stream = wire.connect().await;
        // It may be over before all of it is sent, and nothing of it is read here.
        let sent = stream.write_all(&bytes);
        let sent = tokio::time::timeout(std::time::Duration::from_millis(500), sent).await;
        assert!(wire.is_well().await, "{name}");
        if ends {
            let frames = frames(&to_the_end(&mut stream).await);
            let told = frames.iter().any(|frame| frame.0 == GOAWAY);
            assert!(told || !matches!(sent, Ok(Ok(()))), "{name}: {frames:?}");
        }
    }
}
