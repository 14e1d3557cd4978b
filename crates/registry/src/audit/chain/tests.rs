use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::{AuditEvent, Denial, Fact, Label, Realm, RequestId, SignOut, SignOutCause};

/// `count` linked records, alternating between two kinds, and their head.
fn log(count: u64) -> (Vec<Link>, Head) {
    let mut head = Head::EMPTY;
    let links = (1..=count).map(|i| {
        let link = Link::after(&head, &event(i)).unwrap();
        head = link.as_head();
        link
    });
    (links.collect(), head)
}

static FORTY: LazyLock<(Vec<Link>, Head)> = LazyLock::new(|| log(40));

fn event(i: u64) -> AuditEvent {
    let at = chrono::DateTime::from_timestamp_millis(1_790_000_000_000).unwrap();
    let request = RequestId::parse(format!("r-{i}")).unwrap();
    let fact = if i.is_multiple_of(2) {
        Fact::Denial(Denial::new(
            Realm::Embed,
            Label::parse("token-expired").unwrap(),
        ))
    } else {
        let subject = Digest::from([7; 32]);
        Fact::SignOut(SignOut {
            subject,
            cause: SignOutCause::Member,
            sessions: i,
        })
    };
    AuditEvent::new(at, request, fact)
}

fn walk(links: &[Link], head: Option<Head>) -> ChainStatus {
    let mut walk = Walk::new();
    for link in links {
        if let Err(fault) = walk.step(link) {
            return ChainStatus::Broken(fault);
        }
    }
    walk.finish(head)
}

#[test]
fn the_written_form_of_a_record_never_changes() {
    let (links, _) = log(2);

    // Computed with Python's hashlib and struct from the rule in the module's documentation.
    assert_eq!(
        links[0].entry,
        concat!(
            r#"{"seq":1,"at":"2026-09-21T14:13:20.000Z","request":"r-1","fact":{"kind":"sign_out","#,
            r#""subject":"0707070707070707070707070707070707070707070707070707070707070707","#,
            r#""cause":"member","sessions":1}}"#
        )
    );
    assert_eq!(
        links[1].entry,
        concat!(
            r#"{"seq":2,"at":"2026-09-21T14:13:20.000Z","request":"r-2","fact":{"kind":"denial","#,
            r#""realm":"embed","code":"token-expired","subject":null,"dashboard":null,"tile":null,"#,
            r#""policy_revision":null}}"#
        )
    );
    assert_eq!(links[0].hash.to_string(), FIRST);
    assert_eq!(links[1].hash.to_string(), SECOND);
}

const FIRST: &str = "a814f120beadcc4b09a039d0cfb9b49c8cacaea74436ab051b9e48cf402dbd13";
const SECOND: &str = "99c63f549b9e97b06b40eb7c886984ef41df8a1d5afce886261d0d5826331e24";

#[test]
fn an_untouched_log_is_intact_and_so_is_an_empty_one() {
    let (links, head) = log(20);

    assert_eq!(
        walk(&links, Some(head)),
        ChainStatus::Intact {
            records: 20,
            head: links[19].hash
        }
    );
    assert_eq!(
        walk(&[], Some(Head::EMPTY)),
        ChainStatus::Intact {
            records: 0,
            head: GENESIS
        }
    );
}

#[test]
fn each_kind_of_damage_has_its_name() {
    let (links, head) = log(6);
    let broken = |links: &[Link], head| match walk(links, head) {
        ChainStatus::Broken(fault) => fault,
        ChainStatus::Intact { .. } => panic!("damage went unnoticed"),
    };

    let mut swapped = links.clone();
    swapped.swap(2, 4);
    swapped[2].seq = 3;
    swapped[4].seq = 5;
    assert_eq!(
        broken(&swapped, Some(head)),
        Fault::Moved { seq: 3, found: 5 }
    );

    let mut without = links.clone();
    without.remove(3);
    assert_eq!(broken(&without, Some(head)), Fault::Deleted { seq: 4 });

    let mut closed_up = without.clone();
    closed_up
        .iter_mut()
        .zip(1..)
        .for_each(|(link, seq)| link.seq = seq);
    assert_eq!(
        broken(&closed_up, Some(head)),
        Fault::Moved { seq: 4, found: 5 }
    );

    let mut twice = links.clone();
    twice.push(Link {
        seq: 7,
        ..links[5].clone()
    });
    assert_eq!(
        broken(&twice, Some(head)),
        Fault::Moved { seq: 7, found: 6 }
    );

    let (longer, _) = log(7);
    assert_eq!(broken(&longer, Some(head)), Fault::Added { seq: 7 });
    assert_eq!(
        broken(&links[..4], Some(head)),
        Fault::Truncated { seq: 5, records: 6 }
    );
    assert_eq!(broken(&links, None), Fault::HeadChanged);
    let other = Head {
        hash: GENESIS,
        ..head
    };
    assert_eq!(broken(&links, Some(other)), Fault::HeadChanged);
}

