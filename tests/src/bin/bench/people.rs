//! What is asked of people, and how soon it is answered: a site with a million contacts, and one
//! with a tenth of that, made up from a seed.
//!
//! Contacts and orders come by the API as from a shop's server, beside bare inserts of the rows
//! that they came to. Events and messages are made up inside ClickHouse: what they cost to take
//! is another bench's.

use crate::figures::{float, quantile, rounded, table};
use anyhow::{Context as _, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tests::{
    backend::{Backend, make_key},
    clickhouse::ClickHouse,
    clock::{now, now_ms},
    page::SITE,
    process::machine,
};

/// Rows of a request.
const ROWS: u64 = 10_000;
/// Requests at once.
const CONNECTIONS: usize = 4;
/// How long a step may take.
const PATIENCE: Duration = Duration::from_secs(1800);
/// How long a body waits that was refused for the moment.
const PAUSE: Duration = Duration::from_millis(50);
/// Rows of a bare insert.
const BLOCK: u64 = 100_000;
/// Events of an insert inside ClickHouse.
const STEP: u64 = 1_000_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// How long a visit takes.
const VISIT_MS: u64 = 20 * 60 * 1000;
/// How many events a visit has; people make five visits.
const VISIT_EVENTS: u64 = 4;

/// What is measured.
#[derive(clap::Args)]
pub struct Args {
    /// How many contacts; three times as many orders, ten times as many messages and twenty
    /// times as many events. A tenth of all that is measured first.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..=2_000_000))]
    contacts: u64,
    /// How many people's pages and timelines are asked for.
    #[arg(long, default_value_t = 1_000)]
    people: u64,
    /// Another seed gives other people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The figures of a site.
struct Figures {
    contacts: u64,
    contacts_per_s: f64,
    /// To bare inserts of all the rows that contacts come to.
    contacts_ratio: f64,
    /// To bare inserts into the table of contacts alone.
    table_ratio: f64,
    orders_per_s: f64,
    orders_ratio: f64,
    person_p50_ms: f64,
    person_p99_ms: f64,
    timeline_p50_ms: f64,
    timeline_p99_ms: f64,
    linked: u64,
    link_s: f64,
    first_question_ms: f64,
    erase_1000_s: f64,
    peak_rss_mb: f64,
}

/// Measures, and tells.
pub async fn run(program: &Path, args: &Args) -> Result<()> {
    let machine = machine()?;
    let mut all = Vec::new();
    for contacts in [args.contacts / 10, args.contacts] {
        eprintln!("→ a site of {contacts} contacts");
        let site = Site {
            contacts,
            people: args.people,
            seed: args.seed,
            until_ms: now_ms(),
        };
        all.push(site.measure(program).await?);
    }
    println!("People ({machine})\n");
    let columns: Vec<_> = all.iter().map(Figures::column).collect();
    if let [small, large] = columns.as_slice() {
        let rows = small.iter().zip(large);
        let rows: Vec<_> = rows
            .map(|((name, small), (_, large))| [(*name).to_owned(), small.clone(), large.clone()])
            .collect();
        println!("{}\n", table(["", "a tenth", "all"], &rows));
    }
    let large = all.last().context("nothing was measured")?;
    let small = all.first().context("nothing was measured")?;
    println!("{}", large.json(small));
    Ok(())
}

impl Figures {
    fn column(&self) -> Vec<(&'static str, String)> {
        let ms = |ms: f64| format!("{ms:.1} ms");
        vec![
            ("contacts", self.contacts.to_string()),
            (
                "contacts taken a second",
                format!("{:.0}", self.contacts_per_s),
            ),
            (
                "  to bare inserts of all their rows",
                format!("{:.2}", self.contacts_ratio),
            ),
            (
                "  to those of one table of three",
                format!("{:.2}", self.table_ratio),
            ),
            ("orders taken a second", format!("{:.0}", self.orders_per_s)),
            ("  to bare inserts", format!("{:.2}", self.orders_ratio)),
            ("a person's page, p50", ms(self.person_p50_ms)),
            ("  p99", ms(self.person_p99_ms)),
            ("a page of a timeline, p50", ms(self.timeline_p50_ms)),
            ("  p99", ms(self.timeline_p99_ms)),
            ("visitors linked", self.linked.to_string()),
            ("  in", format!("{:.1} s", self.link_s)),
            ("the first question then", ms(self.first_question_ms)),
            (
                "1,000 people erased in",
                format!("{:.1} s", self.erase_1000_s),
            ),
            (
                "the backend's peak memory",
                format!("{:.0} MiB", self.peak_rss_mb),
            ),
        ]
    }

    fn json(&self, small: &Self) -> Value {
        json!({ "people": {
            "contacts": self.contacts,
            "contacts_per_s": self.contacts_per_s.round(),
            "orders_per_s": self.orders_per_s.round(),
            "ratio_raw": rounded(self.contacts_ratio.min(self.orders_ratio), 3),
            "ratio_raw_contacts": rounded(self.contacts_ratio, 3),
            "ratio_raw_contacts_one_table": rounded(self.table_ratio, 3),
            "ratio_raw_orders": rounded(self.orders_ratio, 3),
            "person_p50_ms": rounded(self.person_p50_ms, 1),
            "person_p99_ms": rounded(self.person_p99_ms, 1),
            "person_p99_ms_at_a_tenth": rounded(small.person_p99_ms, 1),
            "timeline_p99_ms": rounded(self.timeline_p99_ms, 1),
            "link_s": rounded(self.link_s, 1),
            "first_question_ms": rounded(self.first_question_ms, 1),
            "erase_1000_s": rounded(self.erase_1000_s, 1),
            "peak_rss_mb": rounded(self.peak_rss_mb, 1),
        } })
    }
}

/// A site that is made up.
struct Site {
    contacts: u64,
    people: u64,
    seed: u64,
    until_ms: u64,
}

impl Site {
    async fn measure(&self, program: &Path) -> Result<Figures> {
        let home = tempfile::tempdir()?;
        let home = home.path();
        let (api, backend) = Api::start(program, home).await?;
        let contacts_s = self
            .import(&api, &backend, "contacts", self.contacts, Self::contact)
            .await?;
        let orders = self.contacts * 3;
        let orders_s = self
            .import(&api, &backend, "orders", orders, Self::order)
            .await?;
        let first_peak_mb = backend.used()?.backend.peak_rss_mb;
        backend.stop().await?;

        eprintln!("  {contacts_s:.1} s for contacts, {orders_s:.1} s for orders; bare inserts");
        let database = ClickHouse::open(program, home).await?;
        let raw_table_s = bare(&database, ("contacts", "contact_id")).await?;
        // What was said, and who is who: a contact is a row of the one and three of the other.
        let raw_contacts_s = raw_table_s
            + bare(&database, ("contact_rows", "contact_id")).await?
            + bare(&database, ("identities", "id")).await?;
        let raw_orders_s = bare(&database, ("orders", "order_id")).await?;
        eprintln!("  {raw_contacts_s:.1} s and {raw_orders_s:.1} s; making events and messages up");
        self.make_up(&database).await?;
        database.settle(PATIENCE).await?;
        database.stop().await?;

        let backend = Backend::launch(program, home, &listen()).await?;
        backend.wait_until_ready(PATIENCE).await?;
        let api = Api {
            url: backend.url().to_owned(),
            ..api
        };
        eprintln!("  asking for people");
        let person = self.ask(&api, "").await?;
        let timeline = self.ask(&api, "/timeline").await?;
        eprintln!("  linking visitors");
        let (linked, link_s) = self.link(&api, &backend).await?;
        let first_question_ms = self.question(&api).await?;
        eprintln!("  erasing people");
        let erase_1000_s = self.erase(&api).await?;
        backend.stop().await?;
        Ok(Figures {
            contacts: self.contacts,
            contacts_per_s: float(self.contacts) / contacts_s,
            contacts_ratio: raw_contacts_s / contacts_s,
            table_ratio: raw_table_s / contacts_s,
            orders_per_s: float(orders) / orders_s,
            orders_ratio: raw_orders_s / orders_s,
            person_p50_ms: quantile(&person, 0.5),
            person_p99_ms: quantile(&person, 0.99),
            timeline_p50_ms: quantile(&timeline, 0.5),
            timeline_p99_ms: quantile(&timeline, 0.99),
            linked,
            link_s,
            first_question_ms,
            erase_1000_s,
            peak_rss_mb: first_peak_mb,
        })
    }

    /// Posts rows in bulk; gives the seconds until the last is stored.
    async fn import(
        &self,
        api: &Api,
        backend: &Backend,
        to: &str,
        rows: u64,
        row: fn(&Self, u64) -> Value,
    ) -> Result<f64> {
        let bodies = (0..rows.div_ceil(ROWS)).map(|body| {
            let numbers = body * ROWS..((body + 1) * ROWS).min(rows);
            let lines: Vec<_> = numbers
                .map(|number| row(self, number).to_string())
                .collect();
            lines.join("\n")
        });
        // They are made before the clock runs.
        let bodies: Vec<String> = bodies.collect();
        let began = now();
        stream::iter(&bodies)
            .map(|body| api.post_rows(to, body))
            .buffer_unordered(CONNECTIONS)
            .try_collect::<()>()
            .await?;
        backend.wait_until_drained(PATIENCE).await?;
        Ok(now().duration_since(began).as_secs_f64())
    }

    fn chance(&self, number: u64, of: u64) -> Pcg64Mcg {
        Pcg64Mcg::seed_from_u64(self.seed ^ number.wrapping_mul(31).wrapping_add(of << 56))
    }

    fn contact(&self, number: u64) -> Value {
        const CITIES: [&str; 8] = [
            "תל אביב",
            "חיפה",
            "ירושלים",
            "גבעתיים",
            "רמת גן",
            "באר שבע",
            "נתניה",
            "לוד",
        ];
        const NAMES: [&str; 6] = ["דנה", "יוסי", "מיכל", "אורי", "נועה", "איתי"];
        let mut chance = self.chance(number, 1);
        let city = CITIES.get(chance.random_range(0..8_usize));
        let name = NAMES.get(chance.random_range(0..6_usize));
        json!({
            "id": format!("c-{number}"),
            "mail": format!("person{number}@example.com"),
            "phone": format!("+97252{:07}", 2_000_000 + number % 7_999_999),
            "first_name": name, "last_name": format!("כהן {}", number % 5000), "city": city,
            "gender": if chance.random_bool(0.5) { "female" } else { "male" },
            "birthday": format!("19{}-{:02}-{:02}", chance.random_range(50..99_u32),
                                chance.random_range(1..13_u32), chance.random_range(1..29_u32)),
            "language": "he", "source": "website", "consent_mail": chance.random_bool(0.7),
            "created_at": self.until_ms - chance.random_range(0..1000 * DAY_MS),
            "updated_at": self.until_ms - 1000,
        })
    }

    fn order(&self, number: u64) -> Value {
        let mut chance = self.chance(number, 2);
        let items = (0..chance.random_range(1..4_u32)).map(|_| {
            let product = chance.random_range(0..2000_u32);
            json!({ "id": format!("p{product}"), "name": format!("מוצר {product}"),
                    "category": format!("k{}", product % 20),
                    "price_cents": 990 + product * 10, "quantity": 1 })
        });
        let items: Vec<_> = items.collect();
        let is_in_store = chance.random_bool(0.3);
        json!({
            "order_id": format!("o-{number}"),
            "contact": { "id": format!("c-{}", chance.random_range(0..self.contacts)) },
            "placed_at": self.until_ms - chance.random_range(1..700 * DAY_MS),
            "updated_at": self.until_ms - 1000,
            "channel": if is_in_store { "store" } else { "online" },
            "store": if is_in_store { "דיזנגוף" } else { "" },
            "items": items,
        })
    }

    /// Makes up events of so many visitors as there are contacts, and messages to them.
    async fn make_up(&self, database: &ClickHouse) -> Result<()> {
        let Self {
            contacts,
            seed,
            until_ms,
            ..
        } = self;
        let (events, messages) = (contacts * 20, contacts * 10);
        // They come in the order of time, and those of a visit together.
        for from in (0..events).step_by(usize::try_from(STEP)?) {
            let count = STEP.min(events - from);
            let slice_ms = 90 * DAY_MS * count / events;
            let slice_at =
                until_ms - 90 * DAY_MS + 90 * DAY_MS * (from / 1000) / (events / 1000) - VISIT_MS;
            database
                .ask(&format!(
                    "INSERT INTO events (site, visitor_id, session_id, tab_id, seq, event_id, ts, received_at,
                         type, is_session_start, dwell_ms, host, path, title, category, product, channel,
                         device, browser, os, country, city, consent)
                     WITH cityHash64({seed}, intDiv(number, {VISIT_EVENTS})) AS visit
                     SELECT '{SITE}', 1 + visit % {contacts} AS visitor, visit, visit, number % {VISIT_EVENTS}, generateUUIDv7(),
                         fromUnixTimestamp64Milli(toInt64({slice_at} + intHash64(visit) % {slice_ms}
                             + cityHash64({seed} + 1, number) % {VISIT_MS})) AS at, at,
                         if(number % 2 = 1, 'dwell', 'page_view'), number % {VISIT_EVENTS} = 0,
                         if(number % 2 = 1, cityHash64({seed} + 2, number) % 60000, NULL),
                         'shop.example', concat('/k', toString(number % 20), '/p', toString(number % 2000)),
                         'מוצר', concat('k', toString(number % 20)), concat('p', toString(number % 2000)), 'organic',
                         'mobile', 'Chrome', 'Android', 'IL', 'Tel Aviv', 'granted'
                     FROM numbers({from}, {count})"
                ))
                .await?;
        }
        for from in (0..messages).step_by(usize::try_from(STEP)?) {
            let count = STEP.min(messages - from);
            let slice_ms = 300 * DAY_MS * count / messages;
            let slice_at =
                until_ms - 300 * DAY_MS + 300 * DAY_MS * (from / 1000) / (messages / 1000);
            database
                .ask(&format!(
                    "INSERT INTO messages (site, contact_id, message_id, channel, event, campaign, ts, received_at, id)
                     SELECT '{SITE}', ids[1 + cityHash64({seed} + 3, number) % length(ids)], toString(intDiv(number, 3)), 'mail',
                         arrayElement(['sent', 'delivered', 'opened'], 1 + number % 3), concat('c', toString(number % 50)),
                         fromUnixTimestamp64Milli(toInt64({slice_at} + cityHash64({seed} + 4, number) % {slice_ms})) AS at, at,
                         generateUUIDv7()
                     FROM (SELECT number, (SELECT groupArray(id) FROM identities WHERE kind = 'id') AS ids
                           FROM numbers({from}, {count}))"
                ))
                .await?;
        }
        Ok(())
    }

    /// Asks for people one after the other; gives how many milliseconds each took.
    async fn ask(&self, api: &Api, what: &str) -> Result<Vec<f64>> {
        let mut chance = self.chance(0, 3);
        let mut times = Vec::new();
        for number in 0..self.people {
            let contact = chance.random_range(0..self.contacts);
            let began = now();
            let (status, _) = api
                .ask(Method::GET, &format!("people/c-{contact}{what}"))
                .await?;
            ensure!(status == StatusCode::OK, "person {contact}: {status}");
            // The first few find nothing in memory that others left there.
            if number >= 20 {
                times.push(now().duration_since(began).as_secs_f64() * 1e3);
            }
        }
        Ok(times)
    }

    /// Links visitors to contacts; gives how many, and the seconds until all is stored.
    async fn link(&self, api: &Api, backend: &Backend) -> Result<(u64, f64)> {
        let linked = self.contacts.min(100_000);
        let login = |site: &Self, number: u64| {
            json!({ "id": format!("login {number}"), "type": "identify", "ts": site.until_ms - 500,
                    "visitor_id": (number + 1).to_string(), "contact": format!("c-{number}") })
        };
        let seconds = self.import(api, backend, "events", linked, login).await?;
        Ok((linked, seconds))
    }

    /// The first question that sees them; gives its milliseconds.
    async fn question(&self, api: &Api) -> Result<f64> {
        let definition = json!({ "kind": "event", "event": "page_view", "compare": { "gte": 5 },
                                 "window": { "last": { "n": 30, "unit": "day" } } });
        let began = now();
        let asked = json!({ "site": SITE, "definition": definition });
        let answer = api.client.post(format!("{}/v1/segments/preview", api.url));
        let answer = answer.bearer_auth(&api.key).json(&asked).send().await?;
        ensure!(
            answer.status() == StatusCode::OK,
            "a question: {}",
            answer.status()
        );
        answer.bytes().await?;
        Ok(now().duration_since(began).as_secs_f64() * 1e3)
    }

    /// Erases a thousand people; gives the seconds until nothing of them is left.
    async fn erase(&self, api: &Api) -> Result<f64> {
        let began = now();
        let receipts: Vec<String> = stream::iter(0..1000_u64)
            .map(|number| async move {
                let (status, body) = api
                    .ask(Method::DELETE, &format!("people/c-{number}"))
                    .await?;
                ensure!(status == StatusCode::ACCEPTED, "erasing {number}: {status}");
                let receipt: Value = serde_json::from_slice(&body)?;
                Ok(receipt["id"].as_str().unwrap_or_default().to_owned())
            })
            .buffer_unordered(16)
            .try_collect()
            .await?;
        for receipt in receipts {
            loop {
                let (_, body) = api.ask(Method::GET, &format!("erasures/{receipt}")).await?;
                let receipt: Value = serde_json::from_slice(&body)?;
                if !receipt["done_at_ms"].is_null() {
                    break;
                }
                ensure!(now().duration_since(began) < PATIENCE, "nobody is erased");
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(now().duration_since(began).as_secs_f64())
    }
}

/// Inserts the rows of a table into an empty one like it, in ClickHouse's own format; gives the
/// seconds.
async fn bare(database: &ClickHouse, (name, key): (&str, &str)) -> Result<f64> {
    let rows = format!("SELECT count() FROM {name}");
    let rows = database.number(&rows).await?;
    let parts = rows.div_ceil(BLOCK);
    let mut blocks = Vec::new();
    for part in 0..parts {
        let block = format!(
            "SELECT * FROM {name} FINAL WHERE cityHash64({key}) % {parts} = {part} FORMAT Native"
        );
        blocks.push(database.ask(&block).await?);
    }
    database
        .ask(&format!("CREATE TABLE bare AS {name}"))
        .await?;
    let began = now();
    for block in blocks {
        database.insert("bare", "Native", block).await?;
    }
    let seconds = now().duration_since(began).as_secs_f64();
    database.ask("DROP TABLE bare SYNC").await?;
    Ok(seconds)
}

fn listen() -> [String; 2] {
    ["--listen".to_owned(), "127.0.0.1:0".to_owned()]
}

/// The backend's API, with a key that may write.
struct Api {
    client: Client,
    url: String,
    key: String,
}

impl Api {
    async fn start(program: &Path, home: &Path) -> Result<(Self, Backend)> {
        let backend = Backend::start(program, home, &[]).await?;
        let api = Self {
            client: Client::new(),
            url: backend.url().to_owned(),
            key: make_key(program, home, "write").await?,
        };
        Ok((api, backend))
    }

    async fn post_rows(&self, to: &str, lines: &str) -> Result<()> {
        loop {
            let request = self
                .client
                .post(format!("{}/v1/sites/{SITE}/{to}", self.url));
            let answer = request
                .bearer_auth(&self.key)
                .header("content-type", "application/x-ndjson")
                .body(lines.to_owned())
                .send()
                .await?;
            let status = answer.status();
            let body = answer.bytes().await?;
            if status == StatusCode::SERVICE_UNAVAILABLE {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            ensure!(status == StatusCode::ACCEPTED, "{to}: {status}");
            let taken: Value = serde_json::from_slice(&body)?;
            let rejected = taken["rejected"].as_array().map_or(0, Vec::len);
            ensure!(rejected == 0, "{to}: {}", taken["rejected"][0]);
            return Ok(());
        }
    }

    async fn ask(&self, method: Method, path: &str) -> Result<(StatusCode, Vec<u8>)> {
        let request = self
            .client
            .request(method, format!("{}/v1/sites/{SITE}/{path}", self.url));
        let answer = request.bearer_auth(&self.key).send().await?;
        let status = answer.status();
        Ok((status, answer.bytes().await?.to_vec()))
    }
}
