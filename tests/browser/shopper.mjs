// Shoppers: each test's own visitor, on pages of the shop's origin that the test makes up,
// with everything that goes over the wire in sight.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { cookie, kept, launch, ledger, newVisitor } from "./chromium.mjs";
import { Network } from "./network.mjs";

export const { SHOP, BACKEND, API_KEY } = process.env;

const TYPES = [
  "page_view", "dwell", "click", "search", "filter", "share", "file_download", "form_start",
  "form_submit", "view_item_list", "view_item", "add_to_cart", "remove_from_cart", "view_cart",
  "begin_checkout", "purchase", "refund", "custom",
];

/** The line that the README says to paste. */
export const LINE = readFileSync(new URL("../../README.md", import.meta.url), "utf8").match(
  /^<script>window\.crumb.*<\/script>$/m,
)[0];

/**
 * A page in Hebrew, with the pasted line at the end of its head.
 *
 * @param {object} page
 * @param {string} [page.tag] more attributes of the pasted tag
 * @param {string} [page.line] in place of the pasted line
 */
export const markup = ({ title = "חנות", head = "", body = "", tag = "", line = LINE } = {}) => `
<!doctype html><html lang="he" dir="rtl"><head><meta charset="utf-8"><title>${title}</title>
${head}${line.replace('data-site="demo"', `data-site="demo" ${tag}`)}</head><body>${body}</body></html>`;

/**
 * Tests of one browser: `story(name, async (shopper) => …)`. After each it is checked that
 * every event recorded is stored once, unless `unstored` says why not; that the console has
 * nothing but what matches `says`; and that the edge has `faults` reports of a fault, else none.
 *
 * Other options are those of the browser's context.
 */
export function stories() {
  let browser;
  before(async () => {
    assert.ok(SHOP && BACKEND && API_KEY, "there is no chain; run `cargo xtask test`");
    browser = await launch();
  });
  after(() => browser?.close());
  return (name, tell, { unstored, says, faults, ...options } = {}) =>
    test(name, { timeout: 120_000 }, async () => {
      const shopper = await Shopper.arrive(browser, options);
      try {
        await tell(shopper);
        if (!unstored) await shopper.allStored();
        shopper.isSilent(says, faults);
      } finally {
        await shopper.gone();
      }
    });
}

export class Shopper {
  #pages = 0;
  /** Where this shopper's own pages lie, and nobody else's. */
  #folder = `/fixture/${Math.random().toString(36).slice(2, 8)}`;

  /** One without a browser yet. */
  static async alone() {
    const shopper = new Shopper();
    shopper.net = await Network.start(SHOP);
    return shopper;
  }

  static async arrive(browser, options) {
    const shopper = await Shopper.alone();
    const proxy = { server: shopper.net.address };
    Object.assign(shopper, await newVisitor(browser, { proxy, ...options }));
    return shopper;
  }

  async gone() {
    await this.context.close();
    this.net.stop();
  }

  /** Puts a page of this shopper's onto the shop's origin; gives its path. */
  serve(name, page = {}, headers = {}) {
    const path = `${this.#folder}/${name}`;
    this.net.serve(path, typeof page === "string" ? page : markup(page), headers);
    return path;
  }

  /** Opens a path of the shop in a new tab. */
  async tab(path) {
    const tab = await this.context.newPage();
    await tab.goto(`${SHOP}${path}`);
    return tab;
  }

  /** Opens a page in a new tab, and waits until its pixel has started. */
  async open(page = {}, headers = {}) {
    const tab = await this.tab(this.serve(`${++this.#pages}/`, page, headers));
    await started(tab);
    return tab;
  }

  /** Leaves all pages as visitors do; gives back all events so far. */
  async leave() {
    for (const tab of this.context.pages()) await tab.goto("about:blank");
    // The last of a page may come a little after it is gone.
    const recorded = await this.recorded();
    for (let tries = 0; tries < 5 && (await this.sent()).length < recorded; tries++);
    return this.sent();
  }

