//! Who could see what, when, at the desk of the other heavy questions.

use super::{Governance, GovernanceError};
use crate::service::who::{Answer, Question, WhoError, who_could_see};

impl Governance {
    /// Who could see what, when.
    ///
    /// # Errors
    /// [`GovernanceError::Revision`] when the registry can't say what was in force.
    pub async fn who_could_see(&self, question: Question) -> Result<Answer, GovernanceError> {
        let _place = self.workshop.place().await;
        let answer = who_could_see(self.registry().revisions(), question).await;
        answer.map_err(|error| match error {
            WhoError::Revision(error) => error.into(),
            WhoError::GivenUp(error) => error.into(),
        })
    }
}
