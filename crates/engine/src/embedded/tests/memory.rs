//! What a question may use (row R15).

use std::sync::Arc;

use futures::future::join_all;
use weir_query::CellType;

use super::{Ask, COUNT, count, engine};
use crate::{EngineError, Held};

/// Enough for a sum, and far too little for a line of each day of each customer.
const LITTLE: usize = 32 << 10;

fn everything() -> Ask {
    let columns = "customer_id, statement_date";
    let text =
        format!("SELECT {columns}, count(*) FROM {{table}} GROUP BY {columns} ORDER BY {columns}");
    let types = [CellType::Text, CellType::Date, CellType::Integer];
    Ask::new(&text, &types).sees(&["customer_id", "statement_date"])
}

#[tokio::test]
async fn r15_a_question_that_needs_more_memory_than_there_is_is_refused_and_others_are_answered() {
    let plenty = engine().await;
    assert!(everything().run(&plenty).await.is_ok(), "it has an answer");
    let engine = engine().await.within(LITTLE).unwrap();

    let refused = join_all((0..20).map(|_| everything().run(&engine))).await;

    for outcome in refused {
        let error = outcome.unwrap_err();
        assert!(matches!(error, EngineError::TooLarge(_)), "{error:?}");
    }
    let all = Ask::new(COUNT, &[CellType::Integer]).run(&engine).await;
    assert_eq!(count(&all.unwrap()), 6_000);
    assert_eq!(engine.sessions.in_use(), 0, "all of it is free again");
}

/// Operators may run on for a moment in tasks of their own when nobody waits any more.
#[tokio::test]
async fn what_is_lent_to_rows_is_held_by_all_that_computes_them() {
    let engine = engine().await;
    let lent = Arc::new(());
    let held = Held::of(Arc::clone(&lent));

    let ask = everything();
    let rows = ask.put(&engine, async |job| {
        engine.begin(job, &Arc::default(), held).await
    });
    let rows = rows.await.unwrap();

    assert!(Arc::strong_count(&lent) > 1, "rows are still computed");
    drop(rows);
    while Arc::strong_count(&lent) > 1 {
        tokio::task::yield_now().await;
    }
}
