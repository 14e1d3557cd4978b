//! Everything that somebody needs to decide on a draft, and what becomes of its files when another
//! revision comes into force.

use std::collections::BTreeSet;
use std::sync::Arc;

use weir_policy::decision_table::CaseOutcome;
use weir_registry::{
    ContentPath, ContentTree, Draft, DraftId, DraftState, PublishedRevision, TreeError,
};

use super::{Checked, Governance, GovernanceError};
use crate::content::Content;

/// A draft with its files, what it changes, and what the checks say.
#[derive(Debug)]
pub struct Dossier {
    /// The draft.
    pub draft: Draft,
    /// Its files.
    pub files: ContentTree,
    /// The files of the revision it changes.
    pub base: ContentTree,
    /// What that revision says.
    pub before: Arc<Content>,
    /// What the draft says; `None` if it can't be used.
    pub after: Option<Arc<Content>>,
    /// What the checks found.
    pub checked: Checked,
    /// What the decision tables said. Empty where they could not be run.
    pub cases: Vec<CaseOutcome>,
    /// The newest revision.
    pub newest: Option<PublishedRevision>,
}

/// Files that were made from one revision, made over to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtUp {
    /// The files.
    pub files: ContentTree,
    /// Files that were changed on both sides. They hold the draft's text.
    pub both: Vec<ContentPath>,
}

impl Dossier {
    /// The newest revision, if it is not the one that the draft changes.
    #[must_use]
    pub fn overtaken_by(&self) -> Option<&PublishedRevision> {
        let newest = self.newest.as_ref();
        newest.filter(|newest| newest.number != self.draft.base)
    }
}

impl Governance {
    /// All about a draft, as it stands now.
    ///
    /// # Errors
    /// No such draft, or something that can't be read.
    pub async fn dossier(&self, draft: DraftId) -> Result<Dossier, GovernanceError> {
        let draft = self.get(draft).await?;
        let files = self.draft_files(draft.id).await?;
        let base = self.files(draft.base).await?;
        let place = self.workshop.place().await;
        let before = self.content_of(draft.base, &place).await?;
        let looked = self.inspect(files.clone(), Arc::clone(&before), &place);
        let looked = looked.await?;
        Ok(Dossier {
            newest: self.newest().await?,
            after: looked.content,
            checked: looked.checked,
            cases: looked.cases,
            draft,
            files,
            base,
            before,
        })
    }

    /// The drafts that are under way, each with the files that it changes.
    ///
    /// # Errors
    /// When the registry can't say.
    pub async fn touched_by_open_drafts(
        &self,
    ) -> Result<Vec<(Draft, Vec<ContentPath>)>, GovernanceError> {
        let mut touched = Vec::new();
        for draft in self.drafts().await? {
            if draft.state == DraftState::Published {
                continue;
            }
            let base = self.files(draft.base).await?;
            let changes = base.changes_to(&self.draft_files(draft.id).await?);
            let paths = changes.into_iter().map(|change| change.path);
            touched.push((draft, paths.collect()));
        }
        Ok(touched)
    }

    /// A draft's files over the newest revision: what the draft left alone is as it is there, what
    /// the draft changed stays as the draft has it.
    ///
    /// # Errors
    /// When a revision can't be read.
    pub async fn bring_up(
        &self,
        base: u64,
        files: ContentTree,
        newest: u64,
    ) -> Result<BroughtUp, GovernanceError> {
        if base == newest {
            let both = Vec::new();
            return Ok(BroughtUp { files, both });
        }
        let (base, newest) = (self.files(base).await?, self.files(newest).await?);
        Ok(merged(&base, &files, &newest)?)
    }
}

fn merged(
    base: &ContentTree,
    draft: &ContentTree,
    newest: &ContentTree,
) -> Result<BroughtUp, TreeError> {
    let sides = [base, draft, newest];
    let paths: BTreeSet<&ContentPath> = sides
        .iter()
        .flat_map(|side| side.files().map(|(path, _)| path))
        .collect();
    let (mut files, mut both) = (Vec::new(), Vec::new());
    for path in paths {
        let [was, is, other] = sides.map(|side| side.get(path));
        let text = if is == was { other } else { is };
        if is != was && other != was && is != other {
            both.push(path.clone());
        }
        files.extend(text.map(|text| (path.clone(), text.to_owned())));
    }
    let files = ContentTree::new(files)?;
    Ok(BroughtUp { files, both })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> ContentTree {
        let files = files
            .iter()
            .map(|(path, text)| (ContentPath::parse(*path).unwrap(), (*text).to_owned()));
        ContentTree::new(files).unwrap()
    }

    #[test]
    fn a6_what_a_draft_left_alone_is_not_undone_when_it_is_brought_up() {
        let base = tree(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
        let draft = tree(&[("a", "mine"), ("b", "1"), ("c", "mine"), ("e", "mine")]);
        let newest = tree(&[("a", "1"), ("b", "theirs"), ("c", "theirs"), ("d", "1")]);

        let brought = merged(&base, &draft, &newest).unwrap();

        let wanted = [("a", "mine"), ("b", "theirs"), ("c", "mine"), ("e", "mine")];
        assert_eq!(brought.files, tree(&wanted));
        assert_eq!(brought.both, [ContentPath::parse("c").unwrap()]);
    }
}
