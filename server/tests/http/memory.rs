//! A question for which there is not enough memory is its reader's trouble and nobody else's (row R15).

use std::sync::Arc;

use http::StatusCode;
use tokio::task::JoinSet;

use crate::support::ask::{get, launch};
use crate::support::lake;
use crate::support::world::{HOST, Plan, Who, World};

/// Enough for a few sums, and too little for a line of each customer. Each core computes a part.
fn little() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores * (128 << 10)
}

async fn small() -> World {
    let plan = Plan::over(lake::sample().await);
    let change = |text: &mut String, _: &tempfile::TempDir| {
        let less = format!("[lake]\nmemory_max_bytes = {}\n", little());
        *text = text.replace("[lake]\n", &less);
    };
    World::build_changed(&plan, change).await.unwrap()
}

fn data(tile: &str) -> String {
    format!("/api/v1/dashboards/finance-overview/tiles/{tile}/data")
}

#[tokio::test]
async fn r15_a_question_too_large_for_the_memory_is_refused_and_everybody_else_is_answered() {
    let world = Arc::new(small().await);
    let exec = world.session(&Who::exec()).await;
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let (world, exec) = (Arc::clone(&world), exec.clone());
        crowd.spawn(async move {
            let large = get(&data("top-customers")).cookie(&exec);
            world.send(large).await
        });
    }
    for answer in crowd.join_all().await {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.problem(), "engine-unavailable");
    }

    let small = get(&data("written-premium")).cookie(&exec);
    world.send(small).await.ok();
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let page = world.send(launch("finance-overview", HOST, &token)).await;
    assert!(page.ok().text().contains("data-state=\"ready\""));
    let ready = world.send(get("/readyz")).await.ok().json();
    assert_eq!(ready["status"], "ready");
}
