//! A part of the audit log as a file: over the API and by the command, in three formats that say
//! the same, and nothing that must not be in it (failure F75).

use std::fs::File;
use std::path::Path;
use std::process::Command;

use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::Int64Type;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use weir_registry::{AuditQuery, Fact};

use crate::support::ask::{get, launch, post, with_query};
use crate::support::canaries::{Canaries, HOSTILE, canary, held};
use crate::support::world::{CRM, HOST, Who, World};

const PATH: &str = "/api/v1/audit/export";
const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// Reads, refusals, a mint and a sign-in, with the clock moved between them.
async fn journey(world: &World) -> Vec<String> {
    let token = world.token(&Who::analyst("auto"), SLUG);
    world.send(launch(SLUG, HOST, &token)).await.ok();
    world.clock.advance(TimeDelta::seconds(1));
    world.send(get(LIST).bearer(&token)).await.ok();
    let place = canary("auto");
    let narrowed = with_query(LIST, &[("place", &place)]);
    world.send(get(&narrowed).bearer(&token)).await.ok();
    world.clock.advance(TimeDelta::seconds(1));
    let other = "/api/v1/dashboards/claims-operations/tiles/list/data";
    let refused = world.send(get(other).bearer(&token)).await;
    assert!(!refused.status.is_success());
    let mint = json!({
        "dashboard": SLUG, "subject": { "sub": "u-secret-77", "name": "Nadia Private" },
        "business_units": ["auto"], "locale": "en-CA", "origin": HOST,
    });
    let minted = world
        .send(post("/api/v1/embed-tokens").basic(CRM.0, CRM.1).json(&mint))
        .await
        .ok();
    let made = minted.json()["token"].as_str().unwrap().to_owned();
    let cookie = world.session(&Who::analyst("home")).await;
    world
        .send(get("/d/finance-overview").cookie(&cookie).page())
        .await
        .ok();
    let session = cookie.split('=').nth(1).unwrap().to_owned();
    vec![token, made, session]
}

async fn world() -> (Canaries, World, Vec<String>) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let secrets = journey(&world).await;
    (canaries, world, secrets)
}

/// Sequence, time, hash and hash before of each record, as each format has them.
type Told = Vec<(u64, String, String, String)>;

fn of_jsonl(text: &str) -> Told {
    text.lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let entry = &record["entry"];
            (
                entry["seq"].as_u64().unwrap(),
                text(&entry["at"]),
                text(&record["hash"]),
                text(&record["previous"]),
            )
        })
        .collect()
}

/// The cells of a line of RFC 4180.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
}

fn of_csv(text: &str) -> Told {
    let mut lines = text.trim_end().split("\r\n").map(cells);
    let header = lines.next().unwrap();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    lines
        .map(|line| {
            let cell = |name: &str| line[place(name)].clone();
            (
                cell("seq").parse().unwrap(),
                cell("at"),
                cell("hash"),
                cell("previous"),
            )
        })
        .collect()
}

fn of_parquet(path: &Path) -> (Told, Vec<String>) {
    let file = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let (mut told, mut entries) = (Vec::new(), Vec::new());
    for batch in file.build().unwrap() {
        let batch = batch.unwrap();
        let numbers = batch
            .column_by_name("seq")
            .unwrap()
            .as_primitive::<Int64Type>();
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name).unwrap().as_string::<i32>();
            assert!(!column.is_null(row), "{name}");
            column.value(row).to_owned()
        };
        for row in 0..batch.num_rows() {
            let seq = u64::try_from(numbers.value(row)).unwrap();
            told.push((
                seq,
                text("at", row),
                text("hash", row),
                text("previous", row),
            ));
            entries.push(text("entry", row));
        }
    }
    (told, entries)
}

