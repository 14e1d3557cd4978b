//! What is read, at which snapshot, how much of it, and what happens when it cannot be.

use std::fs;

use chrono::NaiveDate;

use super::*;
use crate::lake::inspect::inspect;

/// Invariant 13: three snapshots, three answers.
#[tokio::test]
async fn a_pinned_snapshot_reads_the_data_of_its_time() {
    let engine = engine().await;
    let report = inspect(lake()).await.unwrap();
    let statements = report
        .tables
        .iter()
        .find(|table| table.name == "gold.statements")
        .unwrap();

    let mut counts = Vec::new();
    for snapshot in &statements.snapshots {
        let id = SnapshotId::parse(snapshot.id.clone()).unwrap();
        let answer = Ask::new(COUNT, &[CellType::Integer])
            .at(&id)
            .run(&engine)
            .await
            .unwrap();
        counts.push((count(&answer), snapshot.total_rows.unwrap()));
    }

    assert_eq!(counts.len(), 3);
    assert!(
        counts
            .iter()
            .all(|(counted, noted)| u64::try_from(*counted) == Ok(*noted))
    );
    assert_eq!(counts[2].0, 6_000);
    assert!(counts[0].0 < counts[1].0 && counts[1].0 < counts[2].0);
}

#[tokio::test]
async fn an_unknown_snapshot_is_gone() {
    let engine = engine().await;
    let unknown = SnapshotId::parse("12345").unwrap();

    let error = Ask::new(COUNT, &[CellType::Integer])
        .at(&unknown)
        .run(&engine)
        .await
        .unwrap_err();

    assert_eq!(error.code(), "snapshot_gone");
}

#[tokio::test]
async fn the_grant_and_the_filters_leave_files_unread() {
    let engine = engine().await;
    let sum = "SELECT sum(\"written_premium\") FROM {table}";
    let year = format!("{sum} WHERE \"statement_date\" >= DATE '2026-08-01'");
    let premium = [CellType::Decimal { scale: 2 }];

    let all = Ask::new(sum, &premium).run(&engine).await.unwrap();
    let of_auto = Ask::new(sum, &premium)
        .granted(unit("auto"))
        .run(&engine)
        .await
        .unwrap();
    let recent = Ask::new(&year, &premium)
        .granted(unit("auto"))
        .run(&engine)
        .await
        .unwrap();

    assert_eq!(
        (all.files_read, of_auto.files_read, recent.files_read),
        (252, 36, 3)
    );
    assert!(recent.execution.scanned_bytes > 0);
    assert!(
        recent.execution.scanned_bytes < of_auto.execution.scanned_bytes
            && of_auto.execution.scanned_bytes < all.execution.scanned_bytes
    );
}

#[tokio::test]
async fn only_the_columns_asked_for_are_read() {
    let engine = engine().await;
    let columns = [
        "business_unit",
        "customer_id",
        "written_premium",
        "policies_in_force",
    ];
    let narrow = "SELECT sum(\"policies_in_force\") FROM {table}";
    let wide = "SELECT count(DISTINCT \"customer_id\"), sum(\"written_premium\"), \
                sum(\"policies_in_force\") FROM {table}";
    let types = [
        CellType::Integer,
        CellType::Decimal { scale: 2 },
        CellType::Integer,
    ];

    let narrow = Ask::new(narrow, &types[..1])
        .sees(&columns)
        .run(&engine)
        .await
        .unwrap();
    let wide = Ask::new(wide, &types)
        .sees(&columns)
        .run(&engine)
        .await
        .unwrap();

    assert!(narrow.execution.scanned_bytes < wide.execution.scanned_bytes);
}

