//! `infra/observability` and `docs/observability.md` against what a running server tells.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use weir_engine::EngineError;
use weir_server::telemetry::Metrics;

use crate::engine_failures::Broken;
use crate::support::ask::{ask, get, launch};
use crate::support::canaries::Canaries;
use crate::support::world::{HOST, Who, World, repository};
use crate::telemetry::{metrics, mint};

/// A page, its report, a tile that fails, a refusal and a budget: then every metric has something to say.
async fn after_a_few_requests() -> String {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = mint(&world, None).await;
    world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    world.send(get("/nowhere")).await;
    report(&world).await;
    let governor = world.session(&Who::governor()).await;
    let budget =
        ask(Method::PUT, "/api/v1/budgets/all").json(&json!({ "bytes_per_day": 1_000_000 }));
    let budget = budget
        .header("sec-fetch-site", "same-origin")
        .cookie(&governor);
    world.send(budget).await.expect(StatusCode::CREATED);
    let publisher = &world.app.state().governance.publisher;
    let content = publisher.published.current();
    let engine = publisher.lake.engine(content.catalog()).await.unwrap();
    let failure = || EngineError::Deadline;
    publisher
        .engine
        .replace(Arc::new(Broken { engine, failure }));
    let token = world.token(&Who::analyst("home"), "finance-overview");
    world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    metrics(&world).await
}

/// A frame that says how fast it was.
async fn report(world: &World) {
    let frame = world.frame(&Who::analyst("auto"), "finance-overview").await;
    let report = frame.ask(world, Method::POST, "/rum").json(&json!({
        "release": env!("CARGO_PKG_VERSION"), "lcp_ms": 400, "fcp_ms": 200, "ttfb_ms": 20, "inp_ms": 40,
        "cls_thousandths": 12, "script_errors": 0, "promise_errors": 0,
    }));
    world.send(report).await.expect(StatusCode::NO_CONTENT);
}

/// Every metric of the program is told, and is explained.
#[tokio::test]
async fn every_metric_is_told_and_explained() {
    let page = after_a_few_requests().await;
    let manual = std::fs::read_to_string(repository().join("docs/observability.md")).unwrap();

    for name in Metrics::NAMES {
        assert!(
            page.contains(&format!("# HELP {name} ")),
            "`{name}` is not told: {page}"
        );
        let explained = [format!("`{name}`"), format!("`{name}_total`")];
        assert!(
            explained.iter().any(|spelled| manual.contains(spelled)),
            "`{name}` is not explained"
        );
    }
}

/// `infra/observability` asks for what a running server tells, and for nothing else.
#[tokio::test]
async fn dashboard_and_alerts_ask_for_metrics_that_there_are() {
    let page = after_a_few_requests().await;
    let told: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .flat_map(|line| {
            let (name, kind) = line.split_once(' ').unwrap();
            let of = |suffix: &str| format!("{name}{suffix}");
            match kind {
                "counter" => vec![of("_total")],
                "histogram" => vec![of("_bucket"), of("_sum"), of("_count")],
                _ => vec![name.to_owned()],
            }
        })
        .collect();
    let folder = repository().join("infra/observability");
    let rules = std::fs::read_to_string(folder.join("prometheus/rules.yml")).unwrap();
    let board = std::fs::read_to_string(folder.join("grafana/weir.json")).unwrap();
    let board: Value = serde_json::from_str(&board).unwrap();

    let mut asked: Vec<String> = rule_expressions(&rules);
    assert!(asked.len() >= 12, "{asked:#?}");
    assert_eq!(
        asked.len(),
        rules.matches("- alert:").count() + rules.matches("- record:").count()
    );
    collect_expressions(&board, &mut asked);
    assert!(asked.len() >= 30, "{asked:#?}");
    let recorded: BTreeSet<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record: "))
        .collect();

    for expression in &asked {
        let names = metric_names(expression);
        assert!(!names.is_empty(), "no metric in `{expression}`");
        for name in names {
            let exists = told.contains(&name) || recorded.contains(name.as_str());
            assert!(exists, "`{name}` in `{expression}` is told by nobody");
        }
    }
}

/// The `expr` of every rule: on its line, or folded below it.
fn rule_expressions(rules: &str) -> Vec<String> {
    let lines: Vec<_> = rules.lines().collect();
    let expression = |(at, line): (usize, &&str)| {
        let said = line.trim().strip_prefix("expr: ")?;
        if said != ">-" {
            return Some(said.to_owned());
        }
        let indent = line.len() - line.trim_start().len();
        let folded = lines[at + 1..]
            .iter()
            .take_while(|line| line.len() - line.trim_start().len() > indent);
        Some(folded.map(|line| line.trim()).collect::<Vec<_>>().join(" "))
    };
    lines.iter().enumerate().filter_map(expression).collect()
}

fn collect_expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(expression)) = members.get("expr") {
                found.push(expression.clone());
            }
            members
                .values()
                .for_each(|member| collect_expressions(member, found));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_expressions(item, found)),
        _ => {}
    }
}

/// Words of an expression that are metrics: what is neither in braces, quotes or brackets, nor
/// a function, a keyword, a label of a grouping or a number.
fn metric_names(expression: &str) -> Vec<String> {
    const WORDS: [&str; 14] = [
        "by", "without", "and", "or", "unless", "on", "bool", "offset", "sum", "max", "min",
        "count", "avg", "topk",
    ];
    let mut names = Vec::new();
    let mut rest = expression;
    let mut labels = false;
    while let Some(first) = rest.chars().next() {
        let skip_to = |close: char| rest[1..].find(close).map_or(rest.len(), |at| at + 2);
        match first {
            '{' => rest = &rest[skip_to('}')..],
            '[' => rest = &rest[skip_to(']')..],
            '"' => rest = &rest[skip_to('"')..],
            '(' if labels => {
                labels = false;
                rest = &rest[skip_to(')')..];
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                labels = matches!(word, "by" | "without" | "on" | "ignoring");
                let is_call = after.trim_start().starts_with('(');
                if !is_call && !WORDS.contains(&word.to_lowercase().as_str()) {
                    names.push(word.to_owned());
                }
                rest = after;
            }
            c if c.is_ascii_digit() => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
                rest = &rest[end.unwrap_or(rest.len())..];
            }
            c => rest = &rest[c.len_utf8()..],
        }
    }
    names
}

#[test]
fn metric_names_of_an_expression_are_found_and_nothing_else() {
    let expression = "histogram_quantile(0.75, sum by (le, kind) (rate(weir_a_bucket{kind=\"page\"}[5m]))) \
                      > 1.5e3 and on(x) weir:b:ratio1h unless vector(1) == bool time() - weir_c";

    assert_eq!(
        metric_names(expression),
        ["weir_a_bucket", "weir:b:ratio1h", "weir_c"]
    );
}
