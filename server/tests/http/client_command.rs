//! `weir client …` against a running Weir.

use std::fs;

use crate::as_code::Shop;

const REGISTRATION: &str = r#"{
  "name": "CRM", "origins": ["https://crm.example"], "dashboards": ["finance-overview", "gone"],
  "business_units": ["auto"], "roles": ["analyst"]
}"#;

#[test]
fn a_client_is_put_shown_given_secrets_and_deleted() {
    let shop = Shop::open();
    let file = shop.folder("crm.json");
    fs::write(&file, REGISTRATION).unwrap();
    let put = ["client", "put", "crm", "--file", file.to_str().unwrap()];

    shop.run(&put)
        .fine()
        .says("crm is registered")
        .says("there is no dashboard `gone` now");
    shop.run(&put).fine().says("crm is changed");

    let first = shop.run(&["client", "rotate-secret", "crm"]).fine();
    assert!(first.said.starts_with("weir_secret_"), "{}", first.said);
    assert_eq!(first.said.lines().count(), 1);
    let second = shop
        .run(&["client", "rotate-secret", "crm", "--json"])
        .fine();
    let second = second.json();
    assert_ne!(second["secret"], first.said.trim());
    let old = second["client"]["secrets"][0]["id"].as_str().unwrap();
    first.tells("It is said this once");
    let remove = ["client", "remove-secret", "crm", "--secret", old];
    shop.run(&remove).fine().says("is removed");
    shop.run(&remove).ends(2).tells("no secret");

    let shown = shop.run(&["client", "show", "crm", "--json"]).fine().json();
    assert_eq!(shown["secrets"].as_array().unwrap().len(), 1);
    assert_eq!(shown["created_by"]["sub"], "demo-ci");
    shop.run(&["client", "list"])
        .fine()
        .says("embeds finance-overview, gone from https://crm.example")
        .says("demo-crm");
    shop.run(&["client", "delete", "crm"])
        .fine()
        .says("crm is deleted");
    shop.run(&["client", "show", "crm"])
        .ends(2)
        .tells("no client `crm`");
}

#[test]
fn a_registration_with_a_mistake_is_refused_with_the_nearest_word() {
    let shop = Shop::open();
    let file = shop.folder("crm.json");
    fs::write(&file, REGISTRATION.replace("origins", "orgins")).unwrap();
    let put = ["client", "put", "crm", "--file", file.to_str().unwrap()];

    shop.run(&put)
        .ends(1)
        .says("Nothing was registered")
        .says("did you mean `origins`?");
    let said = shop.run(&[&put[..], &["--json"]].concat()).ends(1).json();
    assert_eq!(said["outcome"], "refused");

    fs::write(&file, "{").unwrap();
    shop.run(&put).ends(2).tells("is no JSON document");
    shop.run(&["client", "show", "crm"]).ends(2);
    shop.run(&["client", "delete", "demo-crm"])
        .ends(2)
        .tells("configuration");
}
