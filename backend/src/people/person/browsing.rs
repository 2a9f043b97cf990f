//! What somebody did on the site: visits, pages, interests, searches, devices.

use crate::store::TrailRow;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

/// Most of each list.
const MOST: usize = 20;

/// What somebody did on the site. Times are milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Browsing {
    /// Visits.
    pub visits: u64,
    /// Pages that were looked at, each as often as it was.
    pub page_views: u64,
    /// Active time.
    pub dwell_ms: u64,
    /// When they were seen first.
    pub first_seen_at: Option<i64>,
    /// When they were seen last.
    pub last_seen_at: Option<i64>,
    /// Where they came from at first.
    pub first_origin: Option<Origin>,
    /// Where they came from the last time.
    pub last_origin: Option<Origin>,
    /// The 20 pages on which they were longest.
    pub pages: Vec<Page>,
    /// The 20 kinds of products with which they were longest.
    pub categories: Vec<Interest>,
    /// The 20 products with which they were longest.
    pub products: Vec<Interest>,
    /// The 20 latest searches.
    pub searches: Vec<Search>,
    /// Their browsers.
    pub devices: Vec<Device>,
}

/// Where a visit came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Origin {
    /// When it began.
    pub at: i64,
    /// `direct`, `organic`, `paid`, `social`, `mail`, `sms`, `whatsapp`, `push` or `referral`.
    pub channel: String,
    /// Host of the page before.
    pub referrer_host: String,
    /// utm_source.
    pub utm_source: String,
    /// utm_medium.
    pub utm_medium: String,
    /// utm_campaign.
    pub utm_campaign: String,
    /// The kind of an advertiser's click id.
    pub click_id_kind: String,
    /// Path of its first page.
    pub landing_path: String,
}

/// How much somebody cared for a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page {
    /// Host.
    pub host: String,
    /// Path.
    pub path: String,
    /// Its last title.
    pub title: String,
    /// How often it was looked at.
    pub views: u64,
    /// Active time on it.
    pub dwell_ms: u64,
}

/// How much somebody cared for a product, or a kind of products.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Interest {
    /// The product's id, or the kind.
    pub id: String,
    /// Its last name, where one is known.
    pub name: String,
    /// How often its pages were looked at.
    pub views: u64,
    /// Active time on them.
    pub dwell_ms: u64,
    /// When they were last looked at.
    pub last_at: i64,
}

/// What somebody searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Search {
    /// The words.
    pub term: String,
    /// How often.
    pub times: u64,
    /// When last.
    pub last_at: i64,
}

/// A browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Device {
    /// The visitor that it is.
    pub visitor_id: String,
    /// `desktop`, `mobile`, `tablet` or `other`.
    pub device: String,
    /// The browser's name.
    pub browser: String,
    /// The operating system's name.
    pub os: String,
    /// Country of its last event, ISO 3166-1 alpha-2.
    pub country: String,
    /// Region of its last event.
    pub region: String,
    /// City of its last event.
    pub city: String,
    /// Visits.
    pub visits: u64,
    /// First seen.
    pub first_seen_at: i64,
    /// Last seen.
    pub last_seen_at: i64,
}

/// What a trail comes to; the earliest event first.
#[must_use]
pub fn browsing<'t>(trail: impl Iterator<Item = &'t TrailRow>) -> Browsing {
    let mut whole = Browsing::default();
    let mut pages: HashMap<(&str, &str), Page> = HashMap::new();
    let mut categories: HashMap<&str, Interest> = HashMap::new();
    let mut products: HashMap<&str, Interest> = HashMap::new();
    let mut searches: HashMap<&str, Search> = HashMap::new();
    let mut devices: BTreeMap<u64, Device> = BTreeMap::new();
    for row in trail {
        whole.count(row);
        let (views, dwell_ms) = (u64::from(is_view(row)), dwell_ms(row));
        if !row.path.is_empty() {
            let page = pages.entry((&row.host, &row.path)).or_default();
            page.views += views;
            page.dwell_ms += dwell_ms;
            if !row.title.is_empty() {
                page.title.clone_from(&row.title);
            }
        }
        if views > 0 || dwell_ms > 0 {
            for (interests, id) in [
                (&mut categories, row.category.as_str()),
                (&mut products, row.product.as_str()),
            ] {
                if !id.is_empty() {
                    let interest = interests.entry(id).or_default();
                    interest.views += views;
                    interest.dwell_ms += dwell_ms;
                    interest.last_at = row.ts;
                }
            }
        }
        for (id, name) in row.item_ids.iter().zip(&row.item_names) {
            let known = products.get_mut(id.as_str()).filter(|_| !name.is_empty());
            if let Some(product) = known {
                product.name.clone_from(name);
            }
        }
        if row.r#type == "search" && !row.search_term.is_empty() {
            let search = searches.entry(&row.search_term).or_default();
            search.times += 1;
            search.last_at = row.ts;
        }
        devices.entry(row.visitor_id).or_default().see(row);
    }
    whole.pages = first(pages.into_iter().map(|((host, path), page)| Page {
        host: host.to_owned(),
        path: path.to_owned(),
        ..page
    }));
    whole.categories = first(named(categories));
    whole.products = first(named(products));
    whole.searches = first(searches.into_iter().map(|(term, search)| Search {
        term: term.to_owned(),
        ..search
    }));
    whole.devices = devices
        .into_iter()
        .map(|(id, device)| Device {
            visitor_id: id.to_string(),
            ..device
        })
        .collect();
    whole
        .devices
        .sort_by_key(|device| std::cmp::Reverse(device.last_seen_at));
    whole
}

