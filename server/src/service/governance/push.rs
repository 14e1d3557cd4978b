//! Files of a folder, handed in as a whole by a program.

use weir_registry::{Draft, DraftState, Origin};

use super::{Doer, Governance, GovernanceError, Wish};

/// What became of pushed files.
#[derive(Debug, Clone)]
pub enum Pushed {
    /// They are a new draft.
    Opened(Draft),
    /// A draft over the same revision has exactly these files already.
    Known(Draft),
}

/// Drafts that may still become a revision.
const OPEN: [DraftState; 3] = [
    DraftState::Editing,
    DraftState::InReview,
    DraftState::Scheduled,
];

/// More drafts than anybody works on.
const MOST: u32 = 200;

impl Governance {
    /// Opens a draft with these files, all of them or nothing. What can't be used is refused before
    /// anything is kept, and what is there already is not opened a second time.
    ///
    /// # Errors
    /// [`GovernanceError::Findings`] when the files can't be used; then as [`Governance::open`].
    pub async fn push(&self, wish: Wish, doer: Doer) -> Result<Pushed, GovernanceError> {
        self.demand_newest(wish.base).await?;
        if let Some(known) = self.holding(&wish).await? {
            return Ok(Pushed::Known(known));
        }
        let place = self.workshop.place().await;
        let before = self.content_of(wish.base, &place).await?;
        let checked = self
            .inspect(wish.tree.clone(), before, &place)
            .await?
            .checked;
        drop(place);
        if !checked.findings.is_empty() {
            return Err(GovernanceError::Findings(Box::new(checked)));
        }
        self.open(wish, Origin::Push, doer)
            .await
            .map(Pushed::Opened)
    }

    /// The draft that has the same files over the same revision.
    async fn holding(&self, wish: &Wish) -> Result<Option<Draft>, GovernanceError> {
        let content = wish.tree.hash();
        let drafts = self.registry().drafts().list(&OPEN, MOST).await?;
        let mut drafts = drafts.into_iter();
        Ok(drafts.find(|draft| draft.base == wish.base && draft.content == content))
    }
}
