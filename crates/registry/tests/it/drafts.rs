//! The life of a change, refusal by refusal.

use weir_registry::{
    DraftError, DraftId, DraftState, NewDraft, Origin, PolicyStepKind, Save, Verdict,
};

use crate::support::{
    Database, World, approved, assert_intact, at, draft_of, folder, narrow, person, policy, run,
    save, step, steps,
};

on_both_databases! {
    a_change_goes_from_draft_to_force_and_every_step_is_recorded,
    nobody_approves_what_they_worked_on_not_even_an_older_version_of_it,
    the_database_itself_refuses_an_approval_of_own_work,
    one_person_is_one_approval_however_often_and_under_whatever_name,
    a_widening_needs_two_people_whatever_the_caller_asked_for,
    an_edit_drops_approvals_verdict_and_schedule,
    f78_of_two_editors_the_second_gets_the_stored_draft_and_nothing_is_lost,
    a_draft_on_an_outdated_base_is_neither_submitted_nor_scheduled_nor_published,
    two_processes_that_publish_at_once_make_one_revision,
    what_is_not_approved_is_not_published,
    a_scheduled_draft_is_due_at_its_time_and_not_before,
    a_draft_that_is_sent_back_starts_over,
    what_is_published_or_withdrawn_stays_so,
    f78_pushing_the_same_tree_again_is_unchanged,
    a_rollback_is_the_old_content_exactly,
    a_draft_of_nothing_new_is_not_submitted,
    texts_that_are_no_words_are_refused,
    a_draft_that_is_damaged_is_named_and_not_published,
    drafts_are_listed_by_state,
    every_version_of_a_draft_can_be_read_again,
}

async fn a_change_goes_from_draft_to_force_and_every_step_is_recorded(database: Database) {
    let world = World::new(database).await;
    let (drafts, revisions) = (world.registry.drafts(), world.registry.revisions());
    revisions.adopt(folder("one", 0)).await.unwrap();

    let draft = drafts.open(draft_of("two", 1, "ada")).await.unwrap();
    let draft = drafts.save(save(&draft, "three", "eve")).await.unwrap();
    let draft = drafts
        .submit(step(&draft, "eve", 3), narrow())
        .await
        .unwrap();
    let draft = drafts.approve(step(&draft, "bob", 4)).await.unwrap();
    let revision = drafts.publish(step(&draft, "ada", 5)).await.unwrap();

    assert_eq!((revision.number, revision.published_at), (2, at(5)));
    assert_eq!(revision.content, policy("three").hash());
    assert_eq!(revision.author, person("ada"));
    assert_eq!(revision.approvers, [person("bob")]);
    assert_eq!(revision.publisher, person("ada"));
    assert_eq!((revision.origin, revision.widening), (Origin::Draft, false));
    assert_eq!(revision.draft, Some(draft.id));
    assert_eq!(revisions.latest().await.unwrap().unwrap(), revision);
    assert_eq!(revisions.tree(2).await.unwrap(), policy("three"));
    let published = drafts.get(draft.id).await.unwrap().unwrap();
    assert_eq!(published.state, DraftState::Published);
    assert_eq!(published.editors, [person("ada"), person("eve")]);
    let recorded = steps(&world.registry).await;
    let kinds: Vec<_> = recorded.iter().map(|step| step.step).collect();
    assert_eq!(
        kinds,
        [
            PolicyStepKind::Adopt,
            PolicyStepKind::Open,
            PolicyStepKind::Save,
            PolicyStepKind::Submit,
            PolicyStepKind::Approve,
            PolicyStepKind::Publish,
        ]
    );
    let last = recorded.last().unwrap();
    assert_eq!(
        (last.revision, last.base, last.version),
        (Some(2), Some(1), Some(2))
    );
    assert_eq!(
        (last.by, last.content),
        (person("ada").digest(), revision.content)
    );
    assert_eq!((last.approvals, last.widening), (1, Some(false)));
    assert_intact(&world.registry).await;
}