/// One change of one stored value.
#[derive(Debug, Clone)]
enum Change {
    Seq(u64),
    At(i64),
    Kind(String),
    Byte { at: prop::sample::Index, to: char },
    Cut(prop::sample::Index),
    Append(char),
    Hash { byte: usize, bit: u8 },
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0_u64..60).prop_map(Change::Seq),
        any::<i64>().prop_map(Change::At),
        "[a-z_]{0,12}".prop_map(Change::Kind),
        (any::<prop::sample::Index>(), any::<char>()).prop_map(|(at, to)| Change::Byte { at, to }),
        any::<prop::sample::Index>().prop_map(Change::Cut),
        any::<char>().prop_map(Change::Append),
        (0_usize..32, 0_u8..8).prop_map(|(byte, bit)| Change::Hash { byte, bit }),
    ]
}

fn change(link: &mut Link, change: &Change) {
    match change {
        Change::Seq(seq) => link.seq = *seq,
        Change::At(at) => link.at_ms = *at,
        Change::Kind(kind) => link.kind.clone_from(kind),
        Change::Byte { at, to } => {
            let mut characters: Vec<char> = link.entry.chars().collect();
            *at.get_mut(&mut characters) = *to;
            link.entry = characters.into_iter().collect();
        }
        Change::Cut(at) => link.entry.truncate(at.index(link.entry.len())),
        Change::Append(character) => link.entry.push(*character),
        Change::Hash { byte, bit } => {
            let mut bytes = *link.hash.as_bytes();
            bytes[*byte] ^= 1 << bit;
            link.hash = Digest::from(bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    /// Invariant 10. Whatever single value of whatever record changes, the walk says so, and the
    /// record it names is not behind the damage.
    #[test]
    fn any_change_of_any_value_of_any_record_is_found(
        place in 0_usize..40,
        what in changes(),
    ) {
        let (mut links, head) = FORTY.clone();
        let before = links[place].clone();
        change(&mut links[place], &what);
        prop_assume!(links[place] != before);
        // The database keeps records in the order of their numbers, each number once.
        let seq = links[place].seq;
        prop_assume!(links.iter().filter(|link| link.seq == seq).count() == 1);
        links.sort_by_key(|link| link.seq);

        let status = walk(&links, Some(head));

        let named = match status {
            ChainStatus::Broken(
                Fault::Edited { seq } | Fault::Deleted { seq } | Fault::Moved { seq, .. } | Fault::Truncated { seq, .. },
            ) => seq,
            other => return Err(TestCaseError::fail(format!("{what:?} gave {other:?}"))),
        };
        prop_assert!(named <= before.seq, "{:?} named {}", what, named);
        if !matches!(what, Change::Seq(_)) {
            prop_assert_eq!(named, before.seq);
        }
    }

    /// Invariant 10. Removing any run of records is found, at its first record.
    #[test]
    fn any_missing_run_of_records_is_found(start in 0_usize..40, length in 1_usize..40) {
        let (mut links, head) = FORTY.clone();
        let end = (start + length).min(40);
        links.drain(start..end);

        let seq = u64::try_from(start).unwrap() + 1;
        let expected = if end == 40 {
            Fault::Truncated { seq, records: 40 }
        } else {
            Fault::Deleted { seq }
        };
        prop_assert_eq!(walk(&links, Some(head)), ChainStatus::Broken(expected));
    }

    /// Invariant 10. Exchanging the places of any two records is found at the first of them.
    #[test]
    fn any_two_records_that_changed_places_are_found(a in 0_usize..40, b in 0_usize..40) {
        prop_assume!(a != b);
        let (mut links, head) = FORTY.clone();
        let (first, second) = (a.min(b), a.max(b));
        links.swap(first, second);
        let (low, high) = (links[second].seq, links[first].seq);
        links[first].seq = low;
        links[second].seq = high;

        prop_assert_eq!(
            walk(&links, Some(head)),
            ChainStatus::Broken(Fault::Moved { seq: low, found: high })
        );
    }
}
