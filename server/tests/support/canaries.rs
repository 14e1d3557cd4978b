//! A lake of two small tables in which every unit has words that no other unit has, so that a leak
//! of one row can be seen in any text. The tables are folders of Parquet files, which tests can add
//! to and take from.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, RecordBatch, StringArray,
};
use chrono::NaiveDate;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::world::{Plan, UNITS};

/// Text that must stay text wherever a value of it is shown (F69).
pub(crate) const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'{{";

/// A word in a row of `unit` that nobody else has.
pub(crate) fn canary(unit: &str) -> String {
    format!("canary{}", unit.replace('_', ""))
}

/// A word in a row of `unit` that is under legal hold: nobody's.
pub(crate) fn held(unit: &str) -> String {
    format!("held{}", unit.replace('_', ""))
}

/// A row: unit, place, amount in cents, legal hold, day of October 2026.
type Row = (String, String, i128, Option<bool>, u32);

/// A lake, its content, and the folder they are in.
#[derive(Debug)]
pub(crate) struct Canaries {
    home: TempDir,
}

impl Canaries {
    pub(crate) fn new() -> Self {
        let canaries = Self {
            home: TempDir::new().unwrap(),
        };
        for table in ["notes", "visits"] {
            let unit = |(index, unit): (usize, &&str)| {
                let amount = 10_000 * (i128::try_from(index).unwrap() + 1);
                [
                    row(unit, &canary(unit), amount, Some(false), 5),
                    row(unit, "everywhere", amount, Some(false), 6),
                    row(unit, HOSTILE, 100, Some(false), 7),
                    row(unit, &held(unit), 100_000_000, Some(true), 8),
                    row(unit, &held(unit), 100_000_000, None, 9),
                ]
            };
            let rows: Vec<_> = UNITS.iter().enumerate().flat_map(unit).collect();
            canaries.add(table, "first", &rows);
        }
        canaries.write_content();
        canaries
    }

    pub(crate) fn plan(&self) -> Plan {
        let mut plan = Plan::over(self.path("lake"));
        plan.policies = self.path("policies");
        plan.dashboards = self.path("dashboards");
        plan
    }

    pub(crate) fn path(&self, below: &str) -> std::path::PathBuf {
        self.home.path().join(below)
    }

    /// Adds a file of rows to a table: a new snapshot.
    pub(crate) fn add(&self, table: &str, file: &str, rows: &[Row]) {
        let folder = self.path("lake").join(table);
        fs::create_dir_all(&folder).unwrap();
        let unfinished = folder.join(format!("_{file}"));
        write(&unfinished, rows);
        fs::rename(unfinished, folder.join(format!("{file}.parquet"))).unwrap();
    }

    /// Takes the first file of a table away.
    pub(crate) fn lose(&self, table: &str) {
        fs::remove_file(self.path("lake").join(table).join("first.parquet")).unwrap();
    }

    /// Writes the first file of a table anew, with one column changed: gone where nothing is given.
    pub(crate) fn change_column(&self, table: &str, column: &str, to: Option<ArrayRef>) {
        let folder = self.path("lake").join(table);
        let file = File::open(folder.join("first.parquet")).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let batch = reader.build().unwrap().next().unwrap().unwrap();
        let schema = batch.schema();
        let others = schema.fields().iter().map(|field| field.name().as_str());
        let others = others.filter(|name| *name != column);
        let kept = others.map(|name| (name, Arc::clone(batch.column_by_name(name).unwrap())));
        let changed = to.map(|values| (column, values));
        let batch = RecordBatch::try_from_iter(kept.chain(changed)).unwrap();
        let unfinished = folder.join("_first");
        write_batch(&unfinished, &batch);
        fs::rename(unfinished, folder.join("first.parquet")).unwrap();
    }

