//! What is and was in force.

use std::time::Duration;

use chrono::TimeDelta;
use weir_registry::{AdoptFolder, Adopted, ContentTree, Origin, PolicyStepKind, RevisionError};

use crate::support::{
    Database, World, approved, assert_intact, at, folder, path, person, policy, run, step, steps,
    tree,
};

on_both_databases! {
    a_folder_is_adopted_once_and_again_when_it_changes,
    two_processes_that_start_at_once_adopt_one_folder,
    f78_a_tree_comes_back_byte_for_byte,
    published_rows_refuse_to_be_changed_or_removed,
    a_tampered_text_is_reported_with_its_revision_and_never_returned,
    a_revision_whose_row_is_unreadable_is_named,
    a_revision_whose_row_was_edited_is_named_whichever_column_it_was,
    what_was_in_force_is_answered_to_the_millisecond,
    a_clock_that_went_back_does_not_reorder_history,
    f13_another_process_hears_of_a_publication_within_five_seconds,
    a_folder_that_was_not_compared_with_the_newest_revision_counts_as_widening,
    following_ends_with_the_registry,
    revisions_are_listed_newest_first,
}

async fn a_folder_is_adopted_once_and_again_when_it_changes(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    assert_eq!(revisions.latest().await.unwrap(), None);

    let first = revisions.adopt(folder("one", 0)).await.unwrap();
    let Adopted::Published(first) = first else {
        panic!("{first:?}")
    };
    assert_eq!((first.number, first.origin), (1, Origin::Folder));
    assert_eq!((first.published_at, first.draft), (at(0), None));
    assert!(first.approvers.is_empty());
    assert_eq!(
        revisions.adopt(folder("one", 1)).await.unwrap(),
        Adopted::Unchanged(first)
    );

    let draft = approved(&world.registry, "two").await;
    let second = world
        .registry
        .drafts()
        .publish(step(&draft, "ada", 5))
        .await;
    // The same folder at the next start does not undo what was published since.
    assert_eq!(
        revisions.adopt(folder("one", 6)).await.unwrap(),
        Adopted::Unchanged(second.unwrap())
    );
    let third = revisions.adopt(folder("three", 7)).await.unwrap();
    assert!(
        matches!(&third, Adopted::Published(third) if third.number == 3),
        "{third:?}"
    );
    let fourth = revisions.adopt(folder("one", 8)).await.unwrap();
    assert!(
        matches!(&fourth, Adopted::Published(fourth) if fourth.number == 4),
        "{fourth:?}"
    );
    let adopted = steps(&world.registry).await;
    let adopted: Vec<_> = adopted
        .iter()
        .filter(|step| step.step == PolicyStepKind::Adopt)
        .map(|step| (step.revision, step.base, step.by))
        .collect();
    let by = person("operator").digest();
    assert_eq!(
        adopted,
        [
            (Some(1), None, by),
            (Some(3), Some(2), by),
            (Some(4), Some(3), by)
        ]
    );
}

async fn two_processes_that_start_at_once_adopt_one_folder(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;

    let (mine, theirs) = tokio::join!(
        world.registry.revisions().adopt(folder("one", 0)),
        replica.revisions().adopt(folder("one", 0)),
    );

    let published = [mine.unwrap(), theirs.unwrap()];
    let published = published
        .iter()
        .filter(|adopted| matches!(adopted, Adopted::Published(_)));
    assert_eq!(published.count(), 1);
    assert_eq!(replica.revisions().list(None, 9).await.unwrap().len(), 1);
}

