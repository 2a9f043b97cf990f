//! A store in memory, for browsers that refuse theirs. It lasts as long as the page.

use crate::queue::Store;
use alloc::{string::String, vec::Vec};

/// Entries in memory.
#[derive(Debug, Default)]
pub struct Memory(Vec<(String, String)>);

impl Store for Memory {
    fn keys(&self) -> Vec<String> {
        self.0.iter().map(|(key, _)| key.clone()).collect()
    }

    fn get(&self, key: &str) -> Option<String> {
        let found = self.0.iter().find(|(k, _)| k == key);
        found.map(|(_, text)| text.clone())
    }

    fn set(&mut self, key: &str, text: &str) -> bool {
        self.remove(key);
        self.0.push((key.into(), text.into()));
        true
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|(k, _)| k != key);
    }
}
