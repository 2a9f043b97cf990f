// Every screen in both languages, light and dark and as wide as a phone: without a violation of what axe
// knows of accessibility, and photographed.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch } from "../browser/chromium.mjs";
import { start } from "./backend.mjs";
import { LOCALES, REGULARS, screens, violations } from "./screens.mjs";
import { fill, open } from "./shop.mjs";

const PHOTOS = new URL("../../build/screens/", import.meta.url);

let backend;
let browser;
let shop;

before(async () => {
  await mkdir(PHOTOS, { recursive: true });
  [backend, browser] = await Promise.all([start(), launch()]);
  shop = await open(backend);
  await fill(shop);
  const keep = (id, en, he, definition) =>
    shop.send("PUT", shop.of(`/segments/${id}`), { names: { en, he }, definition });
  await keep("regulars", "Regulars of the centre", "קבועים מהמרכז", REGULARS);
  await keep("buyers", "Buyers", "קונים", { kind: "order" });
});

after(async () => {
  await browser?.close();
  await backend?.stop();
});

/** What happens on some screens before they are looked at. */
const happens = {
  live: async (page) => {
    const ts = Date.now();
    const come = (type, more) => ({ type, ts, contact: "c-30", path: "/bowls", title: "Bowls", category: "Bowls", id: `${type}-${ts}`, ...more });
    const item = { id: "p3", name: "Bowls", category: "Bowls", price_cents: 4900, quantity: 1 };
    await shop.send("POST", shop.of("/events"), [come("page_view"), come("add_to_cart", { items: [item] }), come("search", { search_term: "bowl" })]);
    await page.locator("tbody tr").nth(2).waitFor();
  },
  import: async (page) => {
    const rows = ["טלפון,שם,עיר", "052-234-5678,דנה כהן,תל אביב", "not a phone,נועה לוי,רמת גן"];
    const buffer = Buffer.from(rows.join("\r\n"));
    await page.locator("input[type=file]").setInputFiles({ name: "club.csv", mimeType: "text/csv", buffer });
    await page.locator("tbody tr").nth(2).waitFor();
  },
};

/** Looks at a screen light, dark and as wide as a phone, and takes its picture; gives what is wrong with it. */
async function look(page, screen, address, drawn) {
  const found = {};
  for (const [look, colorScheme, width] of [["light", "light", 1280], ["dark", "dark", 1280], ["phone", "light", 390]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    if (look === "light") {
      const watched = screen.startsWith("live") && page.waitForResponse(/\/live$/);
      await page.goto(address);
      await watched;
    }
    await page.locator(drawn).first().waitFor({ state: "attached" });
    if (look === "light") await happens[screen.split("-")[0]]?.(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const wrong = look === "phone" ? [] : await violations(page);
    if (wide > 0) wrong.push(`it is ${wide} px wider than the window`);
    if (wrong.length > 0) found[`${screen}, ${look}`] = wrong;
    await page.screenshot({ path: new URL(`${screen}-${look}.png`, PHOTOS).pathname });
  }
  return found;
}

for (const [language, locale] of Object.entries(LOCALES)) {
  test(`no screen keeps anybody out (${language})`, async () => {
    const context = await browser.newContext({ locale });
    context.setDefaultTimeout(20_000);
    const [name, value] = shop.cookie().split("=");
    await context.addCookies([{ name, value, url: backend.url }]);
    const page = await context.newPage();
    let found = {};
    for (const [screen, [path, drawn]] of Object.entries(screens("c-30"))) {
      const address = `${backend.url}/${shop.site}/${path}`;
      found = { ...found, ...(await look(page, `${screen}-${language}`, address, drawn)) };
    }
    assert.deepEqual(found, {});
    await context.close();
  });

  test(`nor does one before signing in (${language})`, async () => {
    const unowned = await start();
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    const found = {
      ...(await look(page, `sign-in-${language}`, unowned.url, "h1")),
      ...(await look(page, `first-run-${language}`, `${unowned.url}/#${unowned.setupKey}`, "form")),
    };
    assert.deepEqual(found, {});
    await context.close();
    await unowned.stop();
  });
}
