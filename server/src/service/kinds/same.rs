//! One thing among all that ever were: what immutable state is told apart by.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};

/// Equal only to what came from the same [`Arc`]. It keeps the place in memory taken, and not what
/// stood there, so that no later thing can be mistaken for it.
#[derive(Debug)]
pub struct Same<T>(Weak<T>);

impl<T> Same<T> {
    /// What tells `thing` from all others.
    #[must_use]
    pub fn of(thing: &Arc<T>) -> Self {
        Self(Arc::downgrade(thing))
    }

    /// Whether this is `thing`.
    #[must_use]
    pub fn is(&self, thing: &Arc<T>) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(thing))
    }
}

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(Weak::clone(&self.0))
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0.as_ptr(), other.0.as_ptr())
    }
}

impl<T> Eq for Same<T> {}

impl<T> Hash for Same<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.0.as_ptr(), state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_never_mistaken_for_what_came_after() {
        let mut seen: Vec<Same<String>> = Vec::new();

        for _ in 0..1_000 {
            let thing = Arc::new("the same text".to_owned());
            assert!(!seen.iter().any(|earlier| earlier.is(&thing)));
            seen.push(Same::of(&thing));
        }
    }

    #[test]
    fn copies_of_one_arc_are_the_same_and_equal_things_are_not() {
        let (one, other) = (Arc::new(1), Arc::new(1));

        assert_eq!(Same::of(&one), Same::of(&Arc::clone(&one)));
        assert_ne!(Same::of(&one), Same::of(&other));
    }
}
