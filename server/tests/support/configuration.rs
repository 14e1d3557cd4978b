//! The `weir.toml` of a test world, and the files it names.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use weir_identity::{HashCost, SecretHash};

use super::world::{BOARD, CRM, Plan, UNITS};

/// A master key that all worlds on one registry share, and no others.
fn write_master_key(file: &Path, registry: &str) {
    let key = Sha256::digest(format!("the master key of {registry}"));
    fs::write(file, STANDARD.encode(key)).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Writes key and assets into `home` and gives the text of `weir.toml`.
pub(super) fn configuration(plan: &Plan, home: &Path) -> String {
    let own = || {
        (
            format!("sqlite://{}/weir.db", home.display()),
            home.join("audit"),
        )
    };
    let (registry, segments) = plan.registry.clone().unwrap_or_else(own);
    let key = home.join("master.key");
    write_master_key(&key, &registry);
    let assets = home.join("site");
    write_assets(&assets);
    format!(
        r#"
[http]
bind = "127.0.0.1:0"
public_url = "{public_url}"
[lake]
dir = "{lake}"
mask_key = "the mask key of the tests, 32 bytes or more"
[content]
policies = "{policies}"
dashboards = "{dashboards}"
[registry]
url = "{registry}"
grace_s = {grace}
[registry.audit]
dir = "{segments}"
[assets]
dir = "{assets}"
[timing]
first_paint_wait_ms = {wait}
snapshot_refresh_ms = 1
[overload]
longest_wait_ms = 60000
{oidc}
{api}
[embed]
master_key_file = "{key}"
{clients}"#,
        public_url = plan.public_url,
        lake = plan.lake.display(),
        policies = plan.policies.display(),
        dashboards = plan.dashboards.display(),
        grace = plan.grace_s,
        segments = segments.display(),
        assets = assets.display(),
        wait = plan.first_paint_wait_ms,
        oidc = plan.oidc.clone().unwrap_or_else(|| alone(&plan.issuer)),
        api = plan.api,
        key = key.display(),
        clients = clients(&plan.host),
    )
}

/// The table of an only provider.
fn alone(issuer: &str) -> String {
    format!(
        "[oidc]\nissuer = \"{issuer}\"\nclient_id = \"weir\"\n\
         client_secret = \"the secret of weir at the provider\"\n"
    )
}

/// The registrations: `gone` is a dashboard that does not exist any more.
fn clients(host: &str) -> String {
    let hash = |secret: &str| {
        let hash = SecretHash::create(&secret.into(), HashCost::MINIMAL).unwrap();
        hash.as_phc().to_owned()
    };
    format!(
        r#"
[[embed.clients]]
id = "{crm}"
secret_hash = "{crm_hash}"
origins = ["{host}"]
dashboards = ["finance-overview", "claims-operations", "gone"]
business_units = ["auto", "home"]
roles = ["analyst"]
rights = ["export_csv"]
[[embed.clients]]
id = "{board}"
secret_hash = "{board_hash}"
origins = ["https://board.example"]
dashboards = ["finance-overview"]
business_units = {UNITS:?}
roles = ["executive"]
attributes = {{ clearance = ["confidential"] }}
"#,
        crm = CRM.0,
        crm_hash = hash(CRM.1),
        board = BOARD.0,
        board_hash = hash(BOARD.1),
    )
}

fn write_assets(folder: &Path) {
    fs::create_dir(folder).unwrap();
    let names = r#"{"app_js":"weir-1.js","app_wasm":"weir-1_bg.wasm","sdk_js":"weir.1.js",
        "sdk_integrity":"sha384-1","frame_js":"frame-1.js"}"#;
    fs::write(folder.join("manifest.json"), names).unwrap();
    for file in ["weir-1.js", "weir-1_bg.wasm", "weir.1.js", "frame-1.js"] {
        fs::write(folder.join(file), "// built").unwrap();
    }
    fs::write(folder.join("weir.1.js.br"), "packed").unwrap();
}
