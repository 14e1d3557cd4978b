//! A simulator over a small sample lake, and a client without any cleverness.

use std::time::Duration;

use athena_sim::{Limits, Rate, Running, Sim, SimConfig};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use weir_engine::lake::seed::{SeedPlan, seed};

/// A simulator, and the lake it stands on.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) sim: Running,
    pub(crate) client: Client,
    pub(crate) home: TempDir,
}

impl World {
    /// A simulator without latency, and without limits that calls in a loop could meet.
    pub(crate) async fn instant() -> Self {
        Self::with(|_| ()).await
    }

    /// The same, otherwise as `change` makes it.
    pub(crate) async fn with(change: impl FnOnce(&mut SimConfig)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let plan = SeedPlan {
            dir: home.path().join("lake"),
            rows: 4_000,
            seed: 7,
        };
        seed(&plan, &|_| ()).await.unwrap();
        let mut config = SimConfig::instant(plan.dir);
        let rate = Rate {
            per_second: 1_000_000,
            burst: 1_000_000,
        };
        config.limits = Limits {
            starts: rate,
            gets: rate,
            batches: rate,
            others: rate,
            active_queries: 100,
        };
        change(&mut config);
        Self {
            sim: Sim::start(config).await.unwrap(),
            client: Client::builder()
                .timeout(Duration::from_mins(1))
                .build()
                .unwrap(),
            home,
        }
    }

    /// Calls an operation of Athena, or of Glue as `glue:GetTable`.
    pub(crate) async fn send(&self, operation: &str, members: &Value) -> reqwest::Result<Response> {
        let target = match operation.split_once(':') {
            Some((_, operation)) => format!("AWSGlue.{operation}"),
            None => format!("AmazonAthena.{operation}"),
        };
        let call = self
            .client
            .post(self.sim.url())
            .header("x-amz-target", target);
        call.body(members.to_string()).send().await
    }

    /// Calls an operation: its status and what it says.
    pub(crate) async fn call(&self, operation: &str, members: Value) -> (u16, Value) {
        let response = self.send(operation, &members).await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Calls an operation that succeeds.
    pub(crate) async fn ok(&self, operation: &str, members: Value) -> Value {
        let (status, said) = self.call(operation, members).await;
        assert_eq!(status, 200, "{operation}: {said}");
        said
    }

    /// Calls an operation that is refused: the exception and its message.
    pub(crate) async fn refused(&self, operation: &str, members: Value) -> (String, String) {
        let (status, said) = self.call(operation, members).await;
        assert!(status >= 400, "{operation} was not refused: {said}");
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        (text("__type"), text("Message"))
    }

    /// Starts a query.
    pub(crate) async fn start(&self, sql: &str) -> String {
        self.start_with(sql, json!({})).await
    }

    /// Starts a query, with more members than its text.
    pub(crate) async fn start_with(&self, sql: &str, more: Value) -> String {
        let said = self.ok("StartQueryExecution", asking(sql, more)).await;
        said["QueryExecutionId"].as_str().unwrap().to_owned()
    }

    /// The query as `GetQueryExecution` shows it.
    pub(crate) async fn query(&self, id: &str) -> Value {
        let asked = json!({ "QueryExecutionIds": [id] });
        self.ok("BatchGetQueryExecution", asked).await["QueryExecutions"][0].clone()
    }

    /// The query once it is in `state`.
    pub(crate) async fn until(&self, id: &str, state: &str) -> Value {
        loop {
            let query = self.query(id).await;
            let now = query["Status"]["State"].as_str().unwrap();
            if now == state {
                return query;
            }
            let over = ["SUCCEEDED", "FAILED", "CANCELLED"].contains(&now);
            assert!(!over, "not {state}, but at its end: {query}");
            tokio::task::yield_now().await;
        }
    }

    /// The query at its end.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        loop {
            let query = self.query(id).await;
            let state = query["Status"]["State"].as_str().unwrap();
            if !["QUEUED", "RUNNING"].contains(&state) {
                return query;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Runs a query to its end.
    pub(crate) async fn run(&self, sql: &str, more: Value) -> Value {
        let id = self.start_with(sql, more).await;
        self.ended(&id).await
    }

    /// The rows of a query, without the header, each cell as text; `None` is NULL.
    pub(crate) async fn rows(&self, id: &str) -> Vec<Vec<Option<String>>> {
        let (mut rows, mut token) = (Vec::new(), Value::Null);
        loop {
            let mut asked = json!({ "QueryExecutionId": id });
            if !token.is_null() {
                asked["NextToken"] = token;
            }
            let page = self.ok("GetQueryResults", asked).await;
            for row in page["ResultSet"]["Rows"].as_array().unwrap() {
                let cells = row["Data"].as_array().unwrap().iter();
                let text = |cell: &Value| cell["VarCharValue"].as_str().map(str::to_owned);
                rows.push(cells.map(text).collect());
            }
            token = page["NextToken"].clone();
            if token.is_null() {
                rows.remove(0);
                return rows;
            }
        }
    }

    /// A table of the lake at its current snapshot, as a statement names it.
    pub(crate) async fn pinned(&self, table: &str) -> String {
        let asked = json!({ "DatabaseName": "gold", "Name": table });
        let said = self.ok("glue:GetTable", asked).await;
        let location = &said["Table"]["Parameters"]["metadata_location"];
        let path = location.as_str().unwrap().strip_prefix("file://").unwrap();
        let metadata: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let snapshot = &metadata["current-snapshot-id"];
        format!("\"gold\".\"{table}\" FOR VERSION AS OF {snapshot}")
    }
}

/// The members of a start.
pub(crate) fn asking(sql: &str, mut more: Value) -> Value {
    more["QueryString"] = sql.into();
    more
}
