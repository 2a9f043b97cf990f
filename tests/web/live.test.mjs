// Events as they come, and what became of them; what is stored is text, whatever it says.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/chromium.mjs";
import { start } from "./backend.mjs";

let backend;
let browser;
let page;
const ran = [];

before(async () => {
  [backend, browser] = await Promise.all([start(), launch()]);
  const context = await browser.newContext({ locale: "he-IL" });
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
  page.on("dialog", (dialog) => ran.push(dialog.message()));
  page.on("pageerror", (error) => ran.push(String(error)));
  await page.goto(`${backend.url}/#${backend.setupKey}`);
  await page.getByLabel("השם שלכם").fill("דנה");
  await page.getByRole("button", { name: "מתחילים" }).click();
  await page.getByLabel("שם החנות").fill("כלי חרס");
  await page.getByLabel("שם קצר").fill("clay-shop");
  await page.getByRole("button", { name: "יצירת החנות" }).click();
  await page.getByText('data-site="clay-shop"').waitFor();
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

/** Asks as the page does, by its session. */
function ask(path, body) {
  return page.evaluate(
    async ([path, body]) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
      return { status: answer.status, said: await answer.json() };
    },
    [path, body],
  );
}

const send = (...events) => ask("/v1/sites/clay-shop/events", events);
const cups = () => page.getByText("/he/cups", { exact: true });
const view = (id, more) => ({ id, type: "page_view", visitor_id: "5", ts: Date.now(), host: "shop.example", ...more });

test("an event appears as it comes, and its title is text", async () => {
  const watched = page.waitForResponse(/\/live$/);
  await page.getByRole("link", { name: "שידור חי" }).click();
  await page.getByText("עדיין אין כלום").waitFor();
  await watched;
  const title = "<img src=x onerror=alert(1)> קערות";
  const { status, said } = await send(view("1", { path: "/he/bowls", title, category: "קערות", product: "B-1" }));
  assert.deepEqual([status, said.accepted], [202, 1]);
  const row = page.getByRole("row", { name: /צפה בעמוד/ });
  await row.getByText(title, { exact: true }).waitFor();
  await row.getByText("/he/bowls", { exact: true }).waitFor();
  await row.getByText("קערות · B-1").waitFor();
  await row.getByText("נשמר").waitFor();
  await row.locator("summary").click();
  await row.getByText('"visitor_id"').waitFor();
  assert.deepEqual(ran, []);
});

test("what comes while it is paused appears afterwards", async () => {
  await page.getByRole("button", { name: "עצירה" }).click();
  await send(view("2", { path: "/he/cups" }), view("3", { path: "/he/jugs" }));
  await page.getByText("בינתיים הגיעו שני אירועים").waitFor();
  assert.equal(await cups().count(), 0);
  await page.getByRole("button", { name: "המשך" }).click();
  await cups().waitFor();
  assert.equal(await page.getByRole("row").count(), 1 + 3);
});

test("a filter leaves what fits", async () => {
  await page.getByLabel("סינון").fill("JUGS");
  await cups().waitFor({ state: "detached" });
  assert.equal(await page.getByRole("row").count(), 1 + 1);
  await page.getByLabel("סינון").fill("nothing like it");
  await page.getByText("אין אירוע שמתאים").waitFor();
});

test("the shop's events make the verdict good", async () => {
  await page.getByRole("link", { name: "התקנה" }).click();
  await page.getByText("זה עובד").last().waitFor();
  await page.getByRole("row", { name: /shop\.example/ }).waitFor();
});
