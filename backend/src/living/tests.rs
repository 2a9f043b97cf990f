//! What befalls segments and people beside events and time: each change has its cause, and nobody
//! is told twice.

use super::{Keeper, Noted, Sizes};
use crate::{
    control::{Control, Draft, SiteSettings},
    store::{Bounds, Store, fresh},
};
use clickhouse::Client;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

const SITE: &str = "shop";
const SEGMENT: &str = "came";
/// 2026-11-22T10:00:00Z.
const NOON: i64 = 1_795_341_600_000;
const MINUTE: i64 = 60_000;

/// A site with one segment.
struct Shop {
    client: Client,
    store: Store,
    control: Control,
    noted: Arc<Noted>,
    site: SiteSettings,
    keeper: Keeper,
    _home: TempDir,
}

impl Shop {
    async fn new(database: &str) -> Self {
        let (client, store) = fresh(database).await;
        let home = tempfile::tempdir().unwrap();
        let control = Control::open(&home.path().join("control.sqlite"))
            .await
            .unwrap();
        let site = SiteSettings {
            slug: SITE.into(),
            currency: "ILS".into(),
            ..SiteSettings::default()
        };
        control.add_site(&site).await.unwrap();
        let noted = Arc::new(Noted::default());
        let keeper = keeper(&control, &store, &noted);
        let shop = Self {
            client,
            store,
            control,
            noted,
            site,
            keeper,
            _home: home,
        };
        shop.asks(&json!({ "kind": "event", "event": "page_view" }))
            .await;
        shop
    }

    /// The segment asks this from now on.
    async fn asks(&self, definition: &Value) {
        self.is_asked(SEGMENT, definition).await;
    }

    async fn is_asked(&self, segment: &str, definition: &Value) {
        let draft: Draft =
            serde_json::from_value(json!({ "names": { "en": "Came" }, "definition": definition }))
                .unwrap();
        let change = ("a marketer", NOON);
        self.control
            .put_segment(&self.site, segment, &draft, change)
            .await
            .unwrap();
    }

    /// Visitors did something, and nobody noted it.
    async fn store(&self, kind: &str, visitors: &[u64], at_ms: i64) {
        let visitors: Vec<String> = visitors.iter().map(u64::to_string).collect();
        let sql = format!(
            "INSERT INTO events (site, visitor_id, event_id, type, ts)
             SELECT '{SITE}', arrayJoin([{}]), generateUUIDv7(), '{kind}', fromUnixTimestamp64Milli({at_ms})",
            visitors.join(", ")
        );
        self.client.query(&sql).execute().await.unwrap();
    }

    /// Visitors did something, as the drainer brings it.
    async fn came(&self, kind: &str, visitors: &[u64], at_ms: i64) {
        self.store(kind, visitors, at_ms).await;
        self.noted
            .note(SITE, visitors.iter().map(|id| (*id, at_ms)));
    }

    async fn look(&mut self, at_ms: i64) {
        self.keeper.look(&self.site, at_ms).await.unwrap();
    }

    /// All changes since one: who came (+) or left (-), why, and by which version.
    async fn changes(&self, after: u64) -> Vec<String> {
        let changes = self.store.changes(SITE, SEGMENT, after, 1_000);
        let told = changes.await.unwrap().into_iter().map(|one| {
            let sign = if one.is_in { '+' } else { '-' };
            format!("{sign}{} {} v{}", one.person, one.cause, one.version)
        });
        told.collect()
    }

    async fn members(&self) -> Vec<u64> {
        let members = self.store.kept_in(SITE, &[SEGMENT]).await.unwrap();
        let mut members: Vec<u64> = members.into_iter().map(|(_, person)| person).collect();
        members.sort_unstable();
        members
    }
}

fn keeper(control: &Control, store: &Store, noted: &Arc<Noted>) -> Keeper {
    let bounds = Bounds {
        seconds: 30,
        memory_bytes: 1 << 30,
    };
    let noted = Arc::clone(noted);
    Keeper::new(
        control.clone(),
        store.clone(),
        noted,
        Sizes::default(),
        bounds,
    )
}

#[tokio::test]
async fn a_changed_definition_moves_whom_it_parts() {
    let mut shop = Shop::new("living_definition").await;
    shop.came("page_view", &[1, 2], NOON - MINUTE).await;
    shop.came("add_to_cart", &[2, 3], NOON - MINUTE).await;
    shop.look(NOON).await;
    assert_eq!(
        shop.changes(0).await,
        ["+1 definition v1", "+2 definition v1"]
    );
    shop.asks(&json!({ "kind": "event", "event": "add_to_cart" }))
        .await;
    shop.look(NOON + MINUTE).await;
    assert_eq!(
        shop.changes(2).await,
        ["-1 definition v2", "+3 definition v2"]
    );
    // Nothing came, and nothing is told.
    shop.look(NOON + 2 * MINUTE).await;
    assert_eq!(shop.changes(4).await, [""; 0]);
    // What is used counts as the definition that uses it.
    let share = json!({ "kind": "event", "event": "share" });
    shop.is_asked("used", &share).await;
    shop.asks(&json!({ "any": [
        { "kind": "event", "event": "add_to_cart" }, { "kind": "segment", "segment": "used" },
    ] }))
    .await;
    shop.look(NOON + 3 * MINUTE).await;
    assert_eq!(shop.changes(4).await, [""; 0]);
    let view = json!({ "kind": "event", "event": "page_view" });
    shop.is_asked("used", &view).await;
    shop.look(NOON + 4 * MINUTE).await;
    assert_eq!(shop.changes(4).await, ["+1 definition v3"]);
}

