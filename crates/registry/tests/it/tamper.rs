//! Row A10 and invariant 10 on a real file: somebody past the triggers changes one stored value,
//! and verification says which record it was.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sqlx::AnyConnection;
use weir_registry::{ChainStatus, Digest, Fault};

use crate::support::{Database, World, denial, page_view, run};

on_both_databases! {
    a10_each_kind_of_damage_is_named_with_its_first_record,
}

const RECORDS: i64 = 31;

/// SQL that changes one value of record `?seq`.
fn edits(database: Database) -> impl Strategy<Value = String> {
    let not_text = match database {
        Database::Sqlite => "entry = CAST(x'ff' || entry AS TEXT)",
        Database::Postgres => "entry = 'ÿ' || entry",
    };
    prop_oneof![
        (-40_i64..100).prop_map(|seq| format!("seq = {seq}")),
        any::<i64>().prop_map(|at| format!("at_ms = {at}")),
        Just("at_ms = at_ms + 1".to_owned()),
        "[a-z_]{0,10}".prop_map(|kind| format!("kind = '{kind}'")),
        "[0-9a-f]{0,64}".prop_map(|subject| format!("subject = '{subject}'")),
        "[a-z-]{0,10}".prop_map(|slug| format!("dashboard = '{slug}'")),
        any::<i64>().prop_map(|revision| format!("revision = {revision}")),
        prop::sample::select(vec!["subject", "dashboard", "revision"])
            .prop_map(|column| format!("{column} = NULL")),
        Just("entry = entry || ' '".to_owned()),
        Just("entry = ' ' || entry".to_owned()),
        Just("entry = replace(entry, ':', ': ')".to_owned()),
        Just("entry = ''".to_owned()),
        Just(not_text.to_owned()),
        (1_usize..250, "[ -&(-~]").prop_map(|(at, to)| {
            format!("entry = substr(entry, 1, {at} - 1) || '{to}' || substr(entry, {at} + 1)")
        }),
        (1_usize..250).prop_map(|length| format!("entry = substr(entry, 1, {length})")),
        prop::array::uniform32(any::<u8>()).prop_map(move |bytes| format!(
            "hash = {}",
            bytes_of(database, &Digest::from(bytes).to_string())
        )),
        Just(format!("hash = {}", bytes_of(database, ""))),
        Just("hash = (SELECT hash FROM audit_head)".to_owned()),
    ]
}

/// How bytes are written in a statement.
fn bytes_of(database: Database, hex: &str) -> String {
    match database {
        Database::Sqlite => format!("x'{hex}'"),
        Database::Postgres => format!(r"'\x{hex}'"),
    }
}

async fn log_with_a_copy(database: Database) -> (World, AnyConnection) {
    let world = World::new(database).await;
    let audit = world.registry.audit();
    for i in 0..3 {
        audit.record(page_view(i)).await.unwrap();
    }
    audit.record(vec![denial(9)]).await.unwrap();
    audit.list(1, 1).await.unwrap();
    let mut intruder = world.intruder_past_the_triggers().await;
    let hurry = world.sql("PRAGMA synchronous = OFF", "SET synchronous_commit = off");
    run(&mut intruder, hurry).await.unwrap();
    run(
        &mut intruder,
        "CREATE TABLE kept AS SELECT * FROM audit_records;
         CREATE TABLE kept_head AS SELECT * FROM audit_head",
    )
    .await
    .unwrap();
    (world, intruder)
}

async fn restore(intruder: &mut AnyConnection) {
    run(
        intruder,
        "DELETE FROM audit_records;
         INSERT INTO audit_records SELECT * FROM kept;
         DELETE FROM audit_head;
         INSERT INTO audit_head SELECT * FROM kept_head",
    )
    .await
    .unwrap();
}

async fn status_after(world: &World, intruder: &mut AnyConnection, sql: &str) -> ChainStatus {
    run(intruder, sql).await.unwrap();
    let status = world.registry.audit().verify().await.unwrap();
    restore(intruder).await;
    status
}

#[test]
fn a10_any_single_change_of_a_stored_value_is_found_on_sqlite() {
    any_single_change_is_found(Database::Sqlite);
}

