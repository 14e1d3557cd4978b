//! Three implementations of the predicate algebra, one answer: the interpreter of `weir_policy`,
//! the SQL of `weir_query` on `DataFusion`, and the gate below SQL.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta};
use parquet::arrow::ArrowWriter;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use serde_json::json;
use weir_policy::{BusinessUnit, PolicySet, Revision, Subject, Truth, document, resolve};
use weir_query::dashboard::Dashboard;
use weir_query::{Dialect, Snapshot, Statement, compile};

use super::*;

const ROWS: &str = "
dataset: gold.rows
label: { en: Rows, fr: Lignes }
source: { parquet: rows }
columns:
  id: { type: integer, label: { en: Id, fr: Id } }
  flag: { type: boolean, label: { en: Flag, fr: Drapeau } }
  number: { type: integer, label: { en: Number, fr: Nombre } }
  amount: { type: 'decimal(10,2)', label: { en: Amount, fr: Montant } }
  word: { type: text, label: { en: Word, fr: Mot } }
  day: { type: date, label: { en: Day, fr: Jour } }
  moment: { type: timestamp, label: { en: Moment, fr: Moment } }
dimensions:
  id: { column: id, label: { en: Id, fr: Id } }
measures:
  count: { count: rows, format: integer, label: { en: Count, fr: Nombre } }
";

const TILE: &str = "
dashboard: rows
title: { en: Rows, fr: Lignes }
subtitle: { en: Rows, fr: Lignes }
tiles:
  - id: rows
    title: { en: Rows, fr: Lignes }
    dataset: gold.rows
    chart: table
    width: 12
    by: [id]
    measures: [count]
";

const WORDS: &[&str] = &["", "a", "ab", "a%b", "a_b", "l'été", "\\", "\u{1F9CA}", "A"];
const COLUMNS: &[&str] = &["flag", "number", "amount", "word", "day", "moment"];
const OPERATORS: &[Comparison] = &[
    Comparison::Eq,
    Comparison::Lt,
    Comparison::Le,
    Comparison::Gt,
    Comparison::Ge,
];

/// One row; the timestamp is in microseconds, finer than anything may see.
#[derive(Debug, Clone)]
struct Row {
    flag: Option<bool>,
    number: Option<i64>,
    amount: Option<i128>,
    word: Option<&'static str>,
    day: Option<i32>,
    moment: Option<i64>,
}

fn row() -> impl Strategy<Value = Row> {
    let present = 0.8;
    (
        weighted(present, any::<bool>()),
        weighted(present, number()),
        weighted(present, -300..300_i128),
        weighted(present, select(WORDS)),
        weighted(present, -3..3_i32),
        weighted(present, -3_000..3_000_i64),
    )
        .prop_map(|(flag, number, amount, word, day, moment)| Row {
            flag,
            number,
            amount,
            word,
            day,
            moment,
        })
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -3..3_i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

fn date(days: i32) -> NaiveDate {
    NaiveDate::default() + TimeDelta::days(days.into())
}

fn instant(milliseconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(milliseconds)
        .unwrap()
        .naive_utc()
}

fn cents(steps: i128) -> Value {
    Value::Decimal(Decimal::from_i128_with_scale(steps, 2))
}

impl Row {
    fn value(&self, name: &ColumnName) -> Option<Value> {
        match name.as_str() {
            "flag" => self.flag.map(Value::Boolean),
            "number" => self.number.map(Value::Integer),
            "amount" => self.amount.map(cents),
            "word" => self.word.map(|word| Value::Text(word.to_owned())),
            "day" => self.day.map(|days| Value::Date(date(days))),
            "moment" => self
                .moment
                .map(|micros| Value::Timestamp(instant(micros.div_euclid(1_000)))),
            other => panic!("no column {other}"),
        }
    }
}

/// A column and a value it may be compared with.
fn operand() -> impl Strategy<Value = (ColumnName, Value)> {
    prop_oneof![
        any::<bool>().prop_map(|flag| ("flag", Value::Boolean(flag))),
        number().prop_map(|number| ("number", Value::Integer(number))),
        (-300..300_i128).prop_map(|steps| ("amount", cents(steps))),
        select(WORDS).prop_map(|word| ("word", Value::Text(word.to_owned()))),
        (-3..3_i32).prop_map(|days| ("day", Value::Date(date(days)))),
        (-3..3_i64).prop_map(|millis| ("moment", Value::Timestamp(instant(millis)))),
    ]
    .prop_map(|(name, value)| (column(name), value))
}

fn atom() -> impl Strategy<Value = Predicate> {
    prop_oneof![
        4 => (operand(), select(OPERATORS)).prop_map(|((column, value), op)| {
            // Booleans have no order.
            let op = if matches!(value, Value::Boolean(_)) { Comparison::Eq } else { op };
            Predicate::compare(column, op, value)
        }),
        2 => vec(operand(), 1..6).prop_map(|operands| {
            let column = operands[0].0.clone();
            let like = operands.into_iter().filter(|(other, _)| *other == column);
            let values: Vec<_> = like.map(|(_, value)| value).collect();
            Predicate::is_in(column, values)
        }),
        1 => select(COLUMNS).prop_map(|name| Predicate::is_null(column(name))),
        1 => select(&WORDS[1..]).prop_map(|word| Predicate::like_prefix(column("word"), word)),
    ]
}

fn composed(atom: impl Strategy<Value = Predicate> + 'static) -> impl Strategy<Value = Predicate> {
    atom.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Predicate::all),
            vec(inner.clone(), 2..4).prop_map(Predicate::any),
            inner.prop_map(Predicate::not),
        ]
    })
}

