//! Sentences: withheld and failed tiles, scope, reasons, filters.

use std::collections::{BTreeMap, BTreeSet};

use weir_frontend::model::{FilterKind, TileBody};
use weir_policy::document::policy_from_yaml;
use weir_policy::{
    AttributeName, BusinessUnit, Claim, ColumnName, DatasetName, Denied, PolicySet, Revision,
    RuleId, Subject, WhyNot, resolve,
};
use weir_query::{Localized, Locked, Period, Refusal, Snapshot, SnapshotId};

use super::{EN, FR, answer, at, day, presenter, text, world};

/// Every code. The matches have no wildcard: a new variant does not compile until it stands here.
fn codes() -> Vec<&'static str> {
    let dataset = || DatasetName::parse("gold.statements").unwrap();
    let column = || ColumnName::parse("broker_commission").unwrap();
    let rule = RuleId::parse("own-rows").unwrap();
    let claim = Claim::Attribute(AttributeName::parse("clearance").unwrap());
    let denied = [
        Denied::NoPolicy { dataset: dataset() },
        Denied::NoPermit {
            dataset: dataset(),
            refused: Vec::new(),
        },
        Denied::NoBusinessUnit {
            dataset: dataset(),
            refused: Vec::new(),
        },
        Denied::MissingAttribute {
            dataset: dataset(),
            claim,
            refused: Vec::new(),
        },
        Denied::NoRows {
            dataset: dataset(),
            rules: Vec::new(),
        },
        Denied::Unevaluable {
            dataset: dataset(),
            rule,
            why: WhyNot::Condition,
        },
    ];
    let refused = [
        Refusal::OtherDataset {
            granted: "a.b".to_owned(),
            asked: "c.d".to_owned(),
        },
        Refusal::Hidden(column()),
        Refusal::Masked(column()),
        Refusal::NothingVisible,
    ];
    denied.iter().for_each(known_denial);
    refused.iter().for_each(known_refusal);
    denied
        .iter()
        .map(Denied::code)
        .chain(refused.iter().map(Refusal::code))
        .collect()
}

fn known_denial(denied: &Denied) {
    match denied {
        Denied::NoPolicy { .. }
        | Denied::NoPermit { .. }
        | Denied::NoBusinessUnit { .. }
        | Denied::MissingAttribute { .. }
        | Denied::NoRows { .. }
        | Denied::Unevaluable { .. } => {}
    }
}

fn known_refusal(refusal: &Refusal) {
    match refusal {
        Refusal::OtherDataset { .. }
        | Refusal::Hidden(_)
        | Refusal::Masked(_)
        | Refusal::NothingVisible => {}
    }
}

#[test]
fn every_denial_has_a_sentence_of_its_own_in_both_languages() {
    let world = world();
    let tile = world.tile("premium");
    let mut seen = Vec::new();
    for code in codes() {
        for locale in [EN, FR] {
            let vm = presenter(locale).withheld(tile, code);
            let TileBody::Withheld { reason, contact } = vm.body else {
                panic!("not withheld")
            };
            for secret in ["gold.", "broker_commission", "own-rows", code] {
                assert!(!reason.contains(secret), "{reason}");
            }
            assert!(reason.ends_with('.') && !reason.contains('!'));
            assert!(contact.is_some() && vm.trust.is_none() && vm.why.is_empty());
            seen.push(reason);
        }
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all, "two codes or languages share a sentence");
    assert!(matches!(
        presenter(FR).withheld(tile, "new-code").body,
        TileBody::Withheld { .. }
    ));
}

#[test]
fn a_failed_tile_names_the_next_step_and_the_request() {
    let world = world();
    for locale in [EN, FR] {
        let tile = presenter(locale).failed(world.tile("premium"), "r-1");
        let TileBody::Error {
            sentence,
            request_id,
        } = tile.body
        else {
            panic!("not failed")
        };
        assert!(sentence.contains(if locale == EN {
            "Try again"
        } else {
            "Réessayez"
        }));
        assert_eq!(request_id, "r-1");
    }
}

fn units() -> Vec<(BusinessUnit, Localized)> {
    let unit = |(code, en, fr): (&str, &str, &str)| {
        let label = serde_json::from_value(serde_json::json!({ "en": en, "fr": fr })).unwrap();
        (BusinessUnit::parse(code).unwrap(), label)
    };
    [
        ("auto", "Auto", "Auto"),
        ("home", "Home", "Habitation"),
        ("life", "Life", "Vie"),
    ]
    .map(unit)
    .to_vec()
}

