//! Stopping access.

use super::Sample;
use weir_frontend::model::admin::{FieldError, Section, StopLine, StopVm, SureVm};

impl Sample {
    /// Something is closed and revoked, and a form was not filled in.
    pub(crate) fn stop(self) -> StopVm {
        let since = || {
            self.at(
                "21 Nov 2026, 14:05",
                "21 nov. 2026, 14~h~05",
                "2026-11-21T19:05Z",
            )
        };
        StopVm {
            frame: self.frame(Section::Stop),
            closed: vec![StopLine {
                what: self.say("Finance overview", "Aperçu financier"),
                reason: "INC-2041".to_owned(),
                by: "Amélie Tremblay".to_owned(),
                since: since(),
                scope: Some("dashboard:finance-overview".to_owned()),
            }],
            revoked: vec![StopLine {
                what: "u-123 (weir:embed:crm)".to_owned(),
                reason: "INC-2042".to_owned(),
                by: "Amélie Tremblay".to_owned(),
                since: since(),
                scope: None,
            }],
            scopes: vec![
                self.choice(
                    "dashboard:finance-overview",
                    "Finance overview",
                    "Aperçu financier",
                    true,
                ),
                self.choice("all", "Every dashboard", "Tous les tableaux de bord", false),
            ],
            close_reason: String::new(),
            targets: vec![
                self.choice("subject", "Of a person", "D’une personne", true),
                self.choice("all", "Every token", "Tous les jetons", false),
            ],
            issuer: "https://idp.example".to_owned(),
            name: String::new(),
            revoke_reason: String::new(),
            errors: vec![FieldError {
                field: "name".to_owned(),
                message: self.say("Name the person.", "Nommez la personne."),
            }],
        }
    }

    /// Nothing is stopped.
    pub(crate) fn running(self) -> StopVm {
        StopVm {
            closed: Vec::new(),
            revoked: Vec::new(),
            errors: Vec::new(),
            ..self.stop()
        }
    }

    /// Before everything is closed.
    pub(crate) fn sure(self) -> SureVm {
        SureVm {
            frame: self.frame(Section::Stop),
            question: self.say(
                "Close every dashboard?",
                "Fermer tous les tableaux de bord~?",
            ),
            consequence: self.say(
                "Nobody sees a figure then.",
                "Plus personne ne verra de chiffre.",
            ),
            action: "/admin/stop-access/lock".to_owned(),
            fields: vec![
                ("scope".to_owned(), "all".to_owned()),
                ("close_reason".to_owned(), "INC-2043".to_owned()),
                ("sure".to_owned(), "yes".to_owned()),
            ],
            yes: self.say("Close every dashboard", "Fermer tous les tableaux de bord"),
            back: "/admin/stop-access".to_owned(),
        }
    }
}