/// The predicate as a policy writes it.
fn document_of(predicate: &Predicate) -> serde_json::Value {
    let all = |parts: &[Predicate]| parts.iter().map(document_of).collect::<Vec<_>>();
    match predicate {
        Predicate::Always | Predicate::Never => panic!("no rule says this"),
        Predicate::Compare { column, op, value } => {
            let op = serde_json::to_value(op).unwrap();
            json!({ column.as_str(): { op.as_str().unwrap(): literal(value) } })
        }
        Predicate::In { column, values } => {
            json!({ column.as_str(): { "in": values.iter().map(literal).collect::<Vec<_>>() } })
        }
        Predicate::IsNull(column) => json!({ column.as_str(): { "is_null": true } }),
        Predicate::LikePrefix { column, prefix } => {
            json!({ column.as_str(): { "like_prefix": prefix } })
        }
        Predicate::All(parts) => json!({ "all": all(parts) }),
        Predicate::Any(parts) => json!({ "any": all(parts) }),
        Predicate::Not(part) => json!({ "not": document_of(part) }),
    }
}

fn literal(value: &Value) -> serde_json::Value {
    match value {
        Value::Boolean(flag) => json!(flag),
        Value::Integer(number) => json!(number),
        Value::Decimal(amount) => json!(amount.to_string()),
        Value::Text(word) => json!(word),
        Value::Date(day) => json!(day.to_string()),
        Value::Timestamp(at) => json!(at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
    }
}

/// The statement that lists the rows which `rule` permits, by way of a policy.
fn statement(catalog: &Catalog, rule: &Predicate, at: &SnapshotId) -> Statement {
    let schema = catalog.dataset(&dataset("gold.rows")).unwrap().schema();
    let rules = json!({
        "dataset": "gold.rows",
        "rules": [{ "id": "rows", "permit": document_of(rule) }],
    });
    let policy = document::policy_from_yaml("p", &rules.to_string(), schema).unwrap();
    let policies = PolicySet::build(Revision::new(1), vec![policy]).unwrap();
    let unit = BusinessUnit::parse("auto").unwrap();
    let subject = Subject::new("test", "test").with_business_units([unit]);
    let grant = Arc::new(resolve(&policies, &subject, schema).unwrap());
    let dashboard = Dashboard::from_yaml("d", TILE, catalog).unwrap();
    let bound = dashboard.bind(&BTreeMap::default(), &[], date(0)).unwrap();
    let question = dashboard.tiles()[0].question(&bound);
    let snapshot = Snapshot {
        id: at.clone(),
        committed_at: DateTime::UNIX_EPOCH,
        unreadable: BTreeSet::new(),
    };
    compile(
        &question.under(&grant).unwrap(),
        Dialect::DataFusion,
        &snapshot,
    )
}

fn write(dir: &Path, rows: &[Row]) {
    let amounts = rows
        .iter()
        .map(|row| row.amount)
        .collect::<Decimal128Array>();
    let columns: [(&str, ArrayRef); 7] = [
        (
            "id",
            Arc::new(Int64Array::from_iter_values((0..).take(rows.len()))),
        ),
        (
            "flag",
            Arc::new(rows.iter().map(|row| row.flag).collect::<BooleanArray>()),
        ),
        (
            "number",
            Arc::new(rows.iter().map(|row| row.number).collect::<Int64Array>()),
        ),
        (
            "amount",
            Arc::new(amounts.with_precision_and_scale(10, 2).unwrap()),
        ),
        (
            "word",
            Arc::new(rows.iter().map(|row| row.word).collect::<StringArray>()),
        ),
        (
            "day",
            Arc::new(rows.iter().map(|row| row.day).collect::<Date32Array>()),
        ),
        ("moment", {
            let moments = rows.iter().map(|row| row.moment);
            Arc::new(moments.collect::<TimestampMicrosecondArray>())
        }),
    ];
    let columns = columns.map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    std::fs::create_dir(dir.join("rows")).unwrap();
    let file = File::create(dir.join("rows/rows.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// The ids that `text` gives when the gate applies `predicate`.
async fn ids(
    engine: &EmbeddedEngine,
    statement: &Statement,
    text: &str,
    predicate: &Predicate,
) -> Vec<i64> {
    let scan = statement.scan();
    let job = Job {
        text,
        dataset: scan.dataset(),
        snapshot: scan.snapshot(),
        predicate,
        visible: scan
            .columns()
            .iter()
            .cloned()
            .chain([column("id")])
            .collect(),
        columns: statement.columns(),
        row_limit: 5_000,
    };
    let answer = engine.answer(&job).await.unwrap();
    let id = |row: &Vec<Cell>| match row[0] {
        Cell::Integer(id) => id,
        ref other => panic!("not an id: {other:?}"),
    };
    answer.rows.rows().iter().map(id).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..Default::default() })]

    /// Invariant 3: whatever the rows and the rule, SQL, gate and interpreter admit the same.
    #[test]
    fn sql_gate_and_interpreter_agree(rows in vec(row(), 1..40), rule in composed(atom())) {
        prop_assume!(!matches!(rule, Predicate::Always | Predicate::Never));
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &rows);
        let catalog = catalog(&[ROWS]);
        let expected: Vec<i64> = (0..)
            .zip(&rows)
            .filter(|(_, row)| rule.admits(&|name| row.value(name)))
            .map(|(id, _)| id)
            .collect();

        let (by_sql, by_gate, by_both) = runtime().block_on(async {
            let engine = open(dir.path(), &[ROWS]).await;
            let snapshots = engine.tables().await.unwrap().snapshots;
            let at = &snapshots.get(&dataset("gold.rows")).unwrap().id;
            let statement = statement(&catalog, &rule, at);
            let granted = statement.scan().predicate();
            let bare =
                format!("SELECT \"id\", CAST(1 AS bigint) FROM \"gold\".\"rows@{at}\" ORDER BY 1");
            (
                ids(&engine, &statement, statement.text(), &Predicate::Always).await,
                ids(&engine, &statement, &bare, granted).await,
                ids(&engine, &statement, statement.text(), granted).await,
            )
        });

        prop_assert_eq!(&by_sql, &expected, "SQL");
        prop_assert_eq!(&by_gate, &expected, "gate");
        prop_assert_eq!(&by_both, &expected, "both");
    }
}

