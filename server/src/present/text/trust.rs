//! The words of trust: what is withheld, whose rows are seen, and by which rules.

use weir_policy::Mask;
use weir_query::Locale;

/// Why a tile is withheld, by the code of the denial or refusal. Names the dataset as the catalog
/// labels it, never a column or rule.
pub(in crate::present) fn withheld(code: &str, dataset: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => withheld_en(code, dataset),
        Locale::FrCa => withheld_fr(code, dataset),
    }
}

fn withheld_en(code: &str, dataset: &str) -> String {
    match code {
        "no-policy" => format!("Nobody has been given access to {dataset} yet."),
        "no-permit" => format!("No rule gives you rows of {dataset}."),
        "no-business-unit" => {
            format!("Rows of {dataset} are given by business unit, and you have none.")
        }
        "missing-attribute" => {
            format!("Your account lacks a detail that the rules of {dataset} ask for.")
        }
        "no-rows" => format!("The rules leave you no row of {dataset}."),
        "unevaluable" => {
            format!("A rule of {dataset} cannot be applied, so nothing of it is shown.")
        }
        "column-hidden" => "This view needs a detail that is hidden from you.".to_owned(),
        "access-revoked" => "Your access to this view was ended.".to_owned(),
        "locked-down" => "This dashboard was closed for the time being.".to_owned(),
        "registry-unavailable" => {
            "This can’t be shown at the moment. Try again in a while.".to_owned()
        }
        "policy-changed" => {
            "The rules for this data have just changed. Open the page again.".to_owned()
        }
        "schema-drift" => format!(
            "The data of {dataset} has changed, and this view needs a part of it that is missing. Its owners have been told."
        ),
        "column-masked" => "This view needs a detail that is masked for you.".to_owned(),
        "nothing-visible" => "The figures of this view are hidden from you.".to_owned(),
        _ => format!("Your access to {dataset} does not cover this view."),
    }
}

fn withheld_fr(code: &str, dataset: &str) -> String {
    match code {
        "no-policy" => format!("Personne n’a encore accès à «\u{a0}{dataset}\u{a0}»."),
        "no-permit" => format!("Aucune règle ne vous ouvre de lignes de «\u{a0}{dataset}\u{a0}»."),
        "no-business-unit" => format!(
            "Les lignes de «\u{a0}{dataset}\u{a0}» s’ouvrent par unité d’affaires, et vous n’en avez aucune."
        ),
        "missing-attribute" => format!(
            "Il manque à votre compte un renseignement que demandent les règles de «\u{a0}{dataset}\u{a0}»."
        ),
        "no-rows" => {
            format!("Les règles ne vous laissent aucune ligne de «\u{a0}{dataset}\u{a0}».")
        }
        "unevaluable" => format!(
            "Une règle de «\u{a0}{dataset}\u{a0}» ne peut pas être appliquée\u{a0}; rien n’est donc affiché."
        ),
        "column-hidden" => "Cette vue exige un renseignement qui vous est caché.".to_owned(),
        "access-revoked" => "Votre accès à cette vue a pris fin.".to_owned(),
        "locked-down" => "Ce tableau de bord est fermé pour le moment.".to_owned(),
        "registry-unavailable" => {
            "Impossible d’afficher ceci pour le moment. Réessayez un peu plus tard.".to_owned()
        }
        "policy-changed" => {
            "Les règles de ces données viennent de changer. Ouvrez la page à nouveau.".to_owned()
        }
        "schema-drift" => format!(
            "Les données de «\u{a0}{dataset}\u{a0}» ont changé, et il manque une partie dont cette vue a besoin. Les responsables en sont avisés."
        ),
        "column-masked" => "Cette vue exige un renseignement qui est masqué pour vous.".to_owned(),
        "nothing-visible" => "Les chiffres de cette vue vous sont cachés.".to_owned(),
        _ => format!("Votre accès à «\u{a0}{dataset}\u{a0}» ne couvre pas cette vue."),
    }
}

