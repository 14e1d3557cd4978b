//! The log as an auditor asks for it.

use weir_registry::{
    AuditEvent, AuditLog, AuditOrder, AuditQuery, AuditRecord, Denial, Exported, Fact, Realm,
};

use crate::support::{Database, World, at, data_read, digest, label, page_view, request};

on_both_databases! {
    records_are_found_by_what_they_are_about,
    a_search_goes_through_the_log_page_by_page_in_either_order,
    records_are_found_by_when_they_happened,
    an_export_has_the_stored_bytes_and_a_table_of_them,
}

/// Ten data reads by one person, then a denial of another on another dashboard.
async fn world(database: Database) -> World {
    let world = World::new(database).await;
    let audit = world.registry.audit();
    audit.record(page_view(1)).await.unwrap();
    let mut denial = Denial::new(Realm::Browser, label("no-grant"));
    denial.subject = Some(digest(9));
    denial.dashboard = Some(label("risk-exposure"));
    denial.policy_revision = Some(15);
    let event = AuditEvent::new(at(60), request(2), Fact::Denial(denial));
    audit.record(vec![event]).await.unwrap();
    let bare = Denial::new(Realm::Embed, label("token-expired"));
    let event = AuditEvent::new(at(120), request(3), Fact::Denial(bare));
    audit.record(vec![event]).await.unwrap();
    world
}

async fn found(audit: &AuditLog, query: AuditQuery) -> Vec<u64> {
    let page = audit.search(&query).await.unwrap();
    assert_eq!(page.next, None);
    page.records.iter().map(AuditRecord::seq).collect()
}

async fn records_are_found_by_what_they_are_about(database: Database) {
    let world = world(database).await;
    let audit = world.registry.audit();
    let any = AuditQuery::default;

    for (query, expected) in [
        (
            AuditQuery {
                kind: Some("denial".to_owned()),
                ..any()
            },
            vec![12, 11],
        ),
        (
            AuditQuery {
                subject: Some(digest(9)),
                ..any()
            },
            vec![11],
        ),
        (
            AuditQuery {
                dashboard: Some(label("risk-exposure")),
                ..any()
            },
            vec![11],
        ),
        (
            AuditQuery {
                revision: Some(15),
                ..any()
            },
            vec![11],
        ),
        (
            AuditQuery {
                subject: Some(digest(1)),
                kind: Some("denial".to_owned()),
                ..any()
            },
            vec![],
        ),
        (
            AuditQuery {
                revision: Some(14),
                order: AuditOrder::OldestFirst,
                ..any()
            },
            (1..=10).collect(),
        ),
        (
            AuditQuery {
                kind: Some("' OR 1=1 --".to_owned()),
                ..any()
            },
            vec![],
        ),
    ] {
        assert_eq!(found(audit, query.clone()).await, expected, "{query:?}");
    }
}

async fn a_search_goes_through_the_log_page_by_page_in_either_order(database: Database) {
    let world = world(database).await;
    let audit = world.registry.audit();

    for (order, expected) in [
        (AuditOrder::OldestFirst, (1..=12).collect::<Vec<u64>>()),
        (AuditOrder::NewestFirst, (1..=12).rev().collect()),
    ] {
        let mut query = AuditQuery {
            order,
            limit: 5,
            ..AuditQuery::default()
        };
        let mut seqs = Vec::new();
        loop {
            let page = audit.search(&query).await.unwrap();
            assert!(page.records.len() <= 5);
            seqs.extend(page.records.iter().map(AuditRecord::seq));
            query.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!(seqs, expected);
    }
    let none = AuditQuery {
        limit: 0,
        ..AuditQuery::default()
    };
    assert!(audit.search(&none).await.unwrap().records.is_empty());
}

async fn records_are_found_by_when_they_happened(database: Database) {
    let world = world(database).await;
    let audit = world.registry.audit();
    let between = |from, to| AuditQuery {
        from: Some(from),
        to: Some(to),
        order: AuditOrder::OldestFirst,
        ..AuditQuery::default()
    };

    assert_eq!(found(audit, between(at(60), at(120))).await, [11]);
    assert_eq!(found(audit, between(at(60), at(121))).await, [11, 12]);
    assert_eq!(found(audit, between(at(61), at(121))).await, [12]);
    let late = at(60) + chrono::TimeDelta::microseconds(1);
    assert_eq!(found(audit, between(late, at(121))).await, [12]);
    assert_eq!(found(audit, between(at(60), late)).await, [11]);
}

async fn an_export_has_the_stored_bytes_and_a_table_of_them(database: Database) {
    let world = World::new(database).await;
    let audit = world.registry.audit();
    let event = AuditEvent::new(at(0), request(1), data_read(3));
    audit.record(vec![event]).await.unwrap();

    let page = audit.export_matching(&AuditQuery::default()).await.unwrap();

    assert_eq!(page.next, None);
    let [record] = page.records.as_slice() else {
        panic!("{page:?}")
    };
    let stored = audit.export(1, 1).await.unwrap();
    let first = format!(r#"{{"previous":"{}","#, digest(0));
    assert_eq!(record.json_line(), stored[0].replacen('{', &first, 1));
    let line = record.csv_line();
    let start = "1,2026-09-21T14:13:20.000Z,request-1,data_read,embed,\
        0101010101010101010101010101010101010101010101010101010101010101,finance-overview,tile-3,\
        14,bu-own-rows litigation-hold,";
    assert!(line.starts_with(start), "{line}");
    assert_eq!(record.fields().len(), Exported::columns().count());
}
