//! Why a step was refused, in a sentence for whoever wanted to take it.

use weir_query::Locale;
use weir_registry::{DraftError, DraftState};

use super::desk::Desk;
use super::words::pick;
use crate::service::governance::GovernanceError;

/// The sentence; `None` for what is no refusal but a failure.
pub(super) fn sentence(error: &GovernanceError, desk: &Desk) -> Option<String> {
    match error {
        GovernanceError::Draft(error) => of_draft(error, desk),
        GovernanceError::Findings(checked) => Some(findings(checked.findings.len(), desk.locale)),
        GovernanceError::Tree(error) => Some(match desk.locale {
            Locale::EnCa => format!("The files can’t be kept: {error}."),
            Locale::FrCa => format!("Les fichiers ne peuvent être conservés\u{a0}: {error}."),
        }),
        _ => None,
    }
}

fn findings(count: usize, locale: Locale) -> String {
    match (count, locale) {
        (1, Locale::EnCa) => "The checks found 1 mistake. It stands at its file below.".to_owned(),
        (1, Locale::FrCa) => {
            "Les vérifications ont trouvé 1 erreur. Elle figure à son fichier, plus bas.".to_owned()
        }
        (many, Locale::EnCa) => {
            format!("The checks found {many} mistakes. They stand at their files below.")
        }
        (many, Locale::FrCa) => format!(
            "Les vérifications ont trouvé {many} erreurs. Elles figurent à leurs fichiers, plus bas."
        ),
    }
}

fn of_draft(error: &DraftError, desk: &Desk) -> Option<String> {
    let locale = desk.locale;
    let text = |en, fr| Some(pick(locale, en, fr).to_owned());
    match error {
        DraftError::Conflict(_) => text(
            "Somebody else saved a new version meanwhile. This is their version; look at it before you go on.",
            "Une autre personne a enregistré une nouvelle version entre-temps. La voici\u{a0}; regardez-la avant de continuer.",
        ),
        DraftError::Outdated { latest, .. } => Some(match locale {
            Locale::EnCa => format!(
                "Revision {latest} came into force meanwhile. Check the draft again, then it is compared with that revision."
            ),
            Locale::FrCa => format!(
                "La révision {latest} est entrée en vigueur entre-temps. Vérifiez l’ébauche de nouveau\u{a0}: elle sera comparée à cette révision."
            ),
        }),
        DraftError::Unchanged { revision } => Some(match locale {
            Locale::EnCa => format!("It says what revision {revision} says, and that is in force."),
            Locale::FrCa => {
                format!("Elle dit ce que dit la révision {revision}, qui est en vigueur.")
            }
        }),
        DraftError::WrongState { state, .. } => Some(wrong_state(*state, locale)),
        DraftError::OwnWork(_) => text(
            "You edited this draft, so somebody else has to approve it.",
            "Vous avez modifié cette ébauche\u{a0}: une autre personne doit l’approuver.",
        ),
        DraftError::NeedsApproval { have, need } => Some(match locale {
            Locale::EnCa => format!("It has {have} of the {need} approvals that it needs."),
            Locale::FrCa => format!("Elle a {have} des {need} approbations qu’il lui faut."),
        }),
        DraftError::NotYet { effective_from } => {
            let time = desk.presenter().when(*effective_from).text;
            Some(match locale {
                Locale::EnCa => format!(
                    "It comes into force on {time}. To publish it now, take it off the schedule first."
                ),
                Locale::FrCa => format!(
                    "Elle entre en vigueur le {time}. Pour la publier maintenant, retirez-la d’abord de l’horaire."
                ),
            })
        }
        DraftError::Unknown(_)
        | DraftError::UnknownRevision(_)
        | DraftError::FolderIsNoDraft
        | DraftError::NotThatRevision(_)
        | DraftError::Text(_)
        | DraftError::Corrupt { .. }
        | DraftError::Revision(_)
        | DraftError::Audit(_)
        | DraftError::Database(_)
        | DraftError::Store(_) => None,
    }
}

fn wrong_state(state: DraftState, locale: Locale) -> String {
    let (en, fr) = match state {
        DraftState::Editing => ("being edited", "en cours de rédaction"),
        DraftState::InReview => ("in review", "en révision"),
        DraftState::Scheduled => ("scheduled", "prévue"),
        DraftState::Published => ("published", "publiée"),
        DraftState::Withdrawn => ("withdrawn", "retirée"),
    };
    match locale {
        Locale::EnCa => format!("This draft is {en} now, so that step is not possible."),
        Locale::FrCa => format!("Cette ébauche est {fr}\u{a0}: cette étape n’est pas possible."),
    }
}
