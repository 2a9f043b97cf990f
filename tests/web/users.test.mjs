// Who may come in: the first start, the shop, others by links that are good once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/chromium.mjs";
import { start } from "./backend.mjs";

let backend;
let browser;
let owner;

before(async () => {
  [backend, browser] = await Promise.all([start(), launch()]);
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

/** A browser of somebody's own; what its pages may not do, they must not try. */
async function person(language) {
  const context = await browser.newContext({ locale: language });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const refused = [];
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) refused.push(message.text());
  });
  page.on("pageerror", (error) => refused.push(String(error)));
  return { context, page, refused };
}

test("the first start's link makes the owner, who names the shop and gets its line", async () => {
  owner = await person("en-GB");
  const { page } = owner;
  await page.goto(`${backend.url}/#${backend.setupKey}`);
  await page.getByLabel("Your name").fill("Dana");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByLabel("Name of the shop").fill("כלי חרס");
  await page.getByLabel("Short name").fill("No Good");
  await page.getByRole("button", { name: "Create the shop" }).click();
  await page.getByText(/3 to 32/).nth(1).waitFor();
  await page.getByLabel("Short name").fill("clay-shop");
  await page.getByRole("button", { name: "Create the shop" }).click();
  await page.getByRole("heading", { name: "Install the pixel" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/clay-shop/install");
  await page.getByText('data-site="clay-shop"').waitFor();
  await page.getByText("None came yet").waitFor();
  await page.getByRole("tab", { name: "Shopify" }).click();
  await page.getByText(/theme\.liquid/).waitFor();
});

test("a link that was used says so, and lets nobody in", async () => {
  const { page, context } = await person("he-IL");
  await page.goto(`${backend.url}/#${backend.setupKey}`);
  await page.getByLabel("השם שלכם").fill("מישהו");
  await page.getByRole("button", { name: "מתחילים" }).click();
  await page.getByRole("alert").getByText(/כבר השתמשו/).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
  await context.close();
});

test("a viewer comes in by a link, sees less, and is gone once removed", async () => {
  const { page } = owner;
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByRole("button", { name: "Invite somebody" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("<img src=x onerror=alert(1)>");
  await dialog.getByRole("button", { name: /Role/ }).click();
  await page.getByRole("option", { name: /Viewer/ }).click();
  await dialog.getByRole("button", { name: "Invite somebody" }).click();
  const link = await page.getByText(/#cl_/).textContent();

  const viewer = await person("en-GB");
  await viewer.page.goto(link);
  await viewer.page.getByText("<img src=x onerror=alert(1)>").waitFor();
  assert.equal(await viewer.page.getByRole("link", { name: "Users" }).count(), 0);
  const status = (path, method = "GET") =>
    viewer.page.evaluate(async ([path, method]) => (await fetch(path, { method })).status, [path, method]);
  assert.equal(await status("/v1/sites/clay-shop"), 200);
  assert.equal(await status("/v1/users"), 403);
  assert.equal(await status("/v1/sites/clay-shop/live"), 403);

  const row = page.getByRole("row", { name: /onerror/ });
  await row.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await row.waitFor({ state: "detached" });
  assert.equal(await status("/v1/sites/clay-shop"), 401);
  await viewer.context.close();
  assert.deepEqual(viewer.refused, []);
});

test("whoever is the last owner stays", async () => {
  const { page } = owner;
  const row = page.getByRole("row", { name: /Dana/ });
  await row.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alert").getByText(/owner of all sites/).waitFor();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await row.waitFor();
});

test("a session is no good for other addresses' pages, nor without its cookie", async () => {
  const { context, refused } = owner;
  const [cookie] = await context.cookies();
  assert.deepEqual(
    [cookie.name, cookie.httpOnly, cookie.sameSite],
    ["crumbtrail_session", true, "Strict"],
  );
  const ask = (headers) =>
    fetch(`${backend.url}/v1/sites/clay-shop`, {
      method: "PATCH",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ name: "Taken" }),
    });
  const sent = { cookie: `${cookie.name}=${cookie.value}` };
  assert.equal((await ask({ ...sent, origin: "https://evil.example" })).status, 403);
  assert.equal((await ask(sent)).status, 403);
  assert.equal((await ask({ origin: backend.url })).status, 401);
  assert.equal((await ask({ ...sent, origin: backend.url })).status, 200);
  assert.equal((await ask({ authorization: `Bearer ${cookie.value}` })).status, 401);
  assert.deepEqual(refused, []);
});

test("who signs out is out", async () => {
  const { page, context } = owner;
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.deepEqual(await context.cookies(), []);
});
