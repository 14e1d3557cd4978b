//! Binds the compiled module to JavaScript, as the command-line tool `wasm-bindgen` does.

use std::path::Path;

use anyhow::{Context, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// The module and the script that loads it.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) module: Vec<u8>,
    /// Refers to the module as `weir_bg.wasm`, beside itself.
    pub(crate) script: String,
}

/// Reads the compiler's output; nothing is written to disk.
pub(crate) fn bind(module: &Path) -> anyhow::Result<Bound> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("weir")
        .typescript(false);
    bindgen
        .web(true)?
        .remove_name_section(true)
        .remove_producers_section(true);
    let mut output = bindgen
        .generate_output()
        .with_context(|| format!("binding {}", module.display()))?;
    // Every crate that uses the binder has an entry; most have no file in it.
    let inline = output
        .snippets()
        .iter()
        .filter(|(_, files)| !files.is_empty());
    let foreign = inline
        .map(|(name, _)| name)
        .chain(output.local_modules().keys());
    let foreign: Vec<&str> = foreign.map(String::as_str).collect();
    ensure!(
        foreign.is_empty(),
        "these crates bring JavaScript files of their own, which the server would not serve: {}",
        foreign.join(", ")
    );
    Ok(Bound {
        module: output.wasm_mut().emit_wasm(),
        script: output.js().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use crate::workspace::Workspace;

    /// The version of the package in Cargo.lock.
    fn locked(package: &str) -> String {
        let lock = Workspace::find().unwrap().read("Cargo.lock").unwrap();
        let wanted = format!("name = \"{package}\"");
        let mut lines = lock.lines().skip_while(|line| *line != wanted);
        lines
            .nth(1)
            .expect("the package is in Cargo.lock")
            .to_owned()
    }

    #[test]
    fn the_binder_has_the_version_of_the_library() {
        assert_eq!(locked("wasm-bindgen-cli-support"), locked("wasm-bindgen"));
    }
}
