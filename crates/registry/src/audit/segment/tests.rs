use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::read::SegmentReader;
use super::*;
use crate::audit::chain::Fault;
use crate::{AuditError, Denial, Fact, Label, Realm, RequestId};

const STREAM: StreamId = StreamId {
    writer: 10,
    part: 3,
};

fn event(i: u64) -> AuditEvent {
    let at = chrono::DateTime::from_timestamp_millis(1_790_000_000_000).unwrap();
    let request = RequestId::parse(format!("r-{i}")).unwrap();
    let code = Label::parse("token-expired").unwrap();
    AuditEvent::new(at, request, Fact::Denial(Denial::new(Realm::Embed, code)))
}

/// A first line and `count` submissions; every third has two events.
fn segment(count: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut tip = write_first(LogId(7), STREAM, &mut bytes);
    for i in 1..=count {
        let mut events = vec![event(i)];
        if i.is_multiple_of(3) {
            events.push(event(i));
        }
        tip = write_next(&tip, &serde_json::to_vec(&events).unwrap(), &mut bytes);
    }
    bytes
}

struct Stored {
    _folder: TempDir,
    path: PathBuf,
}

fn store(bytes: &[u8]) -> Stored {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.segment");
    std::fs::write(&path, bytes).unwrap();
    Stored {
        _folder: folder,
        path,
    }
}

/// How many submissions can be read, and the first line that cannot.
fn read(bytes: &[u8]) -> (u64, Option<u64>) {
    let stored = store(bytes);
    let mut reader = match SegmentReader::open(&stored.path, STREAM) {
        Ok(reader) => reader,
        Err(AuditError::Damaged(Fault::Segment { line, .. })) => return (0, Some(line)),
        Err(other) => panic!("{other:?}"),
    };
    let mut events = 0;
    loop {
        let batch = reader.batch(2).unwrap();
        events += batch.events.len();
        if let Some(fault) = batch.fault {
            let Fault::Segment { stream, line } = fault else {
                panic!("{fault}")
            };
            assert_eq!(stream, STREAM);
            assert_eq!(reader.batch(2).unwrap().fault, Some(fault), "found again");
            return (reader.line(), Some(line));
        }
        if batch.events.is_empty() {
            let expected: u64 = (1..=reader.line())
                .map(|i| if i.is_multiple_of(3) { 2 } else { 1 })
                .sum();
            assert_eq!(u64::try_from(events).unwrap(), expected);
            return (reader.line(), None);
        }
    }
}

fn line_feeds(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

#[test]
fn the_written_form_of_a_segment_never_changes() {
    let text = String::from_utf8(segment(1)).unwrap();

    // Computed with Python's hashlib and struct from the rule in the module's documentation.
    assert_eq!(
        text,
        concat!(
            r#"{"hash":"d6c6ce3f37102aea9f6d8cefb584ccd66bbdaf6bfb6de5abe1ae7bb633ba1127","line":0,"#,
            r#""segment":{"version":1,"log":"00000000000000000000000000000007","#,
            r#""stream":"0000000000000000000000000000000a-3"}}"#,
            "\n",
            r#"{"hash":"dec56cdd4ef9b83eb2935b851ecb27df7ba52a014df8b67b5564af4ec70cc62a","line":1,"#,
            r#""events":[{"at":"2026-09-21T14:13:20.000Z","request":"r-1","fact":{"kind":"denial","#,
            r#""realm":"embed","code":"token-expired","subject":null,"dashboard":null,"#,
            r#""tile":null,"policy_revision":null}}]}"#,
            "\n",
        )
    );
}

#[test]
fn a_whole_segment_is_read_as_it_was_written() {
    assert_eq!(read(&segment(20)), (20, None));
    assert_eq!(read(&segment(0)), (0, None));
}

#[test]
fn a_reader_goes_on_where_it_was_told_to() {
    let stored = store(&segment(9));
    let mut reader = SegmentReader::open(&stored.path, STREAM).unwrap();

    reader.skip_to(7).unwrap();
    let batch = reader.batch(100).unwrap();

    assert_eq!(batch.events, [event(8), event(9), event(9)]);
}

#[test]
fn a_segment_shorter_than_what_was_moved_is_damaged() {
    let stored = store(&segment(4));
    let mut reader = SegmentReader::open(&stored.path, STREAM).unwrap();

    let refused = reader.skip_to(6).unwrap_err();

    assert!(
        matches!(refused, AuditError::Damaged(Fault::Segment { line: 5, .. })),
        "{refused:?}"
    );
}

#[test]
fn a_segment_under_another_name_is_damaged() {
    let stored = store(&segment(1));

    assert!(SegmentReader::open(&stored.path, STREAM.next()).is_err());
}

#[test]
fn ids_are_written_in_one_way() {
    assert_eq!(StreamId::parse(&STREAM.to_string()).unwrap(), STREAM);
    for text in [
        "",
        "0000000000000000000000000000000a",
        "0000000000000000000000000000000A-3",
        "0000000000000000000000000000000a-03",
        "0000000000000000000000000000000a-+3",
        "+000000000000000000000000000000a-3",
        "../0000000000000000000000000000a-3",
    ] {
        assert!(StreamId::parse(text).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    /// A process is killed, or the disk is full, at any byte: what is whole is read, the rest was
    /// never acknowledged. A file may also end in zeros then.
    #[test]
    fn a_torn_last_line_is_dropped(at in any::<prop::sample::Index>(), zeros in 0_usize..3) {
        let whole = segment(12);
        let first = lines(&whole)[0].len();
        let length = first + at.index(whole.len() - first + 1);
        let mut torn = whole[..length].to_vec();
        let kept = line_feeds(&torn) - 1;
        torn.resize(length + zeros, 0);

        prop_assert_eq!(read(&torn), (u64::try_from(kept).unwrap(), None));
    }

    /// Any byte of any line, changed to any other, is found at that line. The last line feed is
    /// the exception: without it the last line is a torn one.
    #[test]
    fn any_changed_byte_is_found_at_its_line(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = segment(12);
        let place = at.index(bytes.len() - 1);
        prop_assume!(bytes[place] != to);
        let line = line_feeds(&bytes[..place]);
        bytes[place] = to;

        let line = u64::try_from(line).unwrap();
        prop_assert_eq!(read(&bytes), (line.saturating_sub(1), Some(line)));
    }

    /// Whole lines deleted from the middle, doubled or exchanged are found at the first of them.
    #[test]
    fn lines_out_of_place_are_found(a in 1_usize..12, b in 1_usize..12, what in 0_u8..3) {
        let mut found = lines(&segment(12));
        let first = match what {
            0 => { found.remove(a); a }
            1 => { found.insert(a + 1, found[b].clone()); a + 1 + usize::from(b == a + 1) }
            _ => { prop_assume!(a != b); found.swap(a, b); a.min(b) }
        };

        let first = u64::try_from(first).unwrap();
        prop_assert_eq!(read(&found.concat()), (first - 1, Some(first)));
    }
}
