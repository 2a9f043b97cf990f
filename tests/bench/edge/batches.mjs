// Batches of random events, the same in every run, in two forms: plain objects, which are the
// JSON of a peer, and the wire's (protocol/src/batch.rs), written from those objects.

import { text, varint } from "../../../edge-worker/test/tokens.mjs";

/** So many of each size, sent in turn, so that nothing is fitted to one of them. */
const BATCHES = 16;
const BEGAN_MS = 1_760_000_000_000;

/** Half of the shop's visitors read Hebrew, half English. What isn't known is left out. */
const LANGUAGES = {
  he: {
    title: "קערת קרמיקה כחולה, עבודת יד",
    item: "קערת קרמיקה",
    category: "כלי בית",
    clicks: ["הוספה לסל", "לכל המוצרים", "מדיניות משלוחים", "צרו קשר"],
    terms: ["קערה", "ספל כחול", "מתנה לחג"],
  },
  en: {
    title: "Blue ceramic bowl, made by hand",
    item: "Ceramic bowl",
    category: "homeware",
    clicks: ["Add to cart", "All products", "Shipping and returns", "Contact us"],
    terms: ["bowl", "blue mug", "holiday gift"],
  },
};

/** Batches of so many events, as objects. */
export function batches(events) {
  const random = randomly(events);
  return Array.from({ length: BATCHES }, (_, n) => batch(random, n % 2 ? "en" : "he", events));
}

function batch(random, language, events) {
  const words = LANGUAGES[language];
  const first = random.below(400);
  let at = BEGAN_MS + random.below(86_400_000);
  const header = {
    site: "demo",
    tab_id: random.id(),
    ...(random.below(3) === 0 && { previous: { tab_id: random.id(), events: random.below(60) } }),
    lost: 0,
    dropped: 0,
    consent: "granted",
    staff: false,
    session: {
      id: random.id(),
      started_at_ms: at - random.below(600_000),
      number: 1 + random.below(9),
      origin: {
        landing_path: "/category/ceramics/",
        referrer_host: "www.google.com",
        utm_source: "newsletter",
        utm_medium: "email",
        utm_campaign: "autumn",
      },
    },
    page: {
      source: "json_ld",
      host: "shop.example",
      path: `/product/cer-${random.below(90)}/`,
      title: words.title,
      category: "ceramics",
      product: `CER-${random.below(90)}`,
      language: language === "he" ? "he-IL" : "en-GB",
    },
  };
  const list = Array.from({ length: events }, (_, n) => {
    at += 200 + random.below(9_000);
    return { seq: first + n, at_ms: at, ...(n ? random.of(ACTIONS) : pageView)(random, words) };
  });
  return { ...header, events: list };
}

const pageView = () => ({ type: "page_view" });

const dwell = (random) => ({
  type: "dwell",
  dwell_ms: 1_000 + random.below(14_000),
  scroll_percent: random.below(101),
});

const click = (random, words) => ({
  type: "click",
  kind: random.of(["link", "button", "outbound"]),
  text: random.of(words.clicks),
  host: "shop.example",
  path: `/category/ceramics/${random.below(20)}/`,
  ...(random.below(4) === 0 && { cta: "hero" }),
});

const search = (random, words) => ({
  type: "search",
  term: random.of(words.terms),
  props: { results: random.below(200), sort: "price" },
});

function addToCart(random, words) {
  const items = Array.from({ length: 1 + random.below(3) }, () => ({
    id: `CER-${random.below(90)}`,
    name: `${words.item} ${random.below(90)}`,
    category: words.category,
    brand: "Crumb",
    price_cents: 1_990 + random.below(20_000),
    quantity: 1 + random.below(3),
  }));
  const value = items.reduce((sum, item) => sum + item.price_cents * item.quantity, 0);
  return { type: "add_to_cart", value_cents: value, currency: "ILS", items };
}

/** One of them each time. */
const ACTIONS = [pageView, dwell, dwell, dwell, click, click, click, search, addToCart, addToCart];

/** Numbers by mulberry32, from a seed. */
function randomly(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const half = () => next().toString(16).padStart(8, "0");
  const below = (bound) => next() % bound;
  return { below, of: (list) => list[below(list.length)], id: () => half() + half() };
}

const KINDS = ["link", "button", "outbound"];
const SOURCES = ["", "explicit", "data_layer", "json_ld", "open_graph"];
const ADD_TO_CART = 2;

/** The batch on the wire. */
export function encode(batch) {
  return Buffer.from([...Buffer.from("CB\x01"), ...header(batch), ...batch.events.flatMap(event)]);
}

const texts = (object, names) => names.flatMap((name) => text(object[name] ?? ""));
const id = (hex) => varint(BigInt(`0x${hex}`));
const option = (value, write) => (value === undefined ? [0] : [1, ...write(value)]);
const list = (values, write) => [...varint(values.length), ...values.flatMap(write)];
/** Integers with a sign are zigzag. No price here is below 0. */
const cents = (value) => varint(value * 2);

function header({ site, tab_id, previous, lost, dropped, staff, session, page }) {
  return [
    ...text(site),
    ...id(tab_id),
    ...option(previous, (before) => [...id(before.tab_id), ...varint(before.events)]),
    ...varint(lost),
    ...varint(dropped),
    1, // Consent was granted.
    Number(staff),
    ...id(session.id),
    ...varint(session.started_at_ms),
    ...varint(session.number),
    ...texts(session.origin, ["landing_path", "referrer_host", "utm_source", "utm_medium"]),
    ...texts(session.origin, ["utm_campaign", "utm_term", "utm_content", "click_id_kind"]),
    SOURCES.indexOf(page.source),
    ...texts(page, ["host", "path", "query", "title", "canonical", "category", "product", "language"]),
  ];
}

function event({ seq, at_ms, type, props = {}, ...said }) {
  const isSessionStart = 0;
  const place = [...varint(seq), ...varint(at_ms), isSessionStart];
  return [...place, ...ACTION[type](said), ...list(Object.entries(props), prop)];
}

/** Those of protocol/src/event.rs that are made here, each after its number there. */
const ACTION = {
  page_view: () => [0],
  dwell: ({ dwell_ms, scroll_percent }) => [1, ...varint(dwell_ms), scroll_percent],
  click: (said) => [2, KINDS.indexOf(said.kind), ...texts(said, ["text", "host", "path", "cta"])],
  search: ({ term }) => [3, ...text(term)],
  add_to_cart: (said) => [
    4,
    ADD_TO_CART,
    ...option(said.value_cents, cents),
    ...texts(said, ["currency", "order_id", "coupon"]),
    ...list(said.items, item),
  ],
};

function item(said) {
  const names = texts(said, ["id", "name", "category", "brand"]);
  return [...names, ...option(said.price_cents, cents), ...option(said.quantity, varint)];
}

/** Numbers go as JSON writes them. */
function prop([name, value]) {
  return [...text(name), typeof value === "number" ? 1 : 0, ...text(String(value))];
}
