//! The Athena engine against moto, which speaks AWS's protocols and was written by others: what is
//! sent must be understood, what comes back must be read. moto runs no SQL; it answers what it is
//! told to, and remembers what it was asked. The table is pyiceberg's, in moto's Glue and S3.

use std::collections::BTreeMap;
use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;
use weir_engine::{
    AthenaConfig, AthenaEngine, Deadline, MaskKey, Profile, QueryContext, QueryEngine as _, Ran,
    Severity,
};
use weir_policy::{BusinessUnit, DatasetName};
use weir_query::{Dialect, Statement};
use weir_registry::{Actor, BudgetChange, BudgetScope, Limit, RequestId};
use weir_server::content::Content;

use crate::golden::{Question, questions, rows};
use crate::support::{Running, beside, python};
use crate::weir::{Deployment, Viewer, Weir};

const REGION: &str = "ca-central-1";
const KEY: [u8; 32] = [0xa7; 32];

/// What the tile of customers has, as Athena types it.
const COLUMNS: [(&str, &str); 6] = [
    ("c0", "date"),
    ("c1", "varchar"),
    ("c2", "boolean"),
    ("c3", "decimal"),
    ("c4", "bigint"),
    ("c5", "double"),
];

/// A running moto.
pub(crate) struct Moto {
    pub(crate) endpoint: Url,
    /// Where Glue says that the table's metadata is.
    metadata: String,
    snapshots: Vec<String>,
    http: reqwest::Client,
    said: BufReader<ChildStdout>,
    process: Running,
}

impl Moto {
    pub(crate) fn start() -> Self {
        let mut python = Command::new(python());
        python.arg("-B").arg(beside("moto/aws.py"));
        python.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = python.spawn().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let told = told(&mut said);
        let mut moto = Self {
            endpoint: told["endpoint"].as_str().unwrap().parse().unwrap(),
            metadata: String::new(),
            snapshots: Vec::new(),
            http: crate::weir::browser(),
            said,
            process: Running(process),
        };
        moto.know(&told);
        moto
    }

    fn know(&mut self, told: &Value) {
        told["metadata"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.metadata);
        let snapshots = told["snapshots"].as_array().unwrap().iter();
        let snapshots = snapshots.map(|id| id.as_str().unwrap().to_owned());
        self.snapshots = snapshots.collect();
    }

    /// Has something become of the table.
    fn alter(&mut self, command: &str) {
        let orders = self.process.0.stdin.as_mut().unwrap();
        writeln!(orders, "{command}").unwrap();
        let told = told(&mut self.said);
        self.know(&told);
    }

    fn config(&self, workgroup: &str) -> AthenaConfig {
        AthenaConfig {
            endpoint: Some(self.endpoint.clone()),
            ..AthenaConfig::new(REGION, workgroup, [7; 32])
        }
    }

    /// What the next query is answered with.
    async fn answer_with(&self, columns: &[(&str, &str)], rows: &[&[Option<&str>]]) {
        let cell = |value: Option<&str>| match value {
            Some(value) => json!({ "VarCharValue": value }),
            None => json!({}),
        };
        let header: Vec<_> = columns.iter().map(|(name, _)| Some(*name)).collect();
        let all = std::iter::once(header.as_slice()).chain(rows.iter().copied());
        let all: Vec<_> = all
            .map(|row| json!({ "Data": row.iter().copied().map(cell).collect::<Vec<_>>() }))
            .collect();
        let info = columns.iter().map(|(name, kind)| {
            json!({ "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name,
                "Type": kind, "Precision": 38, "Scale": 2, "Nullable": "UNKNOWN", "CaseSensitive": false })
        });
        let told = json!({
            "region": REGION,
            "results": [{ "rows": all, "column_info": info.collect::<Vec<_>>() }],
        });
        let path = "moto-api/static/athena/query-results";
        let told = self
            .http
            .post(self.endpoint.join(path).unwrap())
            .json(&told);
        assert_eq!(told.send().await.unwrap().status().as_u16(), 201);
    }

