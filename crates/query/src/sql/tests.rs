use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::dashboard::tests::{OVERVIEW, today};
use crate::govern::tests::{OWN_ROWS, bound, grant, question};
use crate::name::FilterId;
use crate::request::Locked;
use crate::snapshot::Snapshot;

fn snapshot(id: &str) -> Snapshot {
    Snapshot {
        id: SnapshotId::parse(id).unwrap(),
        committed_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        unreadable: BTreeSet::new(),
    }
}

fn statement(dialect: Dialect, tile: &str, chosen: &[(&str, &str)], rules: &str) -> Statement {
    let query = question(tile, chosen).under(&grant(rules)).unwrap();
    compile(&query, dialect, &snapshot("5828592803881840765"))
}

const MASKED: &str = "  - id: own\n    permit: { unit: { in: subject.business_units } }\n  - id: held\n    forbid: { held: { eq: true } }\n  - id: m\n    mask: { column: customer, with: hash }\n";

#[test]
fn statements_read_as_documented_in_both_dialects() {
    let mut shown = Vec::new();
    for tile in ["total", "by-month", "customers"] {
        for dialect in [Dialect::DataFusion, Dialect::Athena] {
            let statement = statement(dialect, tile, &[("unit", "auto")], MASKED);
            shown.push(format!(
                "-- {tile}, {}\n{}\n",
                dialect.name(),
                statement.text()
            ));
        }
    }
    let shown = shown.concat();
    insta::assert_snapshot!("statements", shown);
}

#[test]
fn every_statement_passes_the_second_parser() {
    for tile in ["total", "by-month", "customers"] {
        for dialect in [Dialect::DataFusion, Dialect::Athena] {
            statement(dialect, tile, &[("unit", "a'b\\--;?%")], MASKED)
                .vet()
                .unwrap();
        }
    }
    let filter = OVERVIEW.filter(&FilterId::parse("unit").unwrap()).unwrap();
    let values = filter
        .values_question(&bound(&[]))
        .under(&grant(OWN_ROWS))
        .unwrap();
    compile(&values, Dialect::DataFusion, &snapshot("1"))
        .vet()
        .unwrap();
}

fn export(dialect: Dialect, tile: &str) -> Statement {
    let query = question(tile, &[]).under(&grant(MASKED)).unwrap();
    compile_export(&query, dialect, &snapshot("5828592803881840765"))
}

#[test]
fn an_export_is_the_tiles_statement_with_room_for_more_rows() {
    for dialect in [Dialect::DataFusion, Dialect::Athena] {
        let shown = statement(dialect, "by-month", &[], MASKED);
        let export = export(dialect, "by-month");

        export.vet().unwrap();
        assert_eq!(export.row_limit(), MAX_EXPORT_ROWS);
        assert_eq!(
            export.text(),
            shown.text().replace("LIMIT 5001", "LIMIT 1000001")
        );
        assert_eq!(export.columns(), shown.columns());
        assert_eq!(export.order(), shown.order());
    }
}

#[test]
fn invariant_5_an_export_shares_no_cache_entry_with_a_tile_of_the_same_text() {
    let shown = statement(Dialect::Athena, "customers", &[], MASKED);
    let export = export(Dialect::Athena, "customers");
    let somebody = Some(Principal::new("somebody"));

    assert_eq!(export.text(), shown.text(), "the tile has its own limit");
    assert_ne!(export.fingerprint(), shown.fingerprint());
    assert_ne!(
        export.clone().asked_by(somebody.clone()).fingerprint(),
        shown.asked_by(somebody).fingerprint()
    );
}

#[test]
fn a_statement_tells_by_what_its_rows_are_sorted() {
    let keys = |tile: &str| {
        let statement = statement(Dialect::Athena, tile, &[], MASKED);
        let keys = statement.order().iter();
        keys.map(|key| (key.column, key.direction))
            .collect::<Vec<_>>()
    };
    let (up, down) = (Direction::Ascending, Direction::Descending);

    assert_eq!(keys("customers"), [(2, down), (0, up), (1, up)]);
    assert_eq!(keys("by-month"), [(0, up)]);
    assert_eq!(keys("total"), []);
}

