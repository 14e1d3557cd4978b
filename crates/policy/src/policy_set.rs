//! All policies of one revision: validated, immutable, shared by every request.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::name::DatasetName;
use crate::rule::Policy;

/// The number of a published state of all policies. Grows with every publication.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(u64);

impl Revision {
    /// The revision with this number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the rules of a policy set say, whatever number it was published under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why policies do not make a set.
#[derive(Debug, thiserror::Error)]
pub enum PolicySetError {
    /// Two policies speak about one dataset; which of them counts must not depend on their order.
    #[error("dataset `{0}` has more than one policy")]
    DuplicateDataset(DatasetName),
    /// The rules could not be written down for hashing.
    #[error("the policy of dataset `{dataset}` cannot be hashed")]
    Unhashable {
        /// The dataset.
        dataset: DatasetName,
        /// What the encoder said.
        #[source]
        source: serde_json::Error,
    },
}

/// All policies of one revision, at most one per dataset.
#[derive(Debug, Clone)]
pub struct PolicySet {
    revision: Revision,
    policies: BTreeMap<DatasetName, Policy>,
    content_hash: ContentHash,
}

impl PolicySet {
    /// Collects policies. Their order does not matter.
    ///
    /// # Errors
    /// [`PolicySetError`] if two policies speak about one dataset.
    pub fn build(
        revision: Revision,
        policies: impl IntoIterator<Item = Policy>,
    ) -> Result<Self, PolicySetError> {
        let mut by_dataset = BTreeMap::new();
        for policy in policies {
            match by_dataset.entry(policy.dataset().clone()) {
                Entry::Vacant(free) => {
                    free.insert(policy);
                }
                Entry::Occupied(taken) => {
                    return Err(PolicySetError::DuplicateDataset(taken.key().clone()));
                }
            }
        }
        let content_hash = hash(&by_dataset)?;
        Ok(Self {
            revision,
            policies: by_dataset,
            content_hash,
        })
    }

    /// The revision the set was published as.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The policy of a dataset. Without one, nobody sees anything of it.
    #[must_use]
    pub fn policy(&self, dataset: &DatasetName) -> Option<&Policy> {
        self.policies.get(dataset)
    }

    /// All policies in the order of their datasets.
    #[must_use]
    pub fn policies(&self) -> impl ExactSizeIterator<Item = &Policy> {
        self.policies.values()
    }

    /// Equal for sets that say the same, in whatever files and whatever order of files.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        self.content_hash
    }
}

fn hash(policies: &BTreeMap<DatasetName, Policy>) -> Result<ContentHash, PolicySetError> {
    let mut digest = Digest::new("weir policies 1");
    digest.count(policies.len());
    for (dataset, policy) in policies {
        let rules =
            serde_json::to_string(policy.rules()).map_err(|source| PolicySetError::Unhashable {
                dataset: dataset.clone(),
                source,
            })?;
        digest.text(dataset.as_str()).text(&rules);
    }
    Ok(ContentHash(digest.finish()))
}