#[test]
fn a10_any_single_change_of_a_stored_value_is_found_on_postgres() {
    any_single_change_is_found(Database::Postgres);
}

fn any_single_change_is_found(database: Database) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (world, intruder) = runtime.block_on(log_with_a_copy(database));
    let intruder = RefCell::new(intruder);
    let config = ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..Default::default()
    };

    TestRunner::new(config)
        .run(&(1..=RECORDS, edits(database)), |(seq, edit)| {
            let (status, changed) =
                runtime.block_on(tampered(&world, &mut intruder.borrow_mut(), seq, &edit));
            match status {
                ChainStatus::Intact { .. } => prop_assert!(!changed, "{} of {}", edit, seq),
                ChainStatus::Broken(fault) => {
                    prop_assert!(changed, "{fault} though nothing changed");
                    prop_assert!(first_named(fault) <= seq.cast_unsigned(), "{edit}: {fault}");
                }
            }
            Ok(())
        })
        .unwrap();
}

/// The status after an edit, and whether the edit changed anything at all.
async fn tampered(
    world: &World,
    intruder: &mut AnyConnection,
    seq: i64,
    edit: &str,
) -> (ChainStatus, bool) {
    let done = run(
        intruder,
        &format!("UPDATE audit_records SET {edit} WHERE seq = {seq}"),
    )
    .await;
    let differing: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM audit_records) AS changed",
    )
    .fetch_one(&mut *intruder)
    .await
    .unwrap();
    assert!(done.is_ok() || differing == 0);
    let status = world.registry.audit().verify().await.unwrap();
    restore(intruder).await;
    (status, differing > 0)
}

fn first_named(fault: Fault) -> u64 {
    match fault {
        Fault::Edited { seq }
        | Fault::Deleted { seq }
        | Fault::Moved { seq, .. }
        | Fault::Truncated { seq, .. }
        | Fault::Unsigned { seq }
        | Fault::Rewritten { from: seq, .. }
        | Fault::Added { seq } => seq,
        Fault::HeadChanged | Fault::Index | Fault::Segment { .. } => u64::MAX,
    }
}

fn kinds_of_damage(world: &World) -> Vec<(&'static str, Fault)> {
    vec![
        (
            "UPDATE audit_records SET entry = replace(entry, '\"rows\":12', '\"rows\":11') WHERE seq = 5",
            Fault::Edited { seq: 5 },
        ),
        (
            "UPDATE audit_records SET kind = 'mint' WHERE seq = 5",
            Fault::Edited { seq: 5 },
        ),
        (
            "DELETE FROM audit_records WHERE seq IN (8, 9)",
            Fault::Deleted { seq: 8 },
        ),
        (
            "UPDATE audit_records SET seq = -1 WHERE seq = 3;
             UPDATE audit_records SET seq = 3 WHERE seq = 6;
             UPDATE audit_records SET seq = 6 WHERE seq = -1",
            Fault::Moved { seq: 3, found: 6 },
        ),
        (
            "INSERT INTO audit_records (seq, at_ms, kind, entry, hash)
             SELECT 32, at_ms, kind, entry, hash FROM kept WHERE seq = 2",
            Fault::Moved { seq: 32, found: 2 },
        ),
        (
            "DELETE FROM audit_records WHERE seq > 20",
            Fault::Truncated {
                seq: 21,
                records: 31,
            },
        ),
        (
            "DELETE FROM audit_records",
            Fault::Truncated {
                seq: 1,
                records: 31,
            },
        ),
        (
            "UPDATE audit_head SET records = 30",
            Fault::Added { seq: 31 },
        ),
        (
            world.sql(
                "UPDATE audit_head SET hash = zeroblob(32)",
                "UPDATE audit_head SET hash = decode(repeat('00', 32), 'hex')",
            ),
            Fault::HeadChanged,
        ),
        ("DELETE FROM audit_head", Fault::HeadChanged),
    ]
}

