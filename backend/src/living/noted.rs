//! Of whom something came: the drainer notes it, and the keeper takes it.

use std::{
    collections::{BTreeSet, HashMap},
    mem::take,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most ids that are remembered of a site; beyond, everyone is looked at.
const MOST_IDS: usize = 500_000;

/// Of whom something came, by site. It is lost where the process ends.
#[derive(Debug, Default)]
pub struct Noted(Mutex<All>);

#[derive(Debug, Default)]
struct All {
    sites: HashMap<String, Taken>,
    /// How often it was lost what came of all sites.
    losses: u64,
}

/// What was noted of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Ids of visitors and of contacts.
    pub ids: BTreeSet<u64>,
    /// How often something was lost: where it grew, anybody may have changed.
    pub losses: u64,
    /// The latest moment of a fact that came, in milliseconds since the epoch: it may lie ahead.
    pub latest_ms: i64,
}

impl Noted {
    /// Notes that something of these ids is stored, each with its moment, in milliseconds since
    /// the epoch; what has none is as now, and has 0.
    pub fn note(&self, site: &str, ids: impl IntoIterator<Item = (u64, i64)>) {
        let mut all = self.all();
        let of_site = all.sites.entry(site.to_owned()).or_default();
        for (id, at_ms) in ids {
            of_site.latest_ms = of_site.latest_ms.max(at_ms);
            of_site.ids.insert(id);
        }
        if of_site.ids.len() > MOST_IDS {
            of_site.ids.clear();
            of_site.losses += 1;
        }
    }

    /// Says that something may be stored of anybody.
    pub fn lose(&self) {
        self.all().losses += 1;
    }

    /// Takes what was noted of a site.
    pub fn take(&self, site: &str) -> Taken {
        let mut all = self.all();
        let losses = all.losses;
        let Some(of_site) = all.sites.get_mut(site) else {
            return Taken {
                losses,
                ..Taken::default()
            };
        };
        Taken {
            ids: take(&mut of_site.ids),
            losses: losses + of_site.losses,
            latest_ms: of_site.latest_ms,
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_taken_once() {
        let noted = Noted::default();
        noted.note("shop", [(1, 50), (2, 0), (1, 70)]);
        let first = noted.take("shop");
        assert_eq!(first.ids, [1, 2].into());
        assert_eq!(first.latest_ms, 70);
        assert_eq!(noted.take("other"), Taken::default());
        noted.note("shop", [(3, 60)]);
        let second = noted.take("shop");
        assert_eq!((second.ids, second.latest_ms), ([3].into(), 70));
        assert_eq!(noted.take("shop").ids, [].into());
    }

    #[test]
    fn too_much_is_a_loss_and_not_silence() {
        let noted = Noted::default();
        noted.note("shop", [(1, 0)]);
        assert_eq!(noted.take("shop").losses, 0);
        let many = u64::try_from(MOST_IDS).unwrap() + 1;
        noted.note("shop", (0..many).map(|id| (id, 0)));
        noted.note("shop", [(7, 0)]);
        let taken = noted.take("shop");
        assert_eq!((taken.ids, taken.losses), ([7].into(), 1));
        noted.lose();
        assert_eq!(noted.take("shop").losses, 2);
        assert_eq!(noted.take("other").losses, 1);
    }
}
