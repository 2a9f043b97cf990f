//! The browser's localStorage, or memory where it is refused.

use crate::{memory::Memory, queue::Store};
use alloc::{string::String, vec::Vec};
use web_sys::{Storage, Window};

/// Where the pixel keeps things.
pub enum Shelf {
    /// On the visitor's disk.
    Local(Storage),
    /// As long as the page lasts.
    Memory(Memory),
}

impl Shelf {
    /// The best that the browser grants. Some refuse by an exception, some by null,
    /// some at the first write.
    pub fn of(window: &Window) -> Self {
        const PROBE: &str = "crumb.p";
        match window.local_storage() {
            Ok(Some(storage)) if storage.set_item(PROBE, "").is_ok() => {
                // An entry that stays is empty and is written again next time.
                let _ = storage.remove_item(PROBE);
                Self::Local(storage)
            }
            _ => Self::Memory(Memory::default()),
        }
    }
}

impl Store for Shelf {
    fn keys(&self) -> Vec<String> {
        match self {
            Self::Local(storage) => (0..storage.length().unwrap_or(0))
                .filter_map(|n| storage.key(n).ok().flatten())
                .collect(),
            Self::Memory(memory) => memory.keys(),
        }
    }

    fn get(&self, key: &str) -> Option<String> {
        match self {
            Self::Local(storage) => storage.get_item(key).ok().flatten(),
            Self::Memory(memory) => memory.get(key),
        }
    }

    fn set(&mut self, key: &str, text: &str) -> bool {
        match self {
            Self::Local(storage) => storage.set_item(key, text).is_ok(),
            Self::Memory(memory) => memory.set(key, text),
        }
    }

    fn remove(&mut self, key: &str) {
        match self {
            // What can't be removed is sent again, and counted once.
            Self::Local(storage) => drop(storage.remove_item(key)),
            Self::Memory(memory) => memory.remove(key),
        }
    }
}