async fn a10_each_kind_of_damage_is_named_with_its_first_record(database: Database) {
    let (world, mut intruder) = log_with_a_copy(database).await;

    for (sql, expected) in kinds_of_damage(&world) {
        let status = status_after(&world, &mut intruder, sql).await;

        assert_eq!(status, ChainStatus::Broken(expected), "{sql}");
    }
    let whole = world.registry.audit().verify().await.unwrap();
    assert!(
        matches!(whole, ChainStatus::Intact { records: 31, .. }),
        "{whole:?}"
    );
}

/// One change of whole records, and the first record that is not as it was written. Numbers stay
/// whole where the intruder can make them so.
#[derive(Debug, Clone, Copy)]
enum Whole {
    Delete(i64),
    /// Delete, and close the gap.
    Take(i64),
    Swap(i64, i64),
    /// A copy of one record behind another, the rest moved up.
    Double(i64, i64),
    Cut(i64),
}

fn wholes() -> impl Strategy<Value = Whole> {
    let seq = 1..=RECORDS;
    prop_oneof![
        seq.clone().prop_map(Whole::Delete),
        seq.clone().prop_map(Whole::Take),
        (seq.clone(), seq.clone()).prop_map(|(a, b)| Whole::Swap(a, b)),
        (seq.clone(), seq.clone()).prop_map(|(a, b)| Whole::Double(a, b)),
        seq.prop_map(Whole::Cut),
    ]
}

impl Whole {
    fn sql(self) -> String {
        match self {
            Self::Delete(seq) => format!("DELETE FROM audit_records WHERE seq = {seq}"),
            Self::Take(seq) => format!(
                "DELETE FROM audit_records WHERE seq = {seq};
                 UPDATE audit_records SET seq = -seq WHERE seq > {seq};
                 UPDATE audit_records SET seq = -seq - 1 WHERE seq < 0"
            ),
            Self::Swap(a, b) => format!(
                "UPDATE audit_records SET seq = -1 WHERE seq = {a};
                 UPDATE audit_records SET seq = {a} WHERE seq = {b};
                 UPDATE audit_records SET seq = {b} WHERE seq = -1"
            ),
            Self::Double(of, behind) => format!(
                "UPDATE audit_records SET seq = -seq WHERE seq > {behind};
                 UPDATE audit_records SET seq = -seq + 1 WHERE seq < 0;
                 INSERT INTO audit_records
                     (seq, at_ms, kind, subject, dashboard, revision, entry, hash)
                 SELECT {behind} + 1, at_ms, kind, subject, dashboard, revision, entry, hash
                 FROM kept WHERE seq = {of}"
            ),
            Self::Cut(from) => format!("DELETE FROM audit_records WHERE seq >= {from}"),
        }
    }

    fn first(self) -> u64 {
        match self {
            Self::Delete(seq) | Self::Take(seq) | Self::Cut(seq) => seq,
            Self::Swap(a, b) => a.min(b),
            // The record that belongs there, doubled, is not out of its place.
            Self::Double(of, behind) if of == behind + 1 => behind + 2,
            Self::Double(_, behind) => behind + 1,
        }
        .cast_unsigned()
    }
}

#[test]
fn a10_any_record_deleted_moved_doubled_or_cut_off_is_named_on_sqlite() {
    any_change_of_whole_records_is_named(Database::Sqlite);
}

#[test]
fn a10_any_record_deleted_moved_doubled_or_cut_off_is_named_on_postgres() {
    any_change_of_whole_records_is_named(Database::Postgres);
}

fn any_change_of_whole_records_is_named(database: Database) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (world, intruder) = runtime.block_on(log_with_a_copy(database));
    let intruder = RefCell::new(intruder);
    let config = ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..Default::default()
    };

    TestRunner::new(config)
        .run(&wholes(), |what| {
            prop_assume!(!matches!(what, Whole::Swap(a, b) if a == b));
            let status = runtime.block_on(status_after(
                &world,
                &mut intruder.borrow_mut(),
                &what.sql(),
            ));
            match status {
                ChainStatus::Broken(fault) => prop_assert_eq!(first_named(fault), what.first()),
                ChainStatus::Intact { .. } => prop_assert!(false, "unnoticed"),
            }
            Ok(())
        })
        .unwrap();
}
