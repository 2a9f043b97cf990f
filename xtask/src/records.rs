//! What the demo's shop knows beside its pixel, over ninety days: contacts, what they did before the
//! pixel was there, orders online and in stores, messages, groups, and some segments.
//!
//! All of it goes through the public API, as a shop sends it. Its ids and the moment that it ends at
//! make it the same each time, so that sending it again changes nothing.

use crate::{chain::SITE, workspace::Workspace};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::fs;

const DAY_MS: u64 = 86_400_000;
/// Most rows of one request.
const ROWS: usize = 5_000;

const FIRST_NAMES: [(&str, &str); 16] = [
    ("דנה", "female"),
    ("יעל", "female"),
    ("נועה", "female"),
    ("תמר", "female"),
    ("מיכל", "female"),
    ("שירה", "female"),
    ("רונית", "female"),
    ("אביגיל", "female"),
    ("אורי", "male"),
    ("איתן", "male"),
    ("יונתן", "male"),
    ("עומר", "male"),
    ("דוד", "male"),
    ("אלון", "male"),
    ("משה", "male"),
    ("יוסף", "male"),
];
const LAST_NAMES: [&str; 12] = [
    "כהן",
    "לוי",
    "מזרחי",
    "פרץ",
    "ביטון",
    "אברהם",
    "פרידמן",
    "שפירא",
    "גולן",
    "חדד",
    "ברק",
    "רוזן",
];
/// The larger ones more often.
const CITIES: [&str; 12] = [
    "תל אביב",
    "תל אביב",
    "תל אביב",
    "רמת גן",
    "רמת גן",
    "גבעתיים",
    "הרצליה",
    "חולון",
    "ירושלים",
    "ירושלים",
    "חיפה",
    "באר שבע",
];
const STORES: [&str; 3] = ["דיזנגוף", "נמל יפו", "ממילא"];
/// Each with how many days ago it was sent, and what it is about.
const CAMPAIGNS: [(&str, u64, &str); 4] = [
    ("summer-sale", 80, "sale"),
    ("new-ceramics", 45, "ceramics"),
    ("autumn", 20, "textiles"),
    ("candle-week", 6, "scents"),
];

/// Who sends it, and where to.
pub struct Records<'a> {
    /// The backend's address.
    pub backend: &'a str,
    /// A key of scope admin.
    pub key: &'a str,
    /// The moment that all of it ends at, in milliseconds since the epoch.
    pub until_ms: u64,
    /// How many contacts there are.
    pub contacts: u64,
}

/// A thing that is sold.
struct Product {
    id: String,
    name: String,
    category: String,
    price_cents: u64,
}

