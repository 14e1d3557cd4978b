//! Policies as code, end to end: the `weir` binary as a server in demo mode with its identity provider,
//! and the same binary as the command that authors and build servers run against it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::canaries::{Canaries, canary, policy};

const WEIR: &str = env!("CARGO_BIN_EXE_weir");
const NOTES: &str = "policies/notes.policy.yaml";

/// A running Weir in demo mode; it ends with the test.
pub(crate) struct Shop {
    process: Child,
    weir: SocketAddr,
    crm: SocketAddr,
    idp: SocketAddr,
    canaries: Canaries,
    home: TempDir,
}

/// A sample person, whom rows are explained for.
const PEOPLE: &str = "personas:
  - { name: analyst-auto, label: { en: Auto, fr: Auto }, as: { roles: [analyst], business_units: [auto] } }
";

impl Shop {
    pub(crate) fn open() -> Self {
        // A free port may be taken again before Weir binds it; then other ports are tried.
        for _ in 0..5 {
            if let Some(shop) = Self::try_open() {
                return shop;
            }
        }
        panic!("weir did not start: its log is above");
    }

    fn try_open() -> Option<Self> {
        let (canaries, home) = (Canaries::new(), TempDir::new().unwrap());
        canaries.edit("policies/personas.yaml", PEOPLE);
        let taken = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [weir, crm, idp] = taken.map(|listener| listener.local_addr().unwrap());
        let file = home.path().join("weir.toml");
        fs::write(&file, config(&canaries, home.path(), [weir, crm, idp])).unwrap();
        let mut process = Command::new(WEIR)
            .args(["serve", "--config"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let shop = Self {
            process,
            weir,
            crm,
            idp,
            canaries,
            home,
        };
        let ready = (&mut log)
            .lines()
            .map_while(Result::ok)
            .inspect(|line| eprintln!("{line}"))
            .any(|line| line.contains("weir is ready"));
        // Whatever it says later must not fill the pipe.
        thread::spawn(move || log.read_to_end(&mut Vec::new()));
        ready.then_some(shop)
    }

    /// A folder of the test.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// `weir …` of somebody who did not say who they are.
    fn anonymous(&self, args: &[&str]) -> Command {
        let mut command = Command::new(WEIR);
        command.args(args);
        for name in [
            "TOKEN",
            "ISSUER",
            "CLIENT_ID",
            "CLIENT_SECRET",
            "CLIENT_SECRET_FILE",
        ] {
            command.env_remove(format!("WEIR_{name}"));
        }
        command.env("WEIR_SERVER", format!("http://{}", self.weir));
        command
    }

    /// `weir …` of the build server.
    fn build_server(&self, args: &[&str]) -> Command {
        let mut command = self.anonymous(args);
        command
            .env("WEIR_CLIENT_ID", "demo-ci")
            .env("WEIR_CLIENT_SECRET", "demo-ci-secret");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.build_server(args).output().unwrap())
    }

    /// `weir policy push` of a folder.
    fn push(&self, folder: &Path, more: &[&str]) -> Ran {
        let (policies, dashboards) = (folder.join("policies"), folder.join("dashboards"));
        let args = [
            "policy",
            "push",
            "--policies",
            text(&policies),
            "--dashboards",
        ];
        let args = [&args[..], &[text(&dashboards)], more].concat();
        self.run(&args)
    }

    /// `weir policy export` into a folder.
    fn export(&self, folder: &Path, more: &[&str]) -> Ran {
        self.run(&[&["policy", "export", "--to", text(folder)], more].concat())
    }

    /// The files in force, in a folder of the test's own.
    fn exported(&self, name: &str) -> PathBuf {
        let folder = self.folder(name);
        self.export(&folder, &[]).fine();
        folder
    }

    /// A draft with another policy of the notes, pushed from a folder that is answered too.
    fn draft(&self, text: &str) -> (PathBuf, u64) {
        let folder = self.exported("work");
        fs::write(folder.join(NOTES), text).unwrap();
        let pushed = self.push(&folder, &["--json"]).fine().json();
        assert_eq!(pushed["outcome"], "opened", "{pushed}");
        (folder, pushed["draft"].as_u64().unwrap())
    }

    /// Posts a form to the identity provider, as its page does.
    fn picks(&self, code: &str, persona: &str) -> u16 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let browser = reqwest::Client::builder().no_proxy().build().unwrap();
            let page = format!("http://{}/device", self.idp);
            let shown = browser
                .get(&page)
                .query(&[("user_code", code)])
                .send()
                .await;
            assert!(shown.unwrap().text().await.unwrap().contains("weir-cli"));
            let form = [("user_code", code), ("persona", persona)];
            let form = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form)
                .finish();
            let answer = browser
                .post(&page)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form)
                .send()
                .await
                .unwrap();
            answer.status().as_u16()
        })
    }

    /// Runs a command of a person, who signs in as `persona` on the page it names.
    fn as_person(&self, persona: &str, args: &[&str]) -> Ran {
        let mut command = self.anonymous(args);
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut told = String::new();
        while !told.contains("Waiting") {
            assert_ne!(said.read_line(&mut told).unwrap(), 0, "{told}");
        }
        let page = format!("http://{}/device?user_code=", self.idp);
        let (_, code) = told.split_once(&page).expect("the page is named");
        let code = code.lines().next().unwrap();
        assert!(told.contains(&format!("the code  {code}")), "{told}");
        assert_eq!(self.picks(code, persona), 200);
        let output = process.wait_with_output().unwrap();
        said.read_to_string(&mut told).unwrap();
        Ran {
            code: output.status.code().unwrap(),
            said: String::from_utf8(output.stdout).unwrap(),
            told,
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command that ended.
#[derive(Debug)]
pub(crate) struct Ran {
    code: i32,
    pub(crate) said: String,
    told: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            said: String::from_utf8(output.stdout.clone()).unwrap(),
            told: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.said, self.told);
        self
    }

    pub(crate) fn fine(self) -> Self {
        self.ends(0)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.said).unwrap_or_else(|error| panic!("{error}: {}", self.said))
    }

    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.said.contains(words), "no {words:?} in:\n{}", self.said);
        self
    }

    pub(crate) fn tells(self, words: &str) -> Self {
        assert!(self.told.contains(words), "no {words:?} in:\n{}", self.told);
        self
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn config(canaries: &Canaries, home: &Path, [weir, crm, idp]: [SocketAddr; 3]) -> String {
    let site = home.join("site");
    fs::create_dir(&site).unwrap();
    let names = r#"{"app_js":"weir-1.js","app_wasm":"weir-1_bg.wasm","sdk_js":"weir.1.js",
        "sdk_integrity":"sha384-1","frame_js":"frame-1.js"}"#;
    fs::write(site.join("manifest.json"), names).unwrap();
    for file in ["weir-1.js", "weir-1_bg.wasm", "weir.1.js", "frame-1.js"] {
        fs::write(site.join(file), "// built").unwrap();
    }
    format!(
        "[http]\nbind = '{weir}'\npublic_url = 'http://{weir}'\n\
         [lake]\ndir = '{}'\n\
         [content]\npolicies = '{}'\ndashboards = '{}'\n\
         [registry]\nurl = 'sqlite://{}'\n\
         [assets]\ndir = '{}'\n\
         [demo]\ncrm = '{crm}'\nidp = '{idp}'\n",
        canaries.path("lake").display(),
        canaries.path("policies").display(),
        canaries.path("dashboards").display(),
        home.join("weir.db").display(),
        site.display(),
    )
}

