//! An account for as long as a test lasts: a database, its tables and their files, made and taken
//! away again.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_athena::types::{QueryExecutionState, QueryExecutionStatistics};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use url::Url;
use weir_engine::{Ended, billed_bytes};
use weir_policy::ValueType;
use weir_query::Dataset;
use weir_server::content::Content;

use crate::support::{beside, run_python};

/// A place in an account that nobody else uses.
pub(super) struct Account {
    pub(super) region: String,
    pub(super) workgroup: String,
    pub(super) database: String,
    athena: aws_sdk_athena::Client,
    s3: aws_sdk_s3::Client,
    bucket: String,
    folder: String,
}

impl Account {
    /// With the credentials and region of the environment, or at an endpoint that asks for none.
    pub(super) async fn open(workgroup: &str, endpoint: Option<&Url>) -> Self {
        let config = configuration(endpoint).await;
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(endpoint.is_some())
            .build();
        let athena = aws_sdk_athena::Client::new(&config);
        let database = format!("weir_live_{:08x}", rand::random::<u32>());
        let results = results_of(&athena, workgroup).await;
        let place = results.trim_start_matches("s3://").trim_end_matches('/');
        let (bucket, folder) = place.split_once('/').unwrap_or((place, ""));
        let parts = [folder, &database]
            .into_iter()
            .filter(|part| !part.is_empty());
        let folder = parts.collect::<Vec<_>>().join("/");
        let region = config.region();
        Self {
            region: region.expect("no region: set AWS_REGION").to_string(),
            workgroup: workgroup.to_owned(),
            athena,
            s3: aws_sdk_s3::Client::from_conf(s3),
            bucket: bucket.to_owned(),
            folder,
            database,
        }
    }

    /// Puts the lake's tables there, and says how many bytes were billed for that.
    pub(super) async fn make_tables(&self, content: &Content, lake: &Path) -> u64 {
        let files = run_python(&beside("live_athena/files.py"), &[lake]);
        let files: BTreeMap<String, Vec<String>> = serde_json::from_str(&files).unwrap();
        let here = format!("s3://{}/{}", self.bucket, self.folder);
        let database = &self.database;
        self.run(&format!(
            "CREATE DATABASE {database} LOCATION '{here}/database/'"
        ))
        .await;
        let mut billed = 0;
        for dataset in content.catalog().datasets() {
            let table = dataset.name().table();
            for (index, file) in files[table].iter().enumerate() {
                let body = ByteStream::from_path(file).await.unwrap();
                let key = format!("{}/files/{table}/{index}.parquet", self.folder);
                let put = self
                    .s3
                    .put_object()
                    .bucket(&self.bucket)
                    .key(key)
                    .body(body);
                put.send().await.unwrap();
            }
            let [declared, filled] = self.making(dataset, &here);
            self.run(&declared).await;
            // Only what reads rows is billed.
            let scanned = self.run(&filled).await;
            billed += billed_bytes(Ended::Succeeded, false, scanned);
        }
        billed
    }

    /// A table of the files as they are, and an Iceberg table that is filled from it.
    fn making(&self, dataset: &Dataset, here: &str) -> [String; 2] {
        let (database, table) = (&self.database, dataset.name().table());
        let columns = dataset
            .columns()
            .map(|(name, column)| format!("{} {}", name.as_str(), hive_type(column.value_type)));
        let columns: Vec<_> = columns.collect();
        let values = dataset
            .columns()
            .map(|(name, column)| match column.value_type {
                // Iceberg keeps microseconds, and this engine will not widen them by itself.
                ValueType::Timestamp => format!("CAST({0} AS timestamp(6)) AS {0}", name.as_str()),
                _ => name.as_str().to_owned(),
            });
        let values: Vec<_> = values.collect();
        [
            format!(
                "CREATE EXTERNAL TABLE {database}.files_{table} ({}) STORED AS PARQUET LOCATION '{here}/files/{table}/'",
                columns.join(", ")
            ),
            format!(
                "CREATE TABLE {database}.{table} WITH (table_type = 'ICEBERG', is_external = false, \
                 format = 'PARQUET', location = '{here}/tables/{table}/') AS SELECT {} FROM {database}.files_{table}",
                values.join(", ")
            ),
        ]
    }