impl Records<'_> {
    /// Sends all of it.
    pub fn send(&self, workspace: &Workspace) -> Result<()> {
        let products = products(workspace)?;
        self.ask(
            "PUT",
            "/fields/has_children",
            &json!({ "type": "bool", "labels": { "he": "ילדים", "en": "Has children" } }),
        )?;
        for (group, he, en) in [
            ("club", "מועדון לקוחות", "Customer club"),
            ("studio", "סדנאות בסטודיו", "Studio workshops"),
        ] {
            let labels = json!({ "he": he, "en": en });
            let group = format!("/groups/{group}");
            self.ask("PUT", &group, &json!({ "name": en, "labels": labels }))?;
        }
        self.post("/contacts", self.people().collect())?;
        self.post("/events", self.trails(&products))?;
        self.post("/orders", self.orders(&products))?;
        self.post("/messages", self.messages())?;
        self.post("/groups/club/members", self.members(3))?;
        self.post("/groups/studio/members", self.members(11))?;
        self.post("/forms", self.forms()?)?;
        for (id, en, he, definition) in segments() {
            let names = json!({ "en": en, "he": he });
            let body = json!({ "names": names, "definition": definition });
            self.ask("PUT", &format!("/segments/{id}"), &body)?;
        }
        Ok(())
    }

    fn people(&self) -> impl Iterator<Item = Value> {
        (0..self.contacts).map(|contact| {
            let dice = |salt| dice(contact, salt);
            let (first_name, gender) = pick(&FIRST_NAMES, dice(1));
            let year = 1950 + dice(4) % 55;
            let (month, day) = (1 + dice(5) % 12, 1 + dice(6) % 28);
            json!({
                "id": name(contact),
                "mail": format!("shopper{contact}@example.com"),
                "phone": format!("05{}-{}", pick(&[0, 2, 3, 4], dice(2)), 2_345_678 + dice(3) % 6_000_000),
                "first_name": first_name,
                "last_name": pick(&LAST_NAMES, dice(7)),
                "gender": gender,
                "city": pick(&CITIES, dice(8)),
                "birthday": format!("{year}-{month:02}-{day:02}"),
                "consent_mail": dice(9) % 10 < 7,
                "has_children": dice(10).is_multiple_of(2),
                "updated_at": self.ago(90, contact),
            })
        })
    }

    /// What a third of them did in the two months before the pixel was there.
    fn trails(&self, products: &[Product]) -> Vec<Value> {
        let contacts = (0..self.contacts).filter(|contact| dice(*contact, 20).is_multiple_of(3));
        let visits = contacts
            .flat_map(|contact| (0..1 + dice(contact, 21) % 4).map(move |visit| (contact, visit)));
        let events = visits.flat_map(|(contact, visit)| {
            let chance = dice(contact * 8 + visit, 22);
            let product = pick(products, chance);
            let began = self.ago(30 + chance % 60, chance);
            let path = format!("/product/{}/", product.id.to_ascii_lowercase());
            let event = move |part: u64, kind: &str, more: Value| {
                let mut event = json!({
                    "id": format!("past-{contact}-{visit}-{part}"),
                    "contact": name(contact),
                    "type": kind,
                    "ts": began + part * 40_000,
                    "path": path,
                    "title": product.name,
                    "category": product.category,
                    "product": product.id,
                });
                merge(&mut event, more);
                event
            };
            let mut events = vec![
                event(0, "page_view", json!({})),
                event(1, "view_item", json!({ "items": [item(product)] })),
                event(2, "dwell", json!({ "dwell_ms": 5_000 + chance % 170_000 })),
            ];
            if chance.is_multiple_of(4) {
                events.push(event(3, "add_to_cart", json!({ "items": [item(product)] })));
            }
            events
        });
        events.collect()
    }

    fn orders(&self, products: &[Product]) -> Vec<Value> {
        let buyers = (0..self.contacts).filter(|contact| dice(*contact, 30) % 5 < 2);
        let orders = buyers
            .flat_map(|contact| (0..1 + dice(contact, 31) % 3).map(move |order| (contact, order)));
        let orders = orders.map(|(contact, order)| {
            let chance = dice(contact * 8 + order, 32);
            let bought: Vec<&Product> = (0..1 + chance % 3)
                .map(|at| pick(products, dice(chance, 40 + at)))
                .collect();
            let is_in_store = chance % 100 < 45;
            let placed_at = self.ago(chance % 90, chance);
            let mut told = json!({
                "order_id": format!("R-{contact}-{order}"),
                "contact": { "id": name(contact) },
                "placed_at": placed_at,
                "updated_at": placed_at,
                "channel": if is_in_store { "store" } else { "online" },
                "value_cents": bought.iter().map(|product| product.price_cents).sum::<u64>(),
                "items": bought.iter().map(|product| item(product)).collect::<Vec<_>>(),
                "cancelled": chance.is_multiple_of(50),
            });
            if is_in_store {
                told["store"] = json!(pick(&STORES, chance));
            } else if chance.is_multiple_of(6) {
                told["coupons"] = json!(["CRUMB10"]);
            }
            told
        });
        orders.collect()
    }

    /// Four campaigns, to whoever agreed.
    fn messages(&self) -> Vec<Value> {
        let agreed: Vec<u64> = (0..self.contacts)
            .filter(|contact| dice(*contact, 9) % 10 < 7)
            .collect();
        let mut rows = Vec::new();
        for (place, (campaign, days, topic)) in (50..).zip(CAMPAIGNS) {
            for contact in &agreed {
                let chance = dice(*contact, place);
                let sent_at = self.until_ms.saturating_sub(days * DAY_MS);
                let message = format!("{campaign}-{contact}");
                let mut row = |event: &str, after_ms: u64, more: Value| {
                    let mut row = json!({
                        "id": format!("{message}-{event}"),
                        "message_id": message,
                        "campaign": campaign,
                        "channel": "mail",
                        "contact": { "id": name(*contact) },
                        "event": event,
                        "ts": sent_at + after_ms,
                    });
                    merge(&mut row, more);
                    rows.push(row);
                };
                row("sent", 0, json!({}));
                if chance % 100 < 2 {
                    row("bounced", 2_000, json!({}));
                    continue;
                }
                row("delivered", 2_000, json!({}));
                if chance % 100 < 40 {
                    row("opened", 60_000 + chance % DAY_MS, json!({}));
                }
                if chance % 100 < 12 {
                    let clicked = json!({ "link": format!("/category/{topic}/"), "topic": topic });
                    row("clicked", 90_000 + chance % DAY_MS, clicked);
                }
            }
        }
        rows
    }

    fn members(&self, one_in: u64) -> Vec<Value> {
        let contacts =
            (0..self.contacts).filter(|contact| dice(*contact, one_in).is_multiple_of(one_in));
        let members = contacts.map(|contact| {
            let since = self.ago(10 + contact % 70, contact);
            json!({ "contact": { "id": name(contact) }, "since": since })
        });
        members.collect()
    }

    /// Of the browsers that bought, whose they are: each filled in the form of the checkout.
    fn forms(&self) -> Result<Vec<Value>> {
        let bought = json!({ "kind": "event", "event": "purchase" });
        let names = json!({ "en": "Bought on the site", "he": "קנו באתר" });
        let body = json!({ "names": names, "definition": bought });
        self.ask("PUT", "/segments/bought-on-the-site", &body)?;
        let path = "/segments/bought-on-the-site/members?limit=1000&columns=key";
        let members = self.ask("GET", path, &Value::Null)?;
        let people = members["people"].as_array();
        let people = people.context("the members are no list")?.iter();
        let visitors = people.filter(|person| person["key"] == "");
        let ids = visitors.filter_map(|visitor| visitor["id"].as_str()?.parse::<u64>().ok());
        let forms = ids.map(|visitor| {
            json!({
                "id": format!("checkout-{visitor}"),
                "form": "checkout",
                "contact": { "id": name(dice(visitor, 70) % self.contacts) },
                "visitor_id": visitor.to_string(),
                "ts": self.until_ms,
                "answers": {},
            })
        });
        Ok(forms.collect())
    }

    /// A moment so many days before the end, at some time of the day.
    fn ago(&self, days: u64, chance: u64) -> u64 {
        self.until_ms
            .saturating_sub(days * DAY_MS + dice(chance, 60) % DAY_MS)
    }

    fn post(&self, path: &str, rows: Vec<Value>) -> Result<()> {
        for rows in rows.chunks(ROWS) {
            let answer = self.ask("POST", &format!("{path}?wait=true"), &json!(rows))?;
            ensure!(
                answer["rejected"] == json!([]),
                "{path}: not all rows were taken: {}",
                answer["rejected"]
            );
        }
        Ok(())
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/v1/sites/{SITE}{path}", self.backend);
        let authorization = format!("Bearer {}", self.key);
        let failed = || format!("{method} {path}");
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", authorization)
            .header("content-type", "application/json");
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let agent = ureq::Agent::config_builder().http_status_as_error(false);
        let answer = agent.build().new_agent().run(request.body(body)?);
        let mut answer = answer.with_context(failed)?;
        let status = answer.status();
        let told = answer.body_mut().read_to_string()?;
        ensure!(status.is_success(), "{}: {status}: {told}", failed());
        Ok(serde_json::from_str(&told)?)
    }
}