/// Row P4: author and approver are two people, by the registry's transaction.
async fn nobody_approves_what_they_worked_on_not_even_an_older_version_of_it(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let draft = drafts.open(draft_of("one", 0, "ada")).await.unwrap();
    let draft = drafts.save(save(&draft, "two", "eve")).await.unwrap();
    let draft = drafts.save(save(&draft, "three", "ada")).await.unwrap();
    let draft = drafts
        .submit(step(&draft, "sam", 3), narrow())
        .await
        .unwrap();

    for editor in ["ada", "eve"] {
        let refused = drafts.approve(step(&draft, editor, 4)).await.unwrap_err();
        assert!(matches!(refused, DraftError::OwnWork(_)), "{refused:?}");
    }
    // Under another name it is the same person; at another issuer it is not.
    let mut disguised = step(&draft, "eve", 4);
    disguised.by.name.push_str(" again");
    assert!(matches!(
        drafts.approve(disguised).await,
        Err(DraftError::OwnWork(_))
    ));
    assert!(drafts.approve(step(&draft, "sam", 4)).await.is_ok());
}

async fn the_database_itself_refuses_an_approval_of_own_work(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    drafts.open(draft_of("one", 0, "ada")).await.unwrap();
    let mut intruder = world.intruder().await;

    let refused = run(
        &mut intruder,
        "INSERT INTO draft_approvals (draft, version, person, approver, at_ms)
         SELECT draft, version, person, editor, at_ms FROM draft_versions",
    )
    .await;

    assert!(refused.is_err());
}

async fn one_person_is_one_approval_however_often_and_under_whatever_name(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let draft = drafts.open(draft_of("one", 0, "ada")).await.unwrap();
    let wide = Verdict {
        widening: true,
        ..narrow()
    };
    let draft = drafts.submit(step(&draft, "ada", 3), wide).await.unwrap();
    drafts.approve(step(&draft, "bob", 4)).await.unwrap();
    let before = steps(&world.registry).await.len();

    let mut renamed = step(&draft, "bob", 5);
    renamed.by.name.push_str(" again");
    let again = drafts.approve(renamed).await.unwrap();

    assert_eq!(again.approvals.len(), 1);
    assert_eq!(steps(&world.registry).await.len(), before);
    let refused = drafts.publish(step(&draft, "ada", 6)).await.unwrap_err();
    assert!(
        matches!(refused, DraftError::NeedsApproval { have: 1, need: 2 }),
        "{refused:?}"
    );
}

async fn a_widening_needs_two_people_whatever_the_caller_asked_for(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    for (widening, asked, need) in [
        (false, 0, 1),
        (false, 1, 1),
        (true, 0, 2),
        (true, 1, 2),
        (true, 3, 3),
    ] {
        let draft = drafts.open(draft_of("one", 0, "ada")).await.unwrap();
        let verdict = Verdict {
            widening,
            approvals_needed: asked,
            findings: "[]".to_owned(),
        };
        let draft = drafts
            .submit(step(&draft, "ada", 3), verdict)
            .await
            .unwrap();

        let refused = drafts.publish(step(&draft, "ada", 4)).await.unwrap_err();

        assert!(
            matches!(refused, DraftError::NeedsApproval { have: 0, need: n } if n == need),
            "{refused:?}"
        );
    }
}

async fn an_edit_drops_approvals_verdict_and_schedule(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let draft = approved(&world.registry, "one").await;
    let draft = drafts
        .schedule(step(&draft, "ada", 5), at(100))
        .await
        .unwrap();

    let edited = drafts.save(save(&draft, "two", "bob")).await.unwrap();

    assert_eq!((edited.state, edited.version), (DraftState::Editing, 2));
    assert!(edited.approvals.is_empty());
    assert_eq!((&edited.verdict, edited.effective_from), (&None, None));
    assert!(drafts.due(at(1000)).await.unwrap().is_empty());
    let edited = drafts
        .submit(step(&edited, "ada", 6), narrow())
        .await
        .unwrap();
    let refused = drafts.publish(step(&edited, "ada", 7)).await.unwrap_err();
    assert!(
        matches!(refused, DraftError::NeedsApproval { have: 0, need: 1 }),
        "{refused:?}"
    );
}

