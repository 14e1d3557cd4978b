//! The `weir.toml` of a load test: the demo's, with a second host back end that may ask for any
//! number of tokens.

use std::path::Path;

use serde_json::Value;

use super::{BUSINESS_UNITS, CLIENT, DASHBOARDS, Engine, Surroundings, WeirSettings, free_port};

/// The argon2id hash of the client's secret, as costly as any client's: `printf %s load-crm-secret |
/// argon2 weir-load-tests-salt -id -t 2 -k 19456 -p 1 -l 32 -e`.
const SECRET_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$d2Vpci1sb2FkLXRlc3RzLXNhbHQ\
                           $7b6DYfge+mzqLE/x2clEOLyizXr0CzKZoNhvq1oUWlQ";

/// The listeners of one Weir, all on the loopback address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    weir: u16,
    crm: u16,
    idp: u16,
}

impl Ports {
    pub(super) fn free() -> anyhow::Result<Self> {
        Ok(Self {
            weir: free_port()?,
            crm: free_port()?,
            idp: free_port()?,
        })
    }

    pub(super) fn weir_url(self) -> String {
        format!("http://127.0.0.1:{}", self.weir)
    }

    pub(super) fn crm_url(self) -> String {
        format!("http://127.0.0.1:{}", self.crm)
    }
}

/// The whole file.
pub(super) fn text(
    surroundings: &Surroundings,
    settings: &WeirSettings,
    directory: &Path,
    ports: Ports,
) -> String {
    let sqlite = || format!("sqlite://{}", directory.join("weir.db").display());
    let registry = settings.registry.clone().unwrap_or_else(sqlite);
    let public_url = settings
        .public_url
        .clone()
        .unwrap_or_else(|| ports.weir_url());
    let tools = &surroundings.tools;
    let content = |name: &str| path(&tools.repository.join(name));
    let sections = [
        format!(
            "[http]\nbind = \"127.0.0.1:{}\"\npublic_url = {}",
            ports.weir,
            quoted(&public_url)
        ),
        engine(settings, surroundings.lake()),
        format!(
            "[content]\npolicies = {}\ndashboards = {}",
            content("policies"),
            content("dashboards")
        ),
        format!("[registry]\nurl = {}", quoted(&registry)),
        format!("[registry.audit]\ndir = {}", path(&directory.join("audit"))),
        format!("[assets]\ndir = {}", path(&tools.site)),
        format!(
            "[demo]\ncrm = \"127.0.0.1:{}\"\nidp = \"127.0.0.1:{}\"",
            ports.crm, ports.idp
        ),
        client(),
        settings.more.clone(),
    ];
    sections.join("\n\n") + "\n"
}

fn engine(settings: &WeirSettings, lake: &Path) -> String {
    match &settings.engine {
        Engine::Embedded => format!("[lake]\ndir = {}", path(lake)),
        Engine::Athena(endpoint) => format!(
            "[engine]\nkind = \"athena\"\n\n\
             [athena]\nregion = \"ca-central-1\"\nworkgroup = \"primary\"\nendpoint = {}",
            quoted(endpoint)
        ),
    }
}

/// The host back end that load comes through.
fn client() -> String {
    let (id, _, origin) = CLIENT;
    format!(
        "[[embed.clients]]\nid = {}\nsecret_hash = {}\norigins = [{}]\ndashboards = {}\n\
         business_units = {}\nroles = [\"analyst\"]\nrights = [\"export_csv\"]\nrate_per_minute = 60000",
        quoted(id),
        quoted(SECRET_HASH),
        quoted(origin),
        Value::from(DASHBOARDS.to_vec()),
        Value::from(BUSINESS_UNITS.to_vec()),
    )
}

/// A TOML basic string: its escapes are those of JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn path(path: &Path) -> String {
    quoted(&path.display().to_string())
}