  /** How many events the ledger has. */
  async recorded() {
    return Object.values(await ledger(this.context, SHOP)).reduce((a, b) => a + b, 0);
  }

  /** All events that went over the wire, each once, in the order they happened, with what
   * their batches say of all their events. */
  async sent() {
    await this.net.quiet();
    const found = new Map();
    for (const { events, at, status, broken, ...batch } of this.net.attempts) {
      for (const event of events) {
        const key = `${batch.tabId}.${event.seq}`;
        // A batch's bytes never change, however often it is sent.
        if (found.has(key)) assert.deepEqual(event, found.get(key).event);
        else found.set(key, { event, batch });
      }
    }
    const events = [...found.values()].map(({ event, batch }) => ({ ...batch, ...event }));
    return events.sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
  }

  /** What the pixel keeps in the browser's storage, by what follows `crumb` in its keys. */
  kept() {
    return kept(this.context, SHOP, /^crumb[.-]/);
  }

  /** No text that went over the wire, in an address, a header or a body, holds this. */
  neverSent(...texts) {
    for (const { query, headers, body, path } of this.net.requests) {
      if (!path.startsWith("/c/")) continue;
      const { referer, ...others } = headers;
      const all = Buffer.concat([Buffer.from(query + JSON.stringify(others)), body]);
      for (const text of texts) assert.ok(!all.includes(text), `${text} was sent`);
    }
  }

  /** No console has a word but these, and the pixel reported so many faults. */
  isSilent(expected, faults = 0) {
    assert.deepEqual(this.errors.filter((error) => !expected?.test(error)), []);
    const reports = this.net.posts("/c/x").map(({ body }) => String(body));
    assert.equal(reports.length, faults, reports.join());
  }

  /** Waits until all that was recorded is stored, each event once. */
  async allStored() {
    const sent = (await this.leave()).length;
    assert.equal(sent, await this.recorded(), "what was recorded was sent");
    await this.hasStored(sent);
  }

  /** Waits until this visitor has so many events stored. */
  async hasStored(events) {
    const token = (await cookie(this.context, SHOP)).value;
    const id = BigInt(`0x${token.split(".")[0]}`).toString();
    const here = { field: "path", op: "starts_with", value: `${this.#folder}/` };
    const found = await people(
      { kind: "event", event: TYPES, compare: { eq: events } },
      { kind: "event", event: TYPES, where: [here] },
    );
    const attempts = this.net.attempts.map(({ tabId, status, broken, events }) => {
      return `${tabId} ${events.map(({ seq }) => seq)}: ${status ?? broken}`;
    });
    const told = [`${events} events of ${id} are not what is stored`, ...attempts].join("\n");
    assert.deepEqual(found, [id], told);
  }
}

/** Who all of this is true of; waits until there is somebody. */
export async function people(...all) {
  for (let tries = 0; ; tries++) {
    const response = await fetch(`${BACKEND}/v1/segments/preview`, {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
      // Some shoppers' clocks are ahead.
      body: JSON.stringify({ site: "demo", definition: { all }, as_of: Date.now() + 600_000 }),
    });
    assert.equal(response.status, 200);
    const { sample } = await response.json();
    if (sample.length || tries === 50) return sample;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The pixel has taken the place of the pasted stub, which is no arrow function. */
export const started = (tab) =>
  tab.waitForFunction(() => window.crumb && !("prototype" in window.crumb), null, { polling: 50 });

export const of = (events, ...types) => events.filter(({ type }) => types.includes(type));

/** Only these fields of each. */
export const pick = (events, ...names) =>
  events.map((event) => Object.fromEntries(names.map((name) => [name, event[name]])));

/**
 * Waits until the page that was loaded, or became another, has been read and recorded. It is the
 * page that waits: on a busy machine its timers run late, but in their order.
 */
export async function settled(tab) {
  await started(tab);
  await tab.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_300)));
}