async fn f78_of_two_editors_the_second_gets_the_stored_draft_and_nothing_is_lost(
    database: Database,
) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let seen = drafts.open(draft_of("one", 0, "ada")).await.unwrap();
    let first = drafts.save(save(&seen, "hers", "ada")).await.unwrap();

    let refused = drafts.save(save(&seen, "theirs", "eve")).await.unwrap_err();

    let DraftError::Conflict(stored) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(*stored, first);
    assert_eq!(
        drafts.tree(seen.id, None).await.unwrap(),
        policy("hers"),
        "what was saved first"
    );
    let second = drafts.save(save(&stored, "both", "eve")).await.unwrap();
    assert_eq!(second.version, 3);
    // Every other step on what somebody saw before is a conflict too.
    let late = [
        drafts.submit(step(&seen, "ada", 3), narrow()).await.err(),
        drafts.approve(step(&seen, "bob", 3)).await.err(),
        drafts.withdraw(step(&seen, "ada", 3)).await.err(),
        drafts.publish(step(&seen, "ada", 3)).await.err(),
    ];
    for refused in late {
        assert!(
            matches!(refused, Some(DraftError::Conflict(_))),
            "{refused:?}"
        );
    }
}

/// Row P5.
async fn a_draft_on_an_outdated_base_is_neither_submitted_nor_scheduled_nor_published(
    database: Database,
) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let editing = drafts.open(draft_of("mine", 0, "ada")).await.unwrap();
    let late = approved(&world.registry, "late").await;
    let quick = approved(&world.registry, "quick").await;
    drafts.publish(step(&quick, "ada", 5)).await.unwrap();

    for refused in [
        drafts
            .submit(step(&editing, "ada", 6), narrow())
            .await
            .err(),
        drafts.schedule(step(&late, "ada", 6), at(9)).await.err(),
        drafts.publish(step(&late, "ada", 6)).await.err(),
    ] {
        assert!(
            matches!(refused, Some(DraftError::Outdated { base: 0, latest: 1 })),
            "{refused:?}"
        );
    }
    // Taken over, reviewed again, published.
    let mut rebased = save(&late, "late and quick", "ada");
    rebased.base = 1;
    let draft = drafts.save(rebased).await.unwrap();
    let draft = drafts
        .submit(step(&draft, "ada", 7), narrow())
        .await
        .unwrap();
    drafts.approve(step(&draft, "bob", 8)).await.unwrap();
    let revision = drafts.publish(step(&draft, "bob", 9)).await.unwrap();
    assert_eq!(revision.number, 2);
    assert!(matches!(
        drafts.open(draft_of("x", 3, "ada")).await,
        Err(DraftError::UnknownRevision(3))
    ));
}

async fn two_processes_that_publish_at_once_make_one_revision(database: Database) {
    let world = World::new(database).await;
    let replica = world.reopened().await;
    for round in 0..5_u64 {
        let one = approved(&world.registry, &format!("one {round}")).await;
        let other = approved(&replica, &format!("other {round}")).await;
        let (mine, theirs, same) = tokio::join!(
            world.registry.drafts().publish(step(&one, "ada", 5)),
            replica.drafts().publish(step(&other, "ada", 5)),
            replica.drafts().publish(step(&one, "ada", 5)),
        );

        let outcomes = [mine, theirs, same];
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(won, 1, "{outcomes:?}");
        for refused in outcomes.into_iter().filter_map(Result::err) {
            assert!(
                matches!(
                    refused,
                    DraftError::Outdated { .. } | DraftError::WrongState { .. }
                ),
                "{refused:?}"
            );
        }
        let latest = replica.revisions().latest().await.unwrap().unwrap();
        assert_eq!(latest.number, round + 1);
    }
    assert_intact(&world.registry).await;
}

