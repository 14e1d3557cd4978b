//! From a dashboard tile to a governed, fingerprinted statement.
