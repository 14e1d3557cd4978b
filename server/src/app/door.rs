//! What stands behind a listener.

use std::sync::Arc;

use super::App;
use crate::serve::{Door, Patience};

impl App {
    /// What stands behind a listener.
    #[must_use]
    pub fn door(&self) -> Door {
        Door {
            router: self.router(),
            hosts: self.hosts.clone(),
            leaving: self.state.leaving.clone(),
            most: self.connections,
            patience: Patience::default(),
            counters: Arc::clone(&self.state.connections),
        }
    }
}
