//! Who was erased, and what stays out because of it.

use crate::store::{Store, StoreError, Tombstone};
use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicBool},
};
use tokio::sync::{Mutex, Notify};

/// Everybody who was erased: the drainer's, who adds to them, and the eraser's.
#[derive(Debug, Default)]
pub struct Tombs {
    /// Nothing until they are read.
    known: Mutex<Option<Arc<Buried>>>,
    /// Somebody was buried, or came again, and the spool has nothing of them any more.
    pub due: Notify,
    /// Whether somebody came again who was erased: the spool's file may have them still.
    pub is_unclean: AtomicBool,
}

/// When whom was erased, in milliseconds since the epoch.
#[derive(Clone, Debug, Default)]
pub struct Buried(HashMap<String, HashMap<u64, i64>>);

impl Buried {
    /// Whether something of then, of any of these ids, stays out.
    #[must_use]
    pub fn hides(&self, site: &str, ids: impl IntoIterator<Item = u64>, at: i64) -> bool {
        let Some(of_site) = self.0.get(site) else {
            return false;
        };
        let erased_at = |id: u64| of_site.get(&id).copied();
        ids.into_iter()
            .filter_map(erased_at)
            .any(|erased_at| at < erased_at)
    }

    /// Whether nobody was ever erased.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, tombstone: &Tombstone) {
        let of_site = self.0.entry(tombstone.site.clone()).or_default();
        let erased_at = of_site.entry(tombstone.id).or_insert(i64::MIN);
        *erased_at = (*erased_at).max(tombstone.erased_at);
    }
}

impl Tombs {
    /// Everybody who was erased, those too who are just being buried.
    ///
    /// # Errors
    /// [`StoreError`] with what ClickHouse says.
    pub async fn with(
        &self,
        store: &Store,
        new: &[Tombstone],
        token: &str,
    ) -> Result<Arc<Buried>, StoreError> {
        let mut known = self.known.lock().await;
        let buried = match known.take() {
            Some(buried) => buried,
            None => {
                let mut buried = Buried::default();
                let all = store.tombstones().await?;
                all.iter().for_each(|one| buried.add(one));
                Arc::new(buried)
            }
        };
        let buried = known.insert(buried);
        if !new.is_empty() {
            let token = format!("{token}-tombstones");
            store.insert::<Tombstone>("tombstones", new, &token).await?;
            let buried = Arc::make_mut(buried);
            new.iter().for_each(|one| buried.add(one));
        }
        Ok(Arc::clone(buried))
    }
}
