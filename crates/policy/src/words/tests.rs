use super::*;
use crate::document::policy_from_yaml;
use crate::name::DatasetName;
use crate::policy_set::{PolicySet, Revision};
use crate::resolve::resolve;
use crate::schema::DatasetSchema;
use crate::subject::Subject;
use crate::value::ValueType;

struct Labels(Locale);

impl Vocabulary for Labels {
    fn column(&self, column: &ColumnName) -> Option<&str> {
        match (column.as_str(), self.0) {
            ("business_unit", Locale::EnCa) => Some("Business unit"),
            ("business_unit", Locale::FrCa) => Some("Unité d’affaires"),
            ("legal_hold", Locale::EnCa) => Some("Legal hold"),
            _ => None,
        }
    }

    fn column_with_article(&self, column: &ColumnName) -> Option<&str> {
        (column.as_str() == "business_unit").then_some("l’unité d’affaires")
    }

    fn value(&self, column: &ColumnName, value: &Value) -> Option<Cow<'_, str>> {
        let text = column.as_str() == "business_unit" && *value == Value::Text("auto".into());
        text.then_some(Cow::Borrowed("Auto"))
    }

    fn role(&self, role: &RoleName) -> Option<&str> {
        match (role.as_str(), self.0) {
            ("analyst", Locale::EnCa) => Some("analysts"),
            ("analyst", Locale::FrCa) => Some("analystes"),
            ("privacy_officer", Locale::EnCa) => Some("privacy officers"),
            ("privacy_officer", Locale::FrCa) => Some("responsables de la vie privée"),
            _ => None,
        }
    }

    fn business_unit(&self, unit: &BusinessUnit) -> Option<&str> {
        (unit.as_str() == "auto").then_some("Auto")
    }
}

fn schema() -> DatasetSchema {
    let money = ValueType::Decimal {
        precision: 12,
        scale: 2,
    };
    let columns = [
        ("statement_date", ValueType::Date),
        ("computed_at", ValueType::Timestamp),
        ("customer_id", ValueType::Text),
        ("business_unit", ValueType::Text),
        ("region", ValueType::Text),
        ("written_premium", money),
        ("policies_in_force", ValueType::Integer),
        ("broker_commission", money),
        ("legal_hold", ValueType::Boolean),
    ];
    DatasetSchema::new(
        DatasetName::parse("gold.statements").unwrap(),
        columns.map(|(name, kind)| (ColumnName::parse(name).unwrap(), kind)),
    )
}

fn set(rules: &str) -> PolicySet {
    let text = format!("dataset: gold.statements\nrules: [{rules}]\n");
    let policy = policy_from_yaml("p", &text, &schema()).expect(rules);
    PolicySet::build(Revision::new(1), [policy]).unwrap()
}

fn said(locale: Locale, vocabulary: &dyn Vocabulary, rule: &str) -> String {
    let set = set(&format!("{{ id: x, {rule} }}"));
    let rule = &set.policies().next().unwrap().rules()[0];
    // The spaces inside quotation marks and numbers do not break; here they are shown as `_`.
    Words::new(locale, vocabulary)
        .rule(rule)
        .replace('\u{a0}', "_")
}

/// A rule, then how it is said in English and in French.
const RULES: &str = "
permit: { business_unit: { in: subject.business_units } }, when: { role: analyst }
Analysts see rows whose business unit is one of their own.
Les analystes voient les lignes dont l’unité d’affaires est l’une des leurs.

permit: all
Everybody sees all rows.
Tout le monde voit toutes les lignes.

permit: all, unless: { role: analyst }
Everybody sees all rows, except analysts. Anybody of whom that cannot be told is excepted too.
Tout le monde voit toutes les lignes, sauf les analystes. Toute personne pour qui on ne peut pas le savoir est exclue aussi.

permit: all, when: { role: { in: [analyst, privacy_officer] }, business_unit: auto }
Analysts and privacy officers of the business unit Auto see all rows.
Les analystes et les responsables de la vie privée de l’unité d’affaires Auto voient toutes les lignes.

permit: all, when: { role: executive }
People with the role `executive` see all rows.
Les personnes ayant le rôle `executive` voient toutes les lignes.

permit: all, when: { any: [{ role: analyst }, { business_unit: home }] }
Analysts and people of the business unit “home” see all rows.
Les analystes et les personnes de l’unité d’affaires «_home_» voient toutes les lignes.

permit: { region: { in: subject.attributes.region } }, when: { role: analyst, attribute: { clearance: { in: [high, top] } } }
Analysts whose `clearance` is “high” or “top” see rows whose `region` is one of the values of their `region`.
Les analystes dont l’attribut `clearance` est «_high_» ou «_top_» voient les lignes où `region` est l’une des valeurs de leur attribut `region`.

