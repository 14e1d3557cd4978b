//! Records of the audit log in sentences.

mod budget;
mod client;
mod read;

use weir_frontend::model::admin::Outcome;
use weir_query::Locale;
use weir_registry::{
    Denial, Digest, DriftStep, DriftStepKind, Fact, KeyStep, KeyStepKind, Label, Launch,
    LaunchMethod, Lens, PolicyStep, PolicyStepKind, SignOutCause, ViewAs, ViewAsStep,
};

use super::desk::Desk;
use super::stopped;
use super::words::pick;

/// Every kind of record.
pub(super) const KINDS: [&str; 17] = [
    "data_read",
    "denial",
    "mint",
    "launch",
    "sign_in",
    "sign_out",
    "policy_step",
    "view_as",
    "audit_export",
    "revoke",
    "lock",
    "client_step",
    "bind",
    "key_step",
    "drift",
    "budget_step",
    "budget_alert",
];

/// What a kind is called.
pub(super) fn kind_name(kind: &str, locale: Locale) -> &'static str {
    let (en, fr) = match kind {
        "data_read" => ("Data read", "Lecture de données"),
        "denial" => ("Refusal", "Refus"),
        "mint" => ("Embed token", "Jeton d’intégration"),
        "launch" => ("Embed opened", "Intégration ouverte"),
        "sign_in" => ("Sign-in", "Connexion"),
        "sign_out" => ("Sign-out", "Déconnexion"),
        "policy_step" => ("Policy change", "Modification de politique"),
        "view_as" => ("View as", "Voir en tant que"),
        "audit_export" => ("Audit export", "Exportation du journal"),
        "revoke" => ("Revocation", "Révocation"),
        "lock" => ("Lockdown", "Fermeture"),
        "client_step" => ("Embed client", "Client d’intégration"),
        "bind" => ("Frame bound", "Cadre lié"),
        "drift" => ("Changed table", "Table modifiée"),
        "key_step" => ("Signing key", "Clé de signature"),
        "budget_step" => ("Budget", "Budget"),
        "budget_alert" => ("Budget alert", "Alerte de budget"),
        _ => ("Other", "Autre"),
    };
    pick(locale, en, fr)
}

/// A record in words.
#[derive(Debug)]
pub(super) struct Told {
    /// What happened.
    pub(super) what: String,
    /// Who.
    pub(super) subject: Option<Digest>,
    /// The dashboard's title; empty for none.
    pub(super) dashboard: String,
    /// The revision that decided or came of it.
    pub(super) revision: Option<u64>,
    /// How it ended.
    pub(super) outcome: Outcome,
}

/// Tells a fact.
pub(super) fn tell(fact: &Fact, desk: &Desk) -> Told {
    let locale = desk.locale;
    match fact {
        Fact::DataRead(read) => read::read(read, desk),
        Fact::Denial(denial) => refused(denial, desk),
        Fact::Mint(mint) => Told {
            dashboard: title(Some(mint.dashboard.as_str()), desk),
            ..client::minted(mint, locale)
        },
        Fact::Launch(launch) => launched(launch, desk),
        Fact::SignIn(one) => plain(pick(locale, "Signed in.", "Connexion."), one.subject, ""),
        Fact::SignOut(one) => plain(signed_out(one.cause, locale), one.subject, ""),
        Fact::PolicyStep(step) => policy_step(step, locale),
        Fact::ViewAs(look) => view_as(look, desk),
        Fact::AuditExport(export) => {
            let (en, fr) = (
                "A part of this log was exported.",
                "Une partie de ce journal a été exportée.",
            );
            plain(pick(locale, en, fr), export.by, "")
        }
        Fact::Revoke(revoke) => stopped::tell_revoke(revoke, desk),
        Fact::Lock(lock) => stopped::tell_lock(lock, desk),
        Fact::ClientStep(step) => client::step(step, locale),
        Fact::Bind(bind) => {
            let (en, fr) = (
                "A frame took its token and bound it to its key.",
                "Un cadre a pris son jeton et l’a lié à sa clé.",
            );
            let dashboard = title(Some(bind.dashboard.as_str()), desk);
            plain(pick(locale, en, fr), bind.subject, dashboard)
        }
        Fact::KeyStep(step) => keys(step, locale),
        Fact::Drift(step) => drift(step, locale),
        Fact::BudgetStep(step) => budget::step(step, desk),
        Fact::BudgetAlert(alert) => budget::alert(alert, desk),
    }
}

/// Something that somebody did and was allowed to.
fn plain(what: impl Into<String>, subject: Digest, dashboard: impl Into<String>) -> Told {
    Told {
        what: what.into(),
        subject: Some(subject),
        dashboard: dashboard.into(),
        revision: None,
        outcome: Outcome::Allowed,
    }
}

fn launched(launch: &Launch, desk: &Desk) -> Told {
    let (en, fr) = match launch.method {
        LaunchMethod::Form => (
            "An embedded dashboard was opened by form.",
            "Un tableau de bord intégré a été ouvert par formulaire.",
        ),
        LaunchMethod::Code => (
            "An embedded dashboard was opened by code.",
            "Un tableau de bord intégré a été ouvert par code.",
        ),
    };
    let dashboard = title(Some(launch.dashboard.as_str()), desk);
    plain(pick(desk.locale, en, fr), launch.subject, dashboard)
}

