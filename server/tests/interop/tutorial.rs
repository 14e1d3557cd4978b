//! `docs/tutorial/README.md`, run as it is printed: its commands, its files, its page.

use std::env;
use std::fs;
use std::io::BufReader;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::answers::assert_same;
use crate::support::{
    Running, beside, free_ports, python, repository, run_python, site, succeed, weir_binary,
};
use crate::weir::browser;

/// How long Node may take to serve the page.
const PATIENCE: Duration = Duration::from_mins(1);

/// The ports the page names, in the order of [`free_ports`]' answer.
const PRINTED_PORTS: [&str; 4] = ["8080", "8081", "8082", "8090"];

/// A fenced block: its language, the file it is to be saved as, and its text.
#[derive(Debug)]
struct Block {
    language: String,
    save_as: Option<String>,
    text: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tutorial_leads_from_nothing_to_a_table_in_ones_own_page() {
    let ports: [u16; 4] = free_ports();
    let page = read_tutorial(ports);
    let workshop = Workshop::set_up();

    let mut running = Vec::new();
    let mut inspected = String::new();
    for block in &page {
        match (block.language.as_str(), &block.save_as) {
            (_, Some(path)) => fs::write(workshop.dir.path().join(path), &block.text).unwrap(),
            ("text", None) => assert_shown(&block.text, &inspected),
            ("sh", None) if block.text.contains("weir serve") => {
                running.extend(block.text.lines().map(|line| workshop.start(line)));
            }
            ("sh", None) => inspected = workshop.run(&block.text),
            (language, None) => panic!("nobody said what to do with this {language} block"),
        }
    }

    assert_eq!(running.len(), 2, "Weir and the page were started");
    let [weir, _, _, host] = ports;
    let weir = format!("http://127.0.0.1:{weir}");
    let token = token_of_the_page(&format!("http://127.0.0.1:{host}"), &weir).await;
    let lake = workshop.dir.path().join("my-lake");
    let expected: Value =
        serde_json::from_str(&run_python(&beside("tutorial_answers.py"), &[lake])).unwrap();
    for (tile, wanted) in expected.as_object().unwrap() {
        let url = format!("{weir}/api/v1/dashboards/orders/tiles/{tile}/data");
        let answer = browser().get(url).bearer_auth(&token).send().await.unwrap();
        assert_same(tile, &answer.json().await.unwrap(), wanted);
    }
    the_frame_holds_every_tile(&weir, &format!("http://127.0.0.1:{host}"), &token).await;
}

/// The blocks of the page, with ports that are free here in place of the printed ones.
fn read_tutorial(ports: [u16; 4]) -> Vec<Block> {
    let mut text = fs::read_to_string(repository("docs/tutorial/README.md")).unwrap();
    for (printed, port) in PRINTED_PORTS.iter().zip(ports) {
        assert!(text.contains(printed), "{printed} is not printed any more");
        text = text.replace(printed, &port.to_string());
    }
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    let mut before = String::new();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            if !line.is_empty() {
                before = format!("{before} {line}");
            }
            continue;
        };
        let inside: Vec<_> = lines
            .by_ref()
            .take_while(|line| !line.starts_with("```"))
            .collect();
        blocks.push(Block {
            language: language.to_owned(),
            save_as: save_as(&before),
            text: inside.join("\n") + "\n",
        });
        before.clear();
    }
    blocks
}

/// "… Save as `path`:" at the end of the text before a block.
fn save_as(before: &str) -> Option<String> {
    let path = before.strip_suffix("`:")?.rsplit('`').next()?;
    before
        .ends_with(&format!("Save as `{path}`:"))
        .then(|| path.to_owned())
}

/// Lines that the page shows must be among those that were printed.
fn assert_shown(shown: &str, printed: &str) {
    for line in shown.lines() {
        assert!(
            printed.lines().any(|found| found == line),
            "`{line}` is not in:\n{printed}"
        );
    }
}

/// A folder that looks like the repository's root to somebody who follows the page.
struct Workshop {
    dir: tempfile::TempDir,
    path: String,
}

