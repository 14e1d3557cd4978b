//! Every word that presenting adds, in both languages side by side.
//!
//! French is written, not translated: no-break spaces (`\u{a0}`) before `:` `;` `%` and inside
//! « », typographic apostrophes, *sinistre* before *claim*.

mod trust;

use weir_query::Locale;

pub(super) use trust::{
    brief_all, brief_one, brief_some, draft, hidden_from_you, masked, masked_for_you, revision,
    rule, scope_all, scope_some, withheld,
};

macro_rules! texts {
    ($( $(#[$doc:meta])* $name:ident: $en:literal / $fr:literal; )+) => {
        $(
            $(#[$doc])*
            pub(super) const fn $name(locale: Locale) -> &'static str {
                match locale {
                    Locale::EnCa => $en,
                    Locale::FrCa => $fr,
                }
            }
        )+
    };
}

texts! {
    /// A value of NULL among names.
    not_stated: "Not stated" / "Non précisé";
    /// The empty text among names.
    blank: "(blank)" / "(vide)";
    /// A truth value.
    yes: "Yes" / "Oui";
    /// A truth value.
    no: "No" / "Non";
    /// Everything folded together.
    other: "Other" / "Autres";
    /// A gap.
    no_data: "No data" / "Aucune donnée";
    /// Between the parts of an enumeration with commas in them.
    semicolon: "; " / "\u{a0}; ";
    /// A donut's whole.
    total: "Total" / "Total";
    /// A donut's whole when rows were left out.
    total_shown: "Total shown" / "Total affiché";
    /// Heading of a donut's last column.
    share: "Share" / "Part";
    /// Heading of a KPI's first column, and the period filter's label.
    period: "Period" / "Période";
    /// Age below a minute.
    just_now: "just now" / "à l’instant";
    /// Whom a withheld tile sends to.
    contact: "Ask the data governance office."
        / "Adressez-vous au bureau de gouvernance des données.";
    /// A tile whose query failed.
    failed: "These figures did not arrive in time. Try again in a moment."
        / "Ces chiffres ne sont pas arrivés à temps. Réessayez dans un instant.";
    /// A tile that a budget has no room for.
    over_budget: "The budget for new figures is used up for today. They come back after midnight UTC, or when the budget is raised."
        / "Le budget pour de nouveaux chiffres est épuisé pour aujourd’hui. Ils reviendront après minuit UTC ou si le budget est relevé.";
    /// A subject without units.
    scope_none: "You see no business unit" / "Vous ne voyez aucune unité d’affaires";
    /// Eyes without any claim.
    nobody: "somebody without any claim" / "quelqu’un sans aucun attribut";
    /// The same, short.
    brief_none: "No unit" / "Aucune unité";
}

/// What stands before or after an amount of money.
pub(super) fn currency(code: &str, locale: Locale) -> &str {
    match (code, locale) {
        ("CAD", _) => "$",
        ("USD", Locale::EnCa) => "US$",
        ("USD", Locale::FrCa) => "$\u{a0}US",
        ("EUR", _) => "€",
        ("GBP", _) => "£",
        (other, _) => other,
    }
}

pub(super) fn from_to(from: &str, to: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{from} to {to}"),
        Locale::FrCa => format!("{from} à {to}"),
    }
}

/// The same between days, which French introduces otherwise.
pub(super) fn between_days(from: &str, to: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{from} to {to}"),
        Locale::FrCa => format!("du {from} au {to}"),
    }
}

pub(super) fn week_of(day: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("Week of {day}"),
        Locale::FrCa => format!("Semaine du {day}"),
    }
}

pub(super) fn quarter(number: u32, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("Q{number}"),
        Locale::FrCa => format!("T{number}"),
    }
}

pub(super) fn minutes_old(minutes: i64, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{minutes} min old"),
        Locale::FrCa => format!("il y a {minutes}\u{a0}min"),
    }
}

pub(super) fn hours_old(hours: i64, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{hours} h old"),
        Locale::FrCa => format!("il y a {hours}\u{a0}h"),
    }
}

pub(super) fn days_old(days: i64, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{days} days old"),
        Locale::FrCa => format!("il y a {days}\u{a0}jours"),
    }
}

pub(super) fn data_of(moment: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("Data of {moment}"),
        Locale::FrCa => format!("Données du {moment}"),
    }
}

/// An amount in percentage points.
pub(super) fn points(amount: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{amount} pt"),
        Locale::FrCa => format!("{amount}\u{a0}pt"),
    }
}

/// A label and what belongs to it: "Region: Gaspésie".
pub(super) fn labelled(label: &str, value: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{label}: {value}"),
        Locale::FrCa => format!("{label}\u{a0}: {value}"),
    }
}

