//! Whatever happens to rows that somebody may not see, nothing that they can see of it changes
//! (failures F52, F47 to F51; attacks P16, P21): status, headers, bytes, row order, totals, shares,
//! scales of charts and filter values, on pages, tiles and JSON, in both realms.
//!
//! Two worlds answer the same requests in the same order. Their tables hold the same rows of the
//! reader, and otherwise nothing in common: rows of others and held rows are changed, added and
//! taken away at random, with NULLs, look-alikes of the reader's unit, amounts at the edge of their
//! type and texts of 64 KiB.
//!
//! Three things may differ, and are made equal before comparing. What belongs to the one request:
//! its id, and the nonce of its page. The token, where a page hands it on. And the id of the
//! snapshot, which names the state of the whole table: an answer says which state it was computed
//! on (invariant 13), so it tells *that* the table changed, as its data time does, and nothing of
//! what. The data time itself is the same in both worlds, so it is compared.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, RecordBatch, StringArray,
};
use http::StatusCode;
use parquet::arrow::ArrowWriter;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};

use crate::support::ask::{Answer, Ask, get, launch, with_query};
use crate::support::canaries::{Canaries, canary};
use crate::support::world::{HOST, UNITS, Who, World};

const SLUG: &str = "finance-overview";
const TABLES: [&str; 2] = ["notes", "visits"];
/// The days since 1970 of 2026-10-01.
const OCTOBER: i32 = 20_727;
/// The largest amount of a `decimal(12,2)`, in cents.
const MOST: i128 = 999_999_999_999;

/// A row in which anything may be NULL.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    day: Option<i32>,
    unit: Option<String>,
    place: Option<String>,
    cents: Option<i128>,
    held: Option<bool>,
}

impl Row {
    fn is_seen_by(&self, who: &Who) -> bool {
        let own = who
            .units
            .iter()
            .any(|unit| self.unit.as_deref() == Some(*unit));
        own && self.held == Some(false)
    }
}

/// A row that the reader may see.
fn own(random: &mut StdRng, who: &Who) -> Row {
    let unit = who.units.choose(random).unwrap();
    let places = [canary(unit), "everywhere".to_owned(), "Lévis".to_owned()];
    Row {
        day: Some(OCTOBER + random.random_range(0..31)),
        unit: Some((*unit).to_owned()),
        place: places
            .choose(random)
            .cloned()
            .filter(|_| random.random_ratio(9, 10)),
        cents: Some(random.random_range(-50_000..500_000)).filter(|_| random.random_ratio(9, 10)),
        held: Some(false),
    }
}

/// A row that the reader may not see, as much like one of theirs as can be, or as unlike.
fn foreign(random: &mut StdRng, who: &Who) -> Row {
    let mut units: Vec<Option<String>> = UNITS
        .into_iter()
        .map(|unit| Some(unit.to_owned()))
        .collect();
    units.push(None);
    for unit in &who.units {
        units.extend(
            [
                format!("{unit} "),
                unit.to_uppercase(),
                format!("{unit}\u{200b}"),
            ]
            .map(Some),
        );
    }
    let places = [
        None,
        Some("everywhere".to_owned()),
        Some("Lévis".to_owned()),
        Some(canary("auto")),
        Some("zz".to_owned()),
        Some("é".repeat(32 * 1024)),
        Some(String::new()),
    ];
    let cents = [
        None,
        Some(MOST),
        Some(-MOST),
        Some(0),
        Some(1),
        Some(12_345),
    ];
    loop {
        let row = Row {
            day: Some(OCTOBER + random.random_range(-40..40))
                .filter(|_| random.random_ratio(9, 10)),
            unit: units.choose(random).unwrap().clone(),
            place: places.choose(random).unwrap().clone(),
            cents: *cents.choose(random).unwrap(),
            held: *[None, Some(false), Some(true)].choose(random).unwrap(),
        };
        if !row.is_seen_by(who) {
            return row;
        }
    }
}

/// The reader's rows in their order, and others between them.
fn between(random: &mut StdRng, own: &[Row], others: Vec<Row>) -> Vec<Row> {
    let mut places: Vec<bool> = vec![true; own.len()];
    places.extend(vec![false; others.len()]);
    places.shuffle(random);
    let (mut own, mut others) = (own.iter().cloned(), others.into_iter());
    places
        .into_iter()
        .filter_map(|is_own| if is_own { own.next() } else { others.next() })
        .collect()
}

