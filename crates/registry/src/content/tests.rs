use proptest::prelude::*;

use super::*;

fn tree(files: &[(&str, &str)]) -> ContentTree {
    let files = files.iter().map(|(path, text)| {
        let path = ContentPath::parse(*path).unwrap();
        (path, (*text).to_owned())
    });
    ContentTree::new(files).unwrap()
}

#[test]
fn paths_of_the_folders_are_content_paths() {
    for path in [
        "policies/statements.policy.yaml",
        "policies/identity.yaml",
        "dashboards/datasets/agg_daily_metrics.dataset.yaml",
    ] {
        assert_eq!(ContentPath::parse(path).unwrap().as_str(), path);
    }
}

#[test]
fn paths_that_leave_the_folder_or_mean_two_files_are_refused() {
    for path in [
        "",
        "/etc/passwd",
        "policies//x.yaml",
        "policies/",
        "..",
        "policies/../x.yaml",
        "policies/.hidden",
        "policies\\x.yaml",
        "Policies/x.yaml",
        "policies/é.yaml",
        "policies/a b",
        "c:/x",
        "a\0b",
    ] {
        assert!(ContentPath::parse(path).is_err(), "{path}");
    }
    assert!(ContentPath::parse("a".repeat(200)).is_ok());
    assert!(ContentPath::parse("a".repeat(201)).is_err());
}

#[test]
fn a_tree_has_limits_and_says_which_file_passes_them() {
    let path = |name: &str| ContentPath::parse(name).unwrap();
    let refused = |files: Vec<(ContentPath, String)>| ContentTree::new(files).unwrap_err();

    let twice = vec![(path("a"), String::new()), (path("a"), "x".to_owned())];
    assert_eq!(refused(twice), TreeError::Duplicate(path("a")));
    let long = "x".repeat(ContentTree::MAX_FILE_BYTES + 1);
    assert!(refused(vec![(path("b"), long)]).to_string().contains("`b`"));
    let full = "x".repeat(ContentTree::MAX_FILE_BYTES);
    let many = (0..33).map(|i| (path(&format!("f{i}")), full.clone()));
    assert!(matches!(
        refused(many.collect()),
        TreeError::TreeTooLong { .. }
    ));
    let crowd = (0..2001).map(|i| (path(&format!("f{i}")), String::new()));
    assert!(matches!(
        refused(crowd.collect()),
        TreeError::TooManyFiles { .. }
    ));
    let zero = vec![(path("z"), "a\0b".to_owned())];
    assert_eq!(refused(zero), TreeError::NotText(path("z")));
}

#[test]
fn a_hash_is_not_fooled_by_texts_that_look_like_files() {
    let together = tree(&[("a", "b\nc"), ("d", "")]);
    for other in [
        tree(&[("a", "b\nc")]),
        tree(&[("a", "b"), ("c", "d")]),
        tree(&[("a", "b\nc\nd"), ("e", "")]),
        tree(&[("ab", "\nc"), ("d", "")]),
        tree(&[("a", ""), ("d", "b\nc")]),
        tree(&[("a", "b\r\nc"), ("d", "")]),
        tree(&[]),
    ] {
        assert_ne!(together.hash(), other.hash(), "{other:?}");
    }
}

#[test]
fn changes_are_named_by_file() {
    let before = tree(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let after = tree(&[("a", "1"), ("b", "2 "), ("d", "3")]);

    let changes: Vec<_> = before
        .changes_to(&after)
        .into_iter()
        .map(|change| (change.path.to_string(), change.kind))
        .collect();

    let named = |path: &str, kind| (path.to_owned(), kind);
    assert_eq!(
        changes,
        [
            named("b", ChangeKind::Changed),
            named("c", ChangeKind::Removed),
            named("d", ChangeKind::Added),
        ]
    );
    assert!(before.changes_to(&before).is_empty());
}

fn trees() -> impl Strategy<Value = ContentTree> {
    let files = prop::collection::btree_map("[ab]{1,3}", "[ab\u{1}\u{2}]{0,4}", 0..4);
    files.prop_map(|files| {
        let files = files
            .into_iter()
            .map(|(path, text)| (ContentPath::parse(path).unwrap(), text));
        ContentTree::new(files).unwrap()
    })
}

proptest! {
    /// P6's precondition: what a revision's hash names is one content and no other.
    #[test]
    fn hashes_are_equal_exactly_when_trees_are(one in trees(), other in trees()) {
        prop_assert_eq!(one == other, one.hash() == other.hash());
        prop_assert_eq!(one == other, one.changes_to(&other).is_empty());
    }
}
