//! What a statement will read and cost, said before it runs.

/// A forecast out of the table's own metadata: files that can't be left unread, times the columns
/// that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Data files that will be opened.
    pub files: u64,
    /// Bytes of the columns in them.
    pub scanned_bytes: u64,
    /// Bytes that will be paid for, by the engine's published rules.
    pub billed_bytes: u64,
}
