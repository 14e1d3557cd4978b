//! Results and exports in S3, and sessions of roles.

use bytes::Bytes;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::json;

use crate::support::World;

impl World {
    async fn object(&self, location: &str) -> Option<Bytes> {
        let path = location.strip_prefix("s3://").unwrap();
        let url = format!("{}/{path}", self.sim.url());
        let response = self.client.get(url).send().await.unwrap();
        match response.status().as_u16() {
            200 => Some(response.bytes().await.unwrap()),
            _ => None,
        }
    }
}

#[tokio::test]
async fn rows_lie_in_s3_as_csv_with_null_bare() {
    let world = World::instant().await;

    let query = world
        .run(
            "SELECT 'a' AS c0, '' AS c1, CAST(NULL AS varchar) AS c2",
            json!({}),
        )
        .await;

    let location = query["ResultConfiguration"]["OutputLocation"]
        .as_str()
        .unwrap();
    let csv = world.object(location).await.unwrap();
    assert_eq!(csv, "\"c0\",\"c1\",\"c2\"\n\"a\",\"\",\n");
}

#[tokio::test]
async fn an_export_lies_in_s3_as_parquet_under_a_prefix_that_was_empty() {
    let world = World::instant().await;
    let table = world.pinned("statements").await;
    let sql = format!(
        "UNLOAD (SELECT \"region\" AS c0, COUNT(*) AS c1 FROM (SELECT \"region\" FROM {table} \
         WHERE TRUE) AS t GROUP BY 1 ORDER BY 1 ASC NULLS LAST LIMIT 5001) \
         TO 's3://exports/one/' WITH (format='PARQUET', compression='ZSTD')"
    );

    let id = world.start(&sql).await;
    let query = world.ended(&id).await;
    let again = world.run(&sql, json!({})).await;

    assert_eq!(query["Status"]["State"], "SUCCEEDED", "{query}");
    assert_eq!(query["SubstatementType"], "UNLOAD");
    let manifest = query["Statistics"]["DataManifestLocation"]
        .as_str()
        .unwrap();
    let manifest = world.object(manifest).await.unwrap();
    let mut rows = 0;
    for file in std::str::from_utf8(&manifest).unwrap().lines() {
        assert!(file.starts_with("s3://exports/one/"), "{file}");
        let file = SerializedFileReader::new(world.object(file).await.unwrap()).unwrap();
        let metadata = file.metadata().file_metadata();
        assert_eq!(metadata.schema_descr().column(0).name(), "c0");
        rows += metadata.num_rows();
    }
    assert_eq!(rows, 10, "as many as there are regions");
    assert_eq!(
        again["Status"]["State"], "FAILED",
        "the prefix is not empty any more"
    );
}

#[tokio::test]
async fn objects_are_put_listed_read_in_parts_and_deleted() {
    let world = World::instant().await;
    let url = |path: &str| format!("{}/bucket{path}", world.sim.url());
    for key in ["/a/1", "/a/2", "/b"] {
        let put = world
            .client
            .put(url(key))
            .body("0123456789")
            .send()
            .await
            .unwrap();
        assert!(put.status().is_success());
    }
    let text = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };

    let (_, folder) = text(world.client.get(url("?list-type=2&prefix=a/"))).await;
    let (_, top) = text(world.client.get(url("?list-type=2&delimiter=/"))).await;
    let (_, first) = text(world.client.get(url("?list-type=2&max-keys=1"))).await;
    let part = text(world.client.get(url("/a/1")).header("range", "bytes=2-4")).await;
    let delete = "<Delete><Object><Key>a/1</Key></Object><Object><Key>b</Key></Object></Delete>";
    text(world.client.post(url("?delete")).body(delete)).await;
    let (gone, _) = text(world.client.get(url("/a/1"))).await;
    let head = world.client.head(url("/a/2")).send().await.unwrap();

    assert_eq!(folder.matches("<Contents>").count(), 2, "{folder}");
    assert!(
        top.contains("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"),
        "{top}"
    );
    assert!(
        first.contains("<NextContinuationToken>a/1</NextContinuationToken>"),
        "{first}"
    );
    assert_eq!(part, (206, "234".to_owned()));
    assert_eq!(gone, 404);
    assert_eq!(head.headers()["content-length"], "10");
}

#[tokio::test]
async fn a_query_is_known_by_the_session_of_the_role_that_started_it() {
    let world = World::instant().await;
    let form = [
        ("Action", "AssumeRole"),
        ("RoleArn", "arn:aws:iam::000000000000:role/weir-auto"),
        ("RoleSessionName", "weir-auto"),
        ("SourceIdentity", "weir"),
        ("Tags.member.1.Key", "business_unit"),
        ("Tags.member.1.Value", "auto"),
    ];
    let said = world
        .client
        .post(world.sim.url())
        .form(&form)
        .send()
        .await
        .unwrap();
    let said = said.text().await.unwrap();
    let (_, key) = said.split_once("<AccessKeyId>").unwrap();
    let (key, _) = key.split_once("</AccessKeyId>").unwrap();

    let credential =
        format!("AWS4-HMAC-SHA256 Credential={key}/20260101/ca-central-1/athena/aws4_request");
    let start = world
        .client
        .post(world.sim.url())
        .header("authorization", credential);
    let start = start.header("x-amz-target", "AmazonAthena.StartQueryExecution");
    start
        .body(json!({ "QueryString": "SELECT 1 AS c0" }).to_string())
        .send()
        .await
        .unwrap();

    let [role] = world.sim.assumed_roles().try_into().unwrap();
    assert_eq!(role.source_identity.as_deref(), Some("weir"));
    assert_eq!(role.tags["business_unit"], "auto");
    assert_eq!(
        world.sim.queries()[0].principal.as_deref(),
        Some("weir-auto")
    );
}
