//! One visit: a way through the shop, as the batches that a pixel would send.

use super::{Chance, Population, Product};
use protocol::{
    batch::{Batch, Consent, Header, Origin, Page, PageSource, Session},
    event::{Action, Click, ClickKind, Commerce, CommerceKind, Event, Item},
    id::{SessionId, TabId},
};
use rand::{Rng as _, RngExt as _, seq::IndexedRandom as _};

/// What somebody came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To look around.
    Browse,
    /// To find something.
    Search,
    /// To put something in the cart, and leave it there.
    FillCart,
    /// To buy.
    Buy,
}

/// What one page load sends.
#[derive(Clone, Debug)]
pub struct PageLoad {
    /// When it is sent, in milliseconds since the epoch.
    pub left_at_ms: u64,
    /// The sealed batch.
    pub batch: Vec<u8>,
    /// How many events it holds.
    pub events: usize,
}

/// A visit and what came of it.
#[derive(Default)]
pub(super) struct Visit {
    pub loads: Vec<PageLoad>,
    pub added_to_cart: bool,
    pub bought: bool,
}

/// Where visits come from, and how many of a hundred.
const ORIGINS: [(u32, Origin<'static>); 6] = [
    (35, origin("", "", "", "", "")),
    (30, origin("www.google.co.il", "", "", "", "")),
    (
        12,
        origin("www.google.co.il", "google", "cpc", "autumn", "gclid"),
    ),
    (
        10,
        origin("l.facebook.com", "facebook", "social", "", "fbclid"),
    ),
    (8, origin("", "newsletter", "email", "new-arrivals", "")),
    (5, origin("blog.example", "", "", "", "")),
];

const fn origin(
    referrer_host: &'static str,
    utm_source: &'static str,
    utm_medium: &'static str,
    utm_campaign: &'static str,
    click_id_kind: &'static str,
) -> Origin<'static> {
    Origin {
        landing_path: "/",
        referrer_host,
        utm_source,
        utm_medium,
        utm_campaign,
        utm_term: "",
        utm_content: "",
        click_id_kind,
    }
}

const SEARCHES: [&str; 6] = ["קערה", "נר", "סבון", "מתנה", "mug", "candle"];

pub(super) fn simulate(
    population: &Population,
    chance: &mut Chance,
    began_ms: u64,
    english: bool,
    purpose: Purpose,
) -> Visit {
    let mut walk = Walk {
        population,
        english,
        began_ms,
        now_ms: began_ms,
        session: chance.next_u64(),
        origin: pick_origin(chance),
        visit: Visit::default(),
    };
    walk.load(chance, "/", ("", ""), vec![]);
    if purpose == Purpose::Search {
        let term = *SEARCHES.choose(chance).unwrap_or(&"");
        walk.load(chance, "/search/", ("", ""), vec![Action::Search { term }]);
    }
    let mut cart: Vec<&Product> = Vec::new();
    for _ in 0..chance.random_range(1..=3) {
        let Some(product) = population.catalog.products.choose(chance) else {
            break;
        };
        walk.see(chance, product);
        if matches!(purpose, Purpose::FillCart | Purpose::Buy) {
            walk.add(chance, product);
            cart.push(product);
        }
    }
    if purpose == Purpose::Buy {
        walk.check_out(chance, &cart);
    }
    walk.visit
}

fn pick_origin(chance: &mut Chance) -> Origin<'static> {
    let mut left = chance.random_range(0..100);
    for (share, origin) in ORIGINS {
        if left < share {
            return origin;
        }
        left -= share;
    }
    Origin::default()
}

/// A visit under way.
struct Walk<'a> {
    population: &'a Population,
    english: bool,
    began_ms: u64,
    now_ms: u64,
    session: u64,
    origin: Origin<'static>,
    visit: Visit,
}

impl<'a> Walk<'a> {
    fn see(&mut self, chance: &mut Chance, product: &'a Product) {
        let path = format!("/category/{}/", product.category);
        let click = Action::Click(Click {
            kind: ClickKind::Link,
            text: self.name(product),
            host: &self.population.host,
            path: "/product/",
            cta: "",
        });
        self.load(chance, &path, (&product.category, ""), vec![click]);
        let view = self.commerce(CommerceKind::ViewItem, &[product], "");
        let path = format!("/product/{}/", product.id.to_ascii_lowercase());
        self.load(chance, &path, (&product.category, &product.id), vec![view]);
    }