    /// Writes one file of the content.
    pub(crate) fn edit(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes another policy of the notes, with a decision table that any policy passes.
    pub(crate) fn change_policy(&self, text: &str) {
        self.edit("policies/notes.policy.yaml", text);
        self.edit(
            "policies/notes.test.yaml",
            "policy: gold.notes
given: [{ id: one, business_unit: auto }]
cases: [{ name: nobody, as: { roles: [none] }, sees: denied }]
",
        );
    }

    fn write_content(&self) {
        for table in ["notes", "visits"] {
            self.edit(
                &format!("dashboards/datasets/{table}.dataset.yaml"),
                &dataset(table),
            );
            self.edit(&format!("policies/{table}.policy.yaml"), &policy(table));
            self.edit(&format!("policies/{table}.test.yaml"), &table_of(table));
        }
        let identity = fs::read(super::world::repository().join("policies/identity.yaml")).unwrap();
        fs::write(self.path("policies/identity.yaml"), identity).unwrap();
        self.edit("dashboards/finance-overview.dashboard.yaml", OVERVIEW);
        self.edit("dashboards/claims-operations.dashboard.yaml", OTHER);
    }
}

/// One row for [`Canaries::add`].
pub(crate) fn row(unit: &str, place: &str, cents: i128, hold: Option<bool>, day: u32) -> Row {
    (unit.to_owned(), place.to_owned(), cents, hold, day)
}

fn write(path: &Path, rows: &[Row]) {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    let day = |row: &Row| {
        let day = NaiveDate::from_ymd_opt(2026, 10, row.4).unwrap();
        i32::try_from((day - epoch).num_days()).unwrap()
    };
    let days: Date32Array = rows.iter().map(|row| Some(day(row))).collect();
    let units: StringArray = rows.iter().map(|row| Some(row.0.as_str())).collect();
    let places: StringArray = rows.iter().map(|row| Some(row.1.as_str())).collect();
    let amounts: Decimal128Array = rows.iter().map(|row| Some(row.2)).collect();
    let amounts = amounts.with_precision_and_scale(12, 2).unwrap();
    let holds: BooleanArray = rows.iter().map(|row| row.3).collect();
    let columns: [(&str, ArrayRef); 5] = [
        ("day", Arc::new(days)),
        ("business_unit", Arc::new(units)),
        ("place", Arc::new(places)),
        ("amount", Arc::new(amounts)),
        ("legal_hold", Arc::new(holds)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    write_batch(path, &batch);
}

fn write_batch(path: &Path, batch: &RecordBatch) {
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

pub(crate) fn dataset(table: &str) -> String {
    format!(
        r#"
dataset: gold.{table}
label: {{ en: Notes, fr: Notes }}
source: {{ parquet: {table} }}
time: day
key: [day, place]
columns:
  day: {{ type: date, label: {{ en: Day, fr: Jour }} }}
  business_unit: {{ type: text, label: {{ en: Business unit, fr: Unité d’affaires }} }}
  place: {{ type: text, label: {{ en: Place, fr: Lieu }} }}
  amount: {{ type: "decimal(12,2)", label: {{ en: Amount, fr: Montant }} }}
  legal_hold: {{ type: boolean, label: {{ en: Legal hold, fr: Gel juridique }} }}
dimensions:
  month: {{ column: day, grain: month, label: {{ en: Month, fr: Mois }} }}
  place: {{ column: place, label: {{ en: Place, fr: Lieu }} }}
measures:
  amount: {{ sum: amount, label: {{ en: Amount, fr: Montant }}, format: {{ currency: CAD }} }}
"#
    )
}

pub(crate) fn policy(table: &str) -> String {
    format!(
        "
dataset: gold.{table}
rules:
  - id: bu-own-rows
    permit: {{ business_unit: {{ in: subject.business_units }} }}
    when: {{ role: analyst }}
  - id: executives-see-all
    permit: all
    when: {{ role: executive }}
  - id: litigation-hold
    forbid: {{ legal_hold: {{ eq: true }} }}
"
    )
}

fn table_of(table: &str) -> String {
    format!(
        "
policy: gold.{table}
given:
  - {{ id: auto-1, business_unit: auto, legal_hold: false }}
  - {{ id: auto-held, business_unit: auto, legal_hold: true }}
cases:
  - name: an analyst sees the own unit
    as: {{ roles: [analyst], business_units: [auto] }}
    sees: [auto-1]
  - name: a newcomer sees nothing
    as: {{ roles: [analyst] }}
    sees: denied
"
    )
}

const OVERVIEW: &str = r"
dashboard: finance-overview
title: { en: Canaries, fr: Canaris }
subtitle: { en: Whose words are these?, fr: À qui sont ces mots ? }
period: { from: 2026-10-01, to: 2026-10-31 }
filters:
  - { id: place, label: { en: Place, fr: Lieu }, dataset: gold.notes, column: place }
tiles:
  - id: total
    title: { en: Amount, fr: Montant }
    dataset: gold.notes
    chart: kpi
    width: 4
    measures: [amount]
    trend: month
  - id: share
    title: { en: Share, fr: Part }
    dataset: gold.notes
    chart: donut
    width: 4
    by: [place]
    measures: [amount]
    order: { by: amount, direction: descending }
  - id: by-place
    title: { en: Places, fr: Lieux }
    dataset: gold.notes
    chart: bar
    width: 4
    by: [place]
    measures: [amount]
    order: { by: amount, direction: descending }
  - id: stacked
    title: { en: Places by month, fr: Lieux par mois }
    dataset: gold.notes
    chart: stacked_bar
    width: 6
    by: [month, place]
    measures: [amount]
  - id: list
    title: { en: List, fr: Liste }
    dataset: gold.notes
    chart: table
    width: 6
    by: [place]
    measures: [amount]
    order: { by: amount, direction: descending }
  - id: visits
    title: { en: Visits, fr: Visites }
    dataset: gold.visits
    chart: table
    width: 12
    by: [place]
    measures: [amount]
    order: { by: amount, direction: descending }
";

const OTHER: &str = r"
dashboard: claims-operations
title: { en: Visits, fr: Visites }
subtitle: { en: Where people went, fr: Où les gens sont allés }
tiles:
  - id: elsewhere
    title: { en: Visits, fr: Visites }
    dataset: gold.visits
    chart: bar
    width: 12
    by: [place]
    measures: [amount]
";
