//! A site that is made up inside ClickHouse from a seed: what it costs to take is another bench's.

use anyhow::Result;
use backend::{
    people::field::Fields,
    segment::{
        Known, Question, SiteSettings,
        contact::{self, ContactField, Kind},
        parse,
    },
};
use jiff::civil::Weekday;
use serde_json::json;
use std::ops::Range;
use tests::{clickhouse::ClickHouse, page::SITE};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Over how many days events are spread.
pub const DAYS: u64 = 90;
/// For how many days parts stay as they came, after which the product has them joined.
const LOOSE_DAYS: u64 = 3;
/// Events that the drainer stores at once.
const CHUNK: u64 = 100_000;
/// Events that are made up at once where parts are joined afterwards.
const STEP: u64 = 10 * CHUNK;
/// How many events a visit has, and how long it takes.
const VISIT_EVENTS: u64 = 8;
const VISIT_MS: u64 = 20 * 60 * 1000;
/// The first contact's id; visitors are numbered from 1.
const CONTACTS_FROM: u64 = 1 << 63;

/// How large it is, and when it ends.
pub struct Site {
    pub events: u64,
    pub visitors: u64,
    pub contacts: u64,
    pub seed: u64,
    pub until_ms: u64,
    pub settings: SiteSettings,
    pub known: Known,
}

impl Site {
    /// A site of so many events, with visitors and contacts in proportion.
    pub fn new(events: u64, seed: u64, until_ms: u64) -> Result<Self> {
        Ok(Self {
            events,
            visitors: events / 40,
            contacts: events / 100,
            seed,
            until_ms,
            settings: SiteSettings::new("Asia/Jerusalem", Weekday::Sunday, "ILS")?,
            known: known()?,
        })
    }