    /// Takes everything away, as far as it is there.
    pub(super) async fn tidy_up(&self) {
        for table in [
            "statements",
            "claims_operations",
            "risk_exposure",
            "agg_daily_metrics",
        ] {
            for name in [table.to_owned(), format!("files_{table}")] {
                let _ = self
                    .ended(&format!("DROP TABLE IF EXISTS {}.{name}", self.database))
                    .await;
            }
        }
        let _ = self
            .ended(&format!("DROP DATABASE IF EXISTS {}", self.database))
            .await;
        for key in self.files().await {
            let delete = self.s3.delete_object().bucket(&self.bucket).key(key);
            delete.send().await.unwrap();
        }
    }

    /// The files that lie in its folder.
    pub(super) async fn files(&self) -> Vec<String> {
        let list = self.s3.list_objects_v2().bucket(&self.bucket);
        let mut pages = list
            .prefix(format!("{}/", self.folder))
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            let found = page.contents().iter().filter_map(|object| object.key());
            keys.extend(found.map(str::to_owned));
        }
        keys
    }

    /// Runs a statement that must succeed, and says how many bytes it scanned.
    async fn run(&self, sql: &str) -> u64 {
        let ended = self.ended(sql).await;
        ended.unwrap_or_else(|why| panic!("{why}\n{sql}"))
    }

    /// The bytes that a statement scanned, or why it did not succeed.
    async fn ended(&self, sql: &str) -> Result<u64, String> {
        let start = self.athena.start_query_execution().query_string(sql);
        let started = start.work_group(&self.workgroup).send().await;
        let started = started.map_err(|error| format!("{:#}", anyhow::Error::from(error)))?;
        let id = started.query_execution_id().unwrap_or_default().to_owned();
        loop {
            let get = self.athena.get_query_execution().query_execution_id(&id);
            let told = get.send().await;
            let told = told.map_err(|error| format!("{:#}", anyhow::Error::from(error)))?;
            let execution = told.query_execution().ok_or("no execution")?;
            let status = execution.status().ok_or("no status")?;
            match status.state() {
                Some(QueryExecutionState::Succeeded) => {
                    let statistics = execution.statistics();
                    let scanned =
                        statistics.and_then(QueryExecutionStatistics::data_scanned_in_bytes);
                    return Ok(scanned.and_then(|bytes| bytes.try_into().ok()).unwrap_or(0));
                }
                Some(QueryExecutionState::Failed | QueryExecutionState::Cancelled) => {
                    return Err(status.state_change_reason().unwrap_or_default().to_owned());
                }
                // Athena tells nobody when it is done.
                _ => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
    }
}

async fn configuration(endpoint: Option<&Url>) -> aws_config::SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    let Some(endpoint) = endpoint else {
        return loader.load().await;
    };
    let nobody = Credentials::new("loopback", "loopback", None, None, "loopback");
    loader
        .region(Region::new("ca-central-1"))
        .endpoint_url(endpoint.as_str().trim_end_matches('/'))
        .credentials_provider(nobody)
        .load()
        .await
}

/// Where a workgroup puts its results: the one place that its users may certainly write to.
async fn results_of(athena: &aws_sdk_athena::Client, workgroup: &str) -> String {
    let group = athena.get_work_group().work_group(workgroup).send().await;
    let group = group.unwrap_or_else(|error| {
        panic!(
            "the workgroup can't be read: {:#}",
            anyhow::Error::from(error)
        )
    });
    let group = group.work_group();
    let configuration = group.and_then(|group| group.configuration());
    let results = configuration.and_then(|configuration| configuration.result_configuration());
    results
        .and_then(|results| results.output_location())
        .expect("the workgroup has no output location, which is where the test's tables would lie")
        .to_owned()
}

fn hive_type(value_type: ValueType) -> String {
    match value_type {
        ValueType::Boolean => "boolean".to_owned(),
        ValueType::Integer => "bigint".to_owned(),
        ValueType::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        ValueType::Double => "double".to_owned(),
        ValueType::Text => "string".to_owned(),
        ValueType::Date => "date".to_owned(),
        ValueType::Timestamp => "timestamp".to_owned(),
    }
}
