//! `weir cost …` and `weir doctor --config` against a running Weir.

use std::fs;

use crate::as_code::Shop;

#[test]
fn a_budget_is_set_shown_replaced_and_removed() {
    let shop = Shop::open();

    shop.run(&["cost", "budget", "list"])
        .fine()
        .says("nothing has a budget");
    let set = ["cost", "budget", "set", "--business-unit", "auto"];
    shop.run(&[&set[..], &["--dollars", "2.50"]].concat())
        .fine()
        .says("business_unit:auto: 0% of 500 GB (2.500000 USD) today");
    let said = shop
        .run(&[&set[..], &["--bytes", "1000000", "--json"]].concat())
        .fine()
        .json();
    assert_eq!(said["limit_bytes"], 1_000_000);
    shop.run(&["cost", "budget", "list"])
        .fine()
        .says("business_unit:auto: 0% of 1 MB today");

    let remove = ["cost", "budget", "remove", "--business-unit", "auto"];
    shop.run(&remove)
        .fine()
        .says("business_unit:auto has no budget any more");
    shop.run(&remove).ends(2);
}

#[test]
fn a_budget_for_nothing_or_of_nothing_is_refused() {
    let shop = Shop::open();

    let set = ["cost", "budget", "set"];
    shop.run(&[&set[..], &["--dollars", "1"]].concat()).ends(2);
    shop.run(&[&set[..], &["--all"]].concat()).ends(2);
    let both = ["--all", "--prewarm", "--dollars", "1"];
    shop.run(&[&set[..], &both].concat()).ends(2);
    let unknown = ["--dashboard", "nowhere", "--dollars", "much"];
    shop.run(&[&set[..], &unknown].concat()).ends(2);
}

#[test]
fn a_report_says_what_answers_cost() {
    let shop = Shop::open();

    let report = shop.run(&["cost", "report", "--json"]).fine().json();

    assert_eq!(report["total"]["billed_bytes"], 0, "{report}");
    shop.run(&["cost", "report"]).fine().says("USD");
    shop.run(&["cost", "report", "--from", "yesterday"]).ends(2);
}

#[test]
fn doctor_ends_with_what_it_found_in_a_configuration() {
    let shop = Shop::open();
    let config = shop.folder("weir.toml");
    let doctor = ["doctor", "--config", config.to_str().unwrap()];

    shop.run(&doctor).fine().says("every dataset has its table");
    let said = shop.run(&[&doctor[..], &["--json"]].concat()).fine().json();
    assert_eq!(said["findings"], serde_json::json!([]));

    let text = fs::read_to_string(&config).unwrap();
    let elsewhere = text.replace("/lake'", "/no-such-lake'");
    assert_ne!(text, elsewhere);
    let broken = shop.folder("broken.toml");
    fs::write(&broken, elsewhere).unwrap();
    let doctor = ["doctor", "--config", broken.to_str().unwrap()];
    shop.run(&doctor).ends(1).says("error: ");

    let nowhere = shop.folder("nowhere.toml");
    let doctor = ["doctor", "--config", nowhere.to_str().unwrap()];
    shop.run(&doctor).ends(2).tells("nowhere.toml");
    shop.run(&[
        "doctor",
        "--config",
        nowhere.to_str().unwrap(),
        "--dashboard",
        "x",
    ])
    .ends(2);
}
