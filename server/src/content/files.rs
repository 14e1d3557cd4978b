//! The content folders as files with paths, the way the registry keeps them.

use std::collections::BTreeMap;
use std::path::Path;

use super::ContentError;

/// Where the files of each folder belong, and how their names end.
const POLICIES: (&str, &[&str]) = (
    "policies",
    &[
        ".policy.yaml",
        ".test.yaml",
        "identity.yaml",
        "personas.yaml",
    ],
);
const DASHBOARDS: (&str, &[&str]) = ("dashboards", &[".dashboard.yaml"]);
const DATASETS: (&str, &[&str]) = ("dashboards/datasets", &[".dataset.yaml"]);

/// Reads Weir's files below the two folders, by the path each is known under, such as
/// `policies/statements.policy.yaml`. What else lies there is left alone.
///
/// # Errors
/// [`ContentError::Unreadable`] names the folder or file.
pub fn folders(
    policies: &Path,
    dashboards: &Path,
) -> Result<BTreeMap<String, String>, ContentError> {
    let mut files = BTreeMap::new();
    collect(policies, POLICIES, &mut files)?;
    collect(dashboards, DASHBOARDS, &mut files)?;
    collect(&dashboards.join("datasets"), DATASETS, &mut files)?;
    Ok(files)
}

/// Whether a file is known under this path at all.
#[must_use]
pub fn is_ours(path: &str) -> bool {
    let Some((dir, name)) = path.rsplit_once('/') else {
        return false;
    };
    let mut kinds = [POLICIES, DASHBOARDS, DATASETS].into_iter();
    kinds.any(|(place, endings)| dir == place && endings.iter().any(|end| name.ends_with(end)))
}

fn collect(
    dir: &Path,
    (place, endings): (&str, &[&str]),
    files: &mut BTreeMap<String, String>,
) -> Result<(), ContentError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |cause| ContentError::Unreadable { path, cause }
    };
    for entry in std::fs::read_dir(dir).map_err(unreadable(dir))? {
        let entry = entry.map_err(unreadable(dir))?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if endings.iter().any(|ending| name.ends_with(ending)) {
            let path = entry.path();
            let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
            files.insert(format!("{place}/{name}"), text);
        }
    }
    Ok(())
}