/// Decimals that a column cannot hold exactly are still compared exactly.
#[test]
fn the_gate_compares_decimals_finer_than_the_column() {
    let stored = [Some(-101), Some(-100), Some(100), Some(101), None];
    let amounts = Decimal128Array::from(stored.to_vec())
        .with_precision_and_scale(10, 2)
        .unwrap();
    let batch = RecordBatch::try_from_iter([("amount", Arc::new(amounts) as ArrayRef)]).unwrap();
    let literals = [
        "1.005",
        "-1.005",
        "1.00",
        "0",
        "79228162514264337593543950335",
        "-1e27",
        "1e-28",
    ];
    for (text, op) in literals
        .iter()
        .flat_map(|text| OPERATORS.iter().map(move |op| (text, op)))
    {
        let value = Decimal::from_scientific(text)
            .or_else(|_| text.parse())
            .unwrap();
        let rule = compare("amount", *op, Value::Decimal(value));

        let known = crate::embedded::gate::truth(&rule, &batch).unwrap();

        let expected = stored.map(|steps| match rule.eval(&|_| steps.map(cents)) {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown => None,
        });
        assert_eq!(known.iter().collect::<Vec<_>>(), expected, "{rule}");
    }
}

/// Conditions on the columns the sample lake is partitioned by, and has statistics of.
fn lake_atom() -> impl Strategy<Value = Predicate> {
    let units: &[&str] = &["auto", "home", "wealth", "zebra", ""];
    let unit = select(units).prop_map(|unit| Value::Text(unit.to_owned()));
    let first = NaiveDate::from_ymd_opt(2023, 10, 15).unwrap();
    let day = (0..1_200_i64).prop_map(move |days| Value::Date(first + TimeDelta::days(days)));
    let amount = (-10_000..900_000_i128).prop_map(cents);
    prop_oneof![
        (unit.clone(), select(OPERATORS)).prop_map(|(value, op)| compare(
            "business_unit",
            op,
            value
        )),
        vec(unit, 1..3).prop_map(|units| Predicate::is_in(column("business_unit"), units)),
        (day, select(OPERATORS)).prop_map(|(value, op)| compare("statement_date", op, value)),
        (amount, select(OPERATORS)).prop_map(|(value, op)| compare("written_premium", op, value)),
        any::<bool>().prop_map(|held| Predicate::eq(column("legal_hold"), Value::Boolean(held))),
        Just(Predicate::is_null(column("legal_hold"))),
    ]
}

