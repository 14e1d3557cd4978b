//! Access tokens of the certified `oidc-provider` from npm: a build server and a person at a terminal
//! govern with them, by the `weir` command as it is.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use serde_json::Value;
use weir_engine::lake::seed::{SeedPlan, seed};

use crate::sign_in::{Tab, weir_and_provider};
use crate::support::{succeed, weir_binary};
use crate::weir::Weir;

/// A small lake, and where it is.
async fn lake() -> (tempfile::TempDir, SeedPlan) {
    let home = tempfile::tempdir().unwrap();
    let plan = SeedPlan {
        dir: home.path().join("lake"),
        rows: 2_000,
        seed: 7,
    };
    seed(&plan, &|_| ()).await.unwrap();
    (home, plan)
}

fn history(weir: &Weir) -> Command {
    let mut command = Command::new(weir_binary());
    command
        .args(["policy", "history", "--json"])
        .env("WEIR_SERVER", &weir.url);
    command
}

fn assert_is_history(said: &str) {
    let said: Value = serde_json::from_str(said).unwrap();
    assert_eq!(said["revisions"][0]["number"], 1, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_server_governs_by_its_client_credentials() {
    let (_home, plan) = lake().await;
    let (weir, _provider) = weir_and_provider(&plan).await;

    let said = succeed(history(&weir).env("WEIR_CLIENT_ID", "policy-builds").env(
        "WEIR_CLIENT_SECRET",
        "the secret of the builds: 100% & more",
    ));

    assert_is_history(&said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_from_a_terminal_and_governs_with_the_role_alone() {
    let (_home, plan) = lake().await;
    let (weir, _provider) = weir_and_provider(&plan).await;

    for (sub, governs) in [("u-governs", true), ("u-auto", false)] {
        let mut process = history(&weir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut told = String::new();
        while !told.contains("Waiting") {
            assert_ne!(log.read_line(&mut told).unwrap(), 0, "{told}");
        }
        confirm(
            told.split_whitespace()
                .find(|word| word.starts_with("http"))
                .unwrap(),
            sub,
        )
        .await;
        let output = process.wait_with_output().unwrap();
        log.read_to_string(&mut told).unwrap();

        assert_eq!(output.status.success(), governs, "{sub}: {told}");
        if governs {
            assert_is_history(&String::from_utf8(output.stdout).unwrap());
        } else {
            assert!(told.contains("not-found"), "{told}");
        }
    }
}

/// What a person does on the provider's page: looks at the code, confirms it, signs in.
async fn confirm(page: &str, sub: &str) {
    let mut tab = Tab::new(sub);
    let page = tab.open(page).await;
    let fields = |body: &str| {
        let field = |name: &str| {
            let (_, rest) = body
                .split_once(&format!("name=\"{name}\" value=\""))
                .unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        [field("xsrf"), field("user_code")]
    };
    let form = page.url.join("/device").unwrap();
    let [xsrf, code] = fields(&page.body);
    let sent = [("xsrf", xsrf.as_str()), ("user_code", code.as_str())];
    let shown = tab.send(form.as_str(), &sent).await;
    let [xsrf, code] = fields(&shown.body);
    let sent = [
        ("xsrf", xsrf.as_str()),
        ("user_code", code.as_str()),
        ("confirm", "yes"),
    ];
    let done = tab.send(form.as_str(), &sent).await;
    assert!(done.body.contains("Sign-in Success"), "{}", done.body);
}
