use super::*;
use crate::audit::chain::Head;
use crate::{AuditEvent, Denial, Fact, Label, Realm, RequestId};

fn exported(code: &str) -> Exported {
    let mut denial = Denial::new(Realm::Embed, Label::parse(code).unwrap());
    denial.policy_revision = Some(14);
    let event = AuditEvent::new(
        chrono::DateTime::UNIX_EPOCH,
        RequestId::parse("r-1").unwrap(),
        Fact::Denial(denial),
    );
    let link = Link::after(&Head::EMPTY, &event).unwrap();
    Exported::of(link, Some(Digest::zero())).unwrap()
}

fn cell(record: &Exported, name: &str) -> Field {
    let place = Exported::columns().position(|(column, _)| column == name);
    record.fields()[place.unwrap()].clone()
}

#[test]
fn a_record_has_a_cell_for_every_column() {
    let record = exported("token-expired");

    assert_eq!(record.fields().len(), Exported::columns().count());
    assert_eq!(cell(&record, "seq"), Field::Number(1));
    assert_eq!(cell(&record, "kind"), Field::Text("denial".to_owned()));
    assert_eq!(cell(&record, "policy_revision"), Field::Number(14));
    assert_eq!(
        cell(&record, "code"),
        Field::Text("token-expired".to_owned())
    );
    assert_eq!(cell(&record, "subject"), Field::Empty);
    for ((name, kind), field) in Exported::columns().zip(record.fields()) {
        let fits = match field {
            Field::Empty => true,
            Field::Number(_) => kind == ColumnKind::Number,
            Field::Text(_) => kind == ColumnKind::Text,
        };
        assert!(fits, "{name}: {field:?}");
    }
}

#[test]
fn a_line_of_csv_has_as_many_cells_as_its_header() {
    let line = exported("token-expired").csv_line();

    let expected = concat!(
        "1,1970-01-01T00:00:00.000Z,r-1,denial,embed,,,,14,,,,,,,,token-expired,,,,",
        r#""{""seq"":1,""at"":""1970-01-01T00:00:00.000Z"",""request"":""r-1"",""fact"":{""kind"":""denial"","#,
        r#"""realm"":""embed"",""code"":""token-expired"",""subject"":null,""dashboard"":null,"#,
        r#"""tile"":null,""policy_revision"":14}}","#,
    );
    assert!(line.starts_with(expected), "{line}");
    assert!(Exported::csv_header().starts_with("seq,at,request,kind,realm,subject,"));
}

/// A spreadsheet runs what starts like a formula.
#[test]
fn a_cell_that_looks_like_a_formula_is_defused() {
    for (text, expected) in [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""),
        ("=\"x\",2", "\"'=\"\"x\"\",2\""),
        ("a-b", "a-b"),
        ("a,b", "\"a,b\""),
        ("", ""),
    ] {
        assert_eq!(
            csv_cell(&Field::Text(text.to_owned())),
            expected,
            "{text:?}"
        );
    }
    // A number is one.
    assert_eq!(csv_cell(&Field::Number(-1)), "-1");
    assert_eq!(
        cell(&exported("@home"), "code"),
        Field::Text("@home".to_owned())
    );
    assert!(exported("@home").csv_line().contains(",'@home,"));
}

#[test]
fn a_kind_of_a_later_version_is_exported_too() {
    let entry = r#"{"seq":1,"at":"1970-01-01T00:00:00.000Z","request":"r","fact":{"kind":"new","rows":"many","code":7,"x":[1]}}"#;
    let link = Link {
        seq: 1,
        at_ms: 0,
        kind: "new".to_owned(),
        subject: None,
        dashboard: None,
        revision: None,
        entry: entry.to_owned(),
        hash: crate::Digest::zero(),
    };

    let record = Exported::of(link, None).unwrap();

    assert_eq!(cell(&record, "kind"), Field::Text("new".to_owned()));
    assert_eq!(cell(&record, "rows"), Field::Empty);
    assert_eq!(cell(&record, "code"), Field::Text("7".to_owned()));
    let expected = format!(r#"{{"hash":"{}","entry":{entry}}}"#, crate::Digest::zero());
    assert_eq!(record.json_line(), expected);
}