#[tokio::test]
async fn an_archived_segment_is_empty_until_it_is_restored() {
    let mut shop = Shop::new("living_archived").await;
    shop.came("page_view", &[1, 2], NOON - MINUTE).await;
    shop.look(NOON).await;
    shop.control
        .archive_segment(SITE, SEGMENT, NOON)
        .await
        .unwrap();
    shop.look(NOON + MINUTE).await;
    assert_eq!(shop.changes(2).await, ["-1 archived v0", "-2 archived v0"]);
    shop.came("page_view", &[3], NOON + MINUTE).await;
    shop.look(NOON + 2 * MINUTE).await;
    assert_eq!(shop.members().await, [0; 0]);
    shop.control
        .restore_segment(&shop.site, SEGMENT, NOON)
        .await
        .unwrap();
    shop.look(NOON + 3 * MINUTE).await;
    assert_eq!(
        shop.changes(4).await,
        ["+1 definition v1", "+2 definition v1", "+3 definition v1"]
    );
}

#[tokio::test]
async fn what_is_lost_is_caught_up_with() {
    let mut shop = Shop::new("living_lost").await;
    shop.came("page_view", &[1], NOON - MINUTE).await;
    shop.look(NOON).await;
    shop.store("page_view", &[2], NOON).await;
    shop.look(NOON + MINUTE).await;
    assert_eq!(shop.members().await, [1], "nobody said that they came");
    shop.noted.lose();
    shop.look(NOON + 2 * MINUTE).await;
    assert_eq!(shop.changes(1).await, ["+2 catch_up v1"]);
    // Once is enough.
    shop.store("page_view", &[3], NOON + 2 * MINUTE).await;
    shop.look(NOON + 3 * MINUTE).await;
    assert_eq!(shop.members().await, [1, 2]);
    // A start is a loss too: what was noted ended with the process.
    shop.keeper = keeper(&shop.control, &shop.store, &shop.noted);
    shop.look(NOON + 4 * MINUTE).await;
    assert_eq!(shop.changes(2).await, ["+3 catch_up v1"]);
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_caught_up_with() {
    let mut shop = Shop::new("living_clock").await;
    shop.came("page_view", &[1], NOON - MINUTE).await;
    shop.came("page_view", &[2], NOON + MINUTE).await;
    shop.look(NOON + 2 * MINUTE).await;
    assert_eq!(shop.members().await, [1, 2]);
    shop.look(NOON).await;
    assert_eq!(shop.changes(2).await, ["-2 catch_up v1"]);
    shop.look(NOON + 2 * MINUTE).await;
    assert_eq!(shop.members().await, [1, 2]);
}

#[tokio::test]
async fn whoever_is_erased_leaves_and_may_come_again() {
    let mut shop = Shop::new("living_erased").await;
    shop.came("page_view", &[1, 2], NOON - MINUTE).await;
    shop.look(NOON).await;
    shop.keeper.erase(SITE, &[1], NOON + MINUTE).await.unwrap();
    assert_eq!(shop.changes(2).await, ["-1 erased v1"]);
    // What is stored of them is there still, and something else comes.
    shop.noted.note(SITE, [(1, NOON)]);
    shop.noted.lose();
    shop.look(NOON + 2 * MINUTE).await;
    assert_eq!(shop.members().await, [2]);
    let delete = "ALTER TABLE events DELETE WHERE visitor_id = 1 SETTINGS mutations_sync = 1";
    shop.client.query(delete).execute().await.unwrap();
    shop.keeper.erased(SITE, &[1]);
    shop.look(NOON + 3 * MINUTE).await;
    assert_eq!(shop.members().await, [2]);
    shop.came("page_view", &[1], NOON + 3 * MINUTE).await;
    shop.look(NOON + 4 * MINUTE).await;
    assert_eq!(shop.changes(3).await, ["+1 event v1"]);
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_ended_at_the_next_start() {
    let mut shop = Shop::new("living_crash").await;
    shop.came("page_view", &[1, 2], NOON - MINUTE).await;
    shop.look(NOON).await;
    // Changes go first; this is as if what they come to had not followed.
    let lost = "TRUNCATE TABLE segment_members";
    shop.client.query(lost).execute().await.unwrap();
    shop.keeper = keeper(&shop.control, &shop.store, &shop.noted);
    shop.look(NOON + MINUTE).await;
    assert_eq!(shop.members().await, [1, 2]);
    assert_eq!(shop.changes(2).await, [""; 0]);
    assert_eq!(shop.keeper.sizes.of(SITE).unwrap()[SEGMENT], 2);
}
