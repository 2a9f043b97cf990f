// A worker that takes events as JSON, checks all of them as protocol/src/{batch,event}.rs do,
// stamps each and writes them anew.

import { ROOM, Refusal, worker } from "./peer.mjs";

/** The bounds of protocol/src/limit.rs; a body of JSON is longer than one of the wire. */
const BODY_BYTES = 192 * 1024;
const TEXT_BYTES = 1024;
const URL_BYTES = 2048;
const MOST_EVENTS = 500;
const MOST_ITEMS = 200;
const MOST_PROPS = 32;

const encoder = new TextEncoder();
const room = "\0".repeat(ROOM);

export default worker({
  limit: BODY_BYTES,
  type: "application/json",
  async write(request, recognize) {
    const batch = parse(await request.text());
    check(batch);
    const stamp = await recognize(batch.site);
    for (const event of batch.events) event.edge = stamp;
    return encoder.encode(room + JSON.stringify(batch));
  },
});

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw bad();
  }
}

const bad = (code = "bad_structure") => new Refusal(400, code);

function check(batch) {
  object(batch);
  const { site, tab_id, previous, lost, dropped, consent, staff, session, page, events } = batch;
  if (typeof site !== "string" || !/^[a-z0-9-]{3,32}$/.test(site)) throw bad("bad_site");
  id(tab_id);
  if (previous !== undefined) {
    object(previous);
    id(previous.tab_id);
    whole(previous.events);
  }
  whole(lost);
  whole(dropped);
  if (consent !== "unset" && consent !== "granted") throw bad();
  if (typeof staff !== "boolean") throw bad();
  time(batch.sent_at_ms);
  checkSession(session);
  checkPage(page);
  checkEvents(events);
}

function checkSession(session) {
  object(session);
  id(session.id);
  time(session.started_at_ms);
  whole(session.number);
  const { origin } = session;
  object(origin);
  url(origin.landing_path);
  text(origin.referrer_host);
  text(origin.utm_source);
  text(origin.utm_medium);
  text(origin.utm_campaign);
  text(origin.utm_term);
  text(origin.utm_content);
  text(origin.click_id_kind);
}

const SOURCES = new Set([undefined, "explicit", "data_layer", "json_ld", "open_graph"]);

function checkPage(page) {
  object(page);
  if (!SOURCES.has(page.source)) throw bad();
  text(page.host);
  url(page.path);
  url(page.query);
  text(page.title);
  url(page.canonical);
  text(page.category);
  text(page.product);
  text(page.language);
}

function checkEvents(events) {
  if (!Array.isArray(events)) throw bad();
  if (events.length === 0) throw bad("empty");
  count(events.length, MOST_EVENTS);
  let last = -1;
  for (const event of events) {
    object(event);
    whole(event.seq);
    if (event.seq <= last) throw bad("bad_order");
    last = event.seq;
    time(event.at_ms);
    yesNo(event.session_start);
    checkAction(event);
    if (event.props !== undefined) checkProps(event.props);
  }
}

const CLICKS = new Set(["link", "button", "outbound", "mail", "phone", "whatsapp", "download", "share"]);
const FORMS = new Set(["start", "submit", "abandon"]);
const IDENTITIES = new Set(["login", "landing", "id", "mail", "phone"]);

function checkAction(event) {
  switch (event.type) {
    case "page_view":
    case "filter":
    case "sign_out":
      return;
    case "dwell":
      whole(event.dwell_ms);
      if (!(whole(event.scroll_percent) <= 255)) throw bad();
      return;
    case "click":
      if (!CLICKS.has(event.kind)) throw bad();
      text(event.text);
      text(event.host);
      url(event.path);
      text(event.cta);
      return;
    case "search":
      return text(event.term);
    case "view_item_list":
    case "view_item":
    case "add_to_cart":
    case "remove_from_cart":
    case "view_cart":
    case "begin_checkout":
    case "purchase":
    case "refund":
      return checkCommerce(event);
    case "custom":
      return text(event.name);
    case "form":
      if (!FORMS.has(event.stage)) throw bad();
      return text(event.name);
    case "identify":
      if (!IDENTITIES.has(event.by)) throw bad();
      return text(event.value);
    default:
      throw bad();
  }
}

function checkCommerce({ value_cents, currency, order_id, coupon, items }) {
  cents(value_cents);
  text(currency);
  text(order_id);
  text(coupon);
  if (items === undefined) return;
  if (!Array.isArray(items)) throw bad();
  count(items.length, MOST_ITEMS);
  for (const item of items) {
    object(item);
    text(item.id);
    text(item.name);
    text(item.category);
    text(item.brand);
    cents(item.price_cents);
    if (item.quantity !== undefined) whole(item.quantity);
  }
}

function checkProps(props) {
  object(props);
  let seen = 0;
  for (const name in props) {
    seen += 1;
    text(name);
    const value = props[name];
    if (typeof value === "string") text(value);
    else if (typeof value !== "boolean" && !Number.isFinite(value)) throw bad();
  }
  count(seen, MOST_PROPS);
}

function object(value) {
  if (typeof value !== "object" || value === null) throw bad();
}

function id(value) {
  if (typeof value !== "string" || !/^[0-9a-f]{16}$/.test(value)) throw bad();
}

/** A whole number of 32 bits. */
function whole(value) {
  if (typeof value !== "number" || value >>> 0 !== value) throw bad();
  return value;
}

function time(value) {
  if (!Number.isSafeInteger(value) || value < 0) throw bad();
}

function cents(value) {
  if (value !== undefined && !Number.isSafeInteger(value)) throw bad();
}

function yesNo(value) {
  if (value !== undefined && typeof value !== "boolean") throw bad();
}

const text = (value) => bounded(value, TEXT_BYTES);
const url = (value) => bounded(value, URL_BYTES);

/** A text that is absent is empty. No letter is longer than three bytes of UTF-8 a unit. */
function bounded(value, bytes) {
  if (value === undefined) return;
  if (typeof value !== "string") throw bad();
  if (value.length * 3 > bytes && encoder.encode(value).length > bytes) throw bad("too_long");
}

function count(found, most) {
  if (found > most) throw bad("too_long");
}