async fn searched(world: &World, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(u64, String)> {
    let query = AuditQuery {
        from: Some(from),
        to: Some(to),
        limit: 10_000,
        ..AuditQuery::default()
    };
    let page = world
        .app
        .state()
        .registry
        .audit()
        .search(&query)
        .await
        .unwrap();
    let records = page.records.iter().rev();
    records
        .map(|record| (record.seq(), record.hash().to_string()))
        .collect()
}

fn sequence(told: &Told) -> Vec<(u64, String)> {
    told.iter()
        .map(|(seq, _, hash, _)| (*seq, hash.clone()))
        .collect()
}

fn export(address: &str, format: &str, file: &Path, more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_weir"))
        .args([
            "audit",
            "export",
            "--registry",
            address,
            "--format",
            format,
            "--out",
        ])
        .arg(file)
        .args(more)
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{complaint}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn three_formats_say_what_the_search_says_and_the_hashes_can_be_computed_again() {
    let (_canaries, world, _) = world().await;
    let now = world.clock.now();
    let (from, to) = (now - TimeDelta::days(1), now + TimeDelta::days(1));
    let expected = searched(&world, from, to).await;
    assert!(expected.len() > 12, "{}", expected.len());
    let (address, home) = world.ended().await;
    let path = |format: &str| home.path().join(format!("audit.{format}"));

    for format in ["jsonl", "csv", "parquet"] {
        let said = export(&address, format, &path(format), &[]);
        assert!(
            said.starts_with(&format!("{} records in", expected.len())),
            "{said}"
        );
    }

    let read = |format: &str| std::fs::read_to_string(path(format)).unwrap();
    let lines = of_jsonl(&read("jsonl"));
    let (table, entries) = of_parquet(&path("parquet"));
    assert_eq!(sequence(&lines), expected);
    assert_eq!(lines, of_csv(&read("csv")));
    assert_eq!(lines, table);
    for ((_, _, hash, previous), entry) in table.iter().zip(&entries) {
        let bytes = |hex: &str| -> Vec<u8> {
            let pairs = hex.as_bytes().chunks(2);
            pairs
                .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
                .collect()
        };
        let length = u64::try_from(entry.len()).unwrap().to_be_bytes();
        let sum = Sha256::new()
            .chain_update([1])
            .chain_update(bytes(previous))
            .chain_update(length)
            .chain_update(entry)
            .finalize();
        assert_eq!(bytes(hash), sum.to_vec(), "{entry}");
        assert!(
            read("jsonl").contains(&format!("\"entry\":{entry}}}")),
            "{entry}"
        );
    }
    assert!(!path("jsonl.part").exists());
}

#[tokio::test]
async fn the_range_is_half_open_and_exact_to_the_millisecond() {
    let (_canaries, world, _) = world().await;
    let second = world.clock.now() - TimeDelta::seconds(1);
    let third = world.clock.now();
    let expected = searched(&world, second, third).await;
    let all = searched(
        &world,
        second - TimeDelta::days(1),
        third + TimeDelta::days(1),
    )
    .await;
    assert!(!expected.is_empty() && expected.len() < all.len());
    let (address, home) = world.ended().await;
    let file = home.path().join("part.jsonl");
    let moment = |at: DateTime<Utc>| at.to_rfc3339();

    export(
        &address,
        "jsonl",
        &file,
        &["--from", &moment(second), "--to", &moment(third)],
    );

    let lines = of_jsonl(&std::fs::read_to_string(&file).unwrap());
    assert_eq!(sequence(&lines), expected);
    let nothing = ["--from", &moment(third + TimeDelta::days(9))];
    for format in ["jsonl", "csv", "parquet"] {
        export(&address, format, &file, &nothing);
        if format == "parquet" {
            assert!(of_parquet(&file).0.is_empty());
        }
    }
}

#[tokio::test]
async fn f75_no_export_holds_a_row_a_token_a_secret_or_a_statement() {
    let (_canaries, world, secrets) = world().await;
    let (address, home) = world.ended().await;
    let mut forbidden: Vec<String> = vec![
        canary("auto"),
        canary("home"),
        held("auto"),
        HOSTILE.to_owned(),
        CRM.1.to_owned(),
        "SELECT".to_owned(),
        "u-secret-77".to_owned(),
        "Nadia".to_owned(),
    ];
    forbidden.extend(secrets);

    for format in ["jsonl", "csv", "parquet"] {
        let file = home.path().join(format);
        export(&address, format, &file, &[]);
        let text = match format {
            // Its pages are compressed; what is in its cells is looked at.
            "parquet" => every_cell(&file),
            _ => std::fs::read_to_string(&file).unwrap(),
        };
        assert!(text.contains("finance-overview") && text.contains("bu-own-rows"));
        for word in &forbidden {
            assert!(!text.contains(word), "{word} is in the {format} export");
        }
    }
}

/// Every text of every row.
fn every_cell(path: &Path) -> String {
    let file = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let mut texts = Vec::new();
    for batch in file.build().unwrap() {
        let batch = batch.unwrap();
        let columns = batch.columns().iter();
        for column in columns.filter_map(|column| column.as_string_opt::<i32>()) {
            texts.extend(column.iter().flatten().map(str::to_owned));
        }
    }
    texts.join("\n")
}

#[tokio::test]
async fn an_admin_exports_over_http_and_that_is_on_record_first() {
    let (_canaries, world, _) = world().await;
    let admin = world.session(&Who::governor()).await;
    let before = world.audit().await.len();
    let ask = |format: &str| get(&with_query(PATH, &[("format", format)])).cookie(&admin);

    let lines = world.send(ask("jsonl")).await.ok();
    let table = world.send(ask("csv")).await.ok();
    let parquet = world.send(ask("parquet")).await.ok();

    assert_eq!(lines.header("content-type"), Some("application/jsonl"));
    assert_eq!(
        lines.header("content-disposition"),
        Some("attachment; filename=\"audit.jsonl\"")
    );
    assert!(parquet.body.starts_with(b"PAR1") && parquet.body.ends_with(b"PAR1"));
    let told = of_jsonl(lines.text());
    assert!(of_csv(table.text()).starts_with(&told));
    // The export is the last record of itself.
    let last: Value = serde_json::from_str(lines.text().lines().last().unwrap()).unwrap();
    assert_eq!(last["entry"]["fact"]["kind"], "audit_export");
    let records = world.audit().await.split_off(before);
    let formats: Vec<_> = records
        .iter()
        .filter_map(|record| match record.fact() {
            Fact::AuditExport(export) => Some(export.format.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(formats, ["jsonl", "csv", "parquet"]);
    world.assert_chain().await;
}

#[tokio::test]
async fn nobody_but_an_admin_exports_and_unknown_formats_are_refused() {
    let (_canaries, world, _) = world().await;
    let analyst = world.session(&Who::analyst("auto")).await;
    let admin = world.session(&Who::governor()).await;
    let ask = |format: &str| get(&with_query(PATH, &[("format", format)]));
    let before = world.audit().await.len();

    let stranger = world.send(ask("jsonl").cookie(&analyst)).await;
    let nobody = world.send(ask("jsonl")).await;
    let unknown = world.send(ask("xml").cookie(&admin)).await;

    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert!(nobody.status.is_client_error() || nobody.status.is_redirection());
    assert!(unknown.status.is_client_error());
    let exports = world.audit().await.split_off(before);
    let exports = exports
        .iter()
        .filter(|record| matches!(record.fact(), Fact::AuditExport(_)));
    assert_eq!(exports.count(), 0);
}