/// Writes a table of one or two files, all of them of one time.
fn write(folder: &Path, random: &mut StdRng, rows: &[Row]) {
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir_all(folder).unwrap();
    let middle = if random.random_bool(0.3) {
        random.random_range(0..=rows.len())
    } else {
        rows.len()
    };
    let (first, second) = rows.split_at(middle);
    write_file(&folder.join("first.parquet"), first);
    if middle < rows.len() {
        write_file(&folder.join("second.parquet"), second);
    }
}

fn write_file(path: &Path, rows: &[Row]) {
    let days: Date32Array = rows.iter().map(|row| row.day).collect();
    let units: StringArray = rows.iter().map(|row| row.unit.as_deref()).collect();
    let places: StringArray = rows.iter().map(|row| row.place.as_deref()).collect();
    let amounts: Decimal128Array = rows.iter().map(|row| row.cents).collect();
    let held: BooleanArray = rows.iter().map(|row| row.held).collect();
    let columns: [(&str, ArrayRef, bool); 5] = [
        ("day", Arc::new(days), true),
        ("business_unit", Arc::new(units), true),
        ("place", Arc::new(places), true),
        (
            "amount",
            Arc::new(amounts.with_precision_and_scale(12, 2).unwrap()),
            true,
        ),
        ("legal_hold", Arc::new(held), true),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_794_700_000);
    File::options()
        .append(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

/// Everything that was asked, and what was told without what may differ.
type Told = Vec<(String, StatusCode, Vec<(String, String)>, String)>;

/// Asks everything there is to ask in one world.
async fn told(world: &World, who: &Who) -> Told {
    let token = world.token(who, SLUG);
    let cookie = world.session(who).await;
    let snapshots = world.app.state().dashboards.snapshots.current();
    let snapshots: Vec<_> = ["gold.notes", "gold.visits"]
        .map(|name| {
            snapshots
                .get(&weir_policy::DatasetName::parse(name).unwrap())
                .unwrap()
                .id
                .to_string()
        })
        .into();
    let mut told = Told::new();
    for (what, ask) in asks(world, &token, &cookie) {
        let answer = world.send(ask).await;
        told.push(without_what_may_differ(what, &answer, &token, &snapshots));
    }
    told
}

fn asks(world: &World, token: &str, cookie: &str) -> Vec<(String, Ask)> {
    let (_, tiles, filters) = world
        .dashboards()
        .into_iter()
        .find(|d| d.0 == SLUG)
        .unwrap();
    let root = format!("/api/v1/dashboards/{SLUG}");
    let narrowed: [&[(&str, &str)]; 4] = [
        &[],
        &[("place", "everywhere")],
        &[("place", "zz")],
        &[("from", "2026-10-10"), ("to", "2026-10-12")],
    ];
    let mut asks = Vec::new();
    let mut ask = |what: String, ask: Ask| asks.push((what, ask));
    for pairs in narrowed {
        let mut paths: Vec<_> = tiles
            .iter()
            .map(|tile| format!("{root}/tiles/{tile}/data"))
            .collect();
        paths.extend(
            filters
                .iter()
                .map(|filter| format!("{root}/filters/{filter}/values")),
        );
        for path in paths {
            let path = with_query(&path, pairs);
            ask(format!("viewer {path}"), get(&path).bearer(token));
            ask(format!("member {path}"), get(&path).cookie(cookie));
        }
        for tile in &tiles {
            let path = with_query(&format!("/embed/{SLUG}/tiles/{tile}"), pairs);
            ask(path.clone(), get(&path).bearer(token));
            let path = with_query(&format!("/d/{SLUG}/tiles/{tile}"), pairs);
            ask(path.clone(), get(&path).cookie(cookie));
        }
        let path = with_query(&format!("/d/{SLUG}"), pairs);
        ask(path.clone(), get(&path).cookie(cookie).page());
    }
    ask("launch".to_owned(), launch(SLUG, HOST, token));
    ask("/".to_owned(), get("/").cookie(cookie).page());
    asks
}

fn without_what_may_differ(
    what: String,
    answer: &Answer,
    token: &str,
    snapshots: &[String],
) -> (String, StatusCode, Vec<(String, String)>, String) {
    let request = answer.header("x-request-id").unwrap().to_owned();
    let nonce = nonce(answer);
    let same = |text: &str| {
        let mut text = text.replace(&request, "REQUEST").replace(token, "TOKEN");
        if let Some(nonce) = &nonce {
            text = text.replace(nonce, "NONCE");
        }
        for snapshot in snapshots {
            text = text.replace(snapshot, "SNAPSHOT");
        }
        text
    };
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "server-timing"));
    let headers = headers.map(|(name, value)| (name.to_string(), same(value.to_str().unwrap())));
    (what, answer.status, headers.collect(), same(answer.text()))
}