impl Browsing {
    fn count(&mut self, row: &TrailRow) {
        self.visits += u64::from(row.is_session_start);
        self.page_views += u64::from(is_view(row));
        self.dwell_ms += dwell_ms(row);
        self.first_seen_at.get_or_insert(row.ts);
        self.last_seen_at = Some(row.ts);
        if row.is_session_start || self.first_origin.is_none() {
            let origin = Origin {
                at: row.ts,
                channel: row.channel.clone(),
                referrer_host: row.referrer_host.clone(),
                utm_source: row.utm_source.clone(),
                utm_medium: row.utm_medium.clone(),
                utm_campaign: row.utm_campaign.clone(),
                click_id_kind: row.click_id_kind.clone(),
                landing_path: row.landing_path.clone(),
            };
            self.first_origin.get_or_insert_with(|| origin.clone());
            self.last_origin = Some(origin);
        }
    }
}

impl Device {
    fn see(&mut self, row: &TrailRow) {
        if self.first_seen_at == 0 {
            self.first_seen_at = row.ts;
        }
        self.last_seen_at = row.ts;
        self.visits += u64::from(row.is_session_start);
        for (known, text) in [
            (&mut self.device, &row.device),
            (&mut self.browser, &row.browser),
            (&mut self.os, &row.os),
            (&mut self.country, &row.country),
            (&mut self.region, &row.region),
            (&mut self.city, &row.city),
        ] {
            if !text.is_empty() {
                known.clone_from(text);
            }
        }
    }
}

fn is_view(row: &TrailRow) -> bool {
    row.r#type == "page_view"
}

fn dwell_ms(row: &TrailRow) -> u64 {
    match row.dwell_ms {
        Some(ms) if row.r#type == "dwell" => ms.into(),
        _ => 0,
    }
}

/// What a list is ordered by, the greatest first, and then by name.
trait Ranked {
    fn rank(&self) -> (u64, u64);
    fn name(&self) -> (&str, &str);
}

impl Ranked for Page {
    fn rank(&self) -> (u64, u64) {
        (self.dwell_ms, self.views)
    }

    fn name(&self) -> (&str, &str) {
        (&self.host, &self.path)
    }
}

impl Ranked for Interest {
    fn rank(&self) -> (u64, u64) {
        (self.dwell_ms, self.views)
    }

    fn name(&self) -> (&str, &str) {
        (&self.id, "")
    }
}

impl Ranked for Search {
    fn rank(&self) -> (u64, u64) {
        (self.last_at.unsigned_abs(), self.times)
    }

    fn name(&self) -> (&str, &str) {
        (&self.term, "")
    }
}

fn first<T: Ranked>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<_> = all.collect();
    all.sort_by(|a, b| {
        b.rank()
            .cmp(&a.rank())
            .then_with(|| a.name().cmp(&b.name()))
    });
    all.truncate(MOST);
    all
}

fn named(interests: HashMap<&str, Interest>) -> impl Iterator<Item = Interest> {
    interests.into_iter().map(|(id, interest)| Interest {
        id: id.to_owned(),
        ..interest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ts: i64, kind: &str) -> TrailRow {
        TrailRow {
            visitor_id: 7,
            ts,
            r#type: kind.into(),
            host: "shop.example".into(),
            ..TrailRow::default()
        }
    }

    #[test]
    fn a_trail_is_summed_up() {
        let view = |ts, path: &str, category: &str| TrailRow {
            path: path.into(),
            category: category.into(),
            ..row(ts, "page_view")
        };
        let dwell = |ts, path: &str, category: &str, ms| TrailRow {
            dwell_ms: Some(ms),
            r#type: "dwell".into(),
            ..view(ts, path, category)
        };
        let trail = [
            TrailRow {
                is_session_start: true,
                channel: "paid".into(),
                click_id_kind: "gclid".into(),
                device: "mobile".into(),
                ..view(10, "/a", "shoes")
            },
            dwell(20, "/a", "shoes", 5_000),
            view(30, "/b", "bags"),
            dwell(40, "/b", "bags", 9_000),
            TrailRow {
                search_term: "תיק".into(),
                ..row(50, "search")
            },
            TrailRow {
                visitor_id: 8,
                is_session_start: true,
                channel: "direct".into(),
                device: "desktop".into(),
                ..view(60, "/a", "shoes")
            },
        ];
        let seen = browsing(trail.iter());
        assert_eq!(
            (seen.visits, seen.page_views, seen.dwell_ms),
            (2, 3, 14_000)
        );
        assert_eq!(
            (seen.first_seen_at, seen.last_seen_at),
            (Some(10), Some(60))
        );
        let channel = |origin: &Option<Origin>| origin.as_ref().unwrap().channel.clone();
        assert_eq!(channel(&seen.first_origin), "paid");
        assert_eq!(channel(&seen.last_origin), "direct");
        let pages: Vec<_> = seen
            .pages
            .iter()
            .map(|page| (page.path.as_str(), page.views))
            .collect();
        assert_eq!(pages, [("/b", 1), ("/a", 2)]);
        let kinds: Vec<_> = seen
            .categories
            .iter()
            .map(|kind| kind.id.as_str())
            .collect();
        assert_eq!(kinds, ["bags", "shoes"]);
        assert_eq!(seen.searches[0].term, "תיק");
        let devices: Vec<_> = seen
            .devices
            .iter()
            .map(|device| device.device.as_str())
            .collect();
        assert_eq!(devices, ["desktop", "mobile"]);
        assert_eq!(browsing(std::iter::empty()), Browsing::default());
    }
}
