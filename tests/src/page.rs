//! A page and what somebody did on it: some 20 events of every kind, texts in Hebrew and in
//! English.

use crate::shoppers::{Catalog, Product};
use protocol::{
    batch::{Batch, Consent, Header, Origin, Page, PageSource, Session},
    event::{
        Action, Click, ClickKind, Commerce, CommerceKind, Event, Form, FormStage, Item, Prop,
        PropValue,
    },
    id::{SessionId, TabId},
};
use rand::{Rng as _, RngExt as _};

/// The site that all events belong to.
pub const SITE: &str = "demo";

/// The source of all chance.
pub type Chance = rand_pcg::Pcg64Mcg;

const HOST: &str = "shop.example";
/// Referrer, utm_source, utm_medium, utm_campaign, kind of click id.
const ORIGINS: [[&str; 5]; 5] = [
    ["", "", "", "", ""],
    ["www.google.co.il", "", "", "", ""],
    ["www.google.co.il", "google", "cpc", "סתיו", "gclid"],
    ["l.facebook.com", "facebook", "social", "autumn", "fbclid"],
    ["", "newsletter", "email", "new-arrivals", ""],
];
const SEARCHES: [&str; 6] = [
    "קערה",
    "נר ריחני",
    "מתנה ליום הולדת",
    "סבון",
    "mug",
    "linen throw",
];
/// Text and call to action.
const BUTTONS: [(&str, &str); 4] = [
    ("הוספה לסל", "add-to-cart"),
    ("Add to cart", "add-to-cart"),
    ("מדריך מידות", ""),
    ("לכל המבצעים", "deals"),
];
const SIZES: [&str; 4] = ["36", "38", "40.5", "42"];

/// What one page load sends.
pub struct PageLoad {
    /// The sealed batch.
    pub batch: Vec<u8>,
    /// How many events it holds.
    pub events: u64,
    /// When the last of them happened, in milliseconds since the epoch.
    pub left_at_ms: u64,
}

impl PageLoad {
    /// Somebody looks at a page from a time on, in milliseconds since the epoch, and does so
    /// many things.
    pub fn simulate(
        catalog: &Catalog,
        chance: &mut Chance,
        tab_id: TabId,
        (at_ms, count): (u64, usize),
    ) -> Self {
        let visit = Visit {
            products: &catalog.products,
            english: chance.random_bool(0.25),
            order_id: format!("S-{:010X}", chance.next_u64() >> 24),
        };
        let product = visit.product(chance);
        let path = format!("/product/{}/", product.id.to_ascii_lowercase());
        let header = Header {
            site: SITE,
            tab_id,
            previous: None,
            lost: 0,
            dropped: 0,
            consent: Consent::Granted,
            staff: false,
            session: session(chance, at_ms),
            page: visit.page(product, &path),
        };
        let events = visit.events(chance, at_ms, count);
        Self {
            batch: Batch::encode(&header, &events),
            events: events.len() as u64,
            left_at_ms: events.last().map_or(at_ms, |last| last.at_ms),
        }
    }
}

fn session(chance: &mut Chance, started_at_ms: u64) -> Session<'static> {
    let [
        referrer_host,
        utm_source,
        utm_medium,
        utm_campaign,
        click_id_kind,
    ] = pick(chance, &ORIGINS);
    Session {
        id: SessionId(chance.next_u64()),
        started_at_ms,
        number: chance.random_range(1..5),
        origin: Origin {
            landing_path: "/",
            referrer_host,
            utm_source,
            utm_medium,
            utm_campaign,
            click_id_kind,
            ..Origin::default()
        },
    }
}

/// Who looks, and at what there is.
struct Visit<'a> {
    products: &'a [Product],
    english: bool,
    order_id: String,
}

