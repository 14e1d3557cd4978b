//! Steps with budgets, and how far they were used, in sentences.

use weir_frontend::model::admin::Outcome;
use weir_query::Locale;
use weir_registry::{BudgetAlert, BudgetStep, BudgetStepKind, BudgetedScope};

use super::{Told, title};
use crate::routes::portal::desk::Desk;
use crate::routes::portal::words::pick;

/// A budget was set or removed.
pub(super) fn step(step: &BudgetStep, desk: &Desk) -> Told {
    let did = match step.step {
        BudgetStepKind::Set => pick(desk.locale, "Budget set", "Budget fixé"),
        BudgetStepKind::Remove => pick(desk.locale, "Budget removed", "Budget retiré"),
    };
    Told {
        what: of(did, &step.scope, desk),
        subject: Some(step.by),
        dashboard: dashboard(&step.scope, desk),
        revision: None,
        outcome: Outcome::Allowed,
    }
}

/// A budget was used up to a part.
pub(super) fn alert(alert: &BudgetAlert, desk: &Desk) -> Told {
    let percent = alert.percent;
    let did = match desk.locale {
        Locale::EnCa => format!("{percent}% of the day’s budget is used"),
        Locale::FrCa => format!("{percent}\u{a0}% du budget du jour est utilisé"),
    };
    Told {
        what: of(&did, &alert.scope, desk),
        subject: None,
        dashboard: dashboard(&alert.scope, desk),
        revision: None,
        outcome: Outcome::Allowed,
    }
}

fn of(did: &str, scope: &BudgetedScope, desk: &Desk) -> String {
    let scope = match scope {
        BudgetedScope::All => pick(desk.locale, "everything", "tout").to_owned(),
        BudgetedScope::BusinessUnit(unit) => match desk.locale {
            Locale::EnCa => format!("unit {}", unit.as_str()),
            Locale::FrCa => format!("unité {}", unit.as_str()),
        },
        BudgetedScope::Dashboard(_) => {
            pick(desk.locale, "a dashboard", "un tableau de bord").to_owned()
        }
        BudgetedScope::Prewarm => pick(desk.locale, "warming caches", "le préchauffage").to_owned(),
    };
    match desk.locale {
        Locale::EnCa => format!("{did}: {scope}."),
        Locale::FrCa => format!("{did}\u{a0}: {scope}."),
    }
}

fn dashboard(scope: &BudgetedScope, desk: &Desk) -> String {
    match scope {
        BudgetedScope::Dashboard(slug) => title(Some(slug.as_str()), desk),
        _ => String::new(),
    }
}
