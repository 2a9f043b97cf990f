// A segment from a template to its members: put together, counted, put in words, saved, exported.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/chromium.mjs";
import { start } from "./backend.mjs";
import { fill, open } from "./shop.mjs";

let backend;
let browser;
let shop;

before(async () => {
  [backend, browser] = await Promise.all([start(), launch()]);
  shop = await open(backend);
  await fill(shop);
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

/** A page of somebody who is signed in; what it may not do, it must not try. */
async function page(locale = "en-GB") {
  const context = await browser.newContext({ locale, acceptDownloads: true });
  context.setDefaultTimeout(15_000);
  const [name, value] = shop.cookie().split("=");
  await context.addCookies([{ name, value, url: backend.url }]);
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Error/.test(message.text())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  return { page, wrong, done: () => context.close() };
}

/** The definition that the builder has come to: it is in the address. */
function definition(page) {
  return JSON.parse(new URL(page.url()).searchParams.get("definition"));
}

const at = (path) => `${backend.url}/${shop.site}/segments${path}`;
const count = async (asked) =>
  (await shop.send("POST", "/v1/segments/preview", { site: shop.site, definition: asked })).count;

test("a template becomes a segment: set, changed, counted, saved, listed", async () => {
  const { page: at_, wrong, done } = await page();
  await at_.goto(at("/templates"));
  await at_.getByRole("searchbox").fill("frequent");
  await at_.getByRole("button", { name: /Use it/ }).first().click();
  await at_.getByRole("dialog").getByRole("button", { name: "Use it" }).click();
  await at_.locator("output").waitFor();
  const begun = definition(at_);

  await at_.getByRole("button", { name: "Add a condition" }).first().click();
  await at_.getByRole("menuitem", { name: /field of the contact/ }).click();
  const field = at_.getByRole("region", { name: "Field" });
  await field.getByRole("combobox", { name: "Value" }).fill("תל אביב");
  await field.getByRole("combobox", { name: "Value" }).press("Enter");
  await at_.waitForFunction(() => new URLSearchParams(location.search).get("definition")?.includes("תל אביב"));
  const both = definition(at_);
  assert.deepEqual(both, { all: [begun, { kind: "contact", field: "city", op: "eq", value: "תל אביב" }] });
  const people = await count(both);
  await at_.locator("output", { hasText: new RegExp(`^${people} (person|people)$`) }).waitFor();
  await field.getByText("12 by itself").waitFor();
  await at_.getByText(/תל אביב/).last().waitFor();

  await at_.getByLabel("Name", { exact: true }).fill("Often, from Tel Aviv");
  await at_.getByRole("button", { name: "Save" }).click();
  await at_.waitForURL(/segments\/often-from-tel-aviv$/);
  await at_.getByText("Saved.").waitFor();
  await at_.getByRole("link", { name: "Segments" }).click();
  await at_.getByRole("link", { name: "Often, from Tel Aviv" }).waitFor();
  assert.deepEqual(wrong, []);
  await done();
});

test("what does not fit is said at its condition, and nothing is counted", async () => {
  const { page: at_, wrong, done } = await page();
  const asked = { all: [{ kind: "order" }, { kind: "contact", field: "city", op: "contains", value: "" }] };
  await at_.goto(at(`/new?definition=${encodeURIComponent(JSON.stringify(asked))}`));
  await at_.getByRole("region", { name: "Field" }).locator(".wrong").waitFor();
  assert.equal(await at_.locator(".wrong").count(), 1);
  assert.equal(await at_.locator("output").count(), 0);
  assert.deepEqual(wrong, []);
  await done();
});

test("groups, opposites and every kind of condition go through the builder unharmed", async () => {
  const { page: at_, wrong, done } = await page("he-IL");
  const item = { field: "items.category", op: "in", value: ["Bowls", "Mugs"] };
  const asked = {
    any: [
      { all: [{ kind: "event", event: ["page_view", "click"], measure: "days", compare: { between: [2, 4] }, window: "ever" }] },
      { not: { any: [{ kind: "order", measure: { sum: "value_cents" }, compare: { gte: 10_000 } }, { not: { kind: "order" } }] } },
      { kind: "event", event: "add_to_cart", where: [item], per: "session", window: { between: ["2026-01-01", "2026-12-31"] } },
      { kind: "message", channel: "mail", event: "opened", latest: true, window: { calendar: "last_month", years_ago: 1 } },
      { kind: "last", of: "visit", window: { between_ago: [{ n: 1, unit: "day" }, { n: 2, unit: "month" }] } },
      { kind: "cart", state: "abandoned", idle: { n: 2, unit: "hour" }, where: [item] },
      { kind: "contact", field: "birthday", op: "anniversary_in", window: { next: { n: 7, unit: "day" } } },
      { kind: "event", event: "any", where: [{ field: "props.colour", op: "eq", value: "red" }], window: { since: { kind: "order" } } },
      {
        kind: "sequence",
        steps: [
          { of: { kind: "event", event: "view_item" } },
          { of: { kind: "event", event: "add_to_cart" }, within: { n: 1, unit: "day" }, same: ["product"] },
          { of: { kind: "order" }, absent: true, within: { n: 3, unit: "day" } },
        ],
      },
    ],
  };
  await at_.goto(at(`/new?definition=${encodeURIComponent(JSON.stringify(asked))}`));
  await at_.locator("output").waitFor();
  assert.deepEqual(definition(at_), asked);
  assert.equal(await at_.locator(".rule").count(), 10);
  const people = await count(asked);
  assert.match(await at_.locator("output").textContent(), new RegExp(`^${people} `));
  await at_.getByRole("tab", { name: "JSON" }).click();
  await at_.getByRole("textbox", { name: "JSON" }).fill('{"kind": "order"}');
  await at_.getByRole("tab", { name: "הגדרה" }).click();
  assert.equal(await at_.locator(".rule").count(), 1);
  assert.deepEqual(wrong, []);
  await done();
});

test("a number counts as it is typed", async () => {
  const { page: at_, wrong, done } = await page();
  const asked = (n) => ({ kind: "last", of: "visit", window: { last: { n, unit: "day" } } });
  await at_.goto(at(`/new?definition=${encodeURIComponent(JSON.stringify(asked(1)))}`));
  await at_.locator(".count:not([data-old]) output").waitFor();
  await at_.locator(".react-aria-NumberField input").first().selectText();
  for (const [typed, days] of [["2", 2], ["1", 21]]) {
    const said = at_.waitForResponse((answer) => answer.url().endsWith("/preview") && answer.request().postDataJSON().definition.window.last.n === days);
    await at_.keyboard.type(typed);
    await said;
    await at_.locator(".count:not([data-old])").waitFor();
    assert.match(await at_.locator(".count output").textContent(), new RegExp(`^${await count(asked(days))} `));
  }
  assert.deepEqual(definition(at_), asked(21));
  assert.deepEqual(wrong, []);
  await done();
});

test("the members, the file with them, the versions and the overlap", async () => {
  const { page: at_, wrong, done } = await page();
  const put = (id, names, definition) => shop.send("PUT", shop.of(`/segments/${id}`), { names, definition });
  await put("haifa", { en: "Haifa" }, { kind: "contact", field: "city", op: "eq", value: "חיפה" });
  await put("buyers", { en: "Buyers" }, { kind: "order" });
  await put("haifa", { en: "Haifa, who bought" }, {
    all: [{ kind: "contact", field: "city", op: "eq", value: "חיפה" }, { kind: "order" }],
  });
  await at_.goto(at("/haifa?tab=people"));
  await at_.getByRole("row").nth(1).waitFor();
  assert.equal(await at_.getByRole("row").count(), 1 + 4);
  await at_.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([
    at_.waitForEvent("download"),
    at_.getByRole("menuitem", { name: /CSV/ }).click(),
  ]);
  const chunks = await (await download.createReadStream()).toArray();
  const lines = Buffer.concat(chunks).toString("utf8").trimEnd().split("\r\n");
  assert.equal(lines.length, 1 + 4);
  assert.ok(lines[0].startsWith("\u{feff}"), "a spreadsheet would not know that it is UTF-8");

  await at_.getByRole("tab", { name: "History" }).click();
  await at_.getByRole("row", { name: /^1$/ }).waitFor();
  assert.equal(await at_.getByRole("row").count(), 1 + 2);
  await at_.getByRole("row", { name: /^1$/ }).getByRole("button").click();
  await at_.locator("output", { hasText: "12 people" }).waitFor();

  await at_.getByRole("tab", { name: "Overlap" }).click();
  const other = at_.getByRole("combobox", { name: "Compare with" });
  await other.fill("Buyers");
  await at_.getByRole("option", { name: "Buyers" }).click();
  const exactly = at_.getByRole("row", { name: /Haifa, who bought and Buyers/ });
  await exactly.getByText("4", { exact: true }).waitFor();
  assert.deepEqual(wrong, []);
  await done();
});

test("who came shows in the list and as a chart", async () => {
  const { page: at_, wrong, done } = await page();
  await shop.send("PUT", shop.of("/segments/everybody"), {
    names: { en: "Everybody" },
    definition: { kind: "contact", field: "key", op: "exists" },
  });
  const trend = async () =>
    (await shop.send("GET", shop.of("/segment-trends?segment=everybody&days=7"))).segments.everybody.at(-1);
  const until = Date.now() + 60_000;
  while ((await trend()).size !== 60 && Date.now() < until) await new Promise((done) => setTimeout(done, 500));
  const { entered, left, size } = await trend();
  assert.deepEqual({ entered, left, size }, { entered: 60, left: 0, size: 60 });
  await at_.goto(at(""));
  const row = at_.getByRole("row", { name: /Everybody/ });
  await row.getByText("60 came, 0 left").waitFor();
  await row.getByRole("link").click();
  await at_.getByRole("tab", { name: "Came and left" }).click();
  const figures = at_.getByRole("figure", { name: "Came and left" });
  await figures.waitFor();
  assert.deepEqual(await figures.getByRole("row").last().getByRole("cell").allTextContents(), ["60", "0", "60"]);
  assert.deepEqual(wrong, []);
  await done();
});
