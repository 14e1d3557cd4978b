//! The browser half: a WebAssembly module, its JavaScript, and the embed SDK, named by their
//! content and compressed once, in `target/site`.
//!
//! `manifest.json` tells the server which file is the current one. The directory is complete or
//! absent: it is built beside its place and moved there at the end.

mod assets;
mod bindgen;
mod script;

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::console::{Console, Outcome, Progress, kilobytes};
use crate::run;
use crate::setup::stamp::{self, Inputs};
use crate::setup::wasm::Route;
use crate::site::assets::{Assets, Scripts};
use crate::workspace::Workspace;

/// What the products depend on; everything the frontend links is pinned by Cargo.lock.
const SOURCES: [&str; 5] = [
    "frontend",
    "Cargo.toml",
    "Cargo.lock",
    "xtask/src/site.rs",
    "xtask/src/site",
];
const MODULE: &str = "wasm/wasm32-unknown-unknown/wasm-release/weir_frontend.wasm";
const SDK: &str = "frontend/sdk/weir.js";
/// The frame's script, in the order in which its parts build on each other.
const FRAME: [&str; 8] = [
    "launch", "clock", "proof", "notice", "access", "vitals", "host", "start",
];

/// Builds `target/site` unless it was made from the sources as they are.
pub(crate) fn build(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    let why = "the filter bar runs as WebAssembly, and host pages load the SDK";
    console.step("browser half", why, |progress| make(workspace, progress))
}

fn make(workspace: &Workspace, progress: &Progress) -> anyhow::Result<Outcome> {
    let mut inputs = Inputs::default();
    for source in SOURCES {
        inputs = inputs.path(workspace.root(), source)?;
    }
    let digest = inputs.digest();
    let site = workspace.target("site");
    let stamp = site.join(".stamp");
    if stamp::matches(&stamp, &digest) && site.join("manifest.json").is_file() {
        return Ok(Outcome::Ready("no source has changed".into()));
    }

    let assets = Assets::new(compile(workspace, progress)?, scripts(workspace)?);
    progress.now("compressing");
    let assets = assets.compressed()?;
    for line in assets.sizes() {
        progress.note(&line);
    }
    assets.check_budgets()?;
    let fresh = workspace.target("site.new");
    assets.write(&fresh)?;
    stamp::write(&fresh.join(".stamp"), &digest)?;
    replace(&site, &fresh)?;
    Ok(Outcome::Done(format!(
        "{} in target/site",
        kilobytes(assets.total())
    )))
}

fn compile(workspace: &Workspace, progress: &Progress) -> anyhow::Result<bindgen::Bound> {
    let route = Route::prepare(progress)?;
    progress.note(&format!("compiling for the browser with {route}"));
    run::quietly(&mut route.build(workspace), progress)?;
    progress.now("binding the module to JavaScript");
    bindgen::bind(&workspace.target(MODULE))
}

fn scripts(workspace: &Workspace) -> anyhow::Result<Scripts> {
    Ok(Scripts {
        sdk: script::minify(&workspace.read(SDK)?).with_context(|| format!("minifying {SDK}"))?,
        frame: frame(workspace)?,
    })
}

/// One script of all parts. What they declare stays among them: it is no property of the window.
fn frame(workspace: &Workspace) -> anyhow::Result<String> {
    let mut whole = String::from("(() => {\n\"use strict\";\n");
    for part in FRAME {
        whole.push_str(&workspace.read(&format!("frontend/script/frame/{part}.js"))?);
    }
    whole.push_str("})();\n");
    let small = script::minify(&whole).context("minifying the parts of frontend/script/frame")?;
    let small = small.trim_end().to_owned();
    ensure!(
        !small.contains("</") && !small.contains("<!--"),
        "the frame's script would end the element it stands in"
    );
    Ok(small)
}

fn replace(old: &Path, fresh: &Path) -> anyhow::Result<()> {
    if old.exists() {
        fs::remove_dir_all(old).with_context(|| format!("removing {}", old.display()))?;
    }
    fs::rename(fresh, old).with_context(|| format!("moving {} in place", fresh.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_has_ten_kilobytes_at_most_and_the_frames_script_twelve() {
        let scripts = scripts(&Workspace::find().unwrap()).unwrap();

        let (sdk, frame) = (scripts.sdk.len(), scripts.frame.len());
        println!("SDK {sdk} bytes, frame {frame} bytes");
        assert!(sdk <= assets::SDK_BUDGET, "the SDK has {sdk} bytes");
        assert!(
            frame <= assets::FRAME_BUDGET,
            "the frame's script has {frame} bytes"
        );
        assert!(
            !scripts.sdk.contains("\"*\"") && !scripts.sdk.contains("`*`"),
            "no message to everybody"
        );
    }

    #[test]
    fn every_part_of_the_frames_script_is_in_it() {
        let workspace = Workspace::find().unwrap();
        let folder = fs::read_dir(workspace.path("frontend/script/frame")).unwrap();
        let mut parts: Vec<String> = folder
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut listed = FRAME.map(|part| format!("{part}.js")).to_vec();

        parts.sort();
        listed.sort();
        assert_eq!(parts, listed);
    }

    #[test]
    fn the_sdk_depends_on_nothing() {
        let scripts = scripts(&Workspace::find().unwrap()).unwrap();

        assert!(!scripts.sdk.contains("import ") && !scripts.sdk.contains("import("));
    }
}