/// What a shop would keep an eye on, with its id and names.
fn segments() -> [(&'static str, &'static str, &'static str, Value); 4] {
    let last = |n: u32, unit: &str| json!({ "last": { "n": n, "unit": unit } });
    let area = ["תל אביב", "רמת גן", "גבעתיים", "הרצליה", "חולון"];
    [
        (
            "tel-aviv-carts",
            "Men around Tel Aviv who left a cart and look around",
            "גברים מגוש דן שהשאירו עגלה ומסתכלים",
            json!({ "all": [
                { "kind": "contact", "field": "gender", "op": "eq", "value": "male" },
                { "kind": "contact", "field": "city", "op": "in", "value": area },
                { "kind": "cart", "state": "abandoned", "window": last(1, "month") },
            ]}),
        ),
        (
            "good-customers",
            "Bought for 400 and more in 90 days",
            "קנו ב־400 ומעלה ב־90 יום",
            json!({ "kind": "order", "measure": { "sum": "value_cents" },
                    "compare": { "gte": 40_000 }, "window": last(90, "day") }),
        ),
        (
            "store-only",
            "Buy in stores, never online",
            "קונים בחנויות ולא באתר",
            json!({ "all": [
                { "kind": "order", "where": [{ "field": "channel", "op": "eq", "value": "store" }] },
                { "not": { "kind": "order", "where": [{ "field": "channel", "op": "eq", "value": "online" }] } },
            ]}),
        ),
        (
            "opened-not-bought",
            "Opened the last mail and bought nothing since",
            "פתחו את הדיוור האחרון ולא קנו מאז",
            json!({ "all": [
                { "kind": "message", "channel": "mail", "event": "opened", "latest": true },
                { "not": { "kind": "order", "window": last(7, "day") } },
            ]}),
        ),
    ]
}

fn products(workspace: &Workspace) -> Result<Vec<Product>> {
    let file = workspace.root().join("tests/shop/catalog.json");
    let catalog: Value = serde_json::from_slice(&fs::read(file)?)?;
    let products = catalog["products"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let products = products.map(|product| {
        Some(Product {
            id: text(&product["id"])?,
            name: text(&product["he"]["name"])?,
            category: text(&product["category"])?,
            price_cents: product["price_cents"].as_u64()?,
        })
    });
    let products: Option<Vec<Product>> = products.collect();
    products.context("the demo shop's catalog has other fields")
}

fn item(product: &Product) -> Value {
    json!({
        "id": product.id,
        "name": product.name,
        "category": product.category,
        "price_cents": product.price_cents,
        "quantity": 1,
    })
}

fn name(contact: u64) -> String {
    format!("c-{contact}")
}

fn merge(row: &mut Value, more: Value) {
    if let (Value::Object(row), Value::Object(more)) = (row, more) {
        row.extend(more);
    }
}

fn pick<T>(of: &[T], dice: u64) -> &T {
    let place = usize::try_from(dice % of.len() as u64).unwrap_or_default();
    &of[place]
}

/// A number of one's own for each of many things: splitmix64.
const fn dice(of: u64, salt: u64) -> u64 {
    let mut z = of
        .wrapping_add(salt.wrapping_mul(0xD1B5_4A32_D192_ED03))
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