/// What a KPI is compared with, without the amount; `unchanged` takes another preposition.
#[derive(Debug, Clone, Copy)]
pub(super) enum Against {
    /// One year earlier.
    LastYear,
    /// As many months.
    Months(i32),
    /// As many days.
    Days(i64),
}

pub(super) fn against(base: Against, unchanged: bool, value: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => {
            let preposition = if unchanged { "from" } else { "on" };
            let what = match base {
                Against::LastYear => "last year".to_owned(),
                Against::Months(1) => "the month before".to_owned(),
                Against::Months(months) => format!("the {months} months before"),
                Against::Days(1) => "the day before".to_owned(),
                Against::Days(days) => format!("the {days} days before"),
            };
            format!("{preposition} {what} ({value})")
        }
        Locale::FrCa => {
            let what = match base {
                Against::LastYear => "à l’an dernier".to_owned(),
                Against::Months(1) => "au mois précédent".to_owned(),
                Against::Months(months) => format!("aux {months}\u{a0}mois précédents"),
                Against::Days(1) => "à la veille".to_owned(),
                Against::Days(days) => format!("aux {days}\u{a0}jours précédents"),
            };
            format!("par rapport {what} ({value})")
        }
    }
}

/// A change in words, as a sentence reads it.
pub(super) fn change(
    direction: weir_frontend::model::Direction,
    amount: &str,
    locale: Locale,
) -> String {
    use weir_frontend::model::Direction;
    match (direction, locale) {
        (Direction::Up, Locale::EnCa) => format!("up {amount}"),
        (Direction::Down, Locale::EnCa) => format!("down {amount}"),
        (Direction::Flat, Locale::EnCa) => "unchanged".to_owned(),
        (Direction::Up, Locale::FrCa) => format!("en hausse de {amount}"),
        (Direction::Down, Locale::FrCa) => format!("en baisse de {amount}"),
        (Direction::Flat, Locale::FrCa) => "sans changement".to_owned(),
    }
}

/// "No statements in this period."
pub(super) fn nothing(dataset: &str, in_period: bool, locale: Locale) -> String {
    match (locale, in_period) {
        (Locale::EnCa, true) => format!("No {} in this period.", in_sentence(dataset)),
        (Locale::EnCa, false) => format!("No {} to show.", in_sentence(dataset)),
        (Locale::FrCa, true) => format!("{dataset}\u{a0}: aucune donnée pour cette période."),
        (Locale::FrCa, false) => format!("{dataset}\u{a0}: aucune donnée à afficher."),
    }
}

/// Lower-cases a heading's first letter, unless it begins an abbreviation.
fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

pub(super) fn last_months(months: u32, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("Last {months} months"),
        Locale::FrCa => format!("{months}\u{a0}derniers mois"),
    }
}

pub(super) fn year_to_date(year: i32, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("{year} to date"),
        Locale::FrCa => format!("{year} à ce jour"),
    }
}

/// A note under a table that has less than everything.
pub(super) fn first_rows(count: &str, more: bool, locale: Locale) -> String {
    match (locale, more) {
        (Locale::EnCa, true) => format!("First {count} rows; there are more"),
        (Locale::EnCa, false) => format!("First {count} rows"),
        (Locale::FrCa, true) => format!("{count}\u{a0}premières lignes\u{a0}; il y en a d’autres"),
        (Locale::FrCa, false) => format!("{count}\u{a0}premières lignes"),
    }
}

/// A note where a chart draws less than its table lists.
pub(super) fn chart_shows(shown: usize, all: usize, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("The chart shows {shown} of {all}"),
        Locale::FrCa => format!("Le graphique en montre {shown} sur\u{a0}{all}"),
    }
}

/// The ends of a chart for those who can't see it: "Highest: Auto, $5.2M. Lowest: Life, $412K."
pub(super) fn extremes(high: (&str, &str), low: (&str, &str), locale: Locale) -> String {
    let ((highest, most), (lowest, least)) = (high, low);
    match locale {
        Locale::EnCa => format!("Highest: {highest}, {most}. Lowest: {lowest}, {least}."),
        Locale::FrCa => {
            format!("Maximum\u{a0}: {highest}, {most}. Minimum\u{a0}: {lowest}, {least}.")
        }
    }
}

/// A donut for those who can't see it.
pub(super) fn largest(total: &str, name: &str, share: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("Total {total}. Largest part: {name}, {share}."),
        Locale::FrCa => format!("Total de {total}. Part la plus grande\u{a0}: {name}, {share}."),
    }
}

pub(super) fn rows(count: &str, one: bool, locale: Locale) -> String {
    match (locale, one) {
        (Locale::EnCa, true) => "1 row.".to_owned(),
        (Locale::EnCa, false) => format!("{count} rows."),
        (Locale::FrCa, true) => "1\u{a0}ligne.".to_owned(),
        (Locale::FrCa, false) => format!("{count}\u{a0}lignes."),
    }
}
