//! The built browser half: hashed files that never change, with their brotli siblings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

/// Where the files are and what they are called today.
#[derive(Debug, Clone)]
pub struct Assets {
    dir: PathBuf,
    manifest: Manifest,
    frame_script: Arc<str>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    app_js: String,
    app_wasm: String,
    sdk_js: String,
    /// The SDK's hash, as `integrity` attributes have it.
    sdk_integrity: String,
    frame_js: String,
}

/// The browser half is not there.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// No manifest, or not what it names.
    #[error("`{}` can't be read: build the browser half with `cargo xtask site`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A manifest that is not ours.
    #[error("`{}` is not the manifest of this version's browser half: build it with `cargo xtask site`", path.display())]
    Malformed {
        /// The manifest.
        path: PathBuf,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
}

impl Assets {
    /// Reads `manifest.json` in `dir`, and the script that goes into every frame.
    ///
    /// # Errors
    /// [`AssetsError`] says what to run.
    pub fn open(dir: &Path) -> Result<Self, AssetsError> {
        let path = dir.join("manifest.json");
        let manifest: Manifest = serde_json::from_str(&read(&path)?)
            .map_err(|cause| AssetsError::Malformed { path, cause })?;
        let frame_script = read(&dir.join(&manifest.frame_js))?.into();
        Ok(Self {
            dir: dir.to_owned(),
            manifest,
            frame_script,
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

    /// The SDK under a name that changes with it: `weir.{hash}.js`.
    #[must_use]
    pub fn sdk_name(&self) -> &str {
        &self.manifest.sdk_js
    }

    /// The SDK's hash, for the `integrity` attribute of a `<script>` (SRI).
    #[must_use]
    pub fn sdk_integrity(&self) -> &str {
        &self.manifest.sdk_integrity
    }

    /// The module and WebAssembly file, as pages refer to them.
    #[must_use]
    pub fn app(&self) -> weir_frontend::model::Assets {
        weir_frontend::model::Assets {
            app_js: format!("/assets/{}", self.manifest.app_js),
            app_wasm: format!("/assets/{}", self.manifest.app_wasm),
            frame_script: Arc::clone(&self.frame_script),
        }
    }
}

fn read(path: &Path) -> Result<String, AssetsError> {
    std::fs::read_to_string(path).map_err(|cause| AssetsError::Missing {
        path: path.to_owned(),
        cause,
    })
}
