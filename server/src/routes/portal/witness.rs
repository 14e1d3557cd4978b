//! Who would see more, in sentences: the proof that an approver reads first.

use std::collections::BTreeMap;

use weir_frontend::model::admin::WideningVm;
use weir_policy::change::{Gain, Shown, Widening, Witness, WitnessSubject};
use weir_policy::words::{Vocabulary as _, Words};
use weir_policy::{ColumnName, Predicate, Subject, Value};
use weir_query::Locale;

use super::rules::{Sides, dataset, label};
use super::words::{pick, quoted};
use crate::service::governance::{CatalogWords, Checked, Reason};

impl Sides<'_> {
    /// That somebody would see more, if somebody would.
    pub(super) fn widening(&self, checked: &Checked) -> Option<WideningVm> {
        if !checked.widening {
            return None;
        }
        let datasets = checked.change.iter().flat_map(|change| &change.datasets);
        let mut sentences: Vec<String> = datasets
            .flat_map(|one| match &one.widening {
                Widening::No => Vec::new(),
                Widening::Proven(found) => found.iter().map(|one| self.witness(one)).collect(),
                Widening::Unproven => vec![self.unproven(&one.dataset)],
            })
            .collect();
        sentences.extend(checked.reasons.iter().map(|reason| self.reason(reason)));
        let mut sentences = sentences.into_iter();
        Some(WideningVm {
            witness: sentences.next().unwrap_or_default(),
            more: sentences.collect(),
            approvals: 2,
        })
    }

    fn unproven(&self, name: &weir_policy::DatasetName) -> String {
        let label = label(&[self.after, self.before], name, self.locale);
        match self.locale {
            Locale::EnCa => format!(
                "Nobody was found who would see more of {label}, but not everybody could be looked at. That counts as widening."
            ),
            Locale::FrCa => format!(
                "Personne n’a été trouvé qui verrait plus de {label}, mais tous les cas n’ont pu être examinés. Cela compte comme un élargissement."
            ),
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        match (reason, self.locale) {
            (Reason::ClaimMapping, Locale::EnCa) => {
                "The claim mapping changes: people may get other business units, roles or attributes than before.".to_owned()
            }
            (Reason::ClaimMapping, Locale::FrCa) => {
                "La correspondance des attributs change\u{a0}: des personnes pourraient recevoir d’autres unités d’affaires, rôles ou attributs.".to_owned()
            }
            (Reason::DatasetRows(name), Locale::EnCa) => {
                format!("{name} would be read from another table, or other rows of it.")
            }
            (Reason::DatasetRows(name), Locale::FrCa) => {
                format!("{name} serait lu d’une autre table, ou d’autres lignes de celle-ci.")
            }
        }
    }

    fn witness(&self, witness: &Witness) -> String {
        let who = self.somebody(&witness.subject, &witness.dataset);
        let what = self.gain(witness);
        let by = match (&witness.opened_by, &witness.released_by, self.locale) {
            (_, Some(rule), Locale::EnCa) => {
                format!(" The rule {rule} no longer keeps it from them.")
            }
            (_, Some(rule), Locale::FrCa) => format!(" La règle {rule} ne le leur retient plus."),
            (Some(rule), None, Locale::EnCa) => format!(" The rule {rule} opens it."),
            (Some(rule), None, Locale::FrCa) => format!(" La règle {rule} l’ouvre."),
            (None, None, _) => String::new(),
        };
        format!(
            "{who} {} {what}.{by}",
            pick(self.locale, "would newly see", "verrait désormais")
        )
    }

    fn somebody(&self, who: &WitnessSubject, name: &weir_policy::DatasetName) -> String {
        let claims = claims(&who.subject(), dataset(self.after, name), self.locale);
        let said: Vec<String> = claims
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, values)| match self.locale {
                Locale::EnCa => format!("{}: {values}", name.to_lowercase()),
                Locale::FrCa => format!("{}\u{a0}: {values}", name.to_lowercase()),
            })
            .collect();
        match (self.locale, said.is_empty()) {
            (Locale::EnCa, true) => "Somebody without any role or unit".to_owned(),
            (Locale::FrCa, true) => "Une personne sans rôle ni unité".to_owned(),
            (Locale::EnCa, false) => format!("Somebody ({})", said.join("; ")),
            (Locale::FrCa, false) => format!("Une personne ({})", said.join("\u{a0}; ")),
        }
    }

    fn gain(&self, witness: &Witness) -> String {
        let of = label(&[self.after, self.before], &witness.dataset, self.locale);
        let words = CatalogWords::new(dataset(self.after, &witness.dataset), self.locale);
        match (&witness.gain, self.locale) {
            (Gain::Row { row }, Locale::EnCa) if row.is_empty() => format!("every row of {of}"),
            (Gain::Row { row }, Locale::FrCa) if row.is_empty() => {
                format!("toutes les lignes de {of}")
            }
            (Gain::Row { row }, locale) => {
                let cells = Words::new(locale, &words).predicate(&cells(row));
                match locale {
                    Locale::EnCa => format!("rows of {of} where {cells}"),
                    Locale::FrCa => format!("les lignes de {of} où {cells}"),
                }
            }
            (Gain::Column { column, after, .. }, locale) => {
                let name = words
                    .column(column)
                    .map_or_else(|| column.to_string(), str::to_owned);
                let name = quoted(&name, locale);
                let how = match (after, locale) {
                    (Shown::Masked(_), Locale::EnCa) => ", masked",
                    (Shown::Masked(_), Locale::FrCa) => ", masquée",
                    _ => "",
                };
                match locale {
                    Locale::EnCa => format!("the column {name} of {of}{how}"),
                    Locale::FrCa => format!("la colonne {name} de {of}{how}"),
                }
            }
        }
    }
}

/// The cells of a row as a condition.
fn cells(row: &BTreeMap<ColumnName, Option<Value>>) -> Predicate {
    Predicate::all(row.iter().map(|(column, value)| match value {
        Some(value) => Predicate::eq(column.clone(), value.clone()),
        None => Predicate::is_null(column.clone()),
    }))
}

/// What is known about a subject: the name of each claim and its values in words.
pub(super) fn claims(
    subject: &Subject,
    dataset: Option<&weir_query::Dataset>,
    locale: Locale,
) -> Vec<(String, String)> {
    let words = CatalogWords::new(dataset, locale);
    let roles = subject.roles().iter().map(ToString::to_string);
    let units = subject.business_units().iter().map(|unit| {
        let label = words.business_unit(unit);
        label.map_or_else(|| unit.to_string(), str::to_owned)
    });
    let several = |one: &'static str, many: &'static str, count: usize| {
        if count == 1 { one } else { many }.to_owned()
    };
    let (roles, units): (Vec<_>, Vec<_>) = (roles.collect(), units.collect());
    let role_name = match locale {
        Locale::EnCa => several("Role", "Roles", roles.len()),
        Locale::FrCa => several("Rôle", "Rôles", roles.len()),
    };
    let unit_name = match locale {
        Locale::EnCa => several("Business unit", "Business units", units.len()),
        Locale::FrCa => several("Unité d’affaires", "Unités d’affaires", units.len()),
    };
    let mut known = vec![(role_name, roles.join(", ")), (unit_name, units.join(", "))];
    known.extend(subject.attributes().map(|(name, values)| {
        let name = match locale {
            Locale::EnCa => format!("Attribute {name}"),
            Locale::FrCa => format!("Attribut {name}"),
        };
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        (name, values.join(", "))
    }));
    known
}
