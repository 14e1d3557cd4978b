//! Tables as Glue and Athena describe them, and tables that change under their readers.

use athena_sim::Alteration;
use serde_json::{Value, json};

use crate::support::World;

async fn table(world: &World) -> Value {
    let asked = json!({ "DatabaseName": "gold", "Name": "statements" });
    world.ok("glue:GetTable", asked).await["Table"].clone()
}

fn kind<'a>(table: &'a Value, column: &str) -> Option<&'a str> {
    let columns = table["StorageDescriptor"]["Columns"].as_array().unwrap();
    let column = columns.iter().find(|known| known["Name"] == column)?;
    column["Type"].as_str()
}

fn counting(table: &str) -> String {
    format!("SELECT COUNT(*) AS c0 FROM (SELECT 1 AS one FROM {table} WHERE TRUE) AS t LIMIT 5001")
}

#[tokio::test]
async fn glue_and_athena_describe_the_same_tables() {
    let world = World::instant().await;

    let glue = table(&world).await;
    let within = json!({ "CatalogName": "AwsDataCatalog", "DatabaseName": "gold" });
    let all = world.ok("ListTableMetadata", within.clone()).await;
    let databases = world.ok("ListDatabases", within).await;
    let asked = json!({ "DatabaseName": "gold", "Name": "x" });
    let (missing, _) = world.refused("glue:GetTable", asked).await;
    let named = |name: &str| json!({ "Name": name });
    let database = world.ok("glue:GetDatabase", named("gold")).await;
    let (nowhere, _) = world.refused("glue:GetDatabase", named("lead")).await;

    assert_eq!(glue["Parameters"]["table_type"], "ICEBERG");
    assert_eq!(kind(&glue, "written_premium"), Some("decimal(12,2)"));
    assert_eq!(kind(&glue, "policies_in_force"), Some("bigint"));
    assert_eq!(kind(&glue, "statement_date"), Some("date"));
    assert_eq!(all["TableMetadataList"].as_array().unwrap().len(), 4);
    assert_eq!(databases["DatabaseList"], json!([{ "Name": "gold" }]));
    assert_eq!(missing, "EntityNotFoundException");
    assert_eq!(database["Database"]["Name"], "gold");
    assert_eq!(nowhere, "EntityNotFoundException");
}

#[tokio::test]
async fn columns_go_change_and_come() {
    let world = World::instant().await;
    let alter = async |alteration| {
        world
            .sim
            .alter("gold.statements", &alteration)
            .await
            .unwrap();
    };
    let column = || "region".to_owned();

    alter(Alteration::AddColumn {
        column: "extra".to_owned(),
        of: "long".to_owned(),
    })
    .await;
    alter(Alteration::RetypeColumn {
        column: "product".to_owned(),
        to: "long".to_owned(),
    })
    .await;
    alter(Alteration::DropColumn { column: column() }).await;
    let altered = table(&world).await;
    let pinned = world.pinned("statements").await;
    let gone = format!(
        "SELECT \"region\" AS c0 FROM (SELECT \"region\" FROM {pinned} WHERE TRUE) AS t LIMIT 1"
    );
    let gone = world.run(&gone, json!({})).await;
    let refused = world
        .sim
        .alter(
            "gold.statements",
            &Alteration::DropColumn { column: column() },
        )
        .await;
    alter(Alteration::Restore).await;
    let restored = table(&world).await;

    assert_eq!(kind(&altered, "extra"), Some("bigint"));
    assert_eq!(kind(&altered, "product"), Some("bigint"));
    assert_eq!(kind(&altered, "region"), None);
    assert_eq!(gone["Status"]["State"], "FAILED");
    assert!(refused.is_err());
    assert_eq!(kind(&restored, "region"), Some("string"));
    assert_eq!(kind(&restored, "extra"), None);
}

#[tokio::test]
async fn a_commit_brings_a_snapshot_and_the_ones_before_stay_readable() {
    let world = World::instant().await;
    let before = world.pinned("statements").await;

    world
        .sim
        .alter("gold.statements", &Alteration::Commit)
        .await
        .unwrap();
    let after = world.pinned("statements").await;
    world
        .sim
        .alter("gold.statements", &Alteration::RollBack)
        .await
        .unwrap();
    world
        .sim
        .alter("gold.statements", &Alteration::RollBack)
        .await
        .unwrap();
    let earlier = world.pinned("statements").await;

    let mut counts = Vec::new();
    for table in [&before, &after, &earlier] {
        let id = world.start(&counting(table)).await;
        let ended = world.ended(&id).await;
        assert_eq!(ended["Status"]["State"], "SUCCEEDED", "{ended}");
        counts.push(
            world.rows(&id).await[0][0]
                .clone()
                .unwrap()
                .parse::<u64>()
                .unwrap(),
        );
    }
    assert_ne!(before, after);
    assert_ne!(before, earlier);
    assert_eq!((counts[0], counts[1]), (4_000, 4_000));
    assert!(counts[2] < 4_000, "{counts:?}");
}

#[tokio::test]
async fn a_table_stops_being_iceberg_or_goes() {
    let world = World::instant().await;
    let alter = async |alteration| {
        world
            .sim
            .alter("gold.statements", &alteration)
            .await
            .unwrap();
    };
    let pinned = world.pinned("statements").await;

    alter(Alteration::NotIceberg).await;
    let plain = table(&world).await;
    let refused = world.run(&counting(&pinned), json!({})).await;
    alter(Alteration::Gone).await;
    let asked = json!({ "DatabaseName": "gold", "Name": "statements" });
    let (kind, _) = world.refused("glue:GetTable", asked).await;

    assert!(
        plain["Parameters"].get("metadata_location").is_none(),
        "{plain}"
    );
    assert_eq!(refused["Status"]["AthenaError"]["ErrorType"], 1301);
    assert_eq!(kind, "EntityNotFoundException");
}

#[tokio::test]
async fn other_programs_alter_tables_over_http() {
    let world = World::instant().await;
    let url = format!("{}/sim/tables", world.sim.url());
    let order =
        json!({ "table": "gold.statements", "alteration": "drop_column", "column": "region" });

    let done = world.client.post(&url).json(&order).send().await.unwrap();
    let twice = world.client.post(&url).json(&order).send().await.unwrap();

    assert_eq!(done.status(), 200);
    assert_eq!(twice.status(), 400);
    assert_eq!(kind(&table(&world).await, "region"), None);
}
