//! Weir in a real browser: the binary as an operator starts it, over the sample lake, with the demo's
//! CRM page and identity provider. Each test starts a Weir of its own on free ports and hands it to a
//! script in `browser/`, which drives Chromium and fails with a sentence.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unnecessary_debug_formatting,
    clippy::unwrap_used,
    reason = "tests may fail by panicking, say why, and write paths as TOML strings"
)]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use secrecy::SecretString;
use tempfile::TempDir;
use weir_identity::{HashCost, SecretHash};

/// As many rows as the demo's lake.
const ROWS: &str = "260000";

#[test]
fn browser_shows_the_viewers_own_numbers_in_the_crm_page() {
    Weir::start("").passes("numbers");
}

#[test]
fn browser_shows_each_persona_what_it_may_see_and_a_newcomer_why_not() {
    Weir::start("").passes("personas");
}

/// Invariant 7.
#[test]
fn browser_neither_stores_nor_sends_a_cookie_for_the_frame() {
    Weir::start("").passes("cookies");
}

#[test]
fn browser_gets_the_charts_in_the_first_response_and_needs_no_script() {
    Weir::start("").passes("scriptless");
}

#[test]
fn browser_filters_in_place_and_by_plain_form() {
    Weir::start("").passes("filters");
}

#[test]
fn browser_refuses_to_frame_the_dashboard_elsewhere() {
    Weir::start("").passes("thief");
}

#[test]
fn browser_takes_the_rows_of_a_tile_along_as_a_file() {
    Weir::start("[exports]\nroles = [\"analyst\"]\n").passes("files");
}

/// A token lives five seconds here: ten of them in turn, a back end that hangs, refuses, answers late.
#[test]
fn browser_renews_the_token_and_loses_nothing() {
    Weir::start("").passes("renewal");
}

#[test]
fn browser_survives_sleep_wrong_clocks_and_a_lost_network() {
    Weir::start("").passes("clocks");
}

#[test]
fn f64_browser_opens_again_by_itself() {
    Weir::start("").passes("recovery");
}

#[test]
fn browser_tells_the_host_page_and_does_what_it_says() {
    Weir::start("").passes("actions");
}

#[test]
fn f66_c3_browser_listens_to_its_own_side_alone() {
    Weir::start("").passes("messages");
}

#[test]
fn f67_browser_makes_the_frame_as_high_as_its_content() {
    Weir::start("").passes("height");
}

#[test]
fn f65_c2_browser_frames_the_dashboard_for_its_own_origin_alone() {
    Weir::start(&far_away()).passes("origins");
}

/// Invariant 9.
#[test]
fn f61_e10_browser_takes_the_figures_away_when_access_ends() {
    Weir::start("").passes("revoked");
}

#[test]
fn f63_browser_asks_to_go_on_after_twelve_hours() {
    Weir::start("").passes("over");
}

#[test]
fn browser_signs_members_in_and_out_in_both_languages() {
    Weir::start("").passes("member");
}

#[test]
fn browser_shows_an_admin_a_dashboard_through_other_eyes_beside_a_draft() {
    Weir::start("").passes("view_as");
}

/// What the frame's script reports is what the browser measured, and arrives after the page is gone.
#[test]
fn browser_tells_how_fast_its_pages_were() {
    Weir::start("").passes("vitals");
}

#[test]
fn browser_puts_late_tiles_in_the_place_of_their_skeletons() {
    Weir::start("[timing]\nfirst_paint_wait_ms = 0\n").passes("late");
}

#[test]
fn browser_carries_a_change_from_draft_to_live_through_the_portal_and_back() {
    Weir::start("").passes("governance");
}

/// A running Weir; it ends with the test.
struct Weir {
    process: Child,
    ports: [SocketAddr; 3],
    _dir: TempDir,
}

impl Weir {
    fn start(timing: &str) -> Self {
        let lake = lake();
        // A free port may be taken again before Weir binds it; then other ports are tried.
        for _ in 0..5 {
            if let Some(weir) = Self::try_start(&lake, timing) {
                return weir;
            }
        }
        panic!("weir did not start: its log is above");
    }

