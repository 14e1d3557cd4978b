//! `weir policy export`: the files of a revision or draft, byte for byte.
//!
//! The folder becomes what was exported. What is there and differs is named and left alone unless
//! `--force` is given: somebody may have worked on it. Files that are none of Weir's stay as they are.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;
use weir_server::content::is_ours;

use super::remote::{self, Files};
use crate::cli::Outcome;
use crate::cli::folders::tree;
use crate::cli::server::Server;

/// Exports into a folder.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    #[command(flatten)]
    server: Server,
    /// The folder that gets `policies/` and `dashboards/`; made when it is missing.
    #[arg(long = "to", value_name = "DIR")]
    to: PathBuf,
    /// Which revision; the newest by default.
    #[arg(long, value_name = "NUMBER", conflicts_with = "draft")]
    revision: Option<u64>,
    /// A draft instead.
    #[arg(long, value_name = "NUMBER")]
    draft: Option<u64>,
    /// Overwrites files that differ, and removes those that the export does not have.
    #[arg(long)]
    force: bool,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// What is to be done to a folder.
#[derive(Debug, Default)]
struct Plan {
    /// Files that are not there yet.
    new: BTreeSet<String>,
    /// Files that say something else.
    differing: BTreeSet<String>,
    /// Files that the export does not have.
    surplus: BTreeSet<String>,
}

impl Export {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let (what, files) = match (self.draft, self.revision) {
            (Some(id), _) => (
                format!("draft {id}"),
                remote::files_of_draft(&api, id).await?,
            ),
            (None, number) => {
                let number = match number {
                    Some(number) => number,
                    None => remote::newest(&api).await?.number,
                };
                let files = remote::files_of_revision(&api, number).await?;
                (format!("revision {number}"), files)
            }
        };
        self.write(&what, &files)
    }

    fn write(&self, what: &str, files: &Files) -> anyhow::Result<Outcome> {
        // Paths come from elsewhere; none may lead out of the folder.
        tree(files).with_context(|| format!("the files of {what} can't be written"))?;
        for path in files.keys() {
            demand_ours(path)?;
            demand_no_links(&self.to, path)?;
        }
        let plan = Plan::of(&self.to, files)?;
        let dirty = !plan.differing.is_empty() || !plan.surplus.is_empty();
        if dirty && !self.force {
            self.say(what, files, &plan, "refused");
            return Ok(Outcome::Findings);
        }
        for path in plan.new.iter().chain(&plan.differing) {
            if let Some(text) = files.get(path) {
                write(&self.to.join(path), text)?;
            }
        }
        for path in &plan.surplus {
            demand_no_links(&self.to, path)?;
            let path = self.to.join(path);
            fs::remove_file(&path)
                .with_context(|| format!("`{}` can't be removed", path.display()))?;
        }
        self.say(what, files, &plan, "written");
        Ok(Outcome::Fine)
    }

    fn say(&self, what: &str, files: &Files, plan: &Plan, outcome: &str) {
        if self.json {
            let said = json!({
                "outcome": outcome,
                "exported": what,
                "files": files.len(),
                "new": plan.new,
                "differing": plan.differing,
                "surplus": plan.surplus,
            });
            println!("{said}");
            return;
        }
        let to = self.to.display();
        if outcome == "written" {
            println!("{what}: {} files in {to}.", files.len());
        } else {
            println!("{to} has other files than {what}; nothing was written:");
        }
        for path in &plan.differing {
            println!("  differs: {path}");
        }
        for path in &plan.surplus {
            println!("  not in {what}: {path}");
        }
        if outcome != "written" {
            println!("Overwrite and remove them with --force.");
        }
    }
}

impl Plan {
    fn of(to: &Path, files: &Files) -> anyhow::Result<Self> {
        let mut plan = Self::default();
        for (path, text) in files {
            match fs::read(to.join(path)) {
                Ok(there) if there == text.as_bytes() => {}
                Ok(_) => {
                    plan.differing.insert(path.clone());
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    plan.new.insert(path.clone());
                }
                Err(error) => {
                    return Err(error).with_context(|| format!("`{path}` can't be read"));
                }
            }
        }
        let there = ours_in(to)?.into_iter();
        plan.surplus = there.filter(|path| !files.contains_key(path)).collect();
        Ok(plan)
    }
}

/// The paths of Weir's files in a folder that may lack any part of them.
fn ours_in(to: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for place in ["policies", "dashboards", "dashboards/datasets"] {
        let entries = match fs::read_dir(to.join(place)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("can't look into `{place}`")),
        };
        for entry in entries {
            let name = entry?.file_name();
            let path = name.to_str().map(|name| format!("{place}/{name}"));
            found.extend(path.filter(|path| is_ours(path)));
        }
    }
    Ok(found)
}

/// A server may not put anything but Weir's files anywhere.
fn demand_ours(path: &str) -> anyhow::Result<()> {
    if is_ours(path) {
        return Ok(());
    }
    bail!("the server sends `{path}`, which is no file of Weir's")
}

/// A link below the folder would have its target overwritten.
fn demand_no_links(to: &Path, path: &str) -> anyhow::Result<()> {
    let mut place = to.to_owned();
    for segment in path.split('/') {
        place.push(segment);
        match fs::symlink_metadata(&place) {
            Ok(found) if found.file_type().is_symlink() => {
                bail!(
                    "`{}` is a link: nothing is written through it",
                    place.display()
                )
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                return Err(error).with_context(|| format!("can't look at `{}`", place.display()));
            }
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let unwritable = || format!("`{}` can't be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(unwritable)?;
    }
    fs::write(path, text).with_context(unwritable)
}
