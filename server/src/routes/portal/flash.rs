//! What a step did, said on the page after it. The address carries a word of a closed set, never
//! the sentence.

use weir_frontend::model::admin::{Flash, FlashTone};
use weir_query::Locale;

use super::words::pick;

/// The parameter that names what was done.
pub(crate) const NAME: &str = "done";

/// The sentence about something that was done; nothing for a word that is none of them.
pub(crate) fn done(did: &str, locale: Locale) -> Option<Flash> {
    let (en, fr) = match did {
        "opened" => (
            "A draft was opened. Nothing is in force before it is approved and published.",
            "Une ébauche a été ouverte. Rien n’entre en vigueur avant son approbation et sa publication.",
        ),
        "saved" => (
            "Saved as a new version.",
            "Enregistré comme nouvelle version.",
        ),
        "same" => ("Nothing was changed.", "Rien n’a été modifié."),
        "checked" => ("Checked and counted.", "Vérifié et compté."),
        "brought-up" => (
            "Brought up to the revision in force. Look at what changes before you go on.",
            "Mise à jour selon la révision en vigueur. Regardez ce qui change avant de continuer.",
        ),
        "submitted" => ("Submitted for review.", "Soumise à la révision."),
        "approved" => (
            "Your approval is recorded.",
            "Votre approbation est consignée.",
        ),
        "sent-back" => ("Sent back to its editors.", "Renvoyée à ses rédacteurs."),
        "scheduled" => ("Scheduled.", "La publication est prévue."),
        "unscheduled" => ("Taken off the schedule.", "Retirée de l’horaire."),
        "published" => (
            "Published. It is in force everywhere within five seconds.",
            "Publiée. Elle est en vigueur partout en moins de cinq secondes.",
        ),
        "withdrawn" => ("Withdrawn.", "Retirée."),
        "secret-removed" => (
            "The secret is removed. Nobody gets a token with it any more.",
            "Le secret est retiré. Personne n’obtient plus de jeton avec lui.",
        ),
        "ended" => ("The preview is over.", "L’aperçu est terminé."),
        "closed" => (
            "Closed. Everywhere within five seconds, and here already.",
            "Fermé. Partout en moins de cinq secondes, et ici déjà.",
        ),
        "budget-set" => (
            "The budget is set. It holds for every question that is asked from now on.",
            "Le budget est fixé. Il vaut pour toute question posée à partir de maintenant.",
        ),
        "budget-removed" => ("The budget is removed.", "Le budget est retiré."),
        "reopened" => (
            "Opened again. Everything comes back by itself.",
            "Rouvert. Tout revient de soi-même.",
        ),
        "revoked" => (
            "Revoked. Everywhere within five seconds, and here already.",
            "Révoqué. Partout en moins de cinq secondes, et ici déjà.",
        ),
        _ => return None,
    };
    Some(Flash {
        tone: FlashTone::Done,
        text: pick(locale, en, fr).to_owned(),
    })
}

/// A sentence about something that was not done.
pub(crate) fn refused(text: String) -> Flash {
    Flash {
        tone: FlashTone::Refused,
        text,
    }
}
