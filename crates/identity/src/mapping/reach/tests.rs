use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use weir_policy::document::policy_from_yaml;
use weir_policy::who::{Question, who_could_see};
use weir_policy::{
    AttributeName, ColumnName, DatasetName, DatasetSchema, PolicySet, Revision, ValueType, resolve,
};

use super::*;
use crate::oidc::claims::IdentityClaims;

const GROUPS: [&str; 5] = ["analyst", "CN=BI", "CN=Board", "guest", "nobody-knows"];
const UNITS: [&str; 4] = ["auto", "home", "Habitation", "space"];
const LEVELS: [&str; 4] = ["low", "high", "made-up", " "];

fn mapping(attribute: &str) -> ClaimMapping {
    let text = format!(
        "business_units: {{ claim: org.units, allow: [auto, home], rename: {{ Habitation: home }} }}
roles:
  claim: groups
  allow: [analyst, executive, guest]
  rename: {{ CN=BI: analyst, CN=Board: executive }}
attributes:
  clearance: {attribute}
"
    );
    ClaimMapping::from_yaml("identity.yaml", &text).unwrap()
}

fn schema() -> DatasetSchema {
    let columns = ["business_unit", "region"];
    let columns = columns.map(|name| (ColumnName::parse(name).unwrap(), ValueType::Text));
    DatasetSchema::new(DatasetName::parse("gold.things").unwrap(), columns)
}

fn set(rules: &[&str]) -> PolicySet {
    let rules = rules.iter().enumerate();
    let rules: Vec<String> = rules
        .map(|(n, rule)| format!("  - {{ id: r{n}, {rule} }}\n"))
        .collect();
    let rules = rules.concat();
    let text = format!("dataset: gold.things\nrules:\n{rules}");
    let policy = policy_from_yaml("p", &text, &schema()).unwrap();
    PolicySet::build(Revision::new(1), [policy]).unwrap()
}

const RULES: [&str; 8] = [
    "permit: { business_unit: { in: subject.business_units } }, when: { role: analyst }",
    "permit: all, when: { role: executive }",
    "permit: all, unless: { role: guest }",
    "permit: { region: { in: subject.attributes.clearance } }",
    "permit: { business_unit: { eq: home } }, when: { attribute: { clearance: { eq: high } } }",
    "forbid: { business_unit: { eq: home } }, unless: { role: executive }",
    "mask: { column: region, with: hash }, unless: { attribute: { clearance: { eq: low } } }",
    "permit: all, when: { any: [{ role: ghost }, { business_unit: auto }] }",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whoever signs in and sees anything is told of, with the claims that they signed in with.
    #[test]
    fn nobody_who_signs_in_and_sees_is_left_out(
        rules in subsequence(RULES.to_vec(), 1..=5),
        attribute in select(vec!["{ claim: level }", "{ claim: level, allow: [low, high] }"]),
        groups in subsequence(GROUPS.to_vec(), 0..=GROUPS.len()),
        units in subsequence(UNITS.to_vec(), 0..=UNITS.len()),
        levels in subsequence(LEVELS.to_vec(), 0..=LEVELS.len()),
        column in proptest::option::of(Just("region")),
    ) {
        let (mapping, set) = (mapping(attribute), set(&rules));
        let claims = json!({ "groups": groups, "org": { "units": units }, "level": levels });
        let Value::Object(claims) = claims else { return Ok(()) };
        let identity = IdentityClaims::for_tests("https://idp.example", "u", claims);
        let person = mapping.member(&identity).unwrap().subject;
        let question = Question {
            column: column.map(|name| ColumnName::parse(name).unwrap()),
            rows: None,
        };
        if resolve(&set, &person, &schema()).is_err() {
            return Ok(());
        }
        let ways = who_could_see(&set, &schema(), &question);
        let told = ways.iter().filter(|way| way.covers(&person)).any(|way| {
            way.requires.iter().all(|required| {
                let mut providers = mapping.provider_claims(required).into_iter();
                providers.any(|provider| comes_from(&provider, required, &groups, &units, &levels))
            })
        });
        prop_assert!(told, "{person:?} is not in {ways:#?}");
    }
}

/// Whether the provider's claim is the one that this person brought what is required with.
fn comes_from(
    provider: &ProviderClaim,
    required: &Requirement,
    groups: &[&str],
    units: &[&str],
    levels: &[&str],
) -> bool {
    let (claim, brought) = match &required.claim {
        Claim::Roles => ("groups", groups),
        Claim::BusinessUnits => ("org.units", units),
        Claim::Attribute(_) => ("level", levels),
    };
    let brought: BTreeSet<&str> = brought.iter().copied().collect();
    let values = provider.values.as_ref();
    provider.claim == claim
        && values.is_none_or(|values| values.keys().any(|value| brought.contains(value.as_str())))
}

#[test]
fn what_the_mapping_gives_nobody_has_no_claim() {
    let mapping = mapping("{ claim: level, allow: [low] }");
    let requirement = |claim: Claim, holds: Holds| Requirement { claim, holds };
    let any_of = |text: &str| Holds::AnyOf(BTreeSet::from([text.to_owned()]));
    let clearance = Claim::Attribute(AttributeName::parse("clearance").unwrap());
    let other = Claim::Attribute(AttributeName::parse("other").unwrap());

    for (claim, holds) in [
        (Claim::Roles, any_of("ghost")),
        (Claim::BusinessUnits, any_of("life")),
        (clearance.clone(), any_of("high")),
        (
            clearance.clone(),
            Holds::SomethingBut(BTreeSet::from(["low".to_owned()])),
        ),
        (other, Holds::Something),
    ] {
        assert_eq!(mapping.provider_claims(&requirement(claim, holds)), []);
    }
    let home = mapping.provider_claims(&requirement(Claim::BusinessUnits, any_of("home")));
    let [home] = home.try_into().unwrap();
    assert_eq!(home.claim, "org.units");
    let values: Vec<_> = home.values.unwrap().into_iter().collect();
    let pair = |theirs: &str| (theirs.to_owned(), "home".to_owned());
    assert_eq!(values, [pair("Habitation"), pair("home")]);
    let low = mapping.provider_claims(&requirement(clearance, Holds::Something));
    let [low] = low.try_into().unwrap();
    assert_eq!(low.values.unwrap().len(), 1);
}

#[test]
fn somebody_can_sign_in_as_what_the_mapping_makes_and_as_nobody_else() {
    let mapping = mapping("{ claim: level }");
    let holder = |role: &str, unit: &str, level: &str| WitnessSubject {
        roles: [RoleName::parse(role).unwrap()].into(),
        business_units: [BusinessUnit::parse(unit).unwrap()].into(),
        attributes: [(
            AttributeName::parse("clearance").unwrap(),
            BTreeSet::from([level.to_owned()]),
        )]
        .into(),
    };

    assert!(mapping.can_make(&holder("analyst", "home", "anything")));
    assert!(!mapping.can_make(&holder("ghost", "home", "low")));
    assert!(!mapping.can_make(&holder("analyst", "life", "low")));
}
