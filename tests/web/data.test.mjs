// The site's own data: a file of contacts, fields, groups, keys, settings, and the log of it all.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "../browser/chromium.mjs";
import { start } from "./backend.mjs";
import { open } from "./shop.mjs";

let backend;
let browser;
let shop;
let at;
const wrong = [];

before(async () => {
  [backend, browser] = await Promise.all([start(), launch()]);
  shop = await open(backend);
  const context = await browser.newContext({ locale: "en-GB", acceptDownloads: true });
  context.setDefaultTimeout(15_000);
  const [name, value] = shop.cookie().split("=");
  await context.addCookies([{ name, value, url: backend.url }]);
  at = await context.newPage();
  at.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) wrong.push(message.text());
  });
  at.on("pageerror", (error) => wrong.push(String(error)));
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

const go = (tab) => at.goto(`${backend.url}/${shop.site}/data?tab=${tab}`);

test("a file is looked at, its columns are put right, and its rows are taken", async () => {
  await go("import");
  const csv = [
    "קוד לקוח,שם,עיר,טלפון,הערה",
    "c-1,דנה כהן,חיפה,050-234-5678,=1+1",
    "c-2,נועה לוי,רמת גן,not a phone,x",
    "c-3,אורי,תל אביב,052-234-5678,y",
  ].join("\r\n");
  await at.locator("input[type=file]").setInputFiles({ name: "club.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await at.getByText("2 fit").waitFor();
  await at.getByText("1 don’t fit").waitFor();
  const column = at.getByRole("row", { name: "קוד לקוח" });
  await column.getByRole("button").click();
  await at.getByRole("option", { name: "the shop’s own id" }).click();
  await at.getByText(/Rows that don’t fit/).click();
  const [download] = await Promise.all([
    at.waitForEvent("download"),
    at.getByRole("button", { name: "Download what doesn’t fit" }).click(),
  ]);
  const file = Buffer.concat(await (await download.createReadStream()).toArray()).toString("utf8");
  assert.match(file, /"3","טלפון","not a phone"/);
  await at.getByRole("button", { name: "Take 2 rows" }).click();
  await at.getByText("2 rows were taken.").waitFor();
  const found = async () => (await shop.send("GET", shop.of("/people?search=c-1")))[0]?.first_name;
  const until = Date.now() + 15_000;
  while ((await found()) !== "דנה" && Date.now() < until) await new Promise((done) => setTimeout(done, 200));
  assert.equal(await found(), "דנה");
});

test("a file is taken while somebody looks elsewhere", async () => {
  await go("import");
  const taking = /dry_run=false/;
  await at.route(taking, async (route) => {
    await new Promise((done) => setTimeout(done, 1_500));
    await route.continue();
  });
  const buffer = Buffer.from("mail,city\r\nrona@shop.example,חיפה\r\nyair@shop.example,עכו");
  await at.locator("input[type=file]").setInputFiles({ name: "mails.csv", mimeType: "text/csv", buffer });
  await at.getByRole("button", { name: "Take 2 rows" }).click();
  await at.getByText("You may leave").waitFor();
  await at.getByRole("tab", { name: "Groups" }).click();
  await at.getByLabel("Id", { exact: true }).waitFor();
  await at.getByRole("tab", { name: "Import" }).click();
  await at.getByText("mails.csv").waitFor();
  await at.getByText("2 rows were taken.").waitFor();
  await at.unroute(taking);
});

test("a field, a group and a key of one's own", async () => {
  await go("fields");
  await at.getByText("Add a field").first().click();
  await at.getByLabel("What people read").fill("Club level");
  await at.getByLabel("Name for programs").fill("club");
  await at.getByRole("button", { name: /Type$/ }).click();
  await at.getByRole("option", { name: "choice" }).click();
  await at.getByLabel("Options", { exact: true }).fill("gold\nsilver");
  await at.getByRole("button", { name: "Add a field" }).click();
  await at.getByRole("row", { name: "Club level" }).getByText("gold and silver").waitFor();

  await at.getByRole("tab", { name: "Groups" }).click();
  await at.getByLabel("Name", { exact: true }).fill("VIP");
  await at.getByLabel("Id", { exact: true }).fill("vip");
  await at.getByRole("button", { name: "Add a group" }).click();
  await at.getByRole("row", { name: "VIP" }).waitFor();

  await at.getByRole("tab", { name: "Keys" }).click();
  await at.getByLabel("Whose it is").fill("The till");
  await at.getByRole("button", { name: "Make a key" }).click();
  const key = await at.getByText(/^ct_/).textContent();
  const ask = () => fetch(backend.url + shop.of("/groups"), { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await ask()).status, 200);
  await at.getByRole("row", { name: "The till" }).getByRole("button", { name: "Revoke" }).click();
  await at.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await at.getByRole("row", { name: "The till" }).getByText("ended").waitFor();
  assert.equal((await ask()).status, 401);
});

test("settings are saved, and what deletes asks first", async () => {
  await go("site");
  await at.getByLabel("Name of the shop").fill("Clay & Co");
  await at.getByRole("button", { name: "Save" }).click();
  await at.getByText("Saved.").waitFor();
  await at.getByRole("textbox", { name: /kept for so many days/ }).fill("400");
  await at.getByRole("textbox", { name: /kept for so many days/ }).press("Tab");
  await at.getByRole("button", { name: "Save" }).click();
  await at.getByRole("alertdialog").getByText(/older/i).waitFor();
  await at.getByRole("alertdialog").getByRole("button", { name: "Save" }).click();
  await at.getByRole("alertdialog").waitFor({ state: "detached" });
  const kept = await shop.send("GET", shop.of(""));
  assert.deepEqual([kept.name, kept.retention_days], ["Clay & Co", 400]);

  await at.getByRole("tab", { name: "All sites" }).click();
  await at.getByRole("textbox", { name: "Name of the shop" }).fill("Second");
  await at.getByRole("textbox", { name: /Short name/ }).fill("second-shop");
  await at.getByRole("button", { name: "Create the shop" }).click();
  await at.getByRole("heading", { name: "Install the pixel" }).waitFor();
  assert.match(at.url(), /second-shop\/install$/);
  await at.getByRole("button", { name: /Site$/ }).waitFor();
  await at.goBack();

  await at.getByRole("tab", { name: "Audit log" }).click();
  await at.getByText("key_revoked").first().waitFor();
  assert.deepEqual(wrong, []);
});