    /// The SQL of every query that was started, the last first.
    pub(crate) async fn queries(&self) -> Vec<String> {
        let listed = self
            .athena("ListQueryExecutions", &json!({ "WorkGroup": "weir" }))
            .await;
        let mut queries = Vec::new();
        for id in listed["QueryExecutionIds"].as_array().unwrap() {
            let query = json!({ "QueryExecutionId": id });
            let known = self.athena("GetQueryExecution", &query).await;
            let sql = known["QueryExecution"]["Query"].as_str().unwrap();
            queries.push(sql.to_owned());
        }
        queries
    }

    /// Asks moto's Athena without the engine.
    async fn athena(&self, operation: &str, wish: &Value) -> Value {
        let scope = format!("AWS4-HMAC-SHA256 Credential=x/20260101/{REGION}/athena/aws4_request");
        let request = self
            .http
            .post(self.endpoint.clone())
            .header("x-amz-target", format!("AmazonAthena.{operation}"))
            .header("authorization", scope)
            .header("content-type", "application/x-amz-json-1.1")
            .body(wish.to_string());
        request.send().await.unwrap().json().await.unwrap()
    }
}

/// What it says in a line.
fn told(said: &mut impl std::io::BufRead) -> Value {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    serde_json::from_str(&line)
        .unwrap_or_else(|error| panic!("moto did not do that: {error} in {line:?}"))
}

fn content() -> Content {
    Content::load(&beside("moto/policies"), &beside("moto/dashboards")).unwrap()
}

fn customers(content: &Content) -> Question {
    let mut asked = questions(content).into_iter();
    asked
        .find(|question| question.name.starts_with("statements/customers as"))
        .unwrap()
}

async fn open(config: AthenaConfig, content: &Content) -> AthenaEngine {
    let engine = AthenaEngine::open(config, content.catalog(), Some(MaskKey::new(KEY))).await;
    engine
        .unwrap_or_else(|error| panic!("the engine did not open: {:#}", anyhow::Error::from(error)))
}

async fn statement(engine: &AthenaEngine, content: &Content) -> Statement {
    let snapshots = engine.tables().await.unwrap().snapshots;
    customers(content).statement(Dialect::Athena, &snapshots)
}