/// Every file below a folder, byte for byte.
fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(folder).unwrap().to_owned();
                found.push((below, fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The policy of the notes with one more rule.
fn narrower() -> String {
    policy("notes") + "  - id: not-that\n    hide: [amount]\n"
}

#[test]
fn what_was_exported_is_what_was_written_and_pushing_it_changes_nothing() {
    let shop = Shop::open();
    let folder = shop.exported("out");
    for part in ["policies", "dashboards"] {
        assert_eq!(bytes(&folder.join(part)), bytes(&shop.canaries.path(part)));
    }

    shop.push(&folder, &[])
        .fine()
        .says("Nothing to do: revision 1 has exactly these files.");

    shop.run(&["policy", "impact", "1"])
        .ends(2)
        .tells("the server has no draft 1");
    shop.export(&folder, &[]).fine();
}

/// Bytes that editors and version control like to change on the way.
#[test]
fn an_export_of_what_was_pushed_has_the_same_bytes() {
    let shop = Shop::open();
    let folder = shop.exported("odd");
    let rewrite = |file: &str, change: &dyn Fn(String) -> String| {
        let path = folder.join(file);
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    };
    rewrite(NOTES, &|text| {
        format!("\u{feff}# façade \u{1f980} e\u{301}\n{text}")
    });
    rewrite("policies/visits.policy.yaml", &|text| {
        text.replace('\n', "\r\n")
    });
    rewrite("policies/notes.test.yaml", &|text| {
        text.trim_end().to_owned()
    });
    rewrite("policies/visits.test.yaml", &|text| {
        format!("{text}\n\n   \n")
    });
    rewrite("dashboards/datasets/notes.dataset.yaml", &|text| {
        format!("\u{feff}{}", text.replace('\n', "\r\n"))
    });
    let pushed = shop
        .push(&folder, &["--json", "--message", "Odd bytes"])
        .fine()
        .json();
    let draft = pushed["draft"].to_string();

    let back = shop.folder("back");
    shop.export(&back, &["--draft", &draft]).fine();

    assert_eq!(bytes(&back), bytes(&folder));
    let again = shop.push(&back, &["--json"]).fine().json();
    assert_eq!(
        (&again["outcome"], &again["draft"]),
        (&json!("unchanged"), &pushed["draft"])
    );
}

#[test]
fn a_change_is_pushed_handed_in_compared_and_counted() {
    let shop = Shop::open();
    let (folder, draft) = shop.draft(&narrower());
    let draft = draft.to_string();

    shop.push(&folder, &["--submit"])
        .fine()
        .says(&format!("draft {draft} has exactly these files"))
        .says("It is not widening")
        .says("somebody who had no part in it approves it");

    let of_folder = shop
        .run(&["policy", "diff", "1", text(&folder), "--json"])
        .fine()
        .json();
    let of_draft = format!("draft:{draft}");
    let of_draft = shop
        .run(&["policy", "diff", "1", &of_draft, "--json"])
        .fine()
        .json();
    assert_eq!(of_folder, of_draft);
    assert_eq!(of_folder["widening"], false);
    shop.run(&["policy", "diff", "1", text(&folder)])
        .fine()
        .says("gold.notes\n  + not-that: ")
        .says("Not widening");
    shop.run(&["policy", "diff", text(&folder), "1", "--locale", "fr-CA"])
        .fine()
        .says("  - not-that: ")
        .says("Widening");
    shop.run(&["policy", "diff", "1", "1"])
        .fine()
        .says("No rule differs.");
    shop.run(&["policy", "impact", &draft]).fine();
    let parts = [folder.join("policies"), folder.join("dashboards")];
    let [policies, dashboards] = [text(&parts[0]), text(&parts[1])];
    let of_folder = [
        "policy",
        "impact",
        "--policies",
        policies,
        "--dashboards",
        dashboards,
    ];
    shop.run(&of_folder).fine();
    let history = shop.run(&["policy", "history", "--json"]).fine().json();
    assert_eq!(history["revisions"][0]["number"], 1);
    shop.run(&["policy", "history"]).fine().says("     1  ");
}

#[test]
fn what_widens_is_said_to() {
    let shop = Shop::open();
    let (_, draft) = shop.draft(&policy("notes").replace("- id: litigation-hold", "- id: held"));
    let renamed = shop
        .run(&["policy", "diff", "1", &format!("draft:{draft}")])
        .fine();
    renamed.says("Not widening");

    let opened = policy("notes").replace("legal_hold: { eq: true }", "place: { eq: nowhere }");
    let folder = shop.exported("opened");
    fs::write(folder.join(NOTES), opened).unwrap();
    let table = "policy: gold.notes\ngiven: [{ id: one, business_unit: auto }]\n\
                 cases: [{ name: nobody, as: { roles: [none] }, sees: denied }]\n";
    fs::write(folder.join("policies/notes.test.yaml"), table).unwrap();
    shop.push(&folder, &[])
        .fine()
        .says("It is widening")
        .says("Two people have to approve it");
}

#[test]
fn a_broken_file_is_named_with_its_line_and_nothing_is_kept() {
    let shop = Shop::open();
    let folder = shop.exported("broken");
    fs::write(
        folder.join(NOTES),
        "dataset: gold.notes\nrules:\n  - id: x\n    permt: all\n",
    )
    .unwrap();

    shop.push(&folder, &[])
        .ends(1)
        .says("Nothing was pushed")
        .says("policies/notes.policy.yaml:4")
        .says("permit");
    let said = shop.push(&folder, &["--json"]).ends(1).json();
    assert_eq!(said["outcome"], "refused");
    assert_eq!(said["findings"].as_array().unwrap().len(), 1);

    fs::write(folder.join(NOTES), "dataset: [\n").unwrap();
    shop.push(&folder, &[])
        .ends(1)
        .says("policies/notes.policy.yaml:");
    shop.run(&["policy", "impact", "1"]).ends(2);
}

#[test]
fn files_made_from_an_older_revision_are_not_pushed_over_a_newer_one() {
    let shop = Shop::open();
    let folder = shop.exported("old");
    fs::write(folder.join(NOTES), narrower()).unwrap();

    shop.push(&folder, &["--base", "0"])
        .ends(2)
        .tells("revision 1 came into force after revision 0");
}

#[test]
fn an_explanation_is_the_same_from_the_folder_and_from_the_server() {
    let shop = Shop::open();
    let (policies, dashboards) = (
        shop.canaries.path("policies"),
        shop.canaries.path("dashboards"),
    );
    let asked = [
        "policy",
        "explain",
        "--dataset",
        "gold.notes",
        "--role",
        "analyst",
        "--business-unit",
        "auto",
        "--policies",
        text(&policies),
        "--dashboards",
        text(&dashboards),
    ];
    for more in [&["--json"][..], &[], &["--locale", "fr-CA"]] {
        let online = shop.run(&[&asked[..], more].concat()).fine();
        let offline = shop
            .run(&[&asked[..], more, &["--offline"]].concat())
            .fine();
        assert_eq!(online.said, offline.said);
    }
    shop.run(&asked)
        .fine()
        .says("gold.notes: rows where")
        .says("applies   bu-own-rows: ")
        .says("does not  executives-see-all: ");
    shop.run(&[&asked[..], &["--offline", "--key", "day=2026-10-05"]].concat())
        .ends(2);
    shop.run(&["policy", "explain", "--dataset", "gold.nothing"])
        .ends(2)
        .tells("invalid-parameter");
}

#[test]
fn a_row_is_explained_by_its_key_in_both_languages() {
    let shop = Shop::open();
    let (mine, theirs) = (canary("auto"), canary("life"));
    let explain = |place: &str, locale: &str| {
        let key = format!("place={place}");
        shop.run(&[
            "policy",
            "explain",
            "--dataset",
            "gold.notes",
            "--persona",
            "analyst-auto",
            "--key",
            "day=2026-10-05",
            "--key",
            &key,
            "--locale",
            locale,
        ])
        .fine()
    };

    explain(&mine, "en-CA").says("1 row(s): seen, permitted by bu-own-rows");
    explain(&theirs, "en-CA").says("1 row(s): not seen, no rule permits it");
    explain(&theirs, "fr-CA").says("1 ligne(s): non visible, aucune règle ne la permet");
    explain("nowhere", "fr-CA").says("Aucune ligne n’a cette clé.");
}

#[test]
fn an_export_does_not_overwrite_work_or_follow_links() {
    let shop = Shop::open();
    let folder = shop.exported("mine");
    fs::write(folder.join(NOTES), "mine").unwrap();
    fs::write(folder.join("policies/more.policy.yaml"), "mine").unwrap();
    fs::write(folder.join("policies/README.md"), "mine").unwrap();

    shop.export(&folder, &[])
        .ends(1)
        .says("nothing was written")
        .says("differs: policies/notes.policy.yaml")
        .says("not in revision 1: policies/more.policy.yaml");
    assert_eq!(fs::read(folder.join(NOTES)).unwrap(), b"mine");

    shop.export(&folder, &["--force"]).fine();
    assert_eq!(
        fs::read(folder.join(NOTES)).unwrap(),
        policy("notes").as_bytes()
    );
    assert!(!folder.join("policies/more.policy.yaml").exists());
    assert!(
        folder.join("policies/README.md").exists(),
        "none of Weir's files"
    );

    let partial = shop.folder("partial/policies");
    fs::create_dir_all(&partial).unwrap();
    fs::write(partial.join("more.policy.yaml"), "mine").unwrap();
    shop.export(&shop.folder("partial"), &[])
        .ends(1)
        .says("not in revision 1: policies/more.policy.yaml");

    let target = shop.folder("target");
    fs::write(&target, "somebody else's").unwrap();
    fs::remove_file(folder.join(NOTES)).unwrap();
    std::os::unix::fs::symlink(&target, folder.join(NOTES)).unwrap();
    shop.export(&folder, &["--force"])
        .ends(2)
        .tells("is a link");
    assert_eq!(fs::read(&target).unwrap(), b"somebody else's");
}

#[test]
fn a_person_signs_in_on_a_page() {
    let shop = Shop::open();

    let listed = shop.as_person("governor-1", &["policy", "history"]);
    listed.fine().says("     1  ");
    let login = shop.as_person("governor-1", &["login"]).fine();
    let token = login.said.trim();
    let token = token.strip_prefix("export WEIR_TOKEN='").unwrap();
    let token = token.strip_suffix('\'').unwrap();
    let mut kept = shop.anonymous(&["policy", "history"]);
    Ran::of(&kept.env("WEIR_TOKEN", token).output().unwrap()).fine();

    let analyst = shop.as_person("analyst-auto", &["policy", "history"]);
    analyst.ends(2).tells("not-found");
    let nobody = shop.as_person("", &["policy", "history"]);
    nobody.ends(2).tells("the provider answered with an error");
}

#[test]
fn who_can_not_be_told_is_told_why() {
    let shop = Shop::open();
    let run = |change: &dyn Fn(&mut Command)| {
        let mut command = shop.build_server(&["policy", "history"]);
        change(&mut command);
        Ran::of(&command.output().unwrap()).ends(2)
    };

    let secret = shop.folder("secret");
    fs::write(&secret, "wrong\n").unwrap();
    run(&|command| {
        command.env("WEIR_CLIENT_SECRET_FILE", &secret);
    })
    .tells("invalid_client");
    run(&|command| {
        command.env("WEIR_ISSUER", "https://idp.example");
    })
    .tells("not `https://idp.example`");
    run(&|command| {
        command.env("WEIR_SERVER", "http://weir.example");
    })
    .tells("is not https");
    run(&|command| {
        command.env_remove("WEIR_SERVER");
    })
    .tells("WEIR_SERVER");
    run(&|command| {
        command.env("WEIR_TOKEN", "x");
    })
    .tells("access-token-invalid");
    fs::write(&secret, "demo-ci-secret\n").unwrap();
    let mut command = shop.build_server(&["policy", "history"]);
    command
        .env("WEIR_CLIENT_SECRET_FILE", &secret)
        .env_remove("WEIR_CLIENT_SECRET");
    Ran::of(&command.output().unwrap()).fine();
}

#[test]
fn access_is_stopped_and_given_again_from_a_shell() {
    let shop = Shop::open();
    let closed = ["lockdown", "put", "--dashboard", "finance-overview"];
    shop.run(&["lockdown", "list"])
        .fine()
        .says("nothing is closed");

    shop.run(&[&closed[..], &["--reason", "The numbers are wrong"]].concat())
        .fine()
        .says("dashboard:finance-overview is closed");
    shop.run(&["lockdown", "list"])
        .ends(1)
        .says("The numbers are wrong");
    let listed = shop.run(&["lockdown", "list", "--json"]).ends(1).json();
    assert_eq!(
        listed["lockdowns"][0]["scope"],
        "dashboard:finance-overview"
    );
    shop.run(&["lockdown", "lift", "--dashboard", "finance-overview"])
        .fine();
    shop.run(&["lockdown", "list"]).fine();

    for (target, said) in [
        (&["--all"][..], json!({ "all": true })),
        (
            &["--subject", "weir:embed:crm", "u-1"],
            json!({ "subject": { "issuer": "weir:embed:crm", "sub": "u-1" } }),
        ),
        (
            &["--business-unit", "auto"],
            json!({ "business_unit": "auto" }),
        ),
        (&["--client", "demo-crm"], json!({ "client": "demo-crm" })),
    ] {
        let args = [&["revoke", "--reason", "A leak", "--json"], target].concat();
        let revoked = shop.run(&args).fine().json();
        assert_eq!(revoked["revocation"]["target"], said);
    }
    for wrong in [
        &["revoke", "--all"][..],
        &["revoke", "--reason", "A leak"],
        &[
            "revoke", "--all", "--client", "demo-crm", "--reason", "A leak",
        ],
        &["revoke", "--dashboard", "gone", "--reason", "A leak"],
        &[
            "lockdown",
            "put",
            "--dashboard",
            "gone",
            "--reason",
            "A leak",
        ],
        &["lockdown", "put", "--reason", "A leak"],
    ] {
        shop.run(wrong).ends(2);
    }
}

#[test]
fn the_demos_own_page_can_frame_the_demos_dashboard_and_others_are_told_why_not() {
    let shop = Shop::open();
    let crm = format!("http://{}", shop.crm);
    let ask = |origin: &str, more: &[&str]| {
        let args = [
            "doctor",
            "--dashboard",
            "finance-overview",
            "--origin",
            origin,
        ];
        shop.run(&[&args[..], more].concat())
    };

    ask(&crm, &[]).fine().says("can show finance-overview");
    let found = ask("http://127.0.0.1:9", &["--page", &crm, "--json"])
        .ends(1)
        .json();
    let found = found["findings"].as_array().unwrap();
    let codes: Vec<_> = found
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["no-client", "frame-ancestors", "page-origin"],
        "{found:?}"
    );
    // Nobody listens there, so nobody can say.
    ask(
        "http://127.0.0.1:9",
        &["--without-registration", "--page", "http://127.0.0.1:9/"],
    )
    .ends(1)
    .says("not looked at");
    ask("not an origin", &[]).ends(2);
}