permit: { region: { not_in: subject.attributes.region } }, when: { role: analyst }
Analysts see rows whose `region` is not one of the values of their `region`.
Les analystes voient les lignes où `region` n’est pas l’une des valeurs de leur attribut `region`.

forbid: { legal_hold: { eq: true } }
Nobody sees rows whose legal hold is yes (rows where it is unknown are withheld too).
Personne ne voit les lignes où `legal_hold` est oui (les lignes où cette valeur manque sont retenues aussi).

forbid: { legal_hold: { is_null: true } }
Nobody sees rows whose legal hold is unknown.
Personne ne voit les lignes où `legal_hold` est sans valeur.

forbid: { region: { is_null: false } }, unless: { role: privacy_officer }
Nobody sees rows whose `region` is known, except privacy officers.
Personne ne voit les lignes où `region` a une valeur, sauf les responsables de la vie privée.

forbid: all, when: { attribute: { clearance: { eq: low } } }
People whose `clearance` is “low” do not see any rows. This includes anybody of whom that cannot be told.
Les personnes dont l’attribut `clearance` est «_low_» ne voient pas de lignes. Cela vaut aussi pour toute personne pour qui on ne peut pas le savoir.

hide: [broker_commission], unless: { attribute: { clearance: { eq: confidential } } }
`broker_commission` is hidden, except from people whose `clearance` is “confidential”.
La colonne `broker_commission` est cachée, sauf pour les personnes dont l’attribut `clearance` est «_confidential_».

hide: [business_unit, region]
Business unit and `region` are hidden.
Les colonnes «_Unité d’affaires_» et `region` sont cachées.

mask: { column: customer_id, with: hash }, unless: { role: privacy_officer }
`customer_id` is shown as a hash, except to privacy officers.
La colonne `customer_id` est montrée sous forme d’empreinte, sauf aux responsables de la vie privée.

mask: { column: region, with: partial }, when: { role: analyst }
`region` is shown in part only to analysts. This includes anybody of whom that cannot be told.
La colonne `region` n’est montrée qu’en partie aux analystes. Cela vaut aussi pour toute personne pour qui on ne peut pas le savoir.

mask: { column: region, with: null }
`region` is shown empty.
La colonne `region` est montrée vide.

mask: { column: written_premium, with: { bucket: 1000 } }
`written_premium` is shown rounded down to a multiple of 1,000.
La colonne `written_premium` est montrée arrondie au multiple inférieur de 1_000.

permit: all, when: { role: analyst, not: { any: [{ role: guest }, { not: { business_unit: auto } }] } }
Analysts see all rows, except people with the role `guest` and people outside the business unit Auto. Anybody of whom that cannot be told is excepted too.
Les analystes voient toutes les lignes, sauf les personnes ayant le rôle `guest` et les personnes hors de l’unité d’affaires Auto. Toute personne pour qui on ne peut pas le savoir est exclue aussi.
";

#[test]
fn every_effect_is_a_sentence_in_both_languages() {
    for block in RULES.trim().split("\n\n") {
        let lines: Vec<&str> = block.lines().collect();
        let [rule, en, fr] = lines[..] else {
            panic!("{block}")
        };
        assert_eq!(
            said(Locale::EnCa, &Labels(Locale::EnCa), rule),
            en,
            "{rule}"
        );
        assert_eq!(
            said(Locale::FrCa, &Labels(Locale::FrCa), rule),
            fr,
            "{rule}"
        );
    }
}