#[test]
fn f14_to_f22_statements_of_any_other_shape_are_refused() {
    let good = statement(Dialect::DataFusion, "customers", &[], MASKED);
    let table = "\"gold\".\"statements@5828592803881840765\"";
    for (from, to) in [
        (table, "\"gold\".\"statements\""),
        (table, "\"gold\".\"other@5828592803881840765\""),
        (table, "gold.\"statements@5828592803881840765\""),
        (table, &format!("{table} TABLESAMPLE (10)")),
        (table, &format!("{table}, \"gold\".\"x\"")),
        (table, "read_csv('/etc/passwd')"),
        (" WHERE ", " WHERE EXISTS (SELECT 1) AND "),
        (" LIMIT ", " UNION ALL SELECT 1 LIMIT "),
        ("SELECT ", "SELECT DISTINCT "),
        ("SELECT ", "WITH t AS (SELECT 1) SELECT "),
        ("COUNT(*)", "version()"),
        ("COUNT(*)", "COUNT(*) OVER ()"),
        ("COUNT(*)", "(SELECT 1)"),
        (" GROUP BY", "; DROP TABLE x; --"),
    ] {
        let text = good.text().replacen(from, to, 1);
        assert_ne!(text, good.text(), "{from} was not found");
        let forged = Statement {
            text,
            ..good.clone()
        };
        assert!(forged.vet().is_err(), "{to} was accepted");
    }
}

#[test]
fn a_predicate_that_the_compiler_forgot_is_noticed() {
    let good = statement(Dialect::DataFusion, "by-month", &[], OWN_ROWS);
    let text = good.text().replacen(" WHERE \"unit\" = 'auto'", "", 1);

    assert_ne!(text, good.text());
    assert!(Statement { text, ..good }.vet().is_err());
}

#[test]
fn invariant_6_masks_and_rows_sit_in_the_innermost_select() {
    let text = statement(Dialect::DataFusion, "customers", &[], MASKED)
        .text()
        .to_owned();

    let inner = text
        .split("FROM (")
        .nth(1)
        .unwrap()
        .split(") AS t")
        .next()
        .unwrap();

    assert!(
        inner.contains("weir_hash(\"customer\") AS \"customer\""),
        "{inner}"
    );
    assert!(
        inner.contains("NOT (\"held\" = TRUE)") || inner.contains("\"held\" = FALSE"),
        "{inner}"
    );
    assert!(!text.replace(inner, "").contains("weir_hash"), "{text}");
}

#[test]
fn invariant_5_whatever_changes_the_answer_changes_the_fingerprint() {
    let base = statement(Dialect::DataFusion, "customers", &[], MASKED).fingerprint();
    let key = |dialect, tile, chosen: &[(&str, &str)], rules: &str| {
        statement(dialect, tile, chosen, rules).fingerprint()
    };
    let unmasked = MASKED.split("  - id: m").next().unwrap();
    let partial = MASKED.replace("with: hash", "with: partial");
    let other = question("customers", &[]).under(&grant(MASKED)).unwrap();

    let asked_by = |name| {
        statement(Dialect::DataFusion, "customers", &[], MASKED)
            .asked_by(Some(Principal::new(name)))
    };

    let others = [
        key(Dialect::Athena, "customers", &[], MASKED),
        key(Dialect::DataFusion, "by-month", &[], MASKED),
        key(
            Dialect::DataFusion,
            "customers",
            &[("unit", "auto")],
            MASKED,
        ),
        key(
            Dialect::DataFusion,
            "customers",
            &[("from", "2026-01-02")],
            MASKED,
        ),
        key(Dialect::DataFusion, "customers", &[], OWN_ROWS),
        key(Dialect::DataFusion, "customers", &[], unmasked),
        key(Dialect::DataFusion, "customers", &[], &partial),
        compile(&other, Dialect::DataFusion, &snapshot("7")).fingerprint(),
        asked_by("weir-auto").fingerprint(),
        asked_by("weir-home").fingerprint(),
    ];

    let distinct: BTreeSet<_> = others.iter().chain([&base]).collect();
    assert_eq!(distinct.len(), others.len() + 1);
    assert_eq!(key(Dialect::DataFusion, "customers", &[], MASKED), base);
}

/// Each field by itself: text that happens to be equal must not be enough.
#[test]
fn f12_every_field_enters_the_fingerprint_by_itself() {
    let query = question("customers", &[]).under(&grant(MASKED)).unwrap();
    let made = compile(
        &query,
        Dialect::DataFusion,
        &snapshot("5828592803881840765"),
    );
    let of =
        |dialect, text: &str, scan: &GovernedScan| Fingerprint::of(&query, dialect, text, scan);
    let scan = made.scan().clone();
    let base = of(Dialect::DataFusion, made.text(), &scan);

    assert_ne!(of(Dialect::Athena, made.text(), &scan), base);
    assert_ne!(of(Dialect::DataFusion, "other", &scan), base);
    let other = GovernedScan {
        snapshot: SnapshotId::parse("1").unwrap(),
        ..scan.clone()
    };
    assert_ne!(of(Dialect::DataFusion, made.text(), &other), base);
    let other = GovernedScan {
        predicate: Predicate::Always.into(),
        ..scan.clone()
    };
    assert_ne!(of(Dialect::DataFusion, made.text(), &other), base);
    let dataset = DatasetName::parse("gold.other").unwrap();
    let other = GovernedScan { dataset, ..scan };
    assert_ne!(of(Dialect::DataFusion, made.text(), &other), base);
}

