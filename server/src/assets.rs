//! The built browser half: hashed files that never change, with their brotli siblings.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where the files are and what they are called today.
#[derive(Debug, Clone)]
pub struct Assets {
    dir: PathBuf,
    manifest: Manifest,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    app_js: String,
    app_wasm: String,
    sdk_js: String,
}

/// The browser half is not there.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// No manifest.
    #[error("`{}` can't be read: build the browser half with `cargo xtask site`", path.display())]
    Missing {
        /// The manifest.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A manifest that is not ours.
    #[error("`{}` is not a manifest of the browser half", path.display())]
    Malformed {
        /// The manifest.
        path: PathBuf,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
}

impl Assets {
    /// Reads `manifest.json` in `dir`.
    ///
    /// # Errors
    /// [`AssetsError`] says what to run.
    pub fn open(dir: &Path) -> Result<Self, AssetsError> {
        let path = dir.join("manifest.json");
        let text = std::fs::read_to_string(&path).map_err(|cause| AssetsError::Missing {
            path: path.clone(),
            cause,
        })?;
        let manifest =
            serde_json::from_str(&text).map_err(|cause| AssetsError::Malformed { path, cause })?;
        Ok(Self {
            dir: dir.to_owned(),
            manifest,
        })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The SDK's file.
    #[must_use]
    pub fn sdk(&self) -> PathBuf {
        self.dir.join(&self.manifest.sdk_js)
    }

    /// The module and WebAssembly file, as pages refer to them.
    #[must_use]
    pub fn app(&self) -> weir_frontend::model::Assets {
        weir_frontend::model::Assets {
            app_js: format!("/assets/{}", self.manifest.app_js),
            app_wasm: format!("/assets/{}", self.manifest.app_wasm),
        }
    }
}
