//! The simulator as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::World;

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[tokio::test]
async fn the_binary_says_where_it_listens_and_answers_there() {
    let world = World::instant().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_athena-sim"));
    command.arg("--lake").arg(world.home.path().join("lake"));
    command.args(["--p50", "0", "--workgroup", "auto", "--workgroup", "home"]);
    let mut process = Process(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut url = String::new();
    let mut said = BufReader::new(process.0.stdout.take().unwrap());
    said.read_line(&mut url).unwrap();

    let call = world
        .client
        .post(url.trim())
        .header("x-amz-target", "AmazonAthena.ListWorkGroups");
    let groups: Value = call.body("{}").send().await.unwrap().json().await.unwrap();

    let groups = groups["WorkGroups"].as_array().unwrap().iter();
    let names: Vec<_> = groups.map(|group| group["Name"].clone()).collect();
    assert_eq!(names, ["auto", "home"]);
}

#[test]
fn a_folder_that_is_no_lake_is_named_and_nothing_runs() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athena-sim"));
    let output = command
        .args(["--lake", "/nowhere/at/all"])
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("/nowhere/at/all"), "{said}");
}