async fn f78_a_tree_comes_back_byte_for_byte(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    let odd =
        "\u{feff}a: 1\r\n\tb: 'é\u{2028}\u{1f600}'\n\n \u{1}\u{7f} '\\x00' $1 -- ; \u{10ffff}";
    let mut files: Vec<_> = (0..45)
        .map(|i| {
            (
                path(&format!("policies/p{i}.policy.yaml")),
                format!("rules: {i}\n"),
            )
        })
        .collect();
    files.push((path("policies/odd.yaml"), odd.to_owned()));
    files.push((path("policies/empty.yaml"), String::new()));
    files.push((path("policies/same.yaml"), odd.to_owned()));
    files.push((path("dashboards/long.yaml"), "x\n".repeat(300_000)));
    let kept = ContentTree::new(files).unwrap();

    let adopt = AdoptFolder {
        tree: kept.clone(),
        ..folder("", 0)
    };
    revisions.adopt(adopt).await.unwrap();
    let empty = AdoptFolder {
        tree: tree(&[]),
        ..folder("", 1)
    };
    revisions.adopt(empty).await.unwrap();

    let read = revisions.tree(1).await.unwrap();
    assert!(kept.changes_to(&read).is_empty());
    assert_eq!((read.hash(), read.files().len()), (kept.hash(), 49));
    assert_eq!(revisions.tree(2).await.unwrap(), tree(&[]));
    assert!(matches!(
        revisions.tree(3).await,
        Err(RevisionError::Unknown(3))
    ));
}

async fn published_rows_refuse_to_be_changed_or_removed(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    revisions.adopt(folder("one", 0)).await.unwrap();
    let before = revisions.latest().await.unwrap();
    let mut intruder = world.intruder().await;

    for table in [
        "content_files",
        "content_trees",
        "content_tree_files",
        "revisions",
    ] {
        let column = match table {
            "content_files" => "text = 'permit: all'",
            "content_tree_files" => "path = 'policies/other.yaml'",
            "content_trees" => "files = 7",
            _ => "title = 'x'",
        };
        for sql in [
            format!("UPDATE {table} SET {column}"),
            format!("DELETE FROM {table}"),
        ] {
            assert!(run(&mut intruder, &sql).await.is_err(), "{sql}");
        }
    }
    for sql in [
        "INSERT INTO content_tree_files SELECT tree, 'policies/more.yaml', file
         FROM content_tree_files LIMIT 1",
        "INSERT INTO revisions SELECT number + 2, content, published_at_ms + 1, title, origin,
         rollback_of, draft, widening, author, approvers, publisher, seal FROM revisions",
        "INSERT INTO revisions SELECT number + 1, content, published_at_ms - 1, title, origin,
         rollback_of, draft, widening, author, approvers, publisher, seal FROM revisions",
        world.sql(
            "REPLACE INTO revisions SELECT number, content, published_at_ms + 1, 'x', origin,
             rollback_of, draft, widening, author, approvers, publisher, seal FROM revisions",
            "TRUNCATE revisions",
        ),
        world.sql(
            "REPLACE INTO content_trees SELECT hash, 0 FROM content_trees",
            "TRUNCATE content_files, content_tree_files, content_trees CASCADE",
        ),
    ] {
        assert!(run(&mut intruder, sql).await.is_err(), "{sql}");
    }
    if database == Database::Sqlite {
        let replace = "REPLACE INTO content_files SELECT hash, 'permit: all' FROM content_files";
        run(&mut intruder, replace).await.unwrap();
    }
    assert_eq!(revisions.tree(1).await.unwrap(), policy("one"));
    assert_eq!(revisions.latest().await.unwrap(), before);
}

/// Row R9: never open, and the operator knows which.
async fn a_tampered_text_is_reported_with_its_revision_and_never_returned(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    for text in ["one", "two"] {
        revisions.adopt(folder(text, 0)).await.unwrap();
    }
    let mut intruder = world.intruder_past_the_triggers().await;
    for (damage, repair) in [
        (
            "UPDATE content_files SET text = 'permit: all' WHERE text = 'two'",
            "UPDATE content_files SET text = 'two' WHERE text = 'permit: all'",
        ),
        (
            "UPDATE content_tree_files SET path = 'policies/z' WHERE path LIKE 'pol%'",
            "UPDATE content_tree_files SET path = 'policies/statements.policy.yaml'
             WHERE path = 'policies/z'",
        ),
        (
            "UPDATE content_tree_files SET path = '../' || path WHERE path LIKE 'pol%'",
            "UPDATE content_tree_files SET path = substr(path, 4) WHERE path LIKE '../%'",
        ),
        ("DELETE FROM content_tree_files", ""),
    ] {
        assert_eq!(revisions.tree(2).await.unwrap(), policy("two"), "{damage}");
        run(&mut intruder, damage).await.unwrap();

        let refused = revisions.tree(2).await.unwrap_err();

        assert!(
            matches!(
                refused,
                RevisionError::Corrupt {
                    revision: 2,
                    what: "content"
                }
            ),
            "{damage}: {refused:?}"
        );
        assert!(refused.to_string().contains("revision 2"), "{refused}");
        run(&mut intruder, repair).await.unwrap();
    }
}