impl Visit<'_> {
    fn page<'b>(&'b self, product: &'b Product, path: &'b str) -> Page<'b> {
        Page {
            source: PageSource::JsonLd,
            host: HOST,
            path,
            title: self.name(product),
            canonical: path,
            category: &product.category,
            product: &product.id,
            language: if self.english { "en-IL" } else { "he-IL" },
            ..Page::default()
        }
    }

    fn events(&self, chance: &mut Chance, mut at_ms: u64, count: usize) -> Vec<Event<'_>> {
        let mut events = Vec::with_capacity(count);
        for seq in (0..).take(count) {
            let (action, props) = match seq {
                0 => (Action::PageView, vec![]),
                _ => self.something(chance),
            };
            events.push(Event {
                seq,
                at_ms,
                session_start: seq == 0,
                action,
                props,
            });
            at_ms += chance.random_range(200..9_000);
        }
        events
    }

    /// One of the things that people do, as often as they do.
    fn something(&self, chance: &mut Chance) -> (Action<'_>, Vec<Prop<'_>>) {
        let action = match chance.random_range(0..100) {
            0..32 => Action::Dwell {
                dwell_ms: chance.random_range(1_000..15_000),
                scroll_percent: chance.random_range(10..=100),
            },
            32..58 => Action::Click(self.click(chance)),
            58..64 => Action::Search {
                term: pick(chance, &SEARCHES),
            },
            64..69 => return (Action::Filter, vec![size(chance)]),
            69..78 => self.commerce(chance, CommerceKind::ViewItem, 1),
            78..82 => self.commerce(chance, CommerceKind::ViewItemList, 12),
            82..88 => self.commerce(chance, CommerceKind::AddToCart, 1),
            88..90 => self.commerce(chance, CommerceKind::BeginCheckout, 4),
            90 => self.commerce(chance, CommerceKind::Purchase, 4),
            91..97 => return (Action::Custom { name: "size_guide" }, props(chance)),
            _ => Action::Form(Form {
                stage: FormStage::Start,
                name: "newsletter",
            }),
        };
        (action, vec![])
    }

    fn click(&self, chance: &mut Chance) -> Click<'_> {
        if chance.random_bool(0.5) {
            let (text, cta) = pick(chance, &BUTTONS);
            return Click {
                kind: ClickKind::Button,
                text,
                host: "",
                path: "",
                cta,
            };
        }
        Click {
            kind: ClickKind::Link,
            text: self.name(self.product(chance)),
            host: HOST,
            path: "/category/ceramics/",
            cta: "",
        }
    }

    fn commerce(&self, chance: &mut Chance, kind: CommerceKind, most: usize) -> Action<'_> {
        let count = chance.random_range(1..=most);
        let items: Vec<_> = (0..count)
            .map(|_| self.item(self.product(chance)))
            .collect();
        let is_order = kind == CommerceKind::Purchase;
        Action::Commerce(Commerce {
            kind,
            value_cents: items.iter().map(|item| item.price_cents).sum(),
            currency: "ILS",
            order_id: if is_order { &self.order_id } else { "" },
            coupon: "",
            items,
        })
    }

    fn item<'b>(&self, product: &'b Product) -> Item<'b> {
        let texts = if self.english {
            &product.en
        } else {
            &product.he
        };
        Item {
            id: &product.id,
            name: &texts.name,
            category: &product.category,
            brand: "",
            price_cents: Some(product.price_cents),
            quantity: Some(1),
        }
    }
}

impl<'a> Visit<'a> {
    fn product(&self, chance: &mut Chance) -> &'a Product {
        &self.products[chance.random_range(0..self.products.len())]
    }

    fn name(&self, product: &'a Product) -> &'a str {
        self.item(product).name
    }
}

fn props(chance: &mut Chance) -> Vec<Prop<'static>> {
    let colour = Prop {
        name: "colour",
        value: PropValue::Text("כחול"),
    };
    let gift = Prop {
        name: "gift",
        value: PropValue::Bool(chance.random_bool(0.3)),
    };
    vec![colour, gift, size(chance)]
}

fn size(chance: &mut Chance) -> Prop<'static> {
    Prop {
        name: "size",
        value: PropValue::Number(pick(chance, &SIZES)),
    }
}

fn pick<T: Copy, const N: usize>(chance: &mut Chance, all: &[T; N]) -> T {
    all[chance.random_range(0..N)]
}