async fn what_is_not_approved_is_not_published(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let draft = drafts.open(draft_of("one", 0, "ada")).await.unwrap();

    let refused = drafts.publish(step(&draft, "bob", 2)).await.unwrap_err();
    assert!(
        matches!(
            refused,
            DraftError::WrongState {
                state: DraftState::Editing,
                ..
            }
        ),
        "{refused:?}"
    );
    let draft = drafts
        .submit(step(&draft, "ada", 3), narrow())
        .await
        .unwrap();
    for refused in [
        drafts.publish(step(&draft, "bob", 4)).await.err(),
        drafts.schedule(step(&draft, "bob", 4), at(9)).await.err(),
    ] {
        assert!(
            matches!(
                refused,
                Some(DraftError::NeedsApproval { have: 0, need: 1 })
            ),
            "{refused:?}"
        );
    }
    assert_eq!(world.registry.revisions().latest().await.unwrap(), None);
}

async fn a_scheduled_draft_is_due_at_its_time_and_not_before(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let draft = approved(&world.registry, "one").await;
    let draft = drafts
        .schedule(step(&draft, "ada", 5), at(100))
        .await
        .unwrap();

    assert!(drafts.due(at(99)).await.unwrap().is_empty());
    assert_eq!(
        drafts.due(at(100)).await.unwrap(),
        std::slice::from_ref(&draft)
    );
    let refused = drafts.publish(step(&draft, "timer", 99)).await.unwrap_err();
    assert!(matches!(refused, DraftError::NotYet { .. }), "{refused:?}");
    let open = drafts.unschedule(step(&draft, "ada", 6)).await.unwrap();
    assert_eq!(
        (open.state, open.approvals.len()),
        (DraftState::InReview, 1)
    );
    drafts
        .schedule(step(&draft, "ada", 7), at(100))
        .await
        .unwrap();
    let revision = drafts.publish(step(&draft, "timer", 100)).await.unwrap();
    assert_eq!(revision.published_at, at(100));
    assert!(drafts.due(at(1000)).await.unwrap().is_empty());
}

async fn a_draft_that_is_sent_back_starts_over(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let draft = approved(&world.registry, "one").await;

    let back = drafts
        .send_back(step(&draft, "bob", 5), "Why?\nTell me.".to_owned())
        .await
        .unwrap();

    assert_eq!(back.state, DraftState::Editing);
    assert_eq!(back.reason.as_deref(), Some("Why?\nTell me."));
    assert!(back.approvals.is_empty());
    let again = drafts
        .submit(step(&back, "ada", 6), narrow())
        .await
        .unwrap();
    assert_eq!((&again.reason, again.approvals.len()), (&None, 0));
    let refused = drafts.publish(step(&again, "ada", 7)).await.unwrap_err();
    assert!(
        matches!(refused, DraftError::NeedsApproval { .. }),
        "{refused:?}"
    );
}