async fn a_revision_whose_row_is_unreadable_is_named(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    revisions.adopt(folder("one", 0)).await.unwrap();
    let mut intruder = world.intruder_past_the_triggers().await;
    for (damage, what) in [
        // In the order in which the later ones are noticed first.
        ("origin = 'heaven'", "origin"),
        ("publisher = 'nobody'", "publisher"),
        ("approvers = '[{}]'", "list of approvers"),
        ("author = ''", "author"),
        (
            world.sql("content = x'00'", r"content = '\x00'"),
            "content hash",
        ),
    ] {
        // A reference to a tree that is not there can only be made past the database's own checks.
        if database == Database::Postgres {
            let past = "ALTER TABLE revisions DROP CONSTRAINT IF EXISTS revisions_content_fkey";
            run(&mut intruder, past).await.unwrap();
        } else {
            run(&mut intruder, "PRAGMA foreign_keys = OFF")
                .await
                .unwrap();
        }
        run(&mut intruder, &format!("UPDATE revisions SET {damage}"))
            .await
            .unwrap();

        let refused = revisions.latest().await.unwrap_err().to_string();

        assert!(
            refused.contains(&format!("revision 1 is damaged: its {what}")),
            "{damage}: {refused}"
        );
    }
}

/// One for each column of a revision.
const EDITS: [&str; 11] = [
    "content = (SELECT content FROM kept WHERE number = 1)",
    "published_at_ms = published_at_ms - 1",
    "title = 'another'",
    "origin = 'draft'",
    "origin = 'rollback', rollback_of = 1",
    "draft = 1",
    "widening = 0",
    "author = replace(author, 'operator', 'ada')",
    "approvers = '[' || author || ']'",
    "publisher = replace(publisher, 'operator', 'ada')",
    "seal = (SELECT seal FROM kept WHERE number = 3)",
];

/// What an auditor reads is what was published: every column is sealed.
async fn a_revision_whose_row_was_edited_is_named_whichever_column_it_was(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    for (text, seconds) in [("one", 10), ("two", 20), ("three", 30)] {
        revisions.adopt(folder(text, seconds)).await.unwrap();
    }
    let mut intruder = world.intruder_past_the_triggers().await;
    run(
        &mut intruder,
        "CREATE TABLE kept AS SELECT * FROM revisions",
    )
    .await
    .unwrap();
    for edit in EDITS {
        run(
            &mut intruder,
            &format!("UPDATE revisions SET {edit} WHERE number = 2"),
        )
        .await
        .unwrap();

        for refused in [
            revisions.get(2).await.err(),
            revisions.tree(2).await.err(),
            revisions.list(None, 9).await.err(),
            revisions.in_force_between(at(0), at(99)).await.err(),
        ] {
            assert!(
                matches!(
                    refused,
                    Some(RevisionError::Corrupt {
                        revision: 2 | 3,
                        what: "seal"
                    })
                ),
                "{edit}: {refused:?}"
            );
        }
        run(
            &mut intruder,
            "DELETE FROM revisions WHERE number > 1;
             INSERT INTO revisions SELECT * FROM kept WHERE number > 1",
        )
        .await
        .unwrap();
        assert_eq!(revisions.list(None, 9).await.unwrap().len(), 3, "{edit}");
    }
    run(&mut intruder, "DELETE FROM revisions WHERE number = 2")
        .await
        .unwrap();
    assert!(revisions.latest().await.is_err(), "the one before is gone");
}

