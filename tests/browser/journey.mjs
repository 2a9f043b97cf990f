// A visitor's way through the demo shop, from a campaign's link to the purchase and
// back again in a second tab.
//
//   CHROMIUM=/usr/bin/chromium node tests/browser/journey.mjs http://localhost:8787
//
// Prints one line of JSON: what each page load recorded, and the visitor's cookie.

import { fileURLToPath } from "node:url";
import { cookie, launch, ledger, newVisitor } from "./chromium.mjs";

/** Walks the whole way; gives back the ledger of what was recorded. */
export async function journey(browser, shop) {
  const { context, errors } = await newVisitor(browser);
  const page = await context.newPage();
  const at = (name) => page.getByTestId(name);

  await page.goto(`${shop}/?utm_source=newsletter&utm_medium=email&utm_campaign=autumn`);
  await pixelStarted(page);
  await at("hero-cta").click();
  await page.waitForURL(/\/category\//);
  await pixelStarted(page);

  await openProduct(page, shop, "ceramics", 0);
  await linger(page);
  await at("add-to-cart").click();

  await openProduct(page, shop, "scents", 1);
  await at("add-to-cart").click();

  await page.goto(`${shop}/cart/`);
  await pixelStarted(page);
  await at("cart-remove").first().click();
  await at("checkout").click();
  await page.waitForURL(/\/checkout\//);
  await pixelStarted(page);
  await at("name").fill("נועה לוי");
  await at("phone").fill("050-1234567");
  await at("email").fill("noa@example.com");
  await at("city").fill("גבעתיים");
  await at("place-order").click();
  await page.waitForURL(/\/thanks\//);
  await pixelStarted(page);

  const second = await context.newPage();
  await second.goto(`${shop}/en/`);
  await pixelStarted(second);
  await linger(second);
  // Leaving a page sends what is left of it; closing a browser at once might not.
  for (const tab of [page, second]) await tab.goto("about:blank");

  const recorded = await ledger(context, shop);
  const visitor = await cookie(context, shop);
  await context.close();
  return { recorded, cookie: visitor?.value ?? "", errors };
}

async function openProduct(page, shop, category, place) {
  await page.goto(`${shop}/category/${category}/`);
  await pixelStarted(page);
  await page.locator(".card > a").nth(place).click();
  await page.waitForURL(/\/product\//);
  await pixelStarted(page);
}

/** The pixel has recorded this page's view: it has taken the stub's place. */
async function pixelStarted(page) {
  await page.waitForFunction(() => window.crumb && !window.crumb.q);
}

async function linger(page) {
  for (let step = 1; step <= 6; step++) {
    await page.mouse.move(200 + step * 20, 200 + step * 10);
    await page.mouse.wheel(0, 200);
    await page.waitForTimeout(500);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const browser = await launch();
  console.log(JSON.stringify(await journey(browser, process.argv[2])));
  await browser.close();
}
