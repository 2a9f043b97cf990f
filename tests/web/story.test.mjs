// A stranger's first hour, with every real part: the backend's first start, the demo shop, the worker in workerd,
// shoppers, a segment, and why somebody is in it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startZone } from "../../edge-worker/local.mjs";
import { launch } from "../browser/chromium.mjs";
import { journey } from "../browser/journey.mjs";
import { build } from "../shop/build.mjs";
import { EDGE_KEY, start } from "./backend.mjs";

const SITE = "clay-shop";
const SHOPPERS = 40;
const SECRETS = {
  COOKIE_KEYS: `k1:${"a7".repeat(31)}01`,
  MINT_KEY: `${"b8".repeat(31)}02`,
  FORWARD_KEYS: EDGE_KEY,
};

let backend;
let browser;
let zone;
let shop;
let shopDir;
let page;

before(async () => {
  [backend, browser, shopDir] = await Promise.all([start(), launch(), mkdtemp(join(tmpdir(), "crumbtrail-shop-"))]);
  const port = await freePort();
  shop = `http://localhost:${port}`;
  // A shop as it was before anybody heard of Crumbtrail, and the worker's route in front of it.
  await build({ outDir: shopDir, snippet: "", origin: shop });
  zone = await startZone({
    port,
    shopDir,
    vars: { SITES: { [SITE]: { origins: [shop], backend: backend.url } } },
    secrets: SECRETS,
    log: () => {},
  });
  const context = await browser.newContext({ locale: "en-GB", acceptDownloads: true });
  context.setDefaultTimeout(20_000);
  page = await context.newPage();
});

after(async () => {
  await browser?.close();
  await zone?.stop();
  await backend?.stop();
  if (shopDir) await rm(shopDir, { recursive: true, force: true });
});

const go = (name) => page.getByRole("link", { name, exact: true }).click();
const check = (name) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
const verdict = (name, verdict) => check(name).getByRole("img", { name: verdict }).waitFor();

test("the link of the first start leads to a shop and its line", async () => {
  await page.goto(`${backend.url}/#${backend.setupKey}`);
  await page.getByLabel("Your name").fill("Dana");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByLabel("Name of the shop").fill("כלי חרס");
  await page.getByLabel("Short name").fill(SITE);
  await page.getByRole("button", { name: "Create the shop" }).click();
  await page.getByRole("heading", { name: "Install the pixel" }).waitFor();
});

test("the line, pasted into the shop, is verified there and by its first events", async () => {
  await page.getByLabel("A page of the shop").fill(`${shop}/`);
  await page.getByRole("button", { name: "Look at the page" }).click();
  await verdict("The line", "to be mended");
  const line = await page.getByRole("group", { name: "The line" }).locator("pre").textContent();
  await build({ outDir: shopDir, snippet: line, origin: shop });
  await page.getByRole("button", { name: "Look again" }).click();
  for (const part of ["The line", "Security policy", "The visitor’s identity", "The script", "The worker", "Consent"]) {
    await verdict(part, "well");
  }
  await verdict("Events", "waiting");
  const { recorded, errors } = await journey(browser, shop);
  assert.deepEqual(errors, []);
  assert.ok(Object.keys(recorded).length >= 5, "a journey is of several pages");
  await verdict("Events", "well");
});

test("shoppers come, and the overview has them", async () => {
  const shoppers = join(dirname(process.env.CRUMBTRAIL), "shoppers");
  await promisify(execFile)(shoppers, ["--edge", `${shop}/c/e`, "--site", SITE, "--visitors", `${SHOPPERS}`]);
  const path = `/v1/sites/${SITE}/overview?`;
  const days = { from: day(-29), to: day(0) };
  const visitors = async () => (await asked(`${path}${new URLSearchParams(days)}`)).now.total.visitors;
  const until = Date.now() + 20_000;
  while ((await visitors()) < SHOPPERS && Date.now() < until) await new Promise((done) => setTimeout(done, 200));
  await go("Overview");
  await page.getByText(String(await visitors()), { exact: true }).first().waitFor();
});

test("a template is changed and saved, its members exported, and one of them explained", async () => {
  await go("Segments");
  await go("From a template");
  await page.getByRole("searchbox").fill("frequent");
  await page.getByRole("button", { name: /Use it/ }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Use it" }).click();
  const size = async () => {
    await page.locator('.count:not([data-old])[aria-busy="false"] output').waitFor();
    return Number.parseInt(await page.locator(".count output").textContent());
  };
  const usual = await size();
  const times = page.locator(".rule").first().locator(".react-aria-NumberField input").first();
  await times.fill("1");
  const people = await size();
  assert.ok(people > usual, `${people} came once at least, and ${usual} often`);
  await page.getByLabel("Name", { exact: true }).fill("Who comes back");
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/segments\/who-comes-back$/);

  await page.getByRole("tab", { name: "People" }).click();
  await page.getByRole("row").nth(1).waitFor();
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: /CSV/ }).click(),
  ]);
  const chunks = await (await download.createReadStream()).toArray();
  const lines = Buffer.concat(chunks).toString("utf8").trimEnd().split("\r\n");
  assert.equal(lines.length, 1 + people);

  await page.getByRole("row").nth(1).getByRole("link").click();
  await page.locator(".why li").first().waitFor();
});

/** What the API answers to the page's own session. */
function asked(path) {
  return page.evaluate(async (path) => (await fetch(path)).json(), path);
}

/** A day of the shop's, so many from today. */
function day(from) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Jerusalem" }).format(Date.now() + from * 86_400_000);
}

function freePort() {
  const probe = createServer();
  return new Promise((found) => {
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}
