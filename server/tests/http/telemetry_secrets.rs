//! Rows E9 and O4: tokens, secrets, e-mail addresses, parameters and values of rows are in no log line,
//! no trace and no metric, at any level. Each is a word that nothing else has, and is looked for.

use std::sync::Arc;

use serde_json::json;
use weir_engine::EngineError;

use crate::engine_failures::Broken;
use crate::support::ask::{framed, get, launch, post};
use crate::support::canaries::{Canaries, HOSTILE, canary};
use crate::support::collector::{Collector, Span, count, hex};
use crate::support::world::{BOARD, CRM, HOST, UNITS, Who, World};

const DATA: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// What an engine may say when it fails, with a value and an address in it.
const CAUSE: &str = "SYNTAX_ERROR: line 1:8: cannot cast 'canaryliteral' to decimal for Utf8(\"canaryutf\"), ask \
    canarymail@example.com, token eyJhbGciOiJFZERTQSJ9.canarytoken.c2lnbmF0dXJlb2ZhdG9rZW4";

/// Everything that may not be told, and where it was put.
struct Put(Vec<(&'static str, String)>);

impl Put {
    fn add(&mut self, what: &'static str, word: impl Into<String>) -> String {
        let word = word.into();
        self.0.push((what, word.clone()));
        word
    }

    fn assert_absent(&self, sink: &str, text: &str) {
        for (what, word) in &self.0 {
            assert!(word.len() > 6, "{what} `{word}` may be anywhere");
            if let Some(at) = text.find(word.as_str()) {
                let from = text.floor_char_boundary(at.saturating_sub(300));
                let to = text.floor_char_boundary(at + word.len() + 100);
                panic!("{what} is in the {sink}: …{}…", &text[from..to]);
            }
        }
    }
}

#[tokio::test]
async fn e9_o4_no_token_secret_literal_or_address_is_in_logs_traces_or_metrics() {
    let collector = Collector::start().await;
    let listening = collector.listen();
    let canaries = Canaries::new();
    let plan = canaries.plan();
    let world = World::build_changed(&plan, |text, _| text.push_str(&collector.toml())).await;
    let world = world.unwrap();
    let mut put = Put(Vec::new());
    configured(&mut put, &world);

    let token = minted(&mut put, &world).await;
    looked_at(&mut put, &world, &token).await;
    refused(&mut put, &world).await;
    failed(&mut put, &world).await;

    let page = {
        use tower::ServiceExt as _;
        let router = weir_server::telemetry::listener::router(world.app.state());
        let answer = router.oneshot(get("/metrics").build()).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX)
            .await
            .unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    };
    world.app.state().telemetry.close().await;
    let names = ["mint", "open", "engine", "render"];
    let ended = |spans: &[Span]| {
        let failed = spans.iter().any(|span| span.is_error);
        failed && names.iter().all(|name| count(spans, name) > 0)
    };
    collector.spans(ended).await;
    drop(listening);
    let log = collector.log();
    let sent = String::from_utf8_lossy(&collector.bytes()).into_owned();
    // What is looked for would be found: the sinks are full, down to the finest level.
    for level in ["ERROR", "INFO", "DEBUG"] {
        assert!(
            log.contains(&format!("\"level\":\"{level}\"")),
            "no {level} in the log"
        );
    }
    assert!(log.contains("a tile could not be computed") && log.contains("SYNTAX_ERROR"));
    assert!(sent.contains("weir_http_requests") && page.contains("weir_http_requests_total{"));
    put.assert_absent("log", &log);
    put.assert_absent("traces and metrics by OTLP", &sent);
    put.assert_absent("metrics", &page);
}

/// Secrets of the configuration, and of the process.
fn configured(put: &mut Put, world: &World) {
    put.add("a client's secret", CRM.1);
    put.add("another client's secret", BOARD.1);
    put.add("the mask key", "the mask key of the tests");
    put.add(
        "the secret at the provider",
        "the secret of weir at the provider",
    );
    let key: Vec<_> = world.signing_secret().to_vec();
    put.add("the signing key", format!("{key:?}"));
    put.add("the signing key in hex", hex(&key));
    put.add("a hostile value of a row", HOSTILE);
    for unit in UNITS {
        put.add("a value of a row", canary(unit));
    }
}

/// A person whose id is an e-mail address.
async fn minted(put: &mut Put, world: &World) -> String {
    let sub = put.add("a person's address", "canaryperson@example.com");
    let name = put.add("a person's name", "Canaryname Canaryfamily");
    let wish = json!({
        "dashboard": "finance-overview", "subject": { "sub": sub, "name": name },
        "business_units": ["auto"], "origin": HOST,
    });
    let ask = post("/api/v1/embed-tokens").basic(CRM.0, CRM.1).json(&wish);
    let answer = world.send(ask).await.ok().json();
    let url = answer["launch_url"].as_str().unwrap();
    let code = put.add("a launch code", url.split_once("code=").unwrap().1);
    let token = put.add("a token", answer["token"].as_str().unwrap());
    let signature = token.rsplit('.').next().unwrap();
    put.add("a token's signature", signature);
    let by_code = framed(get(&format!("/embed/finance-overview?code={code}")));
    world.send(by_code).await.ok();
    world
        .send(framed(get(&format!("/embed/finance-overview?code={code}"))))
        .await;
    token
}

async fn looked_at(put: &mut Put, world: &World, token: &str) {
    let chosen = put.add("a value of a filter", "Canarychoice");
    let session = world.session(&Who::analyst("auto")).await;
    put.add("a session", session.split_once('=').unwrap().1);
    world.send(launch("finance-overview", HOST, token)).await;
    world
        .send(get("/d/finance-overview").cookie(&session).page())
        .await
        .ok();
    let narrowed = format!("{DATA}?place={chosen}");
    world.send(get(&narrowed).cookie(&session)).await.ok();
    let frame = world.frame(&Who::analyst("home"), "finance-overview").await;
    put.add("a frame's token", frame.token.as_str());
    world.send(frame.get(world, DATA)).await.ok();
}

/// Everything a stranger may send.
async fn refused(put: &mut Put, world: &World) {
    let bearer = put.add("a wrong bearer", "canarybearer0123456789");
    let cookie = put.add("a wrong cookie", "canarycookie0123456789");
    let wrong = put.add("a wrong secret", "canarysecret0123456789");
    let path = put.add("a path", "canarypath");
    let query = put.add("a query", "canaryquery");
    let agent = put.add("a browser's name", "canaryagent");
    world.send(get(DATA).bearer(&bearer)).await;
    world
        .send(get(DATA).cookie(&format!("__Host-weir={cookie}")))
        .await;
    world
        .send(
            post("/api/v1/embed-tokens")
                .basic(CRM.0, &wrong)
                .json(&json!({})),
        )
        .await;
    let odd = format!("/{path}?{query}={query}");
    world
        .send(
            get(&odd)
                .header("user-agent", &agent)
                .header("referer", &odd),
        )
        .await;
    world
        .send(launch(
            "finance-overview",
            HOST,
            &format!("eyJ{bearer}.e30.{bearer}"),
        ))
        .await;
    world
        .send(framed(get(&format!(
            "/embed/finance-overview?code={bearer}"
        ))))
        .await;
    world
        .send(get(&format!("/auth/callback?code={bearer}&state={cookie}")).page())
        .await;
}

/// An engine that says in its cause what nobody may read.
async fn failed(put: &mut Put, world: &World) {
    for word in [
        "canaryliteral",
        "canaryutf",
        "canarymail@example.com",
        "canarytoken",
    ] {
        put.add("a word of an engine's cause", word);
    }
    let publisher = &world.app.state().governance.publisher;
    let content = publisher.published.current();
    let engine = publisher.lake.engine(content.catalog()).await.unwrap();
    let failure = || EngineError::Failed(CAUSE.into());
    publisher
        .engine
        .replace(Arc::new(Broken { engine, failure }));
    let token = world.token(&Who::analyst("commercial"), "finance-overview");
    let page = world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    assert!(page.text().contains("data-state=\"error\""));
    world
        .send(get(DATA).bearer(&world.token(&Who::analyst("life"), "finance-overview")))
        .await;
}
