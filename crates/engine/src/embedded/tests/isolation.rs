//! What a statement cannot reach, whatever its text says.

use super::*;

/// Invariant 3; failure rows F14 to F23: the text is not what protects the rows.
#[tokio::test]
async fn a_statement_without_its_predicate_still_returns_granted_rows_only() {
    let engine = engine().await;
    let text = "SELECT \"business_unit\", count(*) FROM {table} GROUP BY 1";

    let answer = Ask::new(text, &[CellType::Text, CellType::Integer])
        .granted(unit("auto"))
        .run(&engine)
        .await
        .unwrap();

    let units: Vec<_> = cells(&answer).iter().map(|row| row[0].clone()).collect();
    assert_eq!(units, [Cell::Text("auto".to_owned())]);
}

/// The predicate needs `business_unit`, the statement may not see it.
#[tokio::test]
async fn the_grant_may_read_columns_that_the_statement_may_not() {
    let engine = engine().await;
    let granted = Ask::new(COUNT, &[CellType::Integer]).granted(unit("home"));

    let blind = Ask::new(COUNT, &[CellType::Integer])
        .granted(unit("home"))
        .sees(&["region"]);
    let naming = Ask::new("SELECT \"business_unit\" FROM {table}", &[CellType::Text])
        .granted(unit("home"))
        .sees(&["region"]);

    let expected = count(&granted.run(&engine).await.unwrap());
    assert_eq!(count(&blind.run(&engine).await.unwrap()), expected);
    assert_eq!(
        naming.run(&engine).await.unwrap_err().code(),
        "statement_refused"
    );
}

#[tokio::test]
async fn hidden_columns_cannot_be_named_or_expanded() {
    let engine = engine().await;
    let named = Ask::new("SELECT \"customer_id\" FROM {table}", &[CellType::Text]);
    let probed = Ask::new(
        "SELECT count(*) FROM {table} WHERE \"customer_id\" > 'C'",
        &[CellType::Integer],
    );
    let star =
        Ask::new("SELECT * FROM {table} LIMIT 1", &[CellType::Date]).sees(&["statement_date"]);

    assert_eq!(
        named.run(&engine).await.unwrap_err().code(),
        "statement_refused"
    );
    assert_eq!(
        probed.run(&engine).await.unwrap_err().code(),
        "statement_refused"
    );
    assert_eq!(cells(&star.run(&engine).await.unwrap())[0].len(), 1);
}

/// A predicate that is unknown admits nothing (invariant 3, failure row F25).
#[tokio::test]
async fn f25_a_predicate_of_another_type_admits_nothing() {
    let engine = engine().await;
    let wrong_type = Predicate::eq(column("business_unit"), Value::Integer(1));
    let missing = Predicate::eq(column("no_such_column"), Value::Integer(1));

    let mistyped = Ask::new(COUNT, &[CellType::Integer]).granted(wrong_type.clone());
    let negated = Ask::new(COUNT, &[CellType::Integer]).granted(Predicate::not(wrong_type));
    let nowhere = Ask::new(COUNT, &[CellType::Integer]).granted(missing);

    assert_eq!(count(&mistyped.run(&engine).await.unwrap()), 0);
    assert_eq!(count(&negated.run(&engine).await.unwrap()), 0);
    assert!(nowhere.run(&engine).await.is_err());
}

#[tokio::test]
async fn nothing_but_the_pinned_table_resolves() {
    let engine = engine().await;
    let names = [
        "statements",
        "\"gold\".\"statements\"",
        "\"statements\"",
        "\"gold\".\"statements@1\"",
        "\"gold\".\"claims_operations\"",
        "\"silver\".\"statements\"",
        "information_schema.tables",
        "information_schema.columns",
        "datafusion.information_schema.tables",
        "'/etc/passwd'",
        "\"/etc/passwd\"",
        "'catalog.db'",
        "generate_series(1, 3)",
        "range(1, 3)",
        "\"gold\".\"statements$snapshots\"",
        "\"gold\".\"statements$manifests\"",
    ];

    for name in names {
        let text = format!("SELECT count(*) FROM {name}");
        let error = Ask::new(&text, &[CellType::Integer])
            .run(&engine)
            .await
            .unwrap_err();

        assert_eq!(error.code(), "statement_refused", "{name}");
    }
}

/// Failure row F35: reading is all there is.
#[tokio::test]
async fn f35_anything_but_one_query_is_refused() {
    let engine = engine().await;
    let texts = [
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "INSERT INTO {table} VALUES (1)",
        "DELETE FROM {table}",
        "UPDATE {table} SET legal_hold = false",
        "DROP TABLE {table}",
        "COPY (SELECT 1) TO '/tmp/weir-copied.csv' STORED AS CSV",
        "EXPLAIN SELECT count(*) FROM {table}",
        "EXPLAIN ANALYZE SELECT count(*) FROM {table}",
        "DESCRIBE {table}",
        "SHOW TABLES",
        "SHOW ALL",
        "SET datafusion.catalog.information_schema = true",
        "PREPARE p AS SELECT 1",
        "SELECT 1; SELECT 2",
        "",
        "nonsense",
    ];

    for text in texts {
        let error = Ask::new(text, &[CellType::Integer])
            .run(&engine)
            .await
            .unwrap_err();

        assert_eq!(error.code(), "statement_refused", "{text}");
    }
    assert!(!Path::new("/tmp/weir-copied.csv").exists());
}

/// Invariant 12, failure rows F47 to F50: what an outsider may read names nothing.
#[tokio::test]
async fn f49_errors_name_no_table_column_or_sql() {
    let engine = engine().await;
    let text = "SELECT \"customer_id\" FROM {table}";

    let error = Ask::new(text, &[CellType::Text])
        .run(&engine)
        .await
        .unwrap_err();

    assert_eq!(error.to_string(), "the statement was refused");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.contains("customer_id"),
        "the log has the detail: {source}"
    );
}

#[tokio::test]
async fn the_hash_mask_is_keyed_and_keeps_null() {
    let engine = engine().await;
    let text =
        "SELECT weir_hash('C1000001'), weir_hash(CAST(NULL AS varchar)) FROM {table} LIMIT 1";

    let answer = Ask::new(text, &[CellType::Text, CellType::Text])
        .run(&engine)
        .await
        .unwrap();

    let masked = MaskKey::new([7; 32]).mask("C1000001");
    assert_eq!(cells(&answer)[0], [Cell::Text(masked), Cell::Null]);
}
