//! The golden statements through Athena's protocol: always at the simulator, and at a real account
//! when somebody asks for it.
//!
//! `cargo xtask test --live-athena WORKGROUP` makes a database of its own in that account, puts the
//! sample lake into it, asks forty statements, holds the rows against the embedded engine's and what
//! it was billed against five cents, and takes everything away again. See `docs/athena.md`.

mod account;

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use athena_sim::{Sim, SimConfig};
use futures::FutureExt as _;
use weir_engine::{
    AthenaConfig, AthenaEngine, Deadline, LakeConfig, QueryContext, QueryEngine as _, Ran, Severity,
};
use weir_policy::Revision;
use weir_query::Dialect;
use weir_server::content::{Content, folders};

use self::account::Account;
use crate::answers::first_difference;
use crate::golden::{
    Embedded, Oracle, Question, Source, mask_key, representatives_of, rows, sample_lake,
};
use crate::moto::Moto;
use crate::support::{repository, told_text};

/// How many statements a real account is asked; each is billed 10 MB at least.
const STATEMENTS: usize = 40;
/// What may be billed: 5 cents at 5 dollars for 10^12 bytes.
const MOST_BYTES: u64 = 10_000_000_000;
/// What any statement is billed at least.
const LEAST_BYTES: u64 = 10_000_000;

fn golden(content: &Content) -> Vec<Question> {
    let all = representatives_of(content).into_iter();
    all.map(|(question, _)| question).collect()
}

/// Asks both engines the same, and says how many bytes were billed.
async fn assert_same_rows(
    athena: &AthenaEngine,
    embedded: &Embedded,
    questions: &[(&Question, &Question)],
) -> u64 {
    let snapshots = athena.tables().await.unwrap().snapshots;
    let mut billed = 0;
    for (here, there) in questions {
        let statement = there.statement(Dialect::Athena, &snapshots);
        let context = QueryContext::unbooked(Deadline::after(Duration::from_mins(2)));
        let answer = athena.run(&statement, context).await;
        let answer = answer.unwrap_or_else(|error| {
            panic!(
                "{}: {:#}\n{}",
                there.name,
                anyhow::Error::from(error),
                statement.text()
            )
        });
        let difference = first_difference(&rows(&answer.rows), &embedded.rows(here).await);
        assert_eq!(difference, None, "{}\n{}", there.name, statement.text());
        let execution = answer.execution;
        assert_eq!(execution.ran, Ran::Athena, "{}", there.name);
        assert!(
            execution.billed_bytes >= LEAST_BYTES,
            "{}: {execution:?}",
            there.name
        );
        billed += execution.billed_bytes;
    }
    billed
}

/// Decoding, parameters, paging and the meter: the meaning of SQL is not proven here, the simulator
/// computes with the embedded engine.
#[tokio::test(flavor = "multi_thread")]
async fn golden_statements_have_the_same_rows_through_athenas_protocol() {
    let (_home, lake) = sample_lake().await;
    for source in Source::ALL {
        let content = source.content();
        let sim = Sim::start(SimConfig::instant(&lake.dir)).await.unwrap();
        let config = AthenaConfig {
            endpoint: Some(sim.url().parse().unwrap()),
            ..AthenaConfig::new("ca-central-1", "primary", [7; 32])
        };
        let athena = AthenaEngine::open(config, content.catalog(), Some(mask_key())).await;
        let embedded = Embedded::open(&content, &lake).await;
        let golden = golden(&content);
        let both: Vec<_> = golden.iter().map(|question| (question, question)).collect();

        let billed = assert_same_rows(&athena.unwrap(), &embedded, &both).await;

        let meter = sim.meter();
        assert_eq!(billed, meter.billed_bytes, "{source:?}");
        assert_eq!(
            meter.queries,
            u64::try_from(golden.len()).unwrap(),
            "{source:?}"
        );
    }
}

/// The repository's content about the tables of another database.
fn content_of(database: &str) -> Content {
    let files = folders(&repository("policies"), &repository("dashboards")).unwrap();
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| {
            (
                path.as_str(),
                text.replace("gold.", &format!("{database}.")),
            )
        })
        .collect();
    let files = files.iter().map(|(path, text)| (*path, text.as_str()));
    Content::read(files, Revision::new(1)).unwrap()
}