/// "You see 1 of 7 business units: Auto".
pub(in crate::present) fn scope_some(
    seen: usize,
    all: usize,
    names: &str,
    locale: Locale,
) -> String {
    match (locale, seen) {
        (Locale::EnCa, _) => format!("You see {seen} of {all} business units: {names}"),
        (Locale::FrCa, 1) => {
            format!("Vous voyez 1\u{a0}unité d’affaires sur\u{a0}{all}\u{a0}: {names}")
        }
        (Locale::FrCa, _) => {
            format!("Vous voyez {seen}\u{a0}unités d’affaires sur\u{a0}{all}\u{a0}: {names}")
        }
    }
}

pub(in crate::present) fn scope_all(all: usize, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("All {all} business units"),
        Locale::FrCa => format!("Les {all}\u{a0}unités d’affaires"),
    }
}

pub(in crate::present) fn brief_one(name: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{name} only"),
        Locale::FrCa => format!("{name} seulement"),
    }
}

pub(in crate::present) fn brief_some(seen: usize, all: usize, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{seen} of {all} units"),
        Locale::FrCa => format!("{seen}\u{a0}unités sur\u{a0}{all}"),
    }
}

pub(in crate::present) fn brief_all(all: usize, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("All {all} units"),
        Locale::FrCa => format!("Les {all}\u{a0}unités"),
    }
}

/// What a matched rule does, by the word of the policy document.
pub(in crate::present) fn rule(name: &str, kind: Option<&str>, locale: Locale) -> String {
    match locale {
        Locale::EnCa => match kind {
            Some("permit") => format!("Rule “{name}” opens rows to you."),
            Some("forbid") => format!("Rule “{name}” withholds some rows."),
            Some("hide") => format!("Rule “{name}” hides columns from you."),
            Some("mask") => format!("Rule “{name}” masks a column for you."),
            _ => format!("Rule “{name}” applies to you."),
        },
        Locale::FrCa => match kind {
            Some("permit") => format!("La règle «\u{a0}{name}\u{a0}» vous ouvre des lignes."),
            Some("forbid") => format!("La règle «\u{a0}{name}\u{a0}» retient certaines lignes."),
            Some("hide") => format!("La règle «\u{a0}{name}\u{a0}» vous cache des colonnes."),
            Some("mask") => format!("La règle «\u{a0}{name}\u{a0}» masque une colonne pour vous."),
            _ => format!("La règle «\u{a0}{name}\u{a0}» s’applique à vous."),
        },
    }
}

/// A masked column and what stands in for its values.
pub(in crate::present) fn masked(column: &str, mask: &Mask, locale: Locale) -> String {
    let how = match (mask, locale) {
        (Mask::Hash, Locale::EnCa) => "replaced by a code",
        (Mask::Hash, Locale::FrCa) => "valeurs remplacées par un code",
        (Mask::Partial, Locale::EnCa) => "shortened",
        (Mask::Partial, Locale::FrCa) => "valeurs abrégées",
        (Mask::Bucket(_), Locale::EnCa) => "rounded down",
        (Mask::Bucket(_), Locale::FrCa) => "valeurs arrondies",
        (Mask::Null, Locale::EnCa) => "left blank",
        (Mask::Null, Locale::FrCa) => "valeurs laissées vides",
    };
    format!("{column} ({how})")
}

pub(in crate::present) fn masked_for_you(columns: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("Masked for you: {columns}."),
        Locale::FrCa => format!("Masqué pour vous\u{a0}: {columns}."),
    }
}

pub(in crate::present) fn hidden_from_you(columns: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("Hidden from you: {columns}."),
        Locale::FrCa => format!("Caché pour vous\u{a0}: {columns}."),
    }
}

pub(in crate::present) fn draft(draft: u64, version: u64, revision: u64, locale: Locale) -> String {
    match locale {
        Locale::EnCa => {
            format!("Draft {draft}, version {version}, over policy revision {revision}.")
        }
        Locale::FrCa => format!(
            "Ébauche\u{a0}{draft}, version\u{a0}{version}, sur la révision\u{a0}{revision} des politiques."
        ),
    }
}

pub(in crate::present) fn revision(number: u64, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("Policy revision {number}."),
        Locale::FrCa => format!("Révision\u{a0}{number} des politiques."),
    }
}
