//! Since when a file or a rule says what it says, and who answers for that.

use std::collections::BTreeMap;

use weir_policy::{DatasetName, Policy, Rule, RuleId, document};
use weir_registry::{ContentPath, ContentTree, PublishedRevision};

use super::tables::policy_file;
use super::{Governance, GovernanceError};
use crate::content::Content;

/// How many revisions are asked for at once.
const PAGE: u32 = 50;

impl Governance {
    /// The revision that gave each of `paths` the text it has in revision `number`.
    ///
    /// # Errors
    /// When a revision can't be read.
    pub async fn changed_in(
        &self,
        number: u64,
        paths: &[ContentPath],
    ) -> Result<BTreeMap<ContentPath, PublishedRevision>, GovernanceError> {
        let now = self.files(number).await?;
        let is_same = |path: &ContentPath, then: &ContentTree| then.get(path) == now.get(path);
        self.since(number, paths.to_vec(), is_same).await
    }

    /// The revision that gave each rule of a dataset the meaning it has in `content`, which is that
    /// of revision `number`.
    ///
    /// # Errors
    /// When a revision can't be read.
    pub async fn rules_since(
        &self,
        number: u64,
        content: &Content,
        dataset: &DatasetName,
    ) -> Result<BTreeMap<RuleId, PublishedRevision>, GovernanceError> {
        let rules = content
            .policies()
            .policy(dataset)
            .map_or(&[][..], Policy::rules);
        let now: BTreeMap<&RuleId, &Rule> = rules.iter().map(|rule| (rule.id(), rule)).collect();
        let schema = content
            .catalog()
            .dataset(dataset)
            .map(|known| known.schema());
        let is_same = |id: &RuleId, then: &ContentTree| {
            let file = policy_file(then, dataset);
            let read = file.zip(schema).and_then(|((path, text), schema)| {
                document::policy_from_yaml(path.as_str(), text, schema).ok()
            });
            let mut older = read.iter().flat_map(Policy::rules);
            let then = older.find(|rule| rule.id() == id);
            then.is_some() && then == now.get(id).copied()
        };
        let ids = now.keys().map(|id| (*id).clone()).collect();
        self.since(number, ids, is_same).await
    }

    /// Walks back from revision `number` until each of `things` was another one or none.
    async fn since<T: Ord + Clone>(
        &self,
        number: u64,
        mut things: Vec<T>,
        is_same: impl Fn(&T, &ContentTree) -> bool,
    ) -> Result<BTreeMap<T, PublishedRevision>, GovernanceError> {
        let mut found = BTreeMap::new();
        let mut newer = self.revision(number).await?;
        'back: while !things.is_empty() {
            let page = self.revisions(Some(newer.number), PAGE).await?;
            if page.revisions.is_empty() {
                break;
            }
            for older in page.revisions {
                if older.content != newer.content {
                    let then = self.files(older.number).await?;
                    things.retain(|thing| {
                        let kept = is_same(thing, &then);
                        if !kept {
                            found.insert(thing.clone(), newer.clone());
                        }
                        kept
                    });
                }
                newer = older;
                if things.is_empty() {
                    break 'back;
                }
            }
        }
        found.extend(things.into_iter().map(|thing| (thing, newer.clone())));
        Ok(found)
    }
}
