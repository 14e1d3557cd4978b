//! Files with secrets: for whom they are.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

/// A file with a secret that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// It is not there, or not for Weir.
    #[error("`{}` can't be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is for everybody.
    #[error(
        "everybody on this machine may read `{}`; take that away with `chmod 600 {}`, and make a new \
         key if somebody could have", .0.display(), .0.display()
    )]
    Open(PathBuf),
}

/// The text of a file that not everybody may read, without the line's end.
///
/// # Errors
/// [`SecretFileError`] names the file.
pub fn read(path: &Path) -> Result<SecretString, SecretFileError> {
    let unreadable = |cause| SecretFileError::Unreadable(path.to_owned(), cause);
    if is_for_everybody(&path.metadata().map_err(unreadable)?) {
        return Err(SecretFileError::Open(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    Ok(text.trim().into())
}

/// A group may read it: secrets that an orchestrator mounts belong to one.
#[cfg(unix)]
fn is_for_everybody(file: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions().mode() & 0o007 != 0
}

#[cfg(not(unix))]
fn is_for_everybody(_: &Metadata) -> bool {
    false
}