async fn what_was_in_force_is_answered_to_the_millisecond(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    for (text, seconds) in [("one", 10), ("two", 20), ("three", 30)] {
        revisions.adopt(folder(text, seconds)).await.unwrap();
    }
    let ms = TimeDelta::milliseconds(1);
    let numbers = async |from, to| -> Vec<_> {
        let found = revisions.in_force_between(from, to).await.unwrap();
        found
            .into_iter()
            .map(|found| (found.revision.number, found.until))
            .collect()
    };
    let (one, two, three) = ((1, Some(at(20))), (2, Some(at(30))), (3, None));

    assert_eq!(numbers(at(0), at(10) - ms).await, []);
    assert_eq!(numbers(at(0), at(10)).await, [one]);
    assert_eq!(numbers(at(10), at(10)).await, [one]);
    assert_eq!(numbers(at(20) - ms, at(20) - ms).await, [one]);
    assert_eq!(numbers(at(20), at(20)).await, [two]);
    assert_eq!(numbers(at(20) - ms, at(20)).await, [one, two]);
    assert_eq!(numbers(at(20) - ms / 2, at(20) - ms / 2).await, [one]);
    assert_eq!(numbers(at(0), at(99)).await, [one, two, three]);
    assert_eq!(numbers(at(99), at(100)).await, [three]);
    assert_eq!(numbers(at(30), at(20)).await, []);
}

async fn a_clock_that_went_back_does_not_reorder_history(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    revisions.adopt(folder("one", 100)).await.unwrap();

    let Adopted::Published(second) = revisions.adopt(folder("two", 50)).await.unwrap() else {
        panic!("a new folder")
    };

    assert_eq!(second.published_at, at(100) + TimeDelta::milliseconds(1));
    let then = revisions.in_force_between(at(100), at(100)).await.unwrap();
    assert_eq!(then[0].revision.number, 1);
    assert_intact(&world.registry).await;
}

async fn f13_another_process_hears_of_a_publication_within_five_seconds(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;
    let mut followed = replica.revisions().follow();
    let mut own = world.registry.revisions().follow();
    assert_eq!(*followed.borrow_and_update(), None);

    for (number, text) in [(1, "one"), (2, "two"), (3, "three")] {
        world
            .registry
            .revisions()
            .adopt(folder(text, 0))
            .await
            .unwrap();
        for heard in [&mut followed, &mut own] {
            let news = heard.wait_for(|newest| newest.is_some_and(|it| it.number == number));
            let news = tokio::time::timeout(Duration::from_secs(5), news).await;
            assert!(news.is_ok(), "revision {number} was not heard of");
        }
    }
}

async fn a_folder_that_was_not_compared_with_the_newest_revision_counts_as_widening(
    database: Database,
) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    let adopted = async |text, widens_nothing_since| {
        let folder = AdoptFolder {
            widens_nothing_since,
            ..folder(text, 0)
        };
        match revisions.adopt(folder).await.unwrap() {
            Adopted::Published(revision) => revision.widening,
            Adopted::Unchanged(revision) => panic!("{revision:?}"),
        }
    };

    assert!(!adopted("one", None).await, "nobody saw anything before");
    assert!(adopted("two", None).await);
    assert!(!adopted("three", Some(2)).await);
    assert!(adopted("four", Some(2)).await, "the newest was 3");
}

async fn following_ends_with_the_registry(database: Database) {
    let world = World::new(database).await;
    let closed = world.reopened().await;
    let mut followed = closed.revisions().follow();
    closed.close().await.unwrap();
    drop(closed);
    // Every sender is gone: the task, and the handle that started it.
    while followed.changed().await.is_ok() {}

    let dropped = world.reopened().await;
    let mut followed = dropped.revisions().follow();
    drop(dropped);
    while followed.changed().await.is_ok() {}
}

async fn revisions_are_listed_newest_first(database: Database) {
    let world = World::new(database).await;
    let revisions = world.registry.revisions();
    for text in ["one", "two", "three"] {
        revisions.adopt(folder(text, 0)).await.unwrap();
    }
    let numbers = async |before, limit| -> Vec<_> {
        let found = revisions.list(before, limit).await.unwrap();
        found.into_iter().map(|revision| revision.number).collect()
    };

    assert_eq!(numbers(None, 2).await, [3, 2]);
    assert_eq!(numbers(Some(2), 2).await, [1]);
    assert_eq!(numbers(Some(u64::MAX), 9).await, [3, 2, 1]);
    assert!(numbers(Some(1), 9).await.is_empty());
    assert_eq!(revisions.get(2).await.unwrap().unwrap().number, 2);
    assert_eq!(revisions.get(4).await.unwrap(), None);
    assert_eq!(revisions.get(u64::MAX).await.unwrap(), None);
}
