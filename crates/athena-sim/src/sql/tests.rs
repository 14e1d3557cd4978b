use super::*;

const TABLE: &str = r#""gold"."statements" FOR VERSION AS OF 5828592803881840765"#;

fn in_subset(text: &str) -> Query {
    understand(text, &[]).unwrap_or_else(|SyntaxError(why)| panic!("{text}\nwas refused: {why}"))
}

#[test]
fn what_the_compiler_writes_is_written_for_the_embedded_engine() {
    let text = format!(
        "SELECT CAST(date_trunc('month', \"day\") AS date) AS c0, \
         SUM(CAST(\"premium\" AS decimal(38,2))) FILTER (WHERE \"unit\" = 'it''s') AS c1, \
         CAST(COUNT(*) AS double) / NULLIF(CAST(COUNT(DISTINCT \"unit\") AS double), 0E0) AS c2 \
         FROM (SELECT \"day\", \"premium\", substr(\"unit\", 1, 1) || '...' AS \"unit\" FROM {TABLE} \
         WHERE (\"held\" = FALSE) AND (NOT (\"unit\" IN ('a', 'b'))) AND (\"unit\" LIKE 'a\\%%' ESCAPE '\\')) AS t \
         WHERE (\"day\" >= DATE '2026-01-01') AND (\"premium\" > CAST('-1.10' AS decimal(3,2))) \
         AND (\"at\" < TIMESTAMP '2026-01-01 00:00:00.000') AND (\"n\" = (-5)) \
         GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST LIMIT 5001"
    );

    let query = in_subset(&text);

    let expected = "SELECT CAST(date_trunc('month', \"day\") AS date) AS \"c0\", \
         sum(CAST(\"premium\" AS decimal(38,2))) FILTER (WHERE \"unit\" = 'it''s') AS \"c1\", \
         CAST(count(*) AS double) / nullif(CAST(count(DISTINCT \"unit\") AS double), 0E0) AS \"c2\" \
         FROM (SELECT \"day\", \"premium\", substr(\"unit\", 1, 1) || '...' AS \"unit\" \
         FROM \"gold\".\"statements@5828592803881840765\" \
         WHERE (\"held\" = FALSE) AND (NOT (\"unit\" IN ('a', 'b'))) AND (\"unit\" LIKE 'a\\%%' ESCAPE '\\')) AS \"t\" \
         WHERE (\"day\" >= DATE '2026-01-01') AND (\"premium\" > CAST('-1.10' AS decimal(3,2))) \
         AND (\"at\" < CAST('2026-01-01 00:00:00.000' AS TIMESTAMP(3))) AND (\"n\" = (-5)) \
         GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST LIMIT 5001";
    assert_eq!(query.text, expected);
    assert_eq!(query.names, ["c0", "c1", "c2"]);
    assert!(query.repeatable);
    let (table, snapshot) = query.table.unwrap();
    assert_eq!(table.as_str(), "gold.statements");
    assert_eq!(snapshot.to_string(), "5828592803881840765");
}

#[test]
fn what_athena_refuses_and_what_the_compiler_never_writes_is_a_syntax_error() {
    for text in [
        "garbage",
        "SELECT 1; SELECT 2",
        "SELECT * FROM \"gold\".\"statements\" FOR VERSION AS OF 1",
        "SELECT \"a\" FROM \"gold\".\"statements\"",
        "SELECT \"a\" FROM \"gold\".\"statements\" VERSION AS OF 1",
        "SELECT \"a\" FROM \"gold\".\"statements\" TIMESTAMP AS OF '2026-01-01'",
        "SELECT \"a\" FROM \"gold\".\"statements\" FOR SYSTEM_TIME AS OF 1",
        "SELECT \"a\" FROM \"gold\".\"statements\" FOR VERSION AS OF 'validated'",
        "SELECT \"a\" FROM \"gold\".\"statements\" FOR VERSION AS OF 1 LIMIT 5 OFFSET 2",
        "SELECT \"a\" FROM \"gold\".\"statements\" FOR VERSION AS OF 1 TABLESAMPLE BERNOULLI (1)",
        "SELECT \"a\" FROM \"gold\".\"statements\" FOR VERSION AS OF 1, \"gold\".\"x\" FOR VERSION AS OF 1",
        "SELECT 1 FOR VERSION AS OF 1",
        "SELECT `a` FROM \"gold\".\"statements\" FOR VERSION AS OF 1",
        "SELECT '1'::bigint",
        "SELECT 'a' ILIKE 'A'",
        "SELECT DISTINCT 1",
        "SELECT 1 UNION ALL SELECT 2",
        "WITH t AS (SELECT 1) SELECT 1",
        "SELECT (SELECT 1)",
        "SELECT version()",
        "SELECT weir_hash('a')",
        "SELECT count(*) OVER ()",
        "SELECT 1.5",
        "SELECT CAST(5 + 5 AS varchar)",
        "SELECT TRY_CAST('1' AS bigint)",
        "SELECT 1abc",
        "SELECT \"\"",
        "INSERT INTO x SELECT 1",
        "DROP TABLE x",
        "SELECT /* */ $1",
        "UNLOAD (SELECT 1) TO 's3://b/p/' WITH (format = 'TEXTFILE')",
        "UNLOAD (SELECT 1) TO '/tmp/' WITH (format = 'PARQUET', compression = 'ZSTD')",
    ] {
        assert!(understand(text, &[]).is_err(), "{text} was taken");
    }
}

#[test]
fn offset_after_limit_is_refused_in_the_words_of_athena() {
    let SyntaxError(why) = understand("SELECT 1 LIMIT 5 OFFSET 2", &[]).unwrap_err();

    assert!(why.starts_with("mismatched input 'OFFSET'"), "{why}");
}

#[test]
fn parameters_are_literals_and_as_many_as_there_are_marks() {
    let text = "SELECT to_hex(from_hex(?)) AS c0, ? AS c1";
    let with = |parameters: &[&str]| {
        let parameters: Vec<String> = parameters.iter().map(ToString::to_string).collect();
        understand(text, &parameters)
    };

    assert_eq!(
        with(&["'00'", "-5"]).unwrap().text,
        "SELECT athena_to_hex(athena_from_hex(('00'))) AS \"c0\", (-5) AS \"c1\""
    );
    assert!(with(&["'00'"]).is_err());
    assert!(with(&["00ff", "1"]).is_err(), "text without its quotes");
    assert!(with(&["'00'", "1) FROM x --"]).is_err());
}

#[test]
fn unload_names_where_its_rows_go() {
    let text = format!(
        "UNLOAD (SELECT \"a\" AS c0 FROM {TABLE}) TO 's3://bucket/x/' \
         WITH (format='PARQUET', compression='ZSTD')"
    );

    let query = in_subset(&text);

    assert_eq!(query.unload.unwrap().to, "s3://bucket/x/");
    assert_eq!(query.names, ["c0"]);
}

#[test]
fn a_limit_without_an_order_gives_other_rows_each_time() {
    let repeatable = |text: &str| in_subset(&text.replace("TABLE", TABLE)).repeatable;

    assert!(!repeatable("SELECT \"a\" AS c0 FROM TABLE LIMIT 5"));
    assert!(repeatable(
        "SELECT \"a\" AS c0 FROM TABLE ORDER BY 1 ASC NULLS LAST LIMIT 5"
    ));
    assert!(repeatable("SELECT SUM(\"a\") AS c0 FROM TABLE LIMIT 5"));
}
