use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use weir_query::{Cell, CellType, OutputColumn, ResultSet};

use super::*;

fn moment() -> DateTime<Utc> {
    "2026-11-15T12:34:56.789Z".parse().unwrap()
}

fn column(name: &str, cell_type: CellType) -> OutputColumn {
    OutputColumn {
        name: name.to_owned(),
        cell_type,
    }
}

/// Every type, with its values at the edges.
fn everything() -> Entry {
    let columns = vec![
        column("boolean", CellType::Boolean),
        column("integer", CellType::Integer),
        column("double", CellType::Double),
        column("decimal", CellType::Decimal { scale: 4 }),
        column("text", CellType::Text),
        column("date", CellType::Date),
        column("timestamp", CellType::Timestamp),
    ];
    let row = |truth, integer, double, decimal, text: &str, date, timestamp: DateTime<Utc>| {
        vec![
            Cell::Boolean(truth),
            Cell::Integer(integer),
            Cell::Double(double),
            Cell::Decimal(decimal),
            Cell::Text(text.to_owned()),
            Cell::Date(date),
            Cell::Timestamp(timestamp.naive_utc()),
        ]
    };
    let day = NaiveDate::from_ymd_opt(2026, 2, 28).unwrap();
    let rows = vec![
        row(true, i64::MIN, -0.0, Decimal::MIN, "", day, moment()),
        row(
            false,
            i64::MAX,
            f64::INFINITY,
            Decimal::new(-12_345, 4),
            "é\u{0}\"🜁",
            NaiveDate::MIN,
            moment() - TimeDelta::days(400_000),
        ),
        vec![Cell::Null; 7],
    ];
    Entry {
        rows: ResultSet::new(columns, rows, true),
        bytes_read: u64::MAX,
        billed_bytes: 10 << 20,
        computed_at: moment(),
    }
}

#[test]
fn an_answer_comes_back_as_it_was() {
    let entry = everything();

    let again = unpacked(&packed(&entry).unwrap()).unwrap();

    assert_eq!(again.rows, entry.rows);
    assert_eq!(again.bytes_read, entry.bytes_read);
    assert_eq!(again.billed_bytes, entry.billed_bytes);
    assert_eq!(again.computed_at, entry.computed_at);
    let scale = |entry: &Entry| match entry.rows.rows()[1][3] {
        Cell::Decimal(number) => number.scale(),
        _ => panic!("a decimal"),
    };
    assert_eq!(scale(&again), 4, "digits after the point are part of it");
}

#[test]
fn a_number_that_is_none_stays_none() {
    let columns = vec![column("ratio", CellType::Double)];
    let rows = vec![vec![Cell::Double(f64::NAN)]];
    let entry = Entry {
        rows: ResultSet::new(columns, rows, false),
        ..everything()
    };

    let again = unpacked(&packed(&entry).unwrap()).unwrap();

    assert!(matches!(again.rows.rows()[0][0], Cell::Double(number) if number.is_nan()));
}

#[test]
fn a_part_of_an_answer_or_more_than_one_is_none() {
    let plain = write::entry(&everything()).unwrap();

    assert!(Reader::new(&plain).entry().is_some());
    for end in 0..plain.len() {
        assert!(Reader::new(&plain[..end]).entry().is_none(), "{end}");
    }
    let longer = [plain.as_slice(), &[0]].concat();
    assert!(Reader::new(&longer).entry().is_none());
    let mut other_form = plain;
    other_form[0] += 1;
    assert!(Reader::new(&other_form).entry().is_none());
}

/// Whatever the bytes: no panic, and no memory for rows that are not there.
#[test]
fn bytes_that_say_they_are_long_are_not_believed() {
    let plain = write::entry(&everything()).unwrap();
    for at in 0..plain.len().saturating_sub(4) {
        let mut lying = plain.clone();
        for (byte, huge) in lying[at..].iter_mut().zip([0xff_u8; 4]) {
            *byte = huge;
        }
        Reader::new(&lying).entry();
        let mut flipped = plain.clone();
        flipped[at] ^= 0x55;
        Reader::new(&flipped).entry();
    }
}

#[test]
fn what_unpacks_without_end_is_given_up() {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    let nothing = vec![0_u8; 1 << 20];
    for _ in 0..65 {
        packer.write_all(&nothing).unwrap();
    }
    let bomb = packer.finish().unwrap();

    assert!(bomb.len() < 1 << 20);
    assert!(unpacked(&bomb).is_none());
}