const LAKE_COLUMNS: [&str; 4] = [
    "business_unit",
    "statement_date",
    "written_premium",
    "legal_hold",
];

/// All rows of the lake, read once.
async fn lake_rows(engine: &EmbeddedEngine) -> Vec<Vec<Cell>> {
    let text = "SELECT \"business_unit\", \"statement_date\", \"written_premium\", \"legal_hold\" \
                FROM {table}";
    let premium = CellType::Decimal { scale: 2 };
    let types = [CellType::Text, CellType::Date, premium, CellType::Boolean];
    let ask = Ask {
        limit: 10_000,
        ..Ask::new(text, &types)
    };
    cells(&ask.run(engine).await.unwrap()).to_vec()
}

fn lake_value(row: &[Cell], name: &ColumnName) -> Option<Value> {
    let at = LAKE_COLUMNS
        .iter()
        .position(|column| *column == name.as_str())
        .unwrap();
    match row[at].clone() {
        Cell::Text(text) => Some(Value::Text(text)),
        Cell::Date(day) => Some(Value::Date(day)),
        Cell::Decimal(amount) => Some(Value::Decimal(amount)),
        Cell::Boolean(flag) => Some(Value::Boolean(flag)),
        _ => None,
    }
}

/// Leaving files unread never loses a row: the engine counts what the interpreter counts.
#[test]
fn pruning_loses_no_row() {
    let runtime = runtime();
    let engine = runtime.block_on(engine());
    let rows = runtime.block_on(lake_rows(&engine));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    });

    let outcome = runner.run(&composed(lake_atom()), |rule| {
        let expected = rows
            .iter()
            .filter(|row| rule.admits(&|name| lake_value(row, name)))
            .count();
        let ask = Ask::new(COUNT, &[CellType::Integer]).granted(rule);
        let counted = count(&runtime.block_on(ask.run(&engine)).unwrap());
        prop_assert_eq!(usize::try_from(counted).unwrap(), expected);
        Ok(())
    });

    outcome.unwrap();
}