/// A step with the keys of embed tokens; whoever has the master key did it, on Weir's machine.
fn keys(step: &KeyStep, locale: Locale) -> Told {
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
fn drift(step: &DriftStep, locale: Locale) -> Told {
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

fn signed_out(cause: SignOutCause, locale: Locale) -> &'static str {
    let (en, fr) = match cause {
        SignOutCause::Member => ("Signed out.", "Déconnexion."),
        SignOutCause::IdentityProvider => (
            "Signed out by the identity provider.",
            "Déconnexion par le fournisseur d’identité.",
        ),
        SignOutCause::ProviderUnavailable => (
            "Signed out: the identity provider could not be asked for too long.",
            "Déconnexion : le fournisseur d’identité est resté injoignable trop longtemps.",
        ),
    };
    pick(locale, en, fr)
}

/// An admin began or ended looking through somebody else's eyes.
fn view_as(look: &ViewAs, desk: &Desk) -> Told {
    let did = match look.step {
        ViewAsStep::Begin => pick(desk.locale, "Preview begun", "Aperçu commencé"),
        ViewAsStep::End => pick(desk.locale, "Preview ended", "Aperçu terminé"),
    };
    let claims = pick(desk.locale, "a set of claims", "un ensemble d’attributs");
    let persona = look.persona.as_ref();
    let eyes = persona.map_or(claims, Label::as_str);
    let under = look
        .under
        .iter()
        .map(|rules| desk.presenter().rules(*rules));
    let under = under.collect::<Vec<_>>().join(", ");
    Told {
        what: match desk.locale {
            Locale::EnCa => format!("{did} as {eyes}, under {under}."),
            Locale::FrCa => format!("{did} comme {eyes}, selon\u{a0}: {under}."),
        },
        subject: Some(look.by),
        dashboard: title(Some(look.dashboard.as_str()), desk),
        revision: None,
        outcome: Outcome::Allowed,
    }
}

/// What is added where somebody looked through other eyes.
fn in_a_preview(lens: Option<Lens>, locale: Locale) -> String {
    match (lens, locale) {
        (None, _) => String::new(),
        (Some(Lens { draft: None, .. }), _) => {
            pick(locale, " In a preview.", " Dans un aperçu.").to_owned()
        }
        (
            Some(Lens {
                draft: Some(draft), ..
            }),
            Locale::EnCa,
        ) => {
            format!(" In a preview of draft {draft}.")
        }
        (
            Some(Lens {
                draft: Some(draft), ..
            }),
            Locale::FrCa,
        ) => {
            format!(" Dans un aperçu de l’ébauche {draft}.")
        }
    }
}

/// A dashboard by its title, or by its name if it is not there any more.
pub(super) fn title(slug: Option<&str>, desk: &Desk) -> String {
    let Some(slug) = slug else {
        return String::new();
    };
    let content = desk.state.dashboards.published.current();
    let known = content.dashboard(slug);
    known.map_or_else(
        || slug.to_owned(),
        |dashboard| dashboard.title().get(desk.locale).to_owned(),
    )
}

fn refused(denial: &Denial, desk: &Desk) -> Told {
    let code = &denial.code;
    let what = match (&denial.tile, desk.locale) {
        (None, locale) if denial.client.is_some() => client::refused(denial, locale),
        (Some(tile), Locale::EnCa) => format!("{tile} was withheld: {code}."),
        (Some(tile), Locale::FrCa) => format!("{tile} a été retenu\u{a0}: {code}."),
        (None, Locale::EnCa) => format!("Refused: {code}."),
        (None, Locale::FrCa) => format!("Refusé\u{a0}: {code}."),
    };
    Told {
        what: what + &in_a_preview(denial.view_as, desk.locale),
        subject: denial.subject,
        dashboard: title(denial.dashboard.as_ref().map(Label::as_str), desk),
        revision: denial.policy_revision,
        outcome: Outcome::Denied,
    }
}

fn policy_step(step: &PolicyStep, locale: Locale) -> Told {
    let did = did(step.step, locale);
    let draft = step.draft.map(|id| match locale {
        Locale::EnCa => format!("Draft {id}"),
        Locale::FrCa => format!("Ébauche {id}"),
    });
    let revision = step.revision.map(|number| match locale {
        Locale::EnCa => format!("Revision {number}"),
        Locale::FrCa => format!("Révision {number}"),
    });
    let about = draft.or(revision);
    let what = match (about, locale) {
        (Some(about), Locale::EnCa) => format!("{about}: {did}."),
        (Some(about), Locale::FrCa) => format!("{about}\u{a0}: {did}."),
        (None, _) => format!("{did}."),
    };
    Told {
        what,
        subject: Some(step.by),
        dashboard: String::new(),
        revision: step.revision,
        outcome: Outcome::Allowed,
    }
}

const fn did(step: PolicyStepKind, locale: Locale) -> &'static str {
    let (en, fr) = match step {
        PolicyStepKind::Adopt => (
            "taken from the server’s folder",
            "reprise du dossier du serveur",
        ),
        PolicyStepKind::Open => ("opened", "ouverte"),
        PolicyStepKind::Save => ("saved", "enregistrée"),
        PolicyStepKind::Count => ("counted on the data", "comptée sur les données"),
        PolicyStepKind::Explain => ("explained on a row", "expliquée sur une ligne"),
        PolicyStepKind::Submit => ("submitted for review", "soumise à la révision"),
        PolicyStepKind::Approve => ("approved", "approuvée"),
        PolicyStepKind::SendBack => ("sent back", "renvoyée"),
        PolicyStepKind::Withdraw => ("withdrawn", "retirée"),
        PolicyStepKind::Schedule => ("scheduled", "prévue"),
        PolicyStepKind::Unschedule => ("taken off the schedule", "retirée de l’horaire"),
        PolicyStepKind::Publish => ("published", "publiée"),
    };
    pick(locale, en, fr)
}