fn context(unit: Option<&str>) -> QueryContext {
    QueryContext {
        unit: unit.map(|unit| BusinessUnit::parse(unit).unwrap()),
        ..QueryContext::unbooked(Deadline::after(Duration::from_secs(30)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_tables_of_pyiceberg_are_found_in_glue_and_estimated_from_s3() {
    let moto = Moto::start();
    let content = content();
    let engine = open(moto.config("weir"), &content).await;

    let tables = engine.tables().await.unwrap();

    let name = DatasetName::parse("gold.statements").unwrap();
    let snapshot = tables.snapshots.get(&name).unwrap();
    assert_eq!(
        Some(snapshot.id.as_str()),
        moto.snapshots.last().map(String::as_str)
    );
    assert_eq!(tables.drift, []);
    let statement = customers(&content).statement(Dialect::Athena, &tables.snapshots);
    let estimate = engine.estimate(&statement).await.unwrap().unwrap();
    assert_eq!(estimate.files, 2, "{estimate:?}");
    assert!(estimate.scanned_bytes > 0, "{estimate:?}");
    assert_eq!(estimate.billed_bytes, 10_000_000, "{estimate:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_understands_what_is_sent_and_its_rows_are_read() {
    let moto = Moto::start();
    let content = content();
    let engine = open(moto.config("weir"), &content).await;
    let statement = statement(&engine, &content).await;
    let [one, two]: [&[Option<&str>]; 2] = [
        &[
            Some("2026-01-02"),
            Some(""),
            Some("true"),
            Some("100.50"),
            Some("-7"),
            Some("1.4E-3"),
        ],
        &[None, None, None, None, None, None],
    ];
    moto.answer_with(&COLUMNS, &[one, two]).await;

    let answer = engine.run(&statement, context(Some("auto"))).await.unwrap();

    let expected = json!([
        ["2026-01-02", "", true, "100.50", -7, 0.0014],
        [null, null, null, null, null, null]
    ]);
    assert_eq!(rows(&answer.rows), expected, "an empty text is no NULL");
    assert!(!answer.rows.is_truncated());
    assert_eq!(answer.execution.ran, Ran::Athena);
    let id = answer.execution.id.unwrap();
    let known = moto
        .athena("GetQueryExecution", &json!({ "QueryExecutionId": id }))
        .await;
    let known = &known["QueryExecution"];
    assert_eq!(known["Query"], statement.text());
    assert_eq!(known["WorkGroup"], "weir");
    let place = json!({ "Database": "gold", "Catalog": "AwsDataCatalog" });
    assert_eq!(known["QueryExecutionContext"], place);
    let key = MaskKey::new(KEY);
    assert!(
        statement.text().contains("from_hex(?)"),
        "{}",
        statement.text()
    );
    let sent = known["ExecutionParameters"].as_array().unwrap();
    assert_eq!(sent.len(), 1);
    let hex = "a7".repeat(32);
    assert_eq!(sent[0], format!("'{hex}'"), "a text in quotes, {key:?}");
    assert!(!statement.text().contains(&hex));
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_lends_a_units_role_and_its_workgroup_is_asked() {
    let moto = Moto::start();
    let content = content();
    let profile = Profile {
        workgroup: "loose".to_owned(),
        role_arn: Some("arn:aws:iam::123456789012:role/weir-auto".to_owned()),
    };
    let unit = BusinessUnit::parse("auto").unwrap();
    let config = AthenaConfig {
        units: BTreeMap::from([(unit.clone(), profile)]),
        ..moto.config("weir")
    };
    let engine = open(config, &content).await;
    let statement = statement(&engine, &content).await;
    let asked = statement.asked_by(engine.principal(Some(&unit)));
    moto.answer_with(&COLUMNS, &[]).await;

    let answer = engine.run(&asked, context(Some("auto"))).await.unwrap();

    assert!(answer.rows.rows().is_empty());
    let id = answer.execution.id.unwrap();
    let known = moto
        .athena("GetQueryExecution", &json!({ "QueryExecutionId": id }))
        .await;
    assert_eq!(known["QueryExecution"]["WorkGroup"], "loose");
    let other = engine.run(&asked, context(Some("home"))).await.unwrap_err();
    assert_eq!(
        other.code(),
        "data_denied",
        "another unit has not this role"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_workgroups_are_judged() {
    let moto = Moto::start();
    let content = content();
    let errors = async |workgroup| {
        let engine = open(moto.config(workgroup), &content).await;
        let findings = engine.check().await;
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        let all = format!("{findings:#?}");
        (errors.count(), all)
    };

    let (strict, all) = errors("weir").await;
    assert_eq!(strict, 0, "{all}");
    let (loose, all) = errors("loose").await;
    assert!(loose > 0 && all.contains("loose"), "{all}");
    let (missing, all) = errors("no-such-workgroup").await;
    assert!(missing > 0, "{all}");
}

const CLIENT: &str = "[[embed.clients]]\nid = \"shop\"\ndashboards = [\"statements\"]\n\
    business_units = [\"auto\"]\nroles = [\"analyst\"]\n";

/// The whole server over the table in moto's S3, by nothing but `[athena]` in its configuration.
async fn whole_server(moto: &Moto) -> Weir {
    let deployment = Deployment {
        lake: Path::new("/nowhere"),
        policies: &beside("moto/policies"),
        dashboards: &beside("moto/dashboards"),
        clients: CLIENT,
        issuer: "http://127.0.0.1:9",
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Weir::start_changed(listener, &deployment, |text| {
        *text = text.replace("dir = '/nowhere'\n", "");
        text.push_str("[engine]\nkind = 'athena'\n");
        let athena = format!(
            "[athena]\nregion = '{REGION}'\nworkgroup = 'weir'\nendpoint = '{}'\n",
            moto.endpoint
        );
        text.push_str(&athena);
    })
    .await
}

/// A budget in megabytes for everything, in the place of the one of version `seen`.
async fn set_budget(weir: &Weir, seen: Option<u64>, megabytes: u64) {
    let change = BudgetChange {
        scope: BudgetScope::All,
        seen,
        by: Actor {
            issuer: "http://127.0.0.1:9".to_owned(),
            sub: "governor".to_owned(),
            name: "Governor".to_owned(),
        },
        at: chrono::DateTime::UNIX_EPOCH,
        request: RequestId::parse("r-1").unwrap(),
    };
    let limit = Limit::new(Some(megabytes * 1_000_000), None).unwrap();
    weir.registry.costs().put(&change, limit).await.unwrap();
}

/// Metadata, manifest list and manifests are pyiceberg's, and lie in an S3 of others.
#[tokio::test(flavor = "multi_thread")]
async fn moto_a_table_in_s3_is_read_estimated_and_followed_by_a_whole_server() {
    let mut moto = Moto::start();
    assert!(moto.metadata.starts_with("s3://lake/"), "{}", moto.metadata);
    let weir = whole_server(&moto).await;
    let viewer = Viewer {
        client: "shop",
        business_units: &["auto"],
        attributes: json!({}),
    };
    let token = weir.token("statements", &viewer).await;

    // What the manifests say costs 10 MB at least: a byte less is too little, and nothing is asked.
    set_budget(&weir, None, 9).await;
    let refused = weir.page("statements", &token).await;
    assert!(refused.contains("data-state=\"error\""), "{refused}");
    assert_eq!(moto.queries().await, [] as [String; 0]);

    set_budget(&weir, Some(1), 10).await;
    let row: &[Option<&str>] = &[
        Some("2026-01-02"),
        Some("c0de"),
        Some("true"),
        Some("100.50"),
        Some("7"),
        Some("14.36"),
    ];
    moto.answer_with(&COLUMNS, &[row]).await;
    let cold = weir.page("statements", &token).await;
    assert!(cold.contains("data-state=\"ready\"") && cold.contains("100.50"));
    let hot = weir.page("statements", &token).await;
    assert!(hot.contains("data-state=\"ready\"") && hot.contains("100.50"));
    let queries = moto.queries().await;
    assert_eq!(queries.len(), 1, "{queries:?}");
    let snapshot = moto.snapshots.last().unwrap();
    let pinned = format!("FOR VERSION AS OF {snapshot}");
    assert!(queries[0].contains(&pinned), "{queries:?}");
    let tile = weir.tile("statements", "customers", &token).await;
    assert_eq!(tile["snapshots"]["gold.statements"], *snapshot);
    assert_eq!(tile["source"], "cache");

    // Somebody else writes: another metadata file, another snapshot.
    set_budget(&weir, Some(2), 1_000).await;
    moto.answer_with(&COLUMNS, &[row]).await;
    moto.alter("append");
    let newest = moto.snapshots.last().unwrap().clone();
    until(async || {
        let tile = weir.tile("statements", "customers", &token).await;
        tile["snapshots"]["gold.statements"] == newest
    })
    .await;

    // Somebody drops a column that the tile needs.
    moto.alter("drop written_premium");
    until(async || {
        let page = weir.page("statements", &token).await;
        page.contains("data-state=\"withheld\"") && !page.contains("100.50")
    })
    .await;
}

/// Asks again and again, until it is so.
async fn until(what: impl AsyncFn() -> bool) {
    while !what().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
