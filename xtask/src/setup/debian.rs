//! Packages of Debian and its relatives.

use std::process::Command;

use crate::console::Progress;
use crate::run;
use crate::setup::Blocked;

/// Installs the packages, or says who has to. `purpose` ends the sentence "… is needed".
pub(crate) fn install(packages: &[&str], purpose: &str, progress: &Progress) -> anyhow::Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|name| !is_installed(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let prefix = permission(&missing, purpose)?;
    progress.note(&format!(
        "installing the Debian packages {}: {purpose}",
        missing.join(" ")
    ));
    let first = run::quietly(&mut apt_get(prefix, &install_words(&missing)), progress);
    if first.is_ok() {
        return Ok(());
    }
    progress.note("the package lists may be missing or old; fetching them and trying again");
    run::quietly(&mut apt_get(prefix, &["update"]), progress)?;
    run::quietly(&mut apt_get(prefix, &install_words(&missing)), progress).map(drop)
}

/// Whether dpkg has the package, complete.
pub(crate) fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f=${db:Status-Status}", package]);
    run::answer(&mut query).is_some_and(|status| status == "installed")
}

/// Whether this system has `apt-get` at all.
pub(crate) fn is_debian() -> bool {
    run::answer(Command::new("apt-get").arg("--version")).is_some()
}

#[derive(Debug, Clone, Copy)]
enum Permission {
    Root,
    Sudo,
}

fn permission(missing: &[&str], purpose: &str) -> Result<Permission, Blocked> {
    let list = missing.join(" ");
    if !is_debian() {
        return Err(Blocked {
            reason: format!("{list} is missing ({purpose}), and this system has no apt-get"),
            command: format!("your system's package manager, to install what Debian calls {list}"),
        });
    }
    if run::answer(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Ok(Permission::Root);
    }
    if run::answer(Command::new("sudo").args(["-n", "true"])).is_some() {
        return Ok(Permission::Sudo);
    }
    Err(Blocked {
        reason: format!("{list} is missing ({purpose}), and only root may install it"),
        command: format!("sudo apt-get install -y --no-install-recommends {list}"),
    })
}

fn install_words<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["install", "-y", "--no-install-recommends"];
    words.extend(packages);
    words
}

fn apt_get(permission: Permission, words: &[&str]) -> Command {
    let mut command = match permission {
        Permission::Root => Command::new("env"),
        Permission::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env"]);
            sudo
        }
    };
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .args(words);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_installed_without_questions_and_extras() {
        let command = apt_get(Permission::Sudo, &install_words(&["chromium"]));

        assert_eq!(
            run::shown(&command),
            "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y \
             --no-install-recommends chromium"
        );
    }

    #[test]
    fn who_may_not_install_is_told_the_one_command() {
        let blocked = Blocked {
            reason: "chromium is missing, and only root may install it".into(),
            command: "sudo apt-get install -y chromium".into(),
        };

        let text = blocked.to_string();

        assert!(
            text.ends_with("\n\n    sudo apt-get install -y chromium"),
            "{text}"
        );
    }
}