    fn add(&mut self, chance: &mut Chance, product: &'a Product) {
        self.visit.added_to_cart = true;
        let click = Action::Click(Click {
            kind: ClickKind::Button,
            text: if self.english {
                "Add to cart"
            } else {
                "הוספה לסל"
            },
            host: "",
            path: "",
            cta: "add-to-cart",
        });
        let add = self.commerce(CommerceKind::AddToCart, &[product], "");
        let path = format!("/product/{}/", product.id.to_ascii_lowercase());
        self.load(
            chance,
            &path,
            (&product.category, &product.id),
            vec![click, add],
        );
        if chance.random_bool(0.15) {
            let remove = self.commerce(CommerceKind::RemoveFromCart, &[product], "");
            self.load(chance, "/cart/", ("", ""), vec![remove]);
        }
    }

    fn check_out(&mut self, chance: &mut Chance, cart: &[&'a Product]) {
        let begin = self.commerce(CommerceKind::BeginCheckout, cart, "");
        self.load(chance, "/checkout/", ("", ""), vec![begin]);
        let order = format!("S-{:010X}", chance.next_u64() >> 24);
        let purchase = self.commerce(CommerceKind::Purchase, cart, &order);
        self.load(chance, "/thanks/", ("", ""), vec![purchase]);
        self.visit.bought = true;
    }

    fn name(&self, product: &'a Product) -> &'a str {
        let texts = if self.english {
            &product.en
        } else {
            &product.he
        };
        &texts.name
    }

    fn commerce<'b>(
        &self,
        kind: CommerceKind,
        products: &[&'a Product],
        order_id: &'b str,
    ) -> Action<'b>
    where
        'a: 'b,
    {
        let item = |product: &&'a Product| Item {
            id: &product.id,
            name: self.name(product),
            category: &product.category,
            brand: "",
            price_cents: Some(product.price_cents),
            quantity: Some(1),
        };
        Action::Commerce(Commerce {
            kind,
            value_cents: Some(products.iter().map(|product| product.price_cents).sum()),
            currency: "ILS",
            order_id,
            coupon: "",
            items: products.iter().map(item).collect(),
        })
    }

    /// A page: its view, what was done on it, and how long somebody stayed.
    fn load(
        &mut self,
        chance: &mut Chance,
        path: &str,
        (category, product): (&str, &str),
        actions: Vec<Action<'_>>,
    ) {
        let tab_id = TabId(chance.next_u64());
        let stays_ms = chance.random_range(3_000..90_000);
        let dwell = Action::Dwell {
            dwell_ms: stays_ms.min(45_000),
            scroll_percent: chance.random_range(20..=100),
        };
        let first = self.now_ms == self.began_ms;
        let step_ms = u64::from(stays_ms) / (actions.len() as u64 + 1);
        let actions = std::iter::once(Action::PageView)
            .chain(actions)
            .chain([dwell]);
        let mut events = Vec::new();
        for (seq, action) in (0..).zip(actions) {
            events.push(Event {
                seq,
                at_ms: self.now_ms + u64::from(seq) * step_ms,
                session_start: first && seq == 0,
                action,
                props: vec![],
            });
        }
        let localized = if self.english {
            format!("/en{path}")
        } else {
            path.to_owned()
        };
        let header = Header {
            site: &self.population.site,
            tab_id,
            previous: None,
            lost: 0,
            dropped: 0,
            consent: Consent::Granted,
            staff: false,
            session: Session {
                id: SessionId(self.session),
                started_at_ms: self.began_ms,
                number: 1,
                origin: self.origin.clone(),
            },
            page: Page {
                source: PageSource::Explicit,
                host: &self.population.host,
                path: &localized,
                query: "",
                title: "",
                canonical: "",
                category,
                product,
                language: if self.english { "en-IL" } else { "he-IL" },
            },
        };
        self.now_ms += u64::from(stays_ms) + 1_000;
        self.visit.loads.push(PageLoad {
            left_at_ms: self.now_ms,
            batch: Batch::encode(&header, &events),
            events: events.len(),
        });
    }
}