#[test]
fn the_scope_says_how_many_units_of_how_many() {
    let cases: [(&[&str], &str, &str, &str, &str); 5] = [
        (
            &["auto"],
            "You see 1 of 3 business units: Auto",
            "Auto only",
            "Vous voyez 1\u{a0}unité d’affaires sur\u{a0}3\u{a0}: Auto",
            "Auto seulement",
        ),
        (
            &["auto", "home"],
            "You see 2 of 3 business units: Auto, Home",
            "2 of 3 units",
            "Vous voyez 2\u{a0}unités d’affaires sur\u{a0}3\u{a0}: Auto, Habitation",
            "2\u{a0}unités sur\u{a0}3",
        ),
        (
            &["auto", "home", "life"],
            "All 3 business units",
            "All 3 units",
            "Les 3\u{a0}unités d’affaires",
            "Les 3\u{a0}unités",
        ),
        (
            &[],
            "You see no business unit",
            "No unit",
            "Vous ne voyez aucune unité d’affaires",
            "Aucune unité",
        ),
        (
            &["moon"],
            "You see no business unit",
            "No unit",
            "Vous ne voyez aucune unité d’affaires",
            "Aucune unité",
        ),
    ];
    for (own, en, en_brief, fr, fr_brief) in cases {
        let own = own.iter().map(|unit| BusinessUnit::parse(*unit).unwrap());
        let own = own.collect();
        let scope = presenter(EN).scope(&own, &units());
        assert_eq!(
            (scope.sentence.as_str(), scope.brief.as_str()),
            (en, en_brief)
        );
        let scope = presenter(FR).scope(&own, &units());
        assert_eq!(
            (scope.sentence.as_str(), scope.brief.as_str()),
            (fr, fr_brief)
        );
    }
}

const POLICY: &str = "
dataset: gold.statements
rules:
  - id: bu-own-rows
    permit: { business_unit: { in: subject.business_units } }
  - id: customer-id-hashed
    mask: { column: customer_id, with: hash }
  - id: broker-commission-hidden
    hide: [broker_commission]
";

#[test]
fn why_these_rows_lists_rules_masks_and_revision() {
    let world = world();
    let schema = world.dataset.schema();
    let policy = policy_from_yaml("statements.policy.yaml", POLICY, schema).unwrap();
    let set = PolicySet::build(Revision::new(14), [policy]).unwrap();
    let subject =
        Subject::new("idp", "u1").with_business_units([BusinessUnit::parse("auto").unwrap()]);
    let grant = resolve(&set, &subject, schema).unwrap();
    let policy = set.policy(world.dataset.name());

    let en = presenter(EN);
    let why = en.why(
        &en.scope(subject.business_units(), &units()),
        &grant,
        policy,
        &world.dataset,
        None,
    );
    assert_eq!(
        why,
        [
            "You see 1 of 3 business units: Auto.",
            "Rule “Broker commission hidden” hides columns from you.",
            "Rule “Bu own rows” opens rows to you.",
            "Rule “Customer id hashed” masks a column for you.",
            "Masked for you: Customer (replaced by a code).",
            "Hidden from you: Broker commission.",
            "Policy revision 14.",
        ]
    );
    let fr = presenter(FR);
    let why = fr.why(
        &fr.scope(subject.business_units(), &units()),
        &grant,
        None,
        &world.dataset,
        Some((27, 3)),
    );
    assert_eq!(
        why[6],
        "Ébauche\u{a0}27, version\u{a0}3, sur la révision\u{a0}14 des politiques."
    );
    assert_eq!(
        why[1],
        "La règle «\u{a0}Broker commission hidden\u{a0}» s’applique à vous."
    );
    assert_eq!(why[5], "Caché pour vous\u{a0}: Commission de courtage.");
}

#[test]
fn the_page_is_as_old_as_its_oldest_snapshot() {
    let snapshot = |committed_at| Snapshot {
        id: SnapshotId::parse("1").unwrap(),
        committed_at,
        unreadable: BTreeSet::new(),
    };
    let snapshots = [
        snapshot(at("2026-11-21T19:05:00")),
        snapshot(at("2026-11-20T19:05:00")),
    ];
    let scope = presenter(FR).scope(&BTreeSet::new(), &units());
    let trust = presenter(FR).page_trust(&snapshots, true, &scope);
    assert_eq!(
        trust.data_time,
        "Données du 20 nov. 2026, 14\u{a0}h\u{a0}05"
    );
    assert!(trust.stale);
    assert_eq!(presenter(EN).page_trust(&[], false, &scope).data_time, "");
}