/// Which of the golden statements a real account is asked: some from all pages, and among them one with
/// a hash mask. Its key is sent where AWS documents no parameters, see `docs/athena.md`.
fn chosen(content: &Content) -> BTreeSet<usize> {
    let all = representatives_of(content);
    let some = STATEMENTS.min(all.len());
    let mut chosen: BTreeSet<usize> = (0..some).map(|n| n * all.len() / some).collect();
    let is_masked = |at: usize| all[at].1.contains("from_hex(?)");
    if !chosen.iter().any(|at| is_masked(*at)) {
        chosen.pop_last();
        chosen.extend((0..all.len()).find(|at| is_masked(*at)));
    }
    chosen
}

#[test]
fn a_real_account_is_asked_for_a_hash_mask_too() {
    let content = Source::Repository.content();
    let all = representatives_of(&content);

    let chosen = chosen(&content);

    assert_eq!(chosen.len(), STATEMENTS);
    assert!(chosen.iter().any(|at| all[*at].1.contains('?')));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "asks a real account: `cargo xtask test --live-athena WORKGROUP`"]
async fn live_athena_answers_golden_statements_as_the_embedded_engine_does() {
    let workgroup = told_text("WEIR_LIVE_ATHENA");
    let (_home, lake) = sample_lake().await;
    let account = Account::open(&workgroup, None).await;

    let outcome = AssertUnwindSafe(ask_account(&account, &lake))
        .catch_unwind()
        .await;

    account.tidy_up().await;
    match outcome {
        Ok(billed) => println!("{billed} bytes were billed, of {MOST_BYTES} that may be"),
        Err(failed) => std::panic::resume_unwind(failed),
    }
}

async fn ask_account(account: &Account, lake: &LakeConfig) -> u64 {
    let content = content_of(&account.database);
    let made = account.make_tables(&content, &lake.dir).await;
    let config = AthenaConfig::new(&account.region, &account.workgroup, rand::random());
    let athena = AthenaEngine::open(config, content.catalog(), Some(mask_key())).await;
    let athena = athena.unwrap_or_else(|error| panic!("{:#}", anyhow::Error::from(error)));
    let findings = athena.check().await;
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<_> = errors.collect();
    assert!(
        errors.is_empty(),
        "Weir would not serve with this workgroup: {errors:#?}"
    );
    let ours = Source::Repository.content();
    let embedded = Embedded::open(&ours, lake).await;
    let (here, there) = (golden(&ours), golden(&content));
    assert_eq!(here.len(), there.len());
    let both: Vec<_> = here.iter().zip(&there).collect();
    let some: Vec<_> = chosen(&ours).into_iter().map(|at| both[at]).collect();

    let billed = made + assert_same_rows(&athena, &embedded, &some).await;

    assert!(
        billed <= MOST_BYTES,
        "{billed} bytes are more than five cents"
    );
    billed
}

/// What the suite does to an account before and after it asks, without an account: moto says what
/// is there afterwards, and others read the SQL.
#[tokio::test(flavor = "multi_thread")]
async fn the_live_suite_makes_its_tables_and_leaves_nothing_behind() {
    let moto = Moto::start();
    let (_home, lake) = sample_lake().await;
    let account = Account::open("weir", Some(&moto.endpoint)).await;
    let content = content_of(&account.database);

    account.make_tables(&content, &lake.dir).await;

    let files = account.files().await;
    for dataset in content.catalog().datasets() {
        let folder = format!("/files/{}/", dataset.name().table());
        assert!(
            files.iter().any(|file| file.contains(&folder)),
            "{folder} in {files:?}"
        );
    }
    account.tidy_up().await;
    assert_eq!(account.files().await, [""; 0]);
    let ran = moto.queries().await;
    let count = |start: &str| ran.iter().filter(|sql| sql.starts_with(start)).count();
    assert_eq!(count("CREATE DATABASE"), 1, "{ran:#?}");
    assert_eq!(count("CREATE EXTERNAL TABLE"), 4, "{ran:#?}");
    assert_eq!(count("CREATE TABLE"), 4, "{ran:#?}");
    assert_eq!(count("DROP TABLE"), 8, "{ran:#?}");
    assert_eq!(count("DROP DATABASE"), 1, "{ran:#?}");
    // Its other statements are Hive's, which Trino's grammar does not know.
    let (filled, _): (Vec<_>, Vec<_>) = ran
        .into_iter()
        .partition(|sql| sql.starts_with("CREATE TABLE"));
    for refusal in Oracle::Trino.refusals(&filled) {
        assert_eq!(refusal, None, "{filled:#?}");
    }
}
