use chrono::DateTime;
use weir_query::{Cell, CellType, OutputColumn, ResultSet};

use super::*;

const ONE: Key = [1; 32];
const OTHER: Key = [2; 32];

fn entry(text: &str) -> Entry {
    let column = OutputColumn {
        name: "region".to_owned(),
        cell_type: CellType::Text,
    };
    let rows = vec![vec![Cell::Text(text.to_owned())]];
    Entry {
        rows: ResultSet::new(vec![column], rows, false),
        bytes_read: 7,
        billed_bytes: 8,
        computed_at: DateTime::UNIX_EPOCH,
    }
}

fn rows(entry: &Entry) -> &[Vec<Cell>] {
    entry.rows.rows()
}

#[test]
fn an_answer_opens_for_its_own_question_in_its_own_deployment_only() {
    let (key, stranger) = (MasterKey::generate(), MasterKey::generate());
    let sealer = Sealer::new(&key, "a");
    let value = sealer.seal(&ONE, &entry("QC")).unwrap();

    let opened = Sealer::new(&key, "a").open(&ONE, &value).unwrap();
    assert_eq!(rows(&opened), rows(&entry("QC")));
    assert_eq!((opened.bytes_read, opened.billed_bytes), (7, 8));

    assert!(sealer.open(&OTHER, &value).is_err(), "under another name");
    assert!(Sealer::new(&key, "b").open(&ONE, &value).is_err());
    assert!(Sealer::new(&stranger, "a").open(&ONE, &value).is_err());
}

#[test]
fn no_bit_of_an_answer_can_change_and_no_byte_be_missing_or_added() {
    let sealer = Sealer::new(&MasterKey::generate(), "");
    let value = sealer.seal(&ONE, &entry("QC")).unwrap();

    for index in 0..value.len() {
        let mut changed = value.clone();
        changed[index] ^= 1;
        assert!(sealer.open(&ONE, &changed).is_err(), "{index}");
        assert!(sealer.open(&ONE, &value[..index]).is_err(), "{index}");
    }
    let longer = [value.as_slice(), &[0]].concat();
    assert!(sealer.open(&ONE, &longer).is_err());
    assert!(sealer.open(&ONE, b"").is_err());
}

/// What an older release, or one that comes, would have sealed with the same keys.
#[test]
fn what_is_sealed_in_another_form_is_no_answer() {
    let sealer = Sealer::new(&MasterKey::generate(), "");
    let packed = codec::packed(&entry("QC")).unwrap();
    let key = sealer.key(&ONE);

    let other_purpose = key.seal("answer 2", &packed).unwrap();
    let not_packed = key.seal(&purpose(&ONE), b"not packed").unwrap();

    assert!(sealer.open(&ONE, &other_purpose).is_err());
    assert!(sealer.open(&ONE, &not_packed).is_err());
}

#[test]
fn neither_name_nor_value_shows_the_question_or_the_rows() {
    let (key, stranger) = (MasterKey::generate(), MasterKey::generate());
    let sealer = Sealer::new(&key, "");
    let text = "a region that nobody may read ".repeat(50);

    let (name, value) = (sealer.name(&ONE), sealer.seal(&ONE, &entry(&text)).unwrap());

    assert!(!name.contains(&hex(&ONE)), "{name}");
    assert_ne!(name, Sealer::new(&stranger, "").name(&ONE));
    assert_ne!(name, sealer.name(&OTHER));
    assert_eq!(name, Sealer::new(&key, "").name(&ONE));
    assert!(!value.windows(6).any(|part| part == b"region"));
    assert_ne!(value, sealer.seal(&ONE, &entry(&text)).unwrap());
}