async fn what_is_published_or_withdrawn_stays_so(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let published = approved(&world.registry, "one").await;
    drafts.publish(step(&published, "ada", 5)).await.unwrap();
    let withdrawn = drafts.open(draft_of("two", 1, "ada")).await.unwrap();
    drafts.withdraw(step(&withdrawn, "ada", 5)).await.unwrap();

    for draft in [published, withdrawn] {
        let by = |seconds| step(&draft, "bob", seconds);
        for refused in [
            drafts.save(save(&draft, "x", "bob")).await.err(),
            drafts.submit(by(6), narrow()).await.err(),
            drafts.approve(by(6)).await.err(),
            drafts.send_back(by(6), "no".to_owned()).await.err(),
            drafts.withdraw(by(6)).await.err(),
            drafts.schedule(by(6), at(9)).await.err(),
            drafts.unschedule(by(6)).await.err(),
            drafts.publish(by(6)).await.err(),
        ] {
            assert!(
                matches!(refused, Some(DraftError::WrongState { .. })),
                "{refused:?}"
            );
        }
    }
    let mut intruder = world.intruder().await;
    for sql in [
        "UPDATE drafts SET state = 'editing'",
        "DELETE FROM drafts",
        "UPDATE draft_versions SET title = 'x'",
        "DELETE FROM draft_versions",
        "UPDATE draft_approvals SET at_ms = 0",
    ] {
        assert!(run(&mut intruder, sql).await.is_err(), "{sql}");
    }
    let unknown = DraftId::new(99);
    assert_eq!(drafts.get(unknown).await.unwrap(), None);
    let mut nowhere = step(
        &drafts.list(&DraftState::ALL, 1).await.unwrap()[0],
        "bob",
        6,
    );
    nowhere.draft = unknown;
    assert!(matches!(
        drafts.approve(nowhere).await,
        Err(DraftError::Unknown(id)) if id == unknown
    ));
}

async fn f78_pushing_the_same_tree_again_is_unchanged(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let push = |base| NewDraft {
        origin: Origin::Push,
        ..draft_of("pushed", base, "ada")
    };
    let draft = drafts.open(push(0)).await.unwrap();
    let draft = drafts
        .submit(step(&draft, "ada", 3), narrow())
        .await
        .unwrap();
    let draft = drafts.approve(step(&draft, "bob", 4)).await.unwrap();
    let revision = drafts.publish(step(&draft, "ada", 5)).await.unwrap();
    let before = steps(&world.registry).await;

    let again = drafts.open(push(1)).await.unwrap_err();

    assert_eq!(revision.origin, Origin::Push);
    assert!(
        matches!(again, DraftError::Unchanged { revision: 1 }),
        "{again:?}"
    );
    assert_eq!(steps(&world.registry).await, before);
}

