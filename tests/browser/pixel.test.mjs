// The pixel in a real browser, against the whole chain: what it recorded is stored, once,
// whatever the network, the page and the visitor's settings do.
//
// `cargo xtask test` starts the chain and names it: SHOP, BACKEND, API_KEY, CHROMIUM.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cookie, kept, launch, ledger, newVisitor } from "./chromium.mjs";

const { SHOP, BACKEND, API_KEY } = process.env;
const TYPES = [
  "page_view", "dwell", "click", "search", "view_item_list", "view_item", "add_to_cart",
  "remove_from_cart", "view_cart", "begin_checkout", "purchase", "custom",
];

let browser;
before(async () => {
  assert.ok(SHOP && BACKEND && API_KEY, "there is no chain; run `cargo xtask test`");
  browser = await launch();
});
after(() => browser?.close());

/** Who has exactly so many events. */
async function visitorsWith(events) {
  const definition = { kind: "event", event: TYPES, compare: { eq: events } };
  const response = await fetch(`${BACKEND}/v1/segments/preview`, {
    method: "POST",
    headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ site: "demo", definition, sample: 100 }),
  });
  assert.equal(response.status, 200);
  return (await response.json()).sample;
}

/** Waits until all that the visitor's pixels recorded is stored; gives back how much. */
async function allStored(context) {
  const recorded = Object.values(await ledger(context, SHOP)).reduce((a, b) => a + b, 0);
  const id = BigInt(`0x${(await cookie(context, SHOP)).value.split(".")[0]}`).toString();
  for (let tries = 0; tries < 100; tries++) {
    if ((await visitorsWith(recorded)).includes(id)) return recorded;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`visitor ${id} recorded ${recorded} events, and another number is stored`);
}

const started = (page) => page.waitForFunction(() => window.crumb && !window.crumb.q);

test("what happens offline arrives when the network is back", async () => {
  const { context } = await newVisitor(browser);
  const page = await context.newPage();
  await page.goto(`${SHOP}/product/cer-01/`);
  await started(page);
  await page.waitForResponse((response) => response.url().endsWith("/c/e"));
  await context.setOffline(true);
  for (let n = 0; n < 3; n++) await page.evaluate((n) => crumb("track", "offline", { n }), n);
  await page.waitForTimeout(6_000);
  await context.setOffline(false);
  await page.waitForResponse((response) => response.url().endsWith("/c/e") && response.ok());
  await page.goto("about:blank");
  assert.ok((await allStored(context)) >= 5);
  await context.close();
});

test("a page whose fetch throws loses nothing", async () => {
  const { context, errors } = await newVisitor(browser);
  await context.addInitScript(() => {
    const real = window.fetch;
    window.failing = 1;
    window.fetch = (...args) => {
      if (String(args[0]).endsWith("/c/e") && window.failing-- > 0) throw new Error("not today");
      return real(...args);
    };
  });
  const page = await context.newPage();
  await page.goto(`${SHOP}/`);
  await started(page);
  await page.evaluate(() => crumb("track", "kept", { text: "כן", number: 1.5, yes: true }));
  await page.waitForResponse((response) => response.url().endsWith("/c/e") && response.ok());
  await page.goto("about:blank");
  await allStored(context);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a browser that refuses storage is recorded all the same", async () => {
  const { context, errors } = await newVisitor(browser);
  await context.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("refused", "SecurityError");
      },
    });
  });
  const page = await context.newPage();
  await page.route("**/*.js", async (route) => {
    // The shop itself wants its storage; without its scripts it is a plain page.
    return route.request().url().includes("/c/") ? route.continue() : route.abort();
  });
  await page.goto(`${SHOP}/`);
  const answer = await page.waitForResponse((response) => response.url().endsWith("/c/e"));
  assert.equal(answer.status(), 204);
  assert.deepEqual(errors.filter((error) => !error.includes("ERR_FAILED")), []);
  await context.close();
});

test("the line pasted twice counts once", async () => {
  const { context } = await newVisitor(browser);
  const page = await context.newPage();
  await page.route(`${SHOP}/`, async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    const line = html.match(/<script>window\.crumb.*?<\/script><script.*?<\/script>/)[0];
    return route.fulfill({ response, body: html.replace("</head>", `${line}</head>`) });
  });
  await page.goto(`${SHOP}/`);
  await started(page);
  await page.waitForResponse((response) => response.url().endsWith("/c/e"));
  await page.goto("about:blank");
  assert.equal(Object.keys(await ledger(context, SHOP)).length, 1, "one pixel recorded");
  await context.close();
});

test("Global Privacy Control is a no", async () => {
  const { context } = await newVisitor(browser);
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true });
  });
  const page = await context.newPage();
  const requests = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  await page.goto(`${SHOP}/`);
  await page.waitForTimeout(2_500);
  assert.deepEqual(requests.filter((path) => path.startsWith("/c/")), ["/c/crumb.js"]);
  assert.equal(await cookie(context, SHOP), undefined);
  assert.deepEqual(await kept(context, SHOP, "crumb."), {});
  await context.close();
});

test("leaving a page sends what is left of it once", async () => {
  const { context } = await newVisitor(browser);
  await context.addInitScript(() => {
    const send = Navigator.prototype.sendBeacon;
    Navigator.prototype.sendBeacon = function (...args) {
      localStorage.setItem(`beacon.${localStorage.length}.${performance.now()}`, args[0]);
      return send.apply(this, args);
    };
  });
  const page = await context.newPage();
  await page.goto(`${SHOP}/`);
  await started(page);
  await page.waitForResponse((response) => response.url().endsWith("/c/e"));
  await page.mouse.move(100, 100);
  await page.goto("about:blank");
  assert.equal(Object.keys(await kept(context, SHOP, "beacon.")).length, 1);
  await allStored(context);
  await context.close();
});

test("the cookie is out of the page's reach and lasts", async () => {
  const { context } = await newVisitor(browser);
  const page = await context.newPage();
  await page.goto(`${SHOP}/`);
  await page.waitForResponse((response) => response.url().endsWith("/c/e"));
  const found = await cookie(context, SHOP);
  assert.deepEqual([found.httpOnly, found.secure, found.sameSite, found.path], [true, true, "Lax", "/"]);
  const days = (found.expires - Date.now() / 1000) / 86_400;
  assert.ok(days > 399 && days <= 400, `${days} days`);
  assert.equal(await page.evaluate(() => document.cookie), "");
  await context.close();
});
