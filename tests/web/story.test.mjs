// A stranger’s first hour in both languages, with every real part: the first start, the demo shop, the worker in workerd,
// shoppers, a segment and why somebody is in it, a file of contacts, a colleague.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { startZone } from "../../edge-worker/local.mjs";
import { launch } from "../browser/chromium.mjs";
import { journey } from "../browser/journey.mjs";
import { build } from "../shop/build.mjs";
import { EDGE_KEY, start } from "./backend.mjs";
import { LOCALES } from "./screens.mjs";
import { WORDS } from "./words.mjs";

const SITE = "clay-shop";
const SHOPPERS = 40;
/** A number of the file's, however it is written. */
const PHONE = /52.?234.?5678/;
const SECRETS = {
  COOKIE_KEYS: `k1:${"a7".repeat(31)}01`,
  MINT_KEY: `${"b8".repeat(31)}02`,
  FORWARD_KEYS: EDGE_KEY,
};

/** What finds the template of frequent visitors, what it is saved as, and the id that comes of it. */
const SAVED = {
  en: { template: "frequent", name: "Who comes back", id: "who-comes-back" },
  he: { template: "תכופים", name: "מי שחוזרים", id: "frequent-visitors" },
};

for (const [language, locale] of Object.entries(LOCALES)) {
  describe(`in ${language}`, () => story(language, locale));
}

function story(language, locale) {
  const words = WORDS[language];
  const saved = SAVED[language];
  const { segments } = words;
  const { parts, verdicts } = words.install;
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
    const context = await browser.newContext({ locale, acceptDownloads: true });
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
    await page.getByLabel(words.firstRun.yourName).fill("Dana");
    await page.getByRole("button", { name: words.firstRun.begin }).click();
    await page.getByLabel(words.firstRun.siteName).fill("כלי חרס");
    await page.getByLabel(words.firstRun.slug).fill(SITE);
    await page.getByRole("button", { name: words.firstRun.create }).click();
    await page.getByRole("heading", { name: words.install.title }).waitFor();
  });

  test("the line, pasted into the shop, is verified there and by its first events", async () => {
    await page.getByLabel(words.install.page).fill(`${shop}/`);
    await page.getByRole("button", { name: words.install.check }).click();
    await verdict(parts.line, verdicts.bad);
    const line = await page.getByRole("group", { name: words.install.snippet }).locator("pre").textContent();
    await build({ outDir: shopDir, snippet: line, origin: shop });
    await page.getByRole("button", { name: words.install.again }).click();
    const { events, ...others } = parts;
    for (const part of Object.values(others)) await verdict(part, verdicts.good);
    await verdict(events, verdicts.waiting);
    const { recorded, errors } = await journey(browser, shop);
    assert.deepEqual(errors, []);
    assert.ok(Object.keys(recorded).length >= 5, "a journey is of several pages");
    await verdict(events, verdicts.good);
  });

  test("shoppers come, and the overview has them", async () => {
    const shoppers = join(dirname(process.env.CRUMBTRAIL), "shoppers");
    await promisify(execFile)(shoppers, ["--edge", `${shop}/c/e`, "--site", SITE, "--visitors", `${SHOPPERS}`]);
    const path = `/v1/sites/${SITE}/overview?`;
    const days = { from: day(-29), to: day(0) };
    const visitors = async () => (await asked(page, `${path}${new URLSearchParams(days)}`)).now.total.visitors;
    const until = Date.now() + 20_000;
    while ((await visitors()) < SHOPPERS && Date.now() < until) await new Promise((done) => setTimeout(done, 200));
    await go(words.nav.overview);
    await page.getByText(String(await visitors()), { exact: true }).first().waitFor();
  });

  test("a template is changed and saved, its members exported, and one of them explained", async () => {
    await go(words.nav.segments);
    await go(segments.fromTemplate);
    await page.getByRole("searchbox").fill(saved.template);
    await page.getByRole("button", { name: segments.use }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: segments.use }).click();
    const size = async () => {
      await page.locator('.count:not([data-old])[aria-busy="false"] output').waitFor();
      return Number.parseInt(await page.locator(".count output").textContent());
    };
    const usual = await size();
    const times = page.locator(".rule").first().locator(".react-aria-NumberField input").first();
    await times.fill("1");
    const people = await size();
    assert.ok(people > usual, `${people} came once at least, and ${usual} often`);
    await page.getByLabel(segments.name, { exact: true }).fill(saved.name);
    await page.getByRole("button", { name: segments.save }).click();
    await page.waitForURL(`**/segments/${saved.id}`);

    await page.getByRole("tab", { name: segments.tabs.people }).click();
    await page.getByRole("row").nth(1).waitFor();
    await page.getByRole("button", { name: segments.export }).click();
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

  test("whoever comes now is seen in Live, as what is said of them", async () => {
    const watched = page.waitForResponse(/\/live$/);
    await go(words.nav.live);
    await watched;
    await journey(browser, shop);
    await page.getByRole("row", { name: segments.events.add_to_cart }).first().waitFor();
    await page.getByText(words.live.outcomes.stored, { exact: true }).first().waitFor();
    const found = Object.values(words.live.sources).map((source) => page.getByText(source));
    await found.reduce((some, source) => some.or(source)).first().waitFor();
    await page.getByLabel(words.live.filter).fill("nothing like it");
    await page.getByText(words.live.nothingFits).waitFor();
  });

  test("a file of contacts is looked at and taken, and one of them found", async () => {
    await go(words.nav.data);
    const rows = ["טלפון,שם,עיר", "+972 52-234-5678,דנה כהן,תל אביב", "not a phone,נועה לוי,רמת גן"];
    const buffer = Buffer.from(rows.join("\r\n"));
    await page.locator("input[type=file]").setInputFiles({ name: "club.csv", mimeType: "text/csv", buffer });
    const { accepted, rejected, take, taken } = words.data.import;
    await page.getByText(accepted("1")).waitFor();
    await page.getByText(rejected("1")).waitFor();
    await page.getByRole("button", { name: take("1", "one") }).click();
    await page.getByText(taken("1", "one")).waitFor();

    await go(words.nav.people);
    await page.getByRole("searchbox").fill("+972 52-234-5678");
    await page.getByRole("link", { name: "דנה כהן" }).click();
    await page.getByRole("heading", { name: "דנה כהן" }).waitFor();
    await page.getByText("תל אביב", { exact: true }).first().waitFor();
    await page.getByText(PHONE).first().waitFor();
  });

  test("a viewer is invited, and sees no phone number", async () => {
    const { users } = words;
    await go(words.nav.users);
    await page.getByRole("button", { name: users.invite }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(users.name).fill("Yael");
    await dialog.getByRole("button", { name: users.role }).click();
    await page.getByRole("option", { name: users.roles.viewer }).click();
    await dialog.getByRole("button", { name: users.invite }).click();
    const link = await page.getByText(/#cl_/).textContent();

    const viewer = await (await browser.newContext({ locale })).newPage();
    await viewer.goto(link);
    await viewer.getByRole("link", { name: words.nav.people, exact: true }).click();
    await viewer.getByRole("link", { name: "דנה כהן" }).waitFor();
    assert.equal(await viewer.getByText(PHONE).count(), 0);
    assert.equal(await viewer.getByRole("link", { name: words.nav.users, exact: true }).count(), 0);
  });
}

/** What the API answers to a page's own session. */
function asked(page, path) {
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