#[tokio::test]
async fn rows_beyond_the_limit_are_cut_and_the_cut_is_told() {
    let engine = engine().await;
    let text = "SELECT \"statement_date\" FROM {table} ORDER BY 1 LIMIT 11";
    let ask = |limit| Ask {
        limit,
        ..Ask::new(text, &[CellType::Date])
    };

    let cut = ask(10).run(&engine).await.unwrap();
    let whole = ask(11).run(&engine).await.unwrap();

    assert_eq!((cells(&cut).len(), cut.rows.is_truncated()), (10, true));
    assert_eq!(
        (cells(&whole).len(), whole.rows.is_truncated()),
        (11, false)
    );
    let first = NaiveDate::from_ymd_opt(2023, 11, 1).unwrap();
    assert_eq!(cells(&cut)[0], [Cell::Date(first)]);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_an_error() {
    let engine = engine().await;

    let mistyped = Ask::new("SELECT 'x' FROM {table} LIMIT 1", &[CellType::Integer]);
    let missing = Ask::new("SELECT 1 FROM {table} LIMIT 1", &[CellType::Integer; 2]);
    let huge = "SELECT CAST('99999999999999999999999999999999999999' AS decimal(38,0)) \
                FROM {table} LIMIT 1";
    let huge = Ask::new(huge, &[CellType::Decimal { scale: 0 }]);

    assert_eq!(
        mistyped.run(&engine).await.unwrap_err().code(),
        "unexpected_shape"
    );
    assert_eq!(
        missing.run(&engine).await.unwrap_err().code(),
        "unexpected_shape"
    );
    assert_eq!(
        huge.run(&engine).await.unwrap_err().code(),
        "number_out_of_range"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_an_error_and_not_a_panic() {
    let own = tempfile::tempdir().unwrap();
    let dir = own.path().join("lake");
    seed_lake(dir.clone());
    let engine = open(&dir, &[STATEMENTS]).await;
    let auto = dir.join("warehouse/gold/statements/data/business_unit=auto");
    let month = auto.join("statement_date_month=2024-01/00000.parquet");
    let sum = || {
        let text = "SELECT sum(\"written_premium\") FROM {table}";
        Ask::new(text, &[CellType::Decimal { scale: 2 }]).granted(unit("auto"))
    };
    let good = sum().run(&engine).await.unwrap();
    let whole = fs::read(&month).unwrap();

    fs::remove_file(&month).unwrap();
    let gone = sum().run(&engine).await.unwrap_err();
    fs::write(&month, "not a Parquet file at all").unwrap();
    let garbage = sum().run(&engine).await.unwrap_err();
    fs::write(&month, &whole[..whole.len() / 2]).unwrap();
    let half = sum().run(&engine).await.unwrap_err();
    let mut scribbled = whole.clone();
    scribbled[4..whole.len() / 2].fill(0xFF);
    fs::write(&month, scribbled).unwrap();
    let scribbled = sum().run(&engine).await;

    assert_eq!(good.files_read, 36);
    for error in [gone, garbage, half] {
        assert_eq!(error.code(), "data_unreadable");
        assert!(!error.to_string().contains("parquet"));
    }
    assert_eq!(scribbled.unwrap_err().code(), "data_unreadable");
}

#[tokio::test]
async fn arithmetic_that_fails_is_an_error() {
    let engine = engine().await;
    let text = "SELECT CAST(1 AS bigint) / CAST(count(*) * 0 AS bigint) FROM {table}";

    let error = Ask::new(text, &[CellType::Integer])
        .run(&engine)
        .await
        .unwrap_err();

    assert_eq!(error.code(), "computation_failed");
}

/// Nothing is lost between the files and the answer.
#[tokio::test]
async fn units_add_up_to_the_whole() {
    let engine = engine().await;
    let mut sum = 0;
    for name in [
        "auto",
        "home",
        "life",
        "travel",
        "commercial",
        "group_benefits",
        "wealth",
    ] {
        let ask = Ask::new(COUNT, &[CellType::Integer]).granted(unit(name));
        sum += count(&ask.run(&engine).await.unwrap());
    }

    assert_eq!(sum, 6_000);
}

const MONEY: &str = "
dataset: gold.statements
label: { en: Statements, fr: Relevés }
columns:
  customer_id: { type: text, label: { en: Customer, fr: Client } }
  business_unit: { type: text, label: { en: Unit, fr: Unité } }
  earned_premium: { type: 'decimal(12,2)', label: { en: Earned, fr: Acquises } }
  claims_incurred: { type: 'decimal(12,2)', label: { en: Claims, fr: Sinistres } }
";

/// In the files the customer stands before the unit, and what was earned before what was claimed;
/// by name it is the other way round. Neither a sum nor a row rule may notice (invariant 2).
#[tokio::test]
async fn neighbours_of_one_type_are_not_taken_for_each_other() {
    let engine = open(lake(), &[MONEY]).await;
    let ask = |columns: &[&'static str]| {
        let sums: Vec<_> = columns
            .iter()
            .map(|name| format!("sum(\"{name}\")"))
            .collect();
        let types = vec![CellType::Decimal { scale: 2 }; columns.len()];
        Ask::new(
            &format!("SELECT {} FROM {{table}}", sums.join(", ")),
            &types,
        )
        .sees(columns)
    };

    let claimed = ask(&["claims_incurred"]).run(&engine).await.unwrap();
    let earned = ask(&["earned_premium"]).run(&engine).await.unwrap();
    let both = ask(&["claims_incurred", "earned_premium"]);
    let both = both.run(&engine).await.unwrap();
    let of_the_unit = "SELECT count(\"customer_id\") FROM {table}";
    let of_the_unit = Ask::new(of_the_unit, &[CellType::Integer])
        .sees(&["customer_id"])
        .granted(unit("auto"));

    assert_ne!(cells(&claimed), cells(&earned));
    let alone = [cells(&claimed)[0].clone(), cells(&earned)[0].clone()].concat();
    assert_eq!(cells(&both)[0], alone);
    assert!(count(&of_the_unit.run(&engine).await.unwrap()) > 0);
}
