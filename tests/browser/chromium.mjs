// A headless Chromium that talks to nobody but the shop.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** As a person's: by its own name a headless one is a bot, and never counts. */
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

const FLAGS = [
  `--user-agent=${USER_AGENT}`,
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the browser that CHROMIUM names. */
export function launch() {
  return chromium.launch({ executablePath: program(), args: FLAGS });
}

function program() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  throw new Error("CHROMIUM names no browser; `cargo xtask test` sets it");
}

/**
 * Starts a browser as people have it, with a page. Playwright keeps every tab of the browsers
 * that it starts in view, and takes their back/forward cache; it can `join` this one, and
 * leaves that then. Nobody joined it, it renders pages ahead, too.
 */
export async function launchPlain(proxy, address) {
  const profile = await mkdtemp(join(tmpdir(), "crumbtrail-"));
  const own = ["--headless", "--remote-debugging-port=0", "--proxy-bypass-list=<-loopback>"];
  const flags = [...FLAGS, ...own, `--user-data-dir=${profile}`, `--proxy-server=${proxy}`];
  const child = spawn(program(), [...flags, address], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((done) => child.once("exit", done));
  const endpoint = await new Promise((found, failed) => {
    let said = "";
    child.stderr.on("data", (part) => {
      said += part;
      const line = /listening on (ws:\S+)/.exec(said);
      if (line) found(line[1]);
    });
    ended.then(() => failed(new Error(`the browser ended: ${said}`)));
  });
  return {
    join: () => chromium.connectOverCDP(endpoint, { noDefaults: true }),
    async close() {
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * A visitor's browser profile. It keeps a ledger of what their pixels recorded, apart
 * from the pixels' own queue: the pixel notes at each event how many its page load has
 * had, and every such note is copied aside as it is written.
 *
 * Errors of the pages are collected in `errors`.
 */
export async function newVisitor(browser, options = {}) {
  const context = await browser.newContext({ locale: "he-IL", ...options });
  return { context, errors: await watch(context) };
}

/** Begins a ledger in a browser profile, and gives its errors. */
export async function watch(context) {
  const errors = [];
  context.setDefaultTimeout(15_000);
  context.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    errors.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => errors.push(String(error.error())));
  await context.addInitScript(() => {
    const write = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      write.call(this, key, value);
      if (key !== "crumb.t") return;
      // Two numbers, seven bits a character, the lowest first: the tab and its events.
      const numbers = [0n];
      let shift = 0n;
      for (const byte of value) {
        const bits = BigInt(byte.charCodeAt(0));
        numbers[numbers.length - 1] |= (bits & 0x7fn) << shift;
        shift += 7n;
        if (bits < 0x80n) {
          numbers.push(0n);
          shift = 0n;
        }
      }
      write.call(this, `ledger.${numbers[0].toString(16)}`, String(numbers[1]));
    };
  });
  return errors;
}

/** How many events each page load recorded, by its tab: `{ "<tab in hex>": n }`. */
export async function ledger(context, shop) {
  const counts = await kept(context, shop, /^ledger\./);
  return Object.fromEntries(
    Object.entries(counts).map(([tab, count]) => [tab, Number(count)]),
  );
}

/** What the browser keeps for the shop under keys that begin so. */
export async function kept(context, shop, prefix) {
  const page = await context.newPage();
  // A page of the shop's origin that carries no pixel.
  await page.route("**/kept", (route) =>
    route.fulfill({ contentType: "text/html", body: '<link rel="icon" href="data:,">' }),
  );
  await page.goto(`${shop}/kept`);
  const entries = await page.evaluate(() => Object.entries(localStorage));
  await page.close();
  return Object.fromEntries(
    entries
      .filter(([key]) => prefix.test(key))
      .map(([key, value]) => [key.replace(prefix, ""), value]),
  );
}

/** The visitor's id, as the edge put it into its cookie. */
export async function cookie(context, shop) {
  const cookies = await context.cookies(shop);
  return cookies.find(({ name }) => name === "__Host-crumb-demo");
}
