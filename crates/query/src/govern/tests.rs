use weir_policy::document::policy_from_yaml;
use weir_policy::{BusinessUnit, PolicySet, Revision, RoleName, Subject, resolve};

use super::*;
use crate::dashboard::tests::{CATALOG, OVERVIEW, today};
use crate::name::TileId;
use crate::request::{Bound, Locked};

/// The grant an analyst of `auto` has under a policy with these rules.
pub(crate) fn grant(rules: &str) -> Arc<Grant> {
    let dataset = CATALOG.datasets().next().unwrap();
    let text = format!("dataset: gold.statements\nrules:\n{rules}");
    let policy = policy_from_yaml("p.policy.yaml", &text, dataset.schema()).unwrap();
    let set = PolicySet::build(Revision::new(3), [policy]).unwrap();
    let subject = Subject::new("https://idp.example", "ana")
        .with_business_units([BusinessUnit::parse("auto").unwrap()])
        .with_roles([RoleName::parse("analyst").unwrap()]);
    Arc::new(resolve(&set, &subject, dataset.schema()).unwrap())
}

pub(crate) const OWN_ROWS: &str =
    "  - id: own\n    permit: { unit: { in: subject.business_units } }\n";

pub(crate) fn bound(chosen: &[(&str, &str)]) -> Bound {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let chosen: Vec<_> = chosen.iter().map(pair).collect();
    OVERVIEW.bind(&Locked::new(), &chosen, today()).unwrap()
}

pub(crate) fn question(tile: &str, chosen: &[(&str, &str)]) -> TileQuery {
    let tile = OVERVIEW.tile(&TileId::parse(tile).unwrap()).unwrap();
    tile.question(&bound(chosen))
}

fn asked(tile: &str, extra: &str) -> Result<GovernedQuery, Refusal> {
    question(tile, &[]).under(&grant(&format!("{OWN_ROWS}{extra}")))
}

fn column(name: &str) -> ColumnName {
    ColumnName::parse(name).unwrap()
}

#[test]
fn invariant_6_a_measure_over_a_hidden_column_leaves_the_answer() {
    let query = asked("customers", "  - { id: h, hide: [policies] }\n").unwrap();
    assert_eq!(query.question().measures().len(), 2);

    let query = asked("by-month", "  - { id: h, hide: [customer] }\n").unwrap();
    assert_eq!(query.question().measures().len(), 2);
}

#[test]
fn invariant_6_a_dimension_or_order_on_a_hidden_column_withholds_the_tile() {
    let hidden_dimension = asked("customers", "  - { id: h, hide: [customer] }\n");
    let hidden_order = asked("customers", "  - { id: h, hide: [premium] }\n");
    let nothing_left = asked("total", "  - { id: h, hide: [premium] }\n");

    assert_eq!(
        hidden_dimension.unwrap_err(),
        Refusal::Hidden(column("customer"))
    );
    assert_eq!(hidden_order.unwrap_err(), Refusal::NothingVisible);
    assert_eq!(nothing_left.unwrap_err(), Refusal::NothingVisible);
}

#[test]
fn invariant_6_a_filter_or_aggregate_on_a_masked_column_withholds_the_tile() {
    let mask = |column: &str, with: &str| {
        format!("{OWN_ROWS}  - {{ id: m, mask: {{ column: {column}, with: {with} }} }}\n")
    };
    let filtered = question("total", &[("unit", "auto")]).under(&grant(&mask("unit", "hash")));
    let aggregated = question("by-month", &[]).under(&grant(&mask("premium", "null")));

    assert_eq!(filtered.unwrap_err(), Refusal::Masked(column("unit")));
    assert_eq!(aggregated.unwrap_err(), Refusal::Masked(column("premium")));
}

#[test]
fn invariant_6_the_period_needs_a_time_column_that_is_shown() {
    let masked = asked(
        "by-month",
        "  - { id: m, mask: { column: day, with: \"null\" } }\n",
    );

    assert_eq!(masked.unwrap_err(), Refusal::Masked(column("day")));
}
