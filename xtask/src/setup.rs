//! What a machine must have, and how it gets it.
//!
//! Each part looks first, installs only what is missing, and ends in [`Blocked`] with the one
//! command to run where installing is not possible or not ours to do.

pub(crate) mod browser;
pub(crate) mod debian;
pub(crate) mod node;
pub(crate) mod postgres;
pub(crate) mod python;
pub(crate) mod redis;
pub(crate) mod stamp;
pub(crate) mod tools;
pub(crate) mod wasm;

/// Something is missing that this program may not or cannot install.
#[derive(Debug)]
pub(crate) struct Blocked {
    /// What is missing, and why it was not installed.
    pub(crate) reason: String,
    /// The command that brings it.
    pub(crate) command: String,
}

impl std::fmt::Display for Blocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}; run this, then try again:\n\n    {}",
            self.reason, self.command
        )
    }
}

impl std::error::Error for Blocked {}