/// A condition on rows, then how it is said.
const ROWS: &str = "
{ business_unit: { eq: auto } } | business unit is Auto | l’unité d’affaires est Auto
{ business_unit: { ne: auto } } | business unit is not Auto | l’unité d’affaires n’est pas Auto
{ business_unit: { in: [auto, home, life] } } | business unit is Auto, “home” or “life” | l’unité d’affaires est Auto, «_home_» ou «_life_»
{ business_unit: { not_in: [auto, home, life] } } | business unit is neither Auto, “home” nor “life” | l’unité d’affaires n’est ni Auto, ni «_home_», ni «_life_»
{ written_premium: { lt: 1234567.5 } } | `written_premium` is below 1,234,567.50 | `written_premium` est en dessous de 1_234_567,50
{ written_premium: { le: -12 } } | `written_premium` is -12.00 or less | `written_premium` est de -12,00 ou moins
{ policies_in_force: { gt: 100 } } | `policies_in_force` is above 100 | `policies_in_force` est au-dessus de 100
{ policies_in_force: { ge: 1000 } } | `policies_in_force` is 1,000 or more | `policies_in_force` est de 1_000 ou plus
{ policies_in_force: { between: [1, 9] } } | `policies_in_force` is between 1 and 9 | `policies_in_force` est entre 1 et 9
{ statement_date: { eq: 2026-03-01 } } | `statement_date` is March 1, 2026 | `statement_date` est le 1er mars 2026
{ statement_date: { lt: 2026-12-24 } } | `statement_date` is before December 24, 2026 | `statement_date` est avant le 24 décembre 2026
{ statement_date: { le: 2026-12-24 } } | `statement_date` is December 24, 2026 or earlier | `statement_date` est le 24 décembre 2026 ou avant
{ statement_date: { gt: 2026-12-24 } } | `statement_date` is after December 24, 2026 | `statement_date` est après le 24 décembre 2026
{ statement_date: { ge: 2026-12-24 } } | `statement_date` is December 24, 2026 or later | `statement_date` est le 24 décembre 2026 ou après
{ statement_date: { between: [2026-01-01, 2026-08-31] } } | `statement_date` is between January 1, 2026 and August 31, 2026 | `statement_date` est entre le 1er janvier 2026 et le 31 août 2026
{ computed_at: { ge: '2026-02-03T08:30:00Z' } } | `computed_at` is February 3, 2026 at 08:30 UTC or later | `computed_at` est le 3 février 2026 à 08:30 UTC ou après
{ region: { lt: m } } | `region` comes before “m” in the alphabet | `region` vient avant «_m_» dans l’alphabet
{ region: { le: m } } | `region` is “m” or comes before it in the alphabet | `region` est «_m_» ou vient avant dans l’alphabet
{ region: { gt: m } } | `region` comes after “m” in the alphabet | `region` vient après «_m_» dans l’alphabet
{ region: { ge: m } } | `region` is “m” or comes after it in the alphabet | `region` est «_m_» ou vient après dans l’alphabet
{ region: { like_prefix: mo } } | `region` starts with “mo” | `region` commence par «_mo_»
{ not: { region: { like_prefix: mo } } } | `region` does not start with “mo” | `region` ne commence pas par «_mo_»
{ region: { is_null: true } } | `region` is unknown | `region` est sans valeur
{ region: { is_null: false } } | `region` is known | `region` a une valeur
{ not: { legal_hold: { eq: true } } } | legal hold is no | `legal_hold` est non
{ legal_hold: { eq: true }, business_unit: { eq: auto } } | business unit is Auto and legal hold is yes | l’unité d’affaires est Auto et `legal_hold` est oui
{ any: [{ legal_hold: { eq: true } }, { business_unit: { eq: auto } }] } | business unit is Auto or legal hold is yes | l’unité d’affaires est Auto ou `legal_hold` est oui
{ region: { eq: qc }, any: [{ legal_hold: { eq: true } }, { business_unit: { eq: auto } }] } | (business unit is Auto or legal hold is yes) and `region` is “qc” | (l’unité d’affaires est Auto ou `legal_hold` est oui) et `region` est «_qc_»
";

#[test]
fn every_operator_is_said_in_both_languages() {
    for line in ROWS.trim().lines() {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [rows, en, fr] = cells[..] else {
            panic!("{line}")
        };
        let set = set(&format!("{{ id: x, permit: {rows} }}"));
        let grant = resolve(&set, &Subject::new("idp", "u"), &schema()).unwrap();
        let said = |locale| {
            let labels = Labels(locale);
            Words::new(locale, &labels)
                .predicate(grant.rows())
                .replace('\u{a0}', "_")
        };
        assert_eq!(said(Locale::EnCa), en, "{rows}");
        assert_eq!(said(Locale::FrCa), fr, "{rows}");
    }
}

#[test]
fn a_grant_is_said_row_by_row_and_column_by_column() {
    let set = set(
        "{ id: a, permit: { business_unit: { eq: auto } } }, { id: b, hide: [region] }, \
         { id: c, mask: { column: customer_id, with: hash } }",
    );
    let grant = resolve(&set, &Subject::new("idp", "u"), &schema()).unwrap();
    let said = |locale| Words::new(locale, &Labels(locale)).grant(&grant);
    assert_eq!(
        said(Locale::EnCa),
        [
            "Rows whose business unit is Auto are shown.",
            "`customer_id` is shown as a hash.",
            "`region` is hidden."
        ]
    );
    assert_eq!(
        said(Locale::FrCa),
        [
            "Les lignes dont l’unité d’affaires est Auto sont montrées.",
            "La colonne `customer_id` est montrée sous forme d’empreinte.",
            "La colonne `region` est cachée."
        ]
    );
}
