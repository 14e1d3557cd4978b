//! The files a browser loads: their names, their sizes, their budgets.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use brotli::enc::BrotliEncoderParams;
use serde::Serialize;
use sha2::{Digest as _, Sha384};

use crate::console::kilobytes;
use crate::setup::stamp::content_hash;
use crate::site::bindgen::Bound;
use crate::site::script;

/// Brotli's best; these files are compressed once and served many times.
const QUALITY: i32 = 11;
const MODULE_BUDGET: usize = 180 * 1024;
pub(super) const SDK_BUDGET: usize = 10 * 1024;
/// It travels with every embedded dashboard, behind all that is shown.
pub(super) const FRAME_BUDGET: usize = 12 * 1024;

/// The files, under the names they are served by.
#[derive(Debug)]
pub(crate) struct Assets {
    app_js: Asset,
    app_wasm: Asset,
    sdk_js: Asset,
    frame_js: Asset,
}

/// The scripts that are written by hand, already small.
#[derive(Debug)]
pub(crate) struct Scripts {
    /// What host pages load.
    pub(crate) sdk: String,
    /// What stands at the end of every embedded dashboard.
    pub(crate) frame: String,
}

#[derive(Debug)]
struct Asset {
    name: String,
    content: Vec<u8>,
    compressed: Vec<u8>,
}

/// What the server reads to find the current files.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    app_js: &'a str,
    app_wasm: &'a str,
    sdk_js: &'a str,
    sdk_integrity: &'a str,
    frame_js: &'a str,
}

impl Assets {
    /// Names each file by its content; the script refers to the module by the module's name.
    pub(crate) fn new(bound: Bound, scripts: Scripts) -> Self {
        let app_wasm = Asset::new("weir", "_bg.wasm", bound.module);
        let script = bound.script.replace("weir_bg.wasm", &app_wasm.name);
        // The generated script is safe as it is; a smaller one is a bonus.
        let script = script::minify(&script).unwrap_or(script);
        Self {
            app_js: Asset::new("weir", ".js", script.into_bytes()),
            app_wasm,
            sdk_js: Asset::named("weir", '.', ".js", scripts.sdk.into_bytes()),
            frame_js: Asset::new("frame", ".js", scripts.frame.into_bytes()),
        }
    }

    pub(crate) fn compressed(mut self) -> anyhow::Result<Self> {
        let all = [
            &mut self.app_js,
            &mut self.app_wasm,
            &mut self.sdk_js,
            &mut self.frame_js,
        ];
        for asset in all {
            asset.compressed =
                brotli(&asset.content).with_context(|| format!("compressing {}", asset.name))?;
        }
        Ok(self)
    }

    /// One line per file: its size as it is, and as it travels.
    pub(crate) fn sizes(&self) -> Vec<String> {
        let line = |asset: &Asset| {
            let (plain, packed) = (asset.content.len(), asset.compressed.len());
            format!(
                "{:<32} {:>10}  brotli {:>9}",
                asset.name,
                kilobytes(plain),
                kilobytes(packed)
            )
        };
        self.all().map(line).collect()
    }

    /// Everything a first visit loads, compressed.
    pub(crate) fn total(&self) -> usize {
        self.all().map(|asset| asset.compressed.len()).sum()
    }

    pub(crate) fn check_budgets(&self) -> anyhow::Result<()> {
        within(
            &self.app_wasm.name,
            "with brotli",
            self.app_wasm.compressed.len(),
            MODULE_BUDGET,
        )?;
        within(
            &self.sdk_js.name,
            "minified",
            self.sdk_js.content.len(),
            SDK_BUDGET,
        )?;
        within(
            &self.frame_js.name,
            "minified",
            self.frame_js.content.len(),
            FRAME_BUDGET,
        )
    }

    /// Writes the files, their compressed siblings and the manifest into an empty directory.
    pub(crate) fn write(&self, directory: &Path) -> anyhow::Result<()> {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir_all(directory)?;
        for asset in self.all() {
            fs::write(directory.join(&asset.name), &asset.content)?;
            fs::write(
                directory.join(format!("{}.br", asset.name)),
                &asset.compressed,
            )?;
        }
        let manifest = Manifest {
            app_js: &self.app_js.name,
            app_wasm: &self.app_wasm.name,
            sdk_js: &self.sdk_js.name,
            sdk_integrity: &integrity(&self.sdk_js.content),
            frame_js: &self.frame_js.name,
        };
        let text = serde_json::to_string_pretty(&manifest)?;
        fs::write(directory.join("manifest.json"), text + "\n")?;
        Ok(())
    }

    fn all(&self) -> impl Iterator<Item = &Asset> {
        [&self.app_js, &self.app_wasm, &self.sdk_js, &self.frame_js].into_iter()
    }
}

impl Asset {
    fn new(stem: &str, ending: &str, content: Vec<u8>) -> Self {
        Self::named(stem, '-', ending, content)
    }

    fn named(stem: &str, mark: char, ending: &str, content: Vec<u8>) -> Self {
        let name = format!("{stem}{mark}{}{ending}", content_hash(&content));
        Self {
            name,
            content,
            compressed: Vec::new(),
        }
    }
}

/// The value of an `integrity` attribute (Subresource Integrity §3.1).
fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

fn within(name: &str, how: &str, size: usize, budget: usize) -> anyhow::Result<()> {
    ensure!(
        size <= budget,
        "{name} has {} {how} ({size} bytes), and its budget is {} ({budget} bytes)",
        kilobytes(size),
        kilobytes(budget)
    );
    Ok(())
}

fn brotli(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: QUALITY,
        ..Default::default()
    };
    let mut input = content;
    let mut output = Vec::new();
    brotli::BrotliCompress(&mut input, &mut output, &parameters)?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets(module: &[u8], sdk: &str) -> Assets {
        let script = "export default new URL('weir_bg.wasm', import.meta.url);".to_owned();
        Assets::new(
            Bound {
                module: module.to_vec(),
                script,
            },
            Scripts {
                sdk: sdk.to_owned(),
                frame: String::new(),
            },
        )
    }

    #[test]
    fn a_changed_module_changes_the_name_of_the_script_that_loads_it() {
        let (one, two) = (assets(b"one", ""), assets(b"two", ""));

        assert_ne!(one.app_wasm.name, two.app_wasm.name);
        assert_ne!(one.app_js.name, two.app_js.name);
    }

    #[test]
    fn the_script_refers_to_the_module_by_its_new_name() {
        let assets = assets(b"module", "");

        let script = String::from_utf8(assets.app_js.content).unwrap();
        assert!(script.contains(&assets.app_wasm.name), "{script}");
    }

    #[test]
    fn compressed_files_hold_the_same_content() {
        let assets = assets(b"module", &"abc ".repeat(500)).compressed().unwrap();

        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut assets.sdk_js.compressed.as_slice(), &mut plain).unwrap();
        assert_eq!(plain, assets.sdk_js.content);
        assert!(assets.sdk_js.compressed.len() < plain.len());
    }

    #[test]
    fn a_file_over_its_budget_is_named_with_both_numbers() {
        let assets = assets(b"module", &"x".repeat(SDK_BUDGET + 1));

        let message = assets.check_budgets().unwrap_err().to_string();

        assert!(message.starts_with("weir."), "{message}");
        assert!(
            message.ends_with(
                "10.1 KB minified (10241 bytes), and its budget is 10.0 KB (10240 bytes)"
            ),
            "{message}"
        );
    }
}