    fn try_start(lake: &Path, timing: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let ports = free_ports();
        let file = dir.path().join("weir.toml");
        fs::write(&file, config(lake, dir.path(), ports, timing)).unwrap();
        let mut process = Command::new(told("WEIR_BIN"))
            .arg("serve")
            .arg("--config")
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let weir = Self {
            process,
            ports,
            _dir: dir,
        };
        let ready = (&mut log)
            .lines()
            .map_while(Result::ok)
            .inspect(|line| println!("{line}"))
            .any(|line| line.contains("weir is ready"));
        // Whatever it says later must not fill the pipe.
        thread::spawn(move || log.read_to_end(&mut Vec::new()));
        ready.then_some(weir)
    }

    /// Runs a script beside this file against it.
    fn passes(&self, script: &str) {
        let [weir, crm, idp] = self.ports.map(|port| format!("http://{port}"));
        let facts = serde_json::json!({
            "weir": weir, "crm": crm, "idp": idp,
            "chromium": told("WEIR_CHROMIUM"),
            "modules": told("WEIR_NODE_MODULES"),
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/browser")
            .join(format!("{script}.mjs"));
        let output = Command::new("node")
            .arg(&script)
            .arg(facts.to_string())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{} failed:\n{}{}",
            script.display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        println!("{}", String::from_utf8_lossy(&output.stdout));
    }
}

impl Drop for Weir {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A host on another site, over https.
fn far_away() -> String {
    let secret = SecretString::from("far-away-secret");
    let hash = SecretHash::create(&secret, HashCost::DEFAULT).unwrap();
    format!(
        "[[embed.clients]]\nid = \"far-away\"\nsecret_hash = \"{}\"\n\
         origins = [\"https://crm.example\"]\ndashboards = [\"finance-overview\"]\n\
         business_units = [\"auto\"]\nroles = [\"analyst\"]\n",
        hash.as_phc()
    )
}

fn config(lake: &Path, dir: &Path, [weir, crm, idp]: [SocketAddr; 3], timing: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    format!(
        "[http]\nbind = \"{weir}\"\npublic_url = \"http://{weir}\"\n\
         [lake]\ndir = {lake:?}\n\
         [content]\npolicies = {:?}\ndashboards = {:?}\n\
         [registry]\nurl = \"sqlite://{}\"\n\
         [assets]\ndir = {:?}\n\
         [demo]\ncrm = \"{crm}\"\nidp = \"{idp}\"\n{timing}",
        root.join("policies"),
        root.join("dashboards"),
        dir.join("weir.db").display(),
        told("WEIR_SITE"),
    )
}

fn free_ports() -> [SocketAddr; 3] {
    let taken = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    taken.map(|listener| listener.local_addr().unwrap())
}

/// The sample lake. Tests run in processes of their own, so the first one makes it, and it is made
/// anew when the binary is.
fn lake() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (dir, made) = (tmp.join("browser-lake"), tmp.join("browser-lake.made-by"));
    let lock = File::create(tmp.join("browser-lake.lock")).unwrap();
    lock.lock().unwrap();
    let weir = told("WEIR_BIN");
    let binary = fs::metadata(&weir).unwrap();
    let maker = format!("{} {:?} {ROWS}", binary.len(), binary.modified().unwrap());
    if fs::read_to_string(&made).ok().as_deref() == Some(maker.as_str()) {
        return dir;
    }
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    let seeded = Command::new(&weir)
        .args(["lake", "seed", "--rows", ROWS, "--seed", "7", "--dir"])
        .arg(&dir)
        .status()
        .unwrap();
    assert!(seeded.success(), "the sample lake was not made");
    fs::write(&made, maker).unwrap();
    dir
}

/// A variable that `cargo xtask test` sets.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told about the machine by their environment, and ask it here alone"
)]
fn told(name: &str) -> PathBuf {
    match std::env::var(name) {
        Ok(path) if !path.is_empty() => PathBuf::from(path),
        _ => panic!("{name} is not set: run the tests by `cargo xtask test`"),
    }
}
