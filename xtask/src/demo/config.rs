//! The demo's configuration, and what is said about it once it runs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::workspace::Workspace;

/// The three listeners of the demo, all on the loopback address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) weir: u16,
    pub(crate) crm: u16,
    pub(crate) idp: u16,
}

impl From<u16> for Ports {
    fn from(first: u16) -> Self {
        Self {
            weir: first,
            crm: first.saturating_add(1),
            idp: first.saturating_add(2),
        }
    }
}

impl Ports {
    pub(crate) fn weir_url(self) -> String {
        format!("http://127.0.0.1:{}", self.weir)
    }

    pub(crate) fn crm_url(self) -> String {
        format!("http://127.0.0.1:{}", self.crm)
    }
}

/// Writes `weir.toml` into the demo's directory.
pub(crate) fn write(
    workspace: &Workspace,
    directory: &Path,
    ports: Ports,
) -> anyhow::Result<PathBuf> {
    let path = directory.join("weir.toml");
    fs::write(&path, text(workspace, directory, ports))
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

fn text(workspace: &Workspace, directory: &Path, ports: Ports) -> String {
    let database = format!("sqlite://{}", directory.join("weir.db").display());
    format!(
        "# Written by `cargo xtask demo`, and again on its next start.\n\n\
         [http]\nbind = \"127.0.0.1:{}\"\npublic_url = \"{}\"\n\n\
         [lake]\ndir = {}\n\n\
         [content]\npolicies = {}\ndashboards = {}\n\n\
         [registry]\nurl = {}\n\n\
         [assets]\ndir = {}\n\n\
         [exports]\nroles = [\"analyst\", \"executive\"]\n\n\
         [demo]\ncrm = \"127.0.0.1:{}\"\nidp = \"127.0.0.1:{}\"\n",
        ports.weir,
        ports.weir_url(),
        quoted(&directory.join("lake").display().to_string()),
        quoted(&workspace.path("policies").display().to_string()),
        quoted(&workspace.path("dashboards").display().to_string()),
        quoted(&database),
        quoted(&workspace.target("site").display().to_string()),
        ports.crm,
        ports.idp,
    )
}

/// A TOML basic string: its escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Where to look, and as whom.
pub(crate) fn welcome(ports: Ports, log: &Path) -> String {
    format!(
        "  CRM page      {}   the dashboard inside another product; switch personas there\n  \
         Weir          {}   sign in as any persona, no password\n\n  \
         Personas      analyst-auto  analyst-home  analyst-life  analyst-travel\n                \
         analyst-commercial  analyst-group_benefits  analyst-wealth\n                \
         exec (all units)  broker (auto and home)  newcomer (no unit at all)\n                \
         governor-1  governor-2  governor-3 (policies)\n\n  \
         Log           {}\n\n  Ctrl-C stops everything.",
        ports.crm_url(),
        ports.weir_url(),
        log.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listener_gets_its_own_port_on_loopback() {
        let workspace = Workspace::find().unwrap();

        let text = text(&workspace, Path::new("/tmp/demo"), Ports::from(9080));

        for line in [
            "bind = \"127.0.0.1:9080\"",
            "public_url = \"http://127.0.0.1:9080\"",
            "crm = \"127.0.0.1:9081\"",
            "idp = \"127.0.0.1:9082\"",
            "url = \"sqlite:///tmp/demo/weir.db\"",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in:\n{text}"
            );
        }
    }

    #[test]
    fn a_path_with_quotes_and_backslashes_stays_one_string() {
        assert_eq!(quoted(r#"C:\a "b""#), r#""C:\\a \"b\"""#);
    }
}
