//! The registry's database, for commands that work without a server.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use weir_registry::{Registry, RegistryOptions};

/// Where the registry is.
#[derive(Debug, Args)]
pub(super) struct Store {
    /// The registry's address: `sqlite:///path/to/weir.db` or `postgres://user@host/database`.
    #[arg(long)]
    registry: String,
    /// The folder where records of this machine wait; beside an `SQLite` file unless named.
    #[arg(long)]
    audit_dir: Option<PathBuf>,
}

impl Store {
    pub(super) async fn open(&self) -> anyhow::Result<Registry> {
        let mut options = RegistryOptions::default();
        options.audit.folder.clone_from(&self.audit_dir);
        Registry::open_with(&self.registry, options)
            .await
            .context("the registry can't be read")
    }
}
