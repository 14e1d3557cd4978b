//! Records of what nobody did before a screen: on Weir's machine, or in the lake.

use weir_frontend::model::admin::Outcome;
use weir_query::Locale;
use weir_registry::{DriftStep, DriftStepKind, KeyStep, KeyStepKind};

use super::Told;

/// A step with the keys of embed tokens; whoever has the master key did it, on Weir's machine.
pub(super) fn keys(step: &KeyStep, locale: Locale) -> Told {
    let kid = &step.kid;
    let what = match (step.step, locale) {
        (KeyStepKind::Rotate, Locale::EnCa) => format!("The signing key {kid} takes over."),
        (KeyStepKind::Rotate, Locale::FrCa) => {
            format!("La clé de signature {kid} prend la relève.")
        }
        (KeyStepKind::Retire, Locale::EnCa) => format!("The signing key {kid} was retired."),
        (KeyStepKind::Retire, Locale::FrCa) => {
            format!("La clé de signature {kid} a été retirée.")
        }
    };
    Told {
        what,
        subject: None,
        dashboard: String::new(),
        revision: None,
        outcome: Outcome::Allowed,
    }
}

/// Nobody did it here: a table changed.
pub(super) fn drift(step: &DriftStep, locale: Locale) -> Told {
    let DriftStep {
        dataset, column, ..
    } = step;
    let what = match (step.step, locale) {
        (DriftStepKind::Begin, Locale::EnCa) => {
            format!(
                "{dataset}: the column {column} is not as declared; tiles that need it are withheld."
            )
        }
        (DriftStepKind::Begin, Locale::FrCa) => format!(
            "{dataset}\u{a0}: la colonne {column} n’est plus comme déclarée\u{a0}; les tuiles qui l’exigent sont retenues."
        ),
        (DriftStepKind::End, Locale::EnCa) => {
            format!("{dataset}: the column {column} is well again.")
        }
        (DriftStepKind::End, Locale::FrCa) => {
            format!("{dataset}\u{a0}: la colonne {column} est rétablie.")
        }
    };
    Told {
        what,
        subject: None,
        dashboard: String::new(),
        revision: None,
        outcome: Outcome::Allowed,
    }
}