impl Workshop {
    fn set_up() -> Self {
        let dir = tempfile::tempdir().unwrap();
        symlink(
            fs::canonicalize(repository("docs")).unwrap(),
            dir.path().join("docs"),
        )
        .unwrap();
        fs::create_dir(dir.path().join("target")).unwrap();
        symlink(site(), dir.path().join("target/site")).unwrap();
        let folder = |program: PathBuf| program.parent().unwrap().display().to_string();
        let path = format!(
            "{}:{}:{}",
            folder(weir_binary()),
            folder(python()),
            search_path()
        );
        Self { dir, path }
    }

    fn shell(&self, commands: &str) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-e", "-c", commands])
            .current_dir(self.dir.path())
            .env("PATH", &self.path);
        shell
    }

    fn run(&self, commands: &str) -> String {
        succeed(&mut self.shell(commands))
    }

    /// Starts one line, with or without its `&`; Weir is waited for until it is ready.
    fn start(&self, line: &str) -> Running {
        let command = line.trim_end_matches('&').trim();
        let mut shell = self.shell(&format!("exec {command}"));
        let mut child = shell
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let running = Running(child);
        if command.starts_with("weir serve") {
            wait_until_ready(said);
        }
        running
    }
}

fn wait_until_ready(log: impl std::io::BufRead + Send + 'static) {
    let mut lines = log.lines().map_while(Result::ok);
    let mut seen = Vec::new();
    for line in lines.by_ref() {
        if line.contains("weir is ready") {
            // Whoever logs into a closed pipe would end; the rest is read and let go.
            std::thread::spawn(move || lines.for_each(drop));
            return;
        }
        seen.push(line);
    }
    panic!("weir did not start:\n{}", seen.join("\n"));
}

#[expect(
    clippy::disallowed_methods,
    reason = "the programs of this machine must stay in reach"
)]
fn search_path() -> String {
    env::var("PATH").unwrap()
}

/// What the page's own script would get.
async fn token_of_the_page(page: &str, weir: &str) -> String {
    let http = browser();
    let html = tokio::time::timeout(PATIENCE, async {
        // The page has no log to wait for: it is there once it answers.
        loop {
            match http.get(page).send().await {
                Ok(answer) => return answer.text().await.unwrap(),
                Err(error) => assert!(error.is_connect(), "{error}"),
            }
            tokio::task::yield_now().await;
        }
    });
    let html = html.await.expect("the page must answer");
    assert!(
        html.contains(&format!("src=\"{weir}/sdk/weir.js\"")),
        "{html}"
    );
    assert!(
        html.contains("<weir-dashboard dashboard=\"orders\""),
        "{html}"
    );
    let answer = http
        .post(format!("{page}/weir-token"))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["token"]
        .as_str()
        .unwrap_or_else(|| panic!("no token: {answer}"))
        .to_owned()
}

/// The launch as the SDK makes it: one form post from the page into its frame.
async fn the_frame_holds_every_tile(weir: &str, page: &str, token: &str) {
    let request = browser()
        .post(format!("{weir}/embed/orders"))
        .header("origin", page)
        .header("sec-fetch-dest", "iframe")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("token={token}&locale=en-CA"));
    let answer = request.send().await.unwrap();
    let (status, html) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 200, "{html}");
    for tile in ["revenue", "by-month", "by-country", "customers"] {
        assert!(
            html.contains(&format!("data-tile=\"{tile}\"")),
            "{tile} is missing:\n{html}"
        );
    }
    assert!(!html.contains("data-state=\"withheld\"") && !html.contains("data-state=\"error\""));
}

/// A page that nobody can follow is worse than none.
#[test]
fn the_tutorial_names_every_file_it_shows() {
    let blocks = read_tutorial([8080, 8081, 8082, 8090]);

    let named: Vec<_> = blocks
        .iter()
        .filter_map(|block| block.save_as.as_deref())
        .collect();

    assert_eq!(named.len(), 7, "{named:?}");
    assert!(
        named
            .iter()
            .all(|path| Path::new(path).starts_with("my-weir")),
        "{named:?}"
    );
}