/// The masks and the dataset's version too, whatever the text says.
#[test]
fn f12_masks_and_the_version_of_the_dataset_enter_the_fingerprint_by_themselves() {
    let fingerprint = |rules: &str, version: Option<&str>| {
        let mut asked = question("customers", &[]);
        if let Some(version) = version {
            asked.dataset = Arc::new(asked.dataset.as_ref().clone().of_version(version));
        }
        let query = asked.under(&grant(rules)).unwrap();
        let made = compile(&query, Dialect::DataFusion, &snapshot("1"));
        Fingerprint::of(&query, Dialect::DataFusion, "the same text", made.scan())
    };
    let base = fingerprint(MASKED, None);

    assert_eq!(fingerprint(MASKED, None), base);
    let partial = MASKED.replace("with: hash", "with: partial");
    assert_ne!(fingerprint(&partial, None), base, "another mask");
    let unmasked = MASKED.split("  - id: m").next().unwrap();
    assert_ne!(fingerprint(unmasked, None), base, "no mask");
    assert_ne!(fingerprint(MASKED, Some("newer")), base, "another version");
}

/// P12: what ends one field and begins the next can't be moved by what stands in them.
#[test]
fn p12_fields_of_the_fingerprint_do_not_run_together() {
    let query = question("customers", &[]).under(&grant(MASKED)).unwrap();
    let made = compile(&query, Dialect::DataFusion, &snapshot("1"));
    let of = |text: &str, dataset: &str, snapshot: &str| {
        let scan = GovernedScan {
            dataset: DatasetName::parse(dataset).unwrap(),
            snapshot: SnapshotId::parse(snapshot).unwrap(),
            ..made.scan().clone()
        };
        Fingerprint::of(&query, Dialect::DataFusion, text, &scan)
    };

    assert_ne!(of("a", "gold.x1", "2"), of("a", "gold.x", "12"));
    assert_ne!(of("a", "agold.x", "2"), of("aa", "gold.x", "2"));
}

/// What stands for anything in a pattern stands for itself in a prefix.
#[test]
fn f28_a_prefix_is_taken_literally() {
    let rules = "  - id: own\n    permit: { unit: { like_prefix: 'a%b_c\\d' } }\n";
    let text = statement(Dialect::DataFusion, "by-month", &[], rules);

    let pattern = "\"unit\" LIKE 'a\\%b\\_c\\\\d%' ESCAPE '\\'";
    assert!(text.text().contains(pattern), "{}", text.text());
}

/// P15: what a token fixes narrows the list of a filter's values, and a choice does not.
#[test]
fn p15_filter_values_are_listed_within_what_the_token_fixes() {
    let locked = Locked::from([(
        "unit".to_owned(),
        vec!["auto".to_owned(), "home".to_owned()],
    )]);
    let chosen = [("unit".to_owned(), "auto".to_owned())];
    let bound = OVERVIEW.bind(&locked, &chosen, today()).unwrap();
    let filter = OVERVIEW.filter(&FilterId::parse("unit").unwrap()).unwrap();

    let query = filter
        .values_question(&bound)
        .under(&grant(OWN_ROWS))
        .unwrap();

    let text = compile(&query, Dialect::DataFusion, &snapshot("1"))
        .text()
        .to_owned();
    assert!(text.contains("\"unit\" IN ('auto', 'home')"), "{text}");
}

proptest! {
    /// A viewer's value never changes the shape of the text: with its literals blanked out, every
    /// statement of a tile is the same (T14-16).
    #[test]
    fn f16_values_never_change_the_shape_of_a_statement(value in "[^\\p{Cc}]{1,40}") {
        let plain = statement(Dialect::DataFusion, "by-month", &[("unit", "x")], OWN_ROWS);
        let hostile = statement(Dialect::DataFusion, "by-month", &[("unit", &value)], OWN_ROWS);

        hostile.vet().unwrap();
        let literal = literal::text(&value);
        prop_assert_eq!(hostile.text().replacen(&format!("\"unit\" = {literal})"), "\"unit\" = 'x')", 1), plain.text());
    }
}
