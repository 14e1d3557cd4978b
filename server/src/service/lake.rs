//! Opens the engine that a content's datasets need: the one inside the server over a folder, or
//! Athena over Glue.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OnceCell;
use weir_engine::{
    AthenaConfig, AthenaEngine, EmbeddedEngine, Finding, LakeConfig, LakeError, MaskKey,
    QueryEngine,
};
use weir_query::Catalog;

/// Where the tables are, and who reads them. Cheap to clone; all clones share what the engines
/// share.
#[derive(Debug, Clone)]
pub struct Lake(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Embedded(Box<Embedded>),
    Athena(Box<Athena>),
}

#[derive(Debug)]
struct Embedded {
    config: LakeConfig,
    mask_key: MaskKey,
    memory: Option<usize>,
}

#[derive(Debug)]
struct Athena {
    config: AthenaConfig,
    mask_key: MaskKey,
    /// All others keep to its quotas and wait in its queue.
    first: OnceCell<AthenaEngine>,
}

impl Lake {
    /// Tables in a folder, read by the engine inside the server.
    #[must_use]
    pub fn embedded(dir: PathBuf, mask_key: MaskKey) -> Self {
        let config = LakeConfig { dir };
        Self(Arc::new(Kind::Embedded(Box::new(Embedded {
            config,
            mask_key,
            memory: None,
        }))))
    }

    /// The same, where the engine inside the server computes with at most `bytes` of memory.
    #[must_use]
    pub fn within(self, bytes: usize) -> Self {
        let Kind::Embedded(embedded) = self.0.as_ref() else {
            return self;
        };
        Self(Arc::new(Kind::Embedded(Box::new(Embedded {
            config: embedded.config.clone(),
            mask_key: embedded.mask_key.clone(),
            memory: Some(bytes),
        }))))
    }

    /// Tables in Glue, read by Athena.
    #[must_use]
    pub fn athena(config: AthenaConfig, mask_key: MaskKey) -> Self {
        Self(Arc::new(Kind::Athena(Box::new(Athena {
            config,
            mask_key,
            first: OnceCell::new(),
        }))))
    }

    /// The key of hash masks.
    #[must_use]
    pub fn mask_key(&self) -> &MaskKey {
        match self.0.as_ref() {
            Kind::Embedded(embedded) => &embedded.mask_key,
            Kind::Athena(athena) => &athena.mask_key,
        }
    }

    /// An engine for these datasets.
    ///
    /// # Errors
    /// [`LakeError`] names the dataset that does not fit.
    pub async fn engine(&self, datasets: &Catalog) -> Result<Arc<dyn QueryEngine>, LakeError> {
        match self.0.as_ref() {
            Kind::Embedded(embedded) => {
                let key = embedded.mask_key.clone();
                let engine = EmbeddedEngine::open(&embedded.config, datasets, key);
                let engine = Box::pin(engine).await?;
                Ok(Arc::new(match embedded.memory {
                    Some(bytes) => engine.within(bytes)?,
                    None => engine,
                }))
            }
            Kind::Athena(athena) => {
                let first = athena.first().await?;
                Ok(Arc::new(first.reopen(datasets).await?))
            }
        }
    }

    /// What an operator should know about the workgroups; nothing where there are none.
    ///
    /// # Errors
    /// When Athena can't be asked at all.
    pub async fn check(&self) -> Result<Vec<Finding>, LakeError> {
        match self.0.as_ref() {
            Kind::Embedded(_) => Ok(Vec::new()),
            Kind::Athena(athena) => Ok(athena.first().await?.check().await),
        }
    }

    /// Whether its engines share limits with those of other processes.
    #[must_use]
    pub fn has_quotas(&self) -> bool {
        matches!(self.0.as_ref(), Kind::Athena(_))
    }

    /// Keeps to a part of the quotas, because `processes` share them.
    pub fn share(&self, processes: u32) {
        if let Kind::Athena(athena) = self.0.as_ref()
            && let Some(engine) = athena.first.get()
        {
            engine.share(processes);
        }
    }
}

impl Athena {
    /// Athena, over no tables yet.
    async fn first(&self) -> Result<&AthenaEngine, LakeError> {
        let open = || async {
            let (config, key) = (self.config.clone(), self.mask_key.clone());
            AthenaEngine::open(config, &Catalog::default(), Some(key)).await
        };
        self.first.get_or_try_init(open).await
    }
}
