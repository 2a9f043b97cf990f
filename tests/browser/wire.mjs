// Reads what a pixel sends: attempts with a batch in each, as protocol/src/attempt.rs,
// batch.rs and event.rs write them (postcard: whole numbers of seven bits a byte, texts
// and lists behind their length, an Option behind 0 or 1). Ids are BigInts.

const CONSENT = ["unset", "granted"];
const SOURCE = ["", "explicit", "data_layer", "json_ld", "open_graph"];
const CLICK = ["link", "button", "outbound", "mail", "phone", "whatsapp", "download", "share"];
const STAGE = ["start", "submit", "abandon"];
const IDENTIFY = ["login", "landing", "id", "mail", "phone"];
const COMMERCE = [
  "view_item_list", "view_item", "add_to_cart", "remove_from_cart", "view_cart",
  "begin_checkout", "purchase", "refund",
];

/** What each action says, by the wire's order. */
const ACTIONS = [
  () => ({ type: "page_view" }),
  (r) => ({ type: "dwell", dwellMs: r.number(), scrollPercent: r.byte() }),
  (r) => ({
    type: "click",
    kind: r.one(CLICK),
    text: r.text(),
    host: r.text(),
    path: r.text(),
    cta: r.text(),
  }),
  (r) => ({ type: "search", term: r.text() }),
  (r) => ({
    type: r.one(COMMERCE),
    valueCents: r.option(() => r.signed()),
    currency: r.text(),
    orderId: r.text(),
    coupon: r.text(),
    items: r.list(() => ({
      id: r.text(),
      name: r.text(),
      category: r.text(),
      brand: r.text(),
      priceCents: r.option(() => r.signed()),
      quantity: r.option(() => r.number()),
    })),
  }),
  (r) => ({ type: "custom", name: r.text() }),
  () => ({ type: "filter" }),
  (r) => ({ type: "form", stage: r.one(STAGE), name: r.text() }),
  (r) => ({ type: "identify", by: r.one(IDENTIFY), value: r.text() }),
  () => ({ type: "sign_out" }),
];

const VALUES = [(r) => r.text(), (r) => Number(r.text()), (r) => r.flag()];

/** An attempt: when it was sent, with which token, and its batch's header and events. */
export function readAttempt(bytes) {
  const read = new Reader(bytes);
  read.frame("A");
  const sentAt = read.number();
  const token = read.text();
  return { sentAt, token, ...readBatch(bytes.subarray(read.at)) };
}

/** A batch alone. */
export function readBatch(bytes) {
  const read = new Reader(bytes);
  read.frame("B");
  const batch = readHeader(read);
  batch.events = [];
  while (read.at < bytes.length) batch.events.push(readEvent(read));
  return batch;
}

function readHeader(r) {
  return {
    site: r.text(),
    tabId: r.big(),
    previous: r.option(() => ({ tabId: r.big(), events: r.number() })),
    lost: r.number(),
    dropped: r.number(),
    consent: r.one(CONSENT),
    staff: r.flag(),
    session: {
      id: r.big(),
      startedAt: r.number(),
      number: r.number(),
      landingPath: r.text(),
      referrerHost: r.text(),
      utmSource: r.text(),
      utmMedium: r.text(),
      utmCampaign: r.text(),
      utmTerm: r.text(),
      utmContent: r.text(),
      clickIdKind: r.text(),
    },
    page: {
      source: r.one(SOURCE),
      host: r.text(),
      path: r.text(),
      query: r.text(),
      title: r.text(),
      canonical: r.text(),
      category: r.text(),
      product: r.text(),
      language: r.text(),
    },
  };
}

function readEvent(r) {
  const event = { seq: r.number(), atMs: r.number(), sessionStart: r.flag() };
  Object.assign(event, r.one(ACTIONS)(r));
  event.props = Object.fromEntries(r.list(() => [r.text(), r.one(VALUES)(r)]));
  return event;
}

/** Takes values from the front; throws where there is something else. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  frame(kind) {
    const found = Buffer.from(this.take(3)).toString("latin1");
    if (found !== `C${kind}\x01`) throw new Error(`no message of kind ${kind}`);
  }

  take(length) {
    const taken = this.bytes.subarray(this.at, this.at + length);
    if (taken.length < length) throw new Error(`the bytes end at ${this.bytes.length}`);
    this.at += length;
    return taken;
  }

  byte() {
    return this.take(1)[0];
  }

  big() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.byte());
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  }

  number() {
    const value = Number(this.big());
    if (!Number.isSafeInteger(value)) throw new Error(`${value} is no whole number here`);
    return value;
  }

  /** Zigzag. */
  signed() {
    const value = this.big();
    return Number(value & 1n ? -(value >> 1n) - 1n : value >> 1n);
  }

  flag() {
    return this.one([false, true]);
  }

  text() {
    return new TextDecoder("utf-8", { fatal: true }).decode(this.take(this.number()));
  }

  option(some) {
    return this.flag() ? some() : undefined;
  }

  list(one) {
    return Array.from({ length: this.number() }, one);
  }

  one(kinds) {
    const n = this.number();
    if (n >= kinds.length) throw new Error(`there is no kind ${n}`);
    return kinds[n];
  }
}
