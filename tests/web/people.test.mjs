// People: found, read, explained, linked, erased; and what a viewer doesn't see.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/chromium.mjs";
import { start } from "./backend.mjs";
import { fill, open } from "./shop.mjs";

let backend;
let browser;
let shop;
const HOSTILE = `<img src=x onerror="document.title='got you'">`;

before(async () => {
  [backend, browser] = await Promise.all([start(), launch()]);
  shop = await open(backend);
  await fill(shop);
  await shop.send("POST", shop.of("/contacts?wait=true"), [{ id: "c-evil", first_name: HOSTILE, last_name: "=1+1" }]);
  await shop.send("PUT", shop.of("/segments/often"), {
    names: { en: "Buyers of Tel Aviv" },
    definition: { all: [{ kind: "contact", field: "city", op: "eq", value: "תל אביב" }, { kind: "order" }] },
  });
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

async function page(session, locale = "en-GB") {
  const context = await browser.newContext({ locale });
  context.setDefaultTimeout(15_000);
  const [name, value] = session.split("=");
  await context.addCookies([{ name, value, url: backend.url }]);
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Error/.test(message.text())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  return { page, wrong, done: () => context.close() };
}

const at = (path) => `${backend.url}/${shop.site}/people${path}`;

test("somebody is found by their name, and their page says what they did and why they are in a segment", async () => {
  const { page: at_, wrong, done } = await page(shop.cookie());
  await at_.goto(at(""));
  await at_.getByRole("row").nth(5).waitFor();
  await at_.getByRole("searchbox").fill("כהן 30");
  await at_.getByRole("row").nth(2).waitFor({ state: "detached" });
  await at_.getByRole("link", { name: "דנה כהן 30" }).click();
  await at_.getByRole("heading", { name: "דנה כהן 30" }).waitFor();
  await at_.getByText("put in the cart").waitFor();
  await at_.getByText("o-30").first().waitFor();
  await at_.getByText("person30@shop.example").first().waitFor();

  await at_.getByRole("button", { name: "Ask of a segment" }).click();
  await at_.getByRole("option", { name: "Buyers of Tel Aviv" }).click();
  const why = at_.getByRole("region", { name: "Why?" });
  await why.getByRole("listitem").nth(2).waitFor();
  assert.equal(await why.getByText("✓ true").count(), 3);
  assert.match(at_.url(), /segment=often/);

  await at_.getByRole("button", { name: /Show$/ }).click();
  for (const kind of ["On the site", "Returns", "Messages", "Groups", "Fields", "Identities"]) {
    await at_.getByRole("option", { name: kind }).click();
  }
  await at_.keyboard.press("Escape");
  await at_.getByText("put in the cart").waitFor({ state: "detached" });
  assert.match(at_.url(), /kinds=order/);
  assert.deepEqual(wrong, []);
  await done();
});

test("what strangers wrote is text", async () => {
  const { page: at_, wrong, done } = await page(shop.cookie());
  await at_.goto(at("/c-evil"));
  await at_.getByRole("heading", { name: HOSTILE }).waitFor();
  await at_.goto(at(`?q=${encodeURIComponent("onerror")}`));
  await at_.getByRole("link", { name: /onerror/ }).waitFor();
  assert.notEqual(await at_.title(), "got you");
  assert.equal(await at_.locator("main img").count(), 0);
  assert.deepEqual(wrong, []);
  await done();
});

test("a browser is linked to a person, and parted again", async () => {
  const { page: at_, wrong, done } = await page(shop.cookie());
  await shop.send("POST", shop.of("/events"), [
    { id: "lone", type: "search", ts: Date.now() - 60_000, visitor_id: "4711", search_term: "blue teapot" },
  ]);
  const isThere = () => shop.send("GET", shop.of("/people/visitor:4711")).then(() => true, () => false);
  while (!(await isThere())) await new Promise((done) => setTimeout(done, 200));
  await at_.goto(at("/visitor:4711"));
  await at_.getByText("blue teapot").first().waitFor();
  await at_.goto(at("/c-4"));
  await at_.getByLabel("Link somebody to this person").fill("visitor:4711");
  await at_.getByRole("button", { name: "Link", exact: true }).click();
  await at_.getByText("blue teapot").first().waitFor();
  await at_.getByText("decided by hand").waitFor();
  await at_.getByRole("button", { name: "Part" }).last().click();
  await at_.getByRole("alertdialog").getByRole("button", { name: "Part" }).click();
  await at_.getByText("blue teapot").first().waitFor({ state: "detached" });
  assert.deepEqual(wrong, []);
  await done();
});

test("two contacts become one person, with what each of them did", async () => {
  const { page: at_, wrong, done } = await page(shop.cookie());
  await at_.goto(at("/c-6"));
  await at_.getByText("person6@shop.example").first().waitFor();
  await at_.getByLabel("Link somebody to this person").fill("c-9");
  await at_.getByRole("button", { name: "Link", exact: true }).click();
  await at_.getByText("o-9").first().waitFor();
  await at_.getByText("person9@shop.example").first().waitFor();
  await at_.goto(at("/c-9"));
  await at_.getByText("o-6").first().waitFor();
  await at_.getByText("person6@shop.example").first().waitFor();
  assert.deepEqual(wrong, []);
  await done();
});

test("a viewer sees who it is, but no address, and can change nothing", async () => {
  const made = await shop.send("POST", "/v1/users", { name: "Vic", role: "viewer", site: null });
  const signed = await fetch(`${backend.url}/v1/session`, {
    method: "POST",
    headers: { origin: backend.url, "content-type": "application/json" },
    body: JSON.stringify({ link: made.link }),
  });
  const { page: at_, wrong, done } = await page(signed.headers.get("set-cookie").split(";")[0], "he-IL");
  await at_.goto(at(`?q=${encodeURIComponent("כהן 30")}`));
  await at_.getByRole("link", { name: "דנה כהן 30" }).click();
  await at_.getByRole("heading", { name: "דנה כהן 30" }).waitFor();
  await at_.getByText("•••").first().waitFor();
  assert.equal(await at_.getByText("@shop.example").count(), 0);
  assert.equal(await at_.getByRole("button", { name: "לקשר" }).count(), 0);
  assert.deepEqual(wrong, []);
  await done();
});

test("who is erased is gone", async () => {
  const { page: at_, wrong, done } = await page(shop.cookie());
  await at_.goto(at("/c-7"));
  await at_.getByRole("button", { name: "Erase for ever" }).click();
  await at_.getByRole("alertdialog").getByRole("button", { name: "Erase for ever" }).click();
  await at_.getByText("They are being erased").waitFor();
  assert.deepEqual(wrong, []);
  await done();
});