/// Row P7.
async fn a_rollback_is_the_old_content_exactly(database: Database) {
    let world = World::new(database).await;
    let (drafts, revisions) = (world.registry.drafts(), world.registry.revisions());
    revisions.adopt(folder("old", 0)).await.unwrap();
    let new = approved(&world.registry, "new").await;
    drafts.publish(step(&new, "ada", 5)).await.unwrap();
    let rollback = |of, text| NewDraft {
        origin: Origin::Rollback { of },
        ..draft_of(text, 2, "ada")
    };

    for (new, expected) in [
        (rollback(1, "almost old"), "no rollback"),
        (rollback(9, "old"), "no revision 9"),
        (rollback(2, "new"), "in force"),
    ] {
        let refused = drafts.open(new).await.unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    let folder = NewDraft {
        origin: Origin::Folder,
        ..draft_of("x", 2, "ada")
    };
    assert!(matches!(
        drafts.open(folder).await,
        Err(DraftError::FolderIsNoDraft)
    ));
    let edited = drafts.open(rollback(1, "old")).await.unwrap();
    let edited = drafts.save(save(&edited, "older", "ada")).await.unwrap();
    assert_eq!(edited.origin, Origin::Draft);
    let draft = drafts.open(rollback(1, "old")).await.unwrap();
    let draft = drafts
        .submit(step(&draft, "ada", 6), narrow())
        .await
        .unwrap();
    let draft = drafts.approve(step(&draft, "bob", 7)).await.unwrap();
    let revision = drafts.publish(step(&draft, "ada", 8)).await.unwrap();
    assert_eq!(revision.origin, Origin::Rollback { of: 1 });
    assert_eq!(
        revisions.tree(3).await.unwrap(),
        revisions.tree(1).await.unwrap()
    );
    assert_eq!(revisions.get(3).await.unwrap(), Some(revision));
}

async fn a_draft_of_nothing_new_is_not_submitted(database: Database) {
    let world = World::new(database).await;
    world
        .registry
        .revisions()
        .adopt(folder("one", 0))
        .await
        .unwrap();
    let drafts = world.registry.drafts();
    // Editing starts from what is in force.
    let draft = drafts.open(draft_of("one", 1, "ada")).await.unwrap();

    let refused = drafts.submit(step(&draft, "ada", 3), narrow()).await;

    assert!(
        matches!(refused, Err(DraftError::Unchanged { revision: 1 })),
        "{refused:?}"
    );
}

async fn texts_that_are_no_words_are_refused(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    for title in ["", " ", "a\nb", "a\0b", &"é".repeat(201)] {
        let new = NewDraft {
            title: title.to_owned(),
            ..draft_of("one", 0, "ada")
        };
        let refused = drafts.open(new).await;
        assert!(matches!(refused, Err(DraftError::Text(_))), "{title:?}");
    }
    let draft = approved(&world.registry, "one").await;
    let back = drafts
        .send_back(step(&draft, "bob", 5), "a\0b".to_owned())
        .await;
    assert!(matches!(back, Err(DraftError::Text(_))), "{back:?}");
}

/// A corrupt row is named and never opens anything.
async fn a_draft_that_is_damaged_is_named_and_not_published(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let draft = approved(&world.registry, "one").await;
    let mut intruder = world.intruder_past_the_triggers().await;
    run(
        &mut intruder,
        "UPDATE content_files SET text = 'permit: all' WHERE text = 'one'",
    )
    .await
    .unwrap();

    for refused in [
        drafts.publish(step(&draft, "ada", 5)).await.err(),
        drafts.tree(draft.id, None).await.err(),
    ] {
        assert!(
            matches!(refused, Some(DraftError::Corrupt { draft: id, what: "content" }) if id == draft.id),
            "{refused:?}"
        );
    }
    assert_eq!(world.registry.revisions().latest().await.unwrap(), None);
    run(&mut intruder, "UPDATE drafts SET author = '{}'")
        .await
        .unwrap();
    let refused = drafts.get(draft.id).await.unwrap_err();
    assert!(
        refused.to_string().contains("its author is not"),
        "{refused}"
    );
}

async fn drafts_are_listed_by_state(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let editing = drafts.open(draft_of("one", 0, "ada")).await.unwrap();
    let review = approved(&world.registry, "two").await;
    let numbers = async |states: &[DraftState], limit| -> Vec<_> {
        let found = drafts.list(states, limit).await.unwrap();
        found.into_iter().map(|draft| draft.id).collect()
    };

    assert_eq!(numbers(&[DraftState::Editing], 9).await, [editing.id]);
    assert_eq!(
        numbers(&DraftState::ALL, 9).await,
        [review.id, editing.id],
        "the last touched first"
    );
    assert_eq!(numbers(&DraftState::ALL, 1).await, [review.id]);
    assert!(numbers(&[], 9).await.is_empty());
}

async fn every_version_of_a_draft_can_be_read_again(database: Database) {
    let world = World::new(database).await;
    let drafts = world.registry.drafts();
    let draft = drafts.open(draft_of("one", 0, "ada")).await.unwrap();
    let draft = drafts
        .save(Save {
            title: "Another title".to_owned(),
            ..save(&draft, "two", "ada")
        })
        .await
        .unwrap();

    assert_eq!(draft.title, "Another title");
    assert_eq!(drafts.tree(draft.id, Some(1)).await.unwrap(), policy("one"));
    assert_eq!(drafts.tree(draft.id, Some(2)).await.unwrap(), policy("two"));
    assert_eq!(drafts.tree(draft.id, None).await.unwrap(), policy("two"));
    assert!(matches!(
        drafts.tree(draft.id, Some(3)).await,
        Err(DraftError::Unknown(_))
    ));
}
