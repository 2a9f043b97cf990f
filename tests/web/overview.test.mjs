// The overview: its figures, what they were before, and the people behind them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/chromium.mjs";
import { start } from "./backend.mjs";
import { fill, open } from "./shop.mjs";

const PAGE = `<img src=x onerror="document.title='got you'">`;

let backend;
let browser;
let shop;

before(async () => {
  [backend, browser] = await Promise.all([start(), launch()]);
  shop = await open(backend);
  await fill(shop);
  const view = { type: "page_view", ts: Date.now() - 60_000, path: `/${PAGE}`, title: PAGE, category: PAGE };
  await shop.send("POST", shop.of("/events?wait=true"), [{ ...view, contact: "c-1", id: "e-evil" }]);
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

async function overview(locale, address = "") {
  const context = await browser.newContext({ locale });
  context.setDefaultTimeout(15_000);
  const [name, value] = shop.cookie().split("=");
  await context.addCookies([{ name, value, url: backend.url }]);
  const page = await context.newPage();
  await page.goto(`${backend.url}/${shop.site}/overview${address}`);
  await page.locator("canvas").waitFor();
  return { page, done: () => context.close() };
}

test("the figures are those of the shop, and each opens the people behind it", async () => {
  const told = await shop.send("GET", shop.of("/overview"));
  // Of sixty people each third bought, by turns online and in the store.
  assert.deepEqual(told.now.total.online, { orders: 10, value_cents: 147_000 });
  assert.deepEqual(told.now.total.store, { orders: 10, value_cents: 150_000 });
  assert.equal(told.now.total.visitors, 60);
  assert.equal(told.now.days.length, 30);

  const { page, done } = await overview("en-GB");
  const figure = (name) => page.locator(`[data-figure="${name}"]`);
  assert.match(await figure("onlineValue").innerText(), /₪1,470\.00/);
  assert.match(await figure("storeOrders").innerText(), /\b10\b/);
  await figure("storeValue").getByRole("button").click();
  await page.getByRole("figure", { name: "Store revenue" }).waitFor();
  assert.match(page.url(), /figure=storeValue/);
  await figure("storeOrders").getByRole("link").click();
  await page.locator(".count output").getByText(/^10 people/).waitFor();
  await done();
});

test("what is looked at most is listed as the text that it is, in Hebrew too", async () => {
  const { page, done } = await overview("he-IL", "?days=90");
  const pages = page.locator('[data-top="pages"]');
  await pages.getByText(`/${PAGE}`).waitFor();
  const categories = page.locator('[data-top="categories"]');
  await categories.getByText("Mugs").click();
  const [mugs] = (await shop.send("GET", shop.of("/top?of=categories"))).filter(({ fields }) => fields.category === "Mugs");
  await page.locator(".count output").getByText(new RegExp(`^${mugs.visitors} אנשים`)).waitFor();
  assert.doesNotMatch(await page.title(), /got you/);
  await done();
});

test("other days are asked for in the address, and too many are refused with what fits", async () => {
  const week = await shop.send("GET", shop.of("/overview?from=2026-01-01&to=2026-01-07"));
  assert.deepEqual([week.before.from, week.before.to], ["2025-12-25", "2025-12-31"]);
  assert.equal(week.now.total.visitors, 0);
  await assert.rejects(shop.send("GET", shop.of("/overview?from=2020-01-01")), /bad_query.*1 to 366 fit/);
  await assert.rejects(shop.send("GET", shop.of("/top?of=nothing")), /400/);
});