#[test]
fn a_tile_says_how_old_it_is_and_whose() {
    let tile = world().show(
        "by-region",
        vec![vec![text("estrie"), super::money("1")]],
        EN,
    );
    let trust = tile.trust.unwrap();
    assert_eq!(trust.data_time, "21 Nov 2026, 11:05");
    assert_eq!(trust.data_time_iso, "2026-11-21T16:05:00Z");
    assert_eq!(
        (trust.age.as_str(), trust.scope.as_str()),
        ("3 h old", "Auto only")
    );
    assert_eq!(tile.why.len(), 1);
}

#[test]
fn periods_are_counted_from_the_end_of_the_dashboards_own() {
    let world = world();
    let filters = |chosen: &[(String, String)], locale| {
        let bound = world
            .dashboard
            .bind(&Locked::new(), chosen, day("2026-11-21"))
            .unwrap();
        let filters = presenter(locale).filters(
            &world.dashboard,
            &bound,
            &BTreeMap::new(),
            day("2026-11-21"),
        );
        let FilterKind::Period { options, chosen } = filters[0].kind.clone() else {
            panic!("no period")
        };
        (options, chosen)
    };
    let (options, chosen) = filters(&[], EN);
    let read: Vec<_> = options
        .iter()
        .map(|o| (o.label.as_str(), o.from.as_str(), o.to.as_str()))
        .collect();
    assert_eq!(
        read,
        [
            ("Last 3 months", "2026-08-01", "2026-10-31"),
            ("Last 6 months", "2026-05-01", "2026-10-31"),
            ("Last 12 months", "2025-11-01", "2026-10-31"),
            ("2026 to date", "2026-01-01", "2026-10-31"),
        ]
    );
    assert_eq!(chosen, 2);
    let own =
        [("from", "2026-02-01"), ("to", "2026-02-28")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    let (options, chosen) = filters(&own, FR);
    assert_eq!(options[chosen].label, "févr. 2026");
    assert_eq!(options.len(), 5);
    assert!(Period::new(day("2026-02-01"), day("2026-02-28")).is_some());
}

#[test]
fn filter_values_have_names_and_are_sorted_for_reading() {
    let world = world();
    let filter = &world.dashboard.filters()[0];
    let question = filter.values_question(&world.bound);
    let count = weir_query::Cell::Integer;
    let rows = answer(
        &question,
        vec![
            vec![text("quebec_city"), count(9)],
            vec![text("zone\"><b>"), count(5)],
            vec![text("estrie"), count(4)],
            vec![weir_query::Cell::Null, count(3)],
            vec![text("gaspesie"), count(1)],
        ],
    );
    let chosen = [("region".to_owned(), "gaspesie".to_owned())];
    let bound = world
        .dashboard
        .bind(&Locked::new(), &chosen, day("2026-11-21"))
        .unwrap();
    let values = BTreeMap::from([(filter.id.clone(), Some(&rows))]);
    let filters = presenter(FR).filters(&world.dashboard, &bound, &values, day("2026-11-21"));
    assert_eq!(filters[1].label, "Région");
    let FilterKind::Choice {
        options,
        chosen,
        values_url,
    } = &filters[1].kind
    else {
        panic!("no choice")
    };
    let read: Vec<_> = options
        .iter()
        .flatten()
        .map(|o| (o.value.as_str(), o.label.as_str()))
        .collect();
    assert_eq!(
        read,
        [
            ("estrie", "Estrie"),
            ("gaspesie", "Gaspésie"),
            ("quebec_city", "Québec"),
            ("zone\"><b>", "zone\"><b>")
        ]
    );
    assert_eq!(chosen[0].label, "Gaspésie");
    assert_eq!(
        values_url,
        "/api/v1/dashboards/overview/filters/region/values"
    );
    let narrowing = presenter(FR).narrowing(&world.dashboard, &bound);
    assert_eq!(narrowing.as_deref(), Some("Région\u{a0}: Gaspésie"));
    assert_eq!(
        presenter(FR).narrowing(&world.dashboard, &world.bound),
        None
    );
}
