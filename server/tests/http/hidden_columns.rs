//! Whoever may not read a column does not hear of it: not as a column of a table, not as a choice
//! above the tiles, not in its values, not in an address (failure F51).

use http::StatusCode;

use crate::support::ask::{Answer, get, launch};
use crate::support::canaries::{Canaries, canary};
use crate::support::world::{HOST, Who, World};

const SLUG: &str = "finance-overview";
const VALUES: &str = "/api/v1/dashboards/finance-overview/filters/place/values";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const TOTAL: &str = "/api/v1/dashboards/finance-overview/tiles/total/data";

/// Analysts may not read one column; the board may.
async fn world_that_hides(column: &str) -> (Canaries, World) {
    let canaries = Canaries::new();
    let policy = crate::support::canaries::policy("notes");
    canaries.change_policy(&format!(
        "{policy}  - id: hidden\n    hide: [{column}]\n    when: {{ role: analyst }}\n"
    ));
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

fn body(answer: &Answer) -> &str {
    answer.text().split_once("<body>").unwrap().1
}

/// The page without the sentences of its tiles' menus.
fn without_reasons(page: &str) -> String {
    let mut parts = page.split("<ul class=\"why\">");
    let first = parts.next().unwrap().to_owned();
    let rest = parts.map(|part| part.split_once("</ul>").unwrap().1);
    std::iter::once(first.as_str()).chain(rest).collect()
}

#[tokio::test]
async fn f51_the_values_of_a_filter_on_a_hidden_column_are_withheld_and_the_choice_is_not_offered()
{
    let (_canaries, world) = world_that_hides("place").await;
    let analyst = world.token(&Who::analyst("auto"), SLUG);
    let board = world.token(&Who::exec(), SLUG);

    // In the cache for the board, and still not the analyst's.
    let listed = world.send(get(VALUES).bearer(&board)).await.ok();
    assert!(listed.text().contains(&canary("auto")), "{}", listed.text());
    let withheld = world.send(get(VALUES).bearer(&analyst)).await;
    assert_eq!(withheld.problem(), "withheld");
    assert_eq!(withheld.status, StatusCode::FORBIDDEN);

    for (token, offered) in [(&analyst, false), (&board, true)] {
        let page = world.send(launch(SLUG, HOST, token)).await.ok();
        assert_eq!(
            body(&page).contains("filters/place/values"),
            offered,
            "{}",
            body(&page)
        );
    }
}

#[tokio::test]
async fn f51_a_choice_on_a_hidden_column_withholds_what_it_would_narrow() {
    let (_canaries, world) = world_that_hides("place").await;
    let analyst = world.token(&Who::analyst("auto"), SLUG);
    let own = canary("auto");

    world.send(get(TOTAL).bearer(&analyst)).await.ok();
    // Guessing: a value that is there, one that is not, and one of another unit answer alike.
    let mut answers = Vec::new();
    for place in [own.as_str(), "nowhere", &canary("life")] {
        let guess = get(&format!("{TOTAL}?place={place}")).bearer(&analyst);
        let answer = world.send(guess).await;
        assert_eq!(answer.problem(), "withheld", "{place}");
        let id = answer.header("x-request-id").unwrap().to_owned();
        answers.push(answer.text().replace(&id, ""));
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[tokio::test]
async fn f51_a_measure_on_a_hidden_column_is_no_column_of_the_answer() {
    let (_canaries, world) = world_that_hides("amount").await;
    let analyst = world.token(&Who::analyst("auto"), SLUG);
    let board = world.token(&Who::exec(), SLUG);

    let shown = world.send(get(LIST).bearer(&board)).await.ok().json();
    assert_eq!(shown["columns"].as_array().unwrap().len(), 2, "{shown}");
    for tile in ["total", "share", "by-place", "stacked", "list"] {
        let data = format!("/api/v1/dashboards/{SLUG}/tiles/{tile}/data");
        let answer = world.send(get(&data).bearer(&analyst)).await;
        assert_eq!(answer.problem(), "withheld", "{tile}");
        assert!(!answer.text().contains("amount"), "{}", answer.text());
    }
}

/// The sample's own: the commissions of brokers are one measure of a table that analysts do see.
#[tokio::test]
async fn f51_columns_of_a_table_are_those_its_reader_may_read() {
    let world = World::of_the_sample_lake().await;
    let data = "/api/v1/dashboards/finance-overview/tiles/top-customers/data";
    for (who, open) in [(Who::analyst("auto"), false), (Who::exec(), true)] {
        let token = world.token(&who, SLUG);
        let json = world.send(get(data).bearer(&token)).await.ok();
        let page = world.send(launch(SLUG, HOST, &token)).await.ok();

        assert_eq!(
            json.text().contains("broker_commission"),
            open,
            "{}",
            json.text()
        );
        // The menu of a tile says which column is kept from its reader, and why; nothing else does.
        let shown = without_reasons(body(&page));
        assert_eq!(shown.contains("Broker commission"), open, "{who:?}");
        assert!(!body(&page).contains("legal_hold"), "{who:?}");
    }
}
