//! The files of a large organisation: 500 datasets, 10,000 rules, 1,000 business units.

use std::fmt::Write as _;

pub(crate) const DATASETS: usize = 500;
pub(crate) const RULES_PER_DATASET: usize = 20;
pub(crate) const UNITS: usize = 1_000;

pub(crate) fn unit(number: usize) -> String {
    format!("unit_{:04}", number % UNITS)
}

pub(crate) fn dataset(number: usize) -> String {
    format!(
        "dataset: gold.table_{number:03}
label: {{ en: Table {number}, fr: Table {number} }}
time: day
columns:
  day: {{ type: date, label: {{ en: Day, fr: Jour }} }}
  business_unit: {{ type: text, label: {{ en: Unit, fr: Unité }} }}
  region: {{ type: text, label: {{ en: Region, fr: Région }} }}
  customer_id: {{ type: text, label: {{ en: Customer, fr: Client }} }}
  product: {{ type: text, label: {{ en: Product, fr: Produit }} }}
  amount: {{ type: \"decimal(12,2)\", label: {{ en: Amount, fr: Montant }} }}
  commission: {{ type: \"decimal(12,2)\", label: {{ en: Commission, fr: Commission }} }}
  held: {{ type: boolean, label: {{ en: Held, fr: Gelé }} }}
dimensions:
  region: {{ column: region, label: {{ en: Region, fr: Région }} }}
  month: {{ column: day, grain: month, label: {{ en: Month, fr: Mois }} }}
measures:
  amount: {{ sum: amount, label: {{ en: Amount, fr: Montant }}, format: {{ currency: CAD }} }}
"
    )
}

/// Twenty rules; the permits and forbids name forty of the units, others for each dataset.
pub(crate) fn policy(number: usize) -> String {
    let mut text = format!("dataset: gold.table_{number:03}\nrules:\n");
    let mut rule = |line: &str| {
        let _ = writeln!(text, "  - {line}");
    };
    rule(
        "{ id: own-rows, permit: { business_unit: { in: subject.business_units } }, when: { role: analyst } }",
    );
    rule("{ id: executives, permit: all, when: { role: executive } }");
    rule("{ id: hold, forbid: { held: { eq: true } } }");
    rule(
        "{ id: hashed, mask: { column: customer_id, with: hash }, unless: { role: privacy_officer } }",
    );
    rule(
        "{ id: hidden, hide: [commission], unless: { attribute: { clearance: { eq: confidential } } } }",
    );
    for extra in 0..RULES_PER_DATASET - 5 {
        let named: Vec<String> = (0..4)
            .map(|step| unit(number * 2 + extra * 4 + step))
            .collect();
        let named = named.join(", ");
        let line = match extra % 3 {
            0 => format!(
                "{{ id: guests-{extra}, permit: {{ business_unit: {{ in: [{named}] }}, region: {{ in: subject.attributes.region }} }}, when: {{ all: [{{ role: guest_{extra} }}, {{ business_unit: {{ in: [{named}] }} }}] }} }}"
            ),
            1 => format!(
                "{{ id: closed-{extra}, forbid: {{ all: [{{ business_unit: {{ in: [{named}] }} }}, {{ product: {{ like_prefix: secret{extra} }} }}] }}, unless: {{ role: officer_{extra} }} }}"
            ),
            _ => format!(
                "{{ id: coarse-{extra}, mask: {{ column: commission, with: {{ bucket: {} }} }}, when: {{ business_unit: {{ in: [{named}] }} }} }}",
                10 * (extra + 1)
            ),
        };
        rule(&line);
    }
    text
}

pub(crate) fn table(number: usize) -> String {
    format!(
        "policy: gold.table_{number:03}
given:
  - {{ id: a, business_unit: other, held: false, product: x }}
  - {{ id: b, business_unit: other, held: true, product: x }}
cases:
  - {{ as: {{ roles: [analyst], business_units: [other] }}, sees: [a] }}
  - {{ as: {{ roles: [analyst] }}, sees: denied }}
"
    )
}

pub(crate) fn dashboard(number: usize) -> String {
    format!(
        "dashboard: board-{number:03}
title: {{ en: Board, fr: Tableau }}
subtitle: {{ en: All, fr: Tout }}
period: {{ from: 2026-01-01, to: 2026-12-31 }}
tiles:
  - id: by-region
    title: {{ en: By region, fr: Par région }}
    dataset: gold.table_{number:03}
    chart: bar
    width: 6
    measures: [amount]
    by: [region]
"
    )
}

/// All of them, by path.
pub(crate) fn files() -> Vec<(String, String)> {
    let units: Vec<String> = (0..UNITS).map(unit).collect();
    let mapping = format!(
        "business_units: {{ claim: units, allow: [{}] }}\nroles: {{ claim: roles, allow: [analyst, executive] }}\n",
        units.join(", ")
    );
    let mut files = vec![("policies/identity.yaml".to_owned(), mapping)];
    for number in 0..DATASETS {
        files.push((
            format!("dashboards/datasets/table_{number:03}.dataset.yaml"),
            dataset(number),
        ));
        files.push((
            format!("policies/table_{number:03}.policy.yaml"),
            policy(number),
        ));
        files.push((
            format!("policies/table_{number:03}.test.yaml"),
            table(number),
        ));
        files.push((
            format!("dashboards/board-{number:03}.dashboard.yaml"),
            dashboard(number),
        ));
    }
    files
}