    /// What definitions are asked of.
    pub fn question(&self) -> Result<Question<'_>> {
        Ok(Question {
            site: SITE,
            settings: &self.settings,
            known: &self.known,
            as_of_ms: i64::try_from(self.until_ms)?,
        })
    }

    /// Fills the tables, as they are after all these days.
    pub async fn make_up(&self, database: &ClickHouse) -> Result<()> {
        // Between chunks no visit is torn.
        let loose_from = self.events / DAYS * (DAYS - LOOSE_DAYS) / CHUNK * CHUNK;
        for from in (0..loose_from).step_by(usize::try_from(STEP)?) {
            let to = loose_from.min(from + STEP);
            database.ask(&self.events_of(from..to)).await?;
        }
        database.ask("OPTIMIZE TABLE events FINAL").await?;
        for from in (loose_from..self.events).step_by(usize::try_from(CHUNK)?) {
            let to = self.events.min(from + CHUNK);
            database.ask(&self.events_of(from..to)).await?;
        }
        for statement in [
            self.identities(),
            self.contacts(),
            self.members(),
            self.pixel_orders(),
            self.feed_orders(),
            self.messages(),
            "OPTIMIZE TABLE messages FINAL".to_owned(),
        ] {
            database.ask(&statement).await?;
        }
        Ok(())
    }

    /// Events come in the order of time, and those of a visit together: a landing page, then a
    /// product, something that differs from visit to visit, the cart, and sometimes the till;
    /// dwell in between.
    fn events_of(&self, numbers: Range<u64>) -> String {
        let (from, count) = (numbers.start, numbers.end - numbers.start);
        let Self {
            events,
            visitors,
            seed,
            until_ms,
            ..
        } = self;
        let slice_ms = DAYS * DAY_MS * count / events;
        let slice_at =
            until_ms - DAYS * DAY_MS + DAYS * DAY_MS * (from / 1000) / (events / 1000) - VISIT_MS;
        format!(
            "INSERT INTO events (site, visitor_id, session_id, tab_id, seq, event_id, ts, received_at,
                 type, is_session_start, dwell_ms, search_term, order_id, value_cents, currency,
                 `items.id`, `items.name`, `items.category`, `items.brand`, `items.price_cents`, `items.quantity`,
                 host, path, title, category, product, channel, utm_source, utm_campaign,
                 device, browser, os, country, city, consent)
             WITH intDiv(number, {VISIT_EVENTS}) AS nth, number % {VISIT_EVENTS} AS place,
                 cityHash64({seed}, nth) AS visit, cityHash64({seed} + 1, number) AS dice,
                 1 + visit % {visitors} AS visitor, intDiv(visit, 7) % 2000 AS item,
                 concat('p', toString(item)) AS sku, concat('k', toString(item % 20)) AS shelf,
                 multiIf(place % 2 = 1, if(place = 7 AND visit % 100 < 8, 'purchase', 'dwell'),
                     place = 0, 'page_view', place = 2, 'view_item',
                     place = 4, if(visit % 10 = 3, 'add_to_cart', arrayElement(['page_view', 'search', 'click', 'filter', 'page_view'], 1 + dice % 5)),
                     visit % 10 < 3, 'add_to_cart', visit % 10 = 3, 'remove_from_cart', 'page_view') AS kind,
                 kind IN ('add_to_cart', 'remove_from_cart', 'purchase', 'view_item') AS has_item,
                 if(kind = 'purchase' AND visit % 100 = 3, concat('p', toString(item + 1)), sku) AS bought
             SELECT '{SITE}', visitor, visit, visit, place, generateUUIDv7(),
                 fromUnixTimestamp64Milli(toInt64({slice_at} + intHash64(visit) % {slice_ms}
                     + (place * 2 + 1) * {VISIT_MS} / {VISIT_EVENTS} / 2 + dice % 30000)) AS at, at,
                 kind, place = 0, if(kind = 'dwell', dice % 240000, NULL),
                 if(kind = 'search', concat('נעל ', toString(dice % 500)), ''),
                 if(kind = 'purchase', toString(visit), ''), if(kind = 'purchase', 5000 + dice % 90000, NULL), 'ILS',
                 if(has_item, [bought], []), if(has_item, ['מוצר'], []), if(has_item, [shelf], []), if(has_item, ['b1'], []),
                 if(has_item, [1990 + item * 10], []), if(has_item, [1], []),
                 'shop.example', concat('/', shelf, '/', sku), concat('מוצר ', toString(item)), shelf, if(kind = 'purchase', '', sku),
                 arrayElement(['direct', 'organic', 'paid', 'social', 'mail'], 1 + visit % 5),
                 if(visit % 5 = 2, 'google', ''), if(visit % 5 = 2, 'autumn', ''),
                 if(visitor % 10 < 7, 'mobile', if(visit % 3 = 0, 'mobile', 'desktop')), 'Chrome', 'Android', 'IL', 'Tel Aviv', 'granted'
             FROM numbers({from}, {count})"
        )
    }

    /// Lets visitors come for a stretch of time, so many events a second, of each visitor one
    /// every so many seconds; gives who came. Which ones depends on the turn.
    pub async fn come(
        &self,
        database: &ClickHouse,
        turn: u64,
        (from_ms, for_ms): (u64, u64),
        (a_second, each_s): (u64, u64),
    ) -> Result<Vec<u64>> {
        let Self { visitors, seed, .. } = self;
        let count = a_second * for_ms / 1000;
        let each = (for_ms / 1000 / each_s).max(1);
        let visitor = format!(
            "1 + cityHash64({seed} + 5, {turn}, intDiv(number, {each})) % {visitors} AS visitor"
        );
        database
            .ask(&format!(
                "INSERT INTO events (site, visitor_id, session_id, tab_id, seq, event_id, ts, received_at, type,
                     dwell_ms, `items.id`, `items.category`, `items.quantity`, host, path, category, product, consent)
                 WITH cityHash64({seed} + 6, {turn}, number) AS dice, {visitor}, dice % 2000 AS item,
                     concat('p', toString(item)) AS sku, concat('k', toString(item % 20)) AS shelf,
                     arrayElement(['page_view', 'dwell', 'view_item', 'add_to_cart'], 1 + number % {each} % 4) AS kind,
                     kind IN ('add_to_cart', 'view_item') AS has_item
                 SELECT '{SITE}', visitor, {turn} * 1000000 + visitor, visitor, number, generateUUIDv7(),
                     fromUnixTimestamp64Milli(toInt64({from_ms} + (number % {each}) * {each_s} * 1000 + dice % 5000)) AS at, at, kind,
                     if(kind = 'dwell', dice % 60000, NULL), if(has_item, [sku], []), if(has_item, [shelf], []),
                     if(has_item, [1], []), 'shop.example', concat('/', shelf, '/', sku), shelf, sku, 'granted'
                 FROM numbers({count})"
            ))
            .await?;
        let came = database
            .ask(&format!(
                "SELECT DISTINCT {visitor} FROM numbers({count}) FORMAT TSV"
            ))
            .await?;
        let came = String::from_utf8(came)?;
        came.lines().map(|id| Ok(id.parse()?)).collect()
    }

    /// Every contact, and a visitor of each.
    fn identities(&self) -> String {
        let Self { contacts, .. } = self;
        format!(
            "INSERT INTO identities (site, id, kind, value, person, first_at, version)
             SELECT '{SITE}', if(is_visitor, number + 1, {CONTACTS_FROM} + number), if(is_visitor, 'visitor', 'id'),
                 if(is_visitor, '', concat('c-', toString(number))), {CONTACTS_FROM} + number, now64(3), 1
             FROM (SELECT number, arrayJoin([true, false]) AS is_visitor FROM numbers({contacts}))"
        )
    }

    fn contacts(&self) -> String {
        let Self {
            contacts,
            seed,
            until_ms,
            ..
        } = self;
        format!(
            "INSERT INTO contacts (site, contact_id, key, first_name, mail, phone, gender, birthday, family_status,
                 city, region, country, language, source, created_at, consent_mail, consent_sms, fields, version)
             WITH cityHash64({seed} + 2, number) AS dice
             SELECT '{SITE}', {CONTACTS_FROM} + number, concat('c-', toString(number)), 'דנה',
                 concat('person', toString(number), '@example.com'), concat('+97252', toString(2000000 + number)),
                 if(dice % 2 = 0, 'female', 'male'), toDate32('1950-01-01') + dice % 18000,
                 arrayElement(['married', 'single', ''], 1 + dice % 3),
                 arrayElement(['תל אביב', 'חיפה', 'גבעתיים', 'רמת גן', 'לוד'], 1 + intDiv(dice, 3) % 5),
                 arrayElement(['תל אביב', 'צפון', 'מרכז'], 1 + intDiv(dice, 5) % 3), 'IL', 'he',
                 arrayElement(['website', 'store', 'landing-page'], 1 + intDiv(dice, 7) % 3),
                 fromUnixTimestamp64Milli(toInt64({until_ms} - dice % {})), dice % 3 != 0, dice % 4 != 0,
                 concat('{{\"has_children\":', if(dice % 5 < 2, 'true', 'false'), ',\"product_rating\":', toString(1 + dice % 5), '}}'), 1
             FROM numbers({contacts})",
            1000 * DAY_MS
        )
    }

    fn members(&self) -> String {
        let Self { contacts, .. } = self;
        format!(
            "INSERT INTO group_members (site, group_id, contact_id, ts, is_in, received_at, said_by)
             SELECT '{SITE}', 'vip', {CONTACTS_FROM} + number * 20, now64(3) - 86400, true, now64(3), ''
             FROM numbers({contacts} / 20)"
        )
    }

    fn pixel_orders(&self) -> String {
        format!(
            "INSERT INTO orders (site, order_id, is_feed, version, visitor_id, ts, channel, currency, rate_e8, value_cents,
                 coupons, `items.id`, `items.name`, `items.category`, `items.brand`, `items.price_cents`, `items.quantity`)
             SELECT '{SITE}', order_id, false, 1, visitor_id, ts, 'online', 'ILS', 100000000, value_cents,
                 if(session_id % 10 = 0, ['SALE10'], []), `items.id`, `items.name`, `items.category`, `items.brand`,
                 `items.price_cents`, `items.quantity`
             FROM events WHERE site = '{SITE}' AND type = 'purchase'"
        )
    }

    /// Two orders a contact, over two years; most in the store.
    fn feed_orders(&self) -> String {
        let Self {
            contacts,
            seed,
            until_ms,
            ..
        } = self;
        format!(
            "INSERT INTO orders (site, order_id, is_feed, version, contact_id, ts, channel, store, currency, rate_e8, value_cents,
                 coupons, `items.id`, `items.name`, `items.category`, `items.brand`, `items.price_cents`, `items.quantity`,
                 `returns.id`, `returns.ts`, `returns.value_cents`, `returns.items`)
             WITH cityHash64({seed} + 3, number) AS dice, intDiv(dice, 11) % 2000 AS item
             SELECT '{SITE}', concat('f-', toString(number)), true, 1, {CONTACTS_FROM} + dice % {contacts},
                 fromUnixTimestamp64Milli(toInt64({until_ms} - 1 - dice % {})), if(dice % 3 = 0, 'online', 'store'),
                 if(dice % 3 = 0, '', 'דיזנגוף'), 'ILS', 100000000, 3000 + dice % 70000, if(dice % 8 = 0, ['CLUB'], []),
                 [concat('p', toString(item))], ['מוצר'], [concat('k', toString(item % 20))], ['b1'], [1990 + item * 10], [1],
                 if(dice % 12 = 0, ['r1'], []), if(dice % 12 = 0, [now64(3)], []), if(dice % 12 = 0, [1000], []), if(dice % 12 = 0, [[]], [])
             FROM numbers({contacts} * 2)",
            730 * DAY_MS
        )
    }

    /// Five a contact, each sent and delivered, some opened, fewer clicked.
    fn messages(&self) -> String {
        let Self {
            contacts,
            seed,
            until_ms,
            ..
        } = self;
        format!(
            "INSERT INTO messages (site, contact_id, message_id, channel, event, campaign, ts, received_at, id)
             WITH cityHash64({seed} + 4, number) AS dice
             SELECT '{SITE}', {CONTACTS_FROM} + dice % {contacts}, toString(number),
                 arrayElement(['mail', 'mail', 'sms', 'whatsapp'], 1 + intDiv(dice, 3) % 4), event,
                 concat('c', toString(dice % 50)), fromUnixTimestamp64Milli(toInt64({until_ms} - 1 - dice % {})) AS at, at, generateUUIDv7(event)
             FROM (SELECT number, arrayJoin(arrayConcat(['sent', 'delivered'], if(number % 3 = 0, ['opened'], []),
                       if(number % 9 = 0, ['clicked', 'read'], []))) AS event FROM numbers({contacts} * 5))",
            300 * DAY_MS
        )
    }
}

/// What the templates' defaults name.
fn known() -> Result<Known> {
    let mut known = Known {
        fields: contact::fields(&Fields::standard("IL")),
        groups: ["vip".to_owned()].into(),
        ..Known::default()
    };
    for (name, kind) in [
        ("has_children", Kind::Bool),
        ("product_rating", Kind::Number),
    ] {
        let field = ContactField {
            name: name.to_owned(),
            is_standard: false,
            kind,
        };
        known.fields.insert(name.to_owned(), field);
    }
    let month = json!({ "last": { "n": 1, "unit": "month" } });
    for (id, event) in [("S", "add_to_cart"), ("T", "purchase")] {
        let definition = parse(&json!({ "kind": "event", "event": event, "window": month }))?;
        known.segments.insert(id.to_owned(), definition);
    }
    Ok(known)
}
