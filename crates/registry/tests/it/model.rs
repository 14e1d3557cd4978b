//! The life of drafts against a small model of it.