/// The page's nonce, where it has one.
fn nonce(answer: &Answer) -> Option<String> {
    let policy = answer.header("content-security-policy")?;
    let (_, rest) = policy.split_once("'nonce-")?;
    rest.split_once('\'').map(|(nonce, _)| nonce.to_owned())
}

async fn world_of(random: &mut StdRng, tables: &[Vec<Row>; 2]) -> (Canaries, World) {
    let canaries = Canaries::new();
    for (table, rows) in TABLES.iter().zip(tables) {
        write(&canaries.path("lake").join(table), random, rows);
    }
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

async fn changes_nothing(who: &Who, seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut random = StdRng::seed_from_u64(seed);
        let own = TABLES.map(|_| {
            let count = if who.units.is_empty() {
                0
            } else {
                random.random_range(0..12)
            };
            (0..count)
                .map(|_| own(&mut random, who))
                .collect::<Vec<_>>()
        });
        let mut answers = Vec::new();
        for most in [6, 60] {
            let tables = own.each_ref().map(|own| {
                let count = random.random_range(0..most);
                let others = (0..count).map(|_| foreign(&mut random, who)).collect();
                between(&mut random, own, others)
            });
            let (_canaries, world) = world_of(&mut random, &tables).await;
            answers.push(told(&world, who).await);
        }
        let (after, before) = (answers.pop().unwrap(), answers.pop().unwrap());
        assert!(
            before.len() > 100,
            "only {} answers were compared",
            before.len()
        );
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(
                before, after,
                "rows of others show at {} (seed {seed}, {})",
                before.0, who.name
            );
        }
        if !who.units.is_empty() {
            let read = before
                .iter()
                .filter(|told| told.1 == StatusCode::OK)
                .count();
            assert_eq!(read, before.len(), "something was refused");
        }
    }
}

/// How many pairs of worlds for each reader: 2, or 100 with `WEIR_LONG=1`.
#[expect(
    clippy::disallowed_methods,
    reason = "how long to try is said by whoever runs the tests"
)]
fn seeds(first: u64) -> std::ops::Range<u64> {
    let long = std::env::var("WEIR_LONG").is_ok_and(|long| long == "1");
    first..first + if long { 100 } else { 2 }
}

#[tokio::test]
async fn f52_rows_of_others_change_no_byte_for_an_analyst() {
    changes_nothing(&Who::analyst("auto"), seeds(1_000)).await;
}

#[tokio::test]
async fn f52_rows_of_others_change_no_byte_for_a_broker_of_two_units() {
    changes_nothing(&Who::broker(), seeds(2_000)).await;
}

#[tokio::test]
async fn f52_rows_of_others_change_no_byte_for_somebody_without_a_unit() {
    changes_nothing(&Who::newcomer(), seeds(3_000)).await;
}

/// What the comparison would have to find: one more row of the reader's own.
#[tokio::test]
async fn a_row_of_ones_own_changes_what_is_told() {
    let who = Who::analyst("auto");
    let mut random = StdRng::seed_from_u64(4_000);
    let mut rows: Vec<_> = (0..5).map(|_| own(&mut random, &who)).collect();
    let (_canaries, world) = world_of(&mut random, &[rows.clone(), rows.clone()]).await;
    let before = told(&world, &who).await;
    rows.push(Row {
        cents: Some(1),
        place: Some("everywhere".to_owned()),
        ..own(&mut random, &who)
    });

    let (_canaries, world) = world_of(&mut random, &[rows.clone(), rows]).await;
    let after = told(&world, &who).await;

    let changed = before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before != after)
        .count();
    assert!(
        changed > before.len() / 4,
        "{changed} of {} answers changed",
        before.len()
    );
}
