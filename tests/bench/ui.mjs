// The web app on a large site: the bytes of its first load, when it is drawn and answers on a slowed machine, how
// soon a keystroke in the builder is a count, and what axe finds of its screens.
//
//   node tests/bench/ui.mjs --link http://127.0.0.1:8080/#cl_… --site demo --templates a,b [--rounds 5] [--keystrokes 5]
//
// The link signs an owner in, once. Tables for people on stdout, progress on stderr; the last line of stdout is
// JSON. CHROMIUM names the browser. Everything stays on this machine. Times are of this run on this machine: compare
// them with each other, not with another run's.

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { launch } from "../browser/chromium.mjs";
import { LOCALES, REGULARS, screens, violations } from "../web/screens.mjs";
import { sleep } from "./scenario.mjs";
import { table } from "./table.mjs";

/** How many times slower the machine is made where times are those of a phone. */
const SLOWDOWN = 4;
/** A page answers once no task has held it up for so long after the last that did (Lighthouse's rule). */
const QUIET_MS = 5_000;
/** What a person needs between reading a count and the next key. */
const PAUSE_MS = 300;
/** Questions of a large site may take so long. */
const PATIENCE_MS = 120_000;

const options = read();
const browser = await launch();
try {
  const app = await signIn();
  const loads = { overview: await firstLoad(app, "overview"), segments: await firstLoad(app, "segments") };
  const paints = await timings(app);
  const typed = await keystrokes(app);
  const found = await axe(app);
  tell(loads, paints, typed, found);
} finally {
  await browser.close();
}

/** A session of the owner's, and the segments that the screens show. */
async function signIn() {
  const [address, link] = options.link.split("#");
  const url = address.replace(/\/$/, "");
  const headers = { origin: url, "content-type": "application/json" };
  const send = async (method, path, body) => {
    const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const signedIn = await send("POST", "/v1/session", { link });
  headers.cookie = signedIn.headers.get("set-cookie").split(";")[0];
  const keep = (id, en, he, definition) =>
    send("PUT", `/v1/sites/${options.site}/segments/${id}`, { names: { en, he }, definition });
  await keep("regulars", "Regulars of the centre", "קבועים מהמרכז", REGULARS);
  await keep("buyers", "Buyers", "קונים", { kind: "order" });
  const members = await send("GET", `/v1/sites/${options.site}/segments/regulars/members?limit=1`);
  const [{ id: person }] = (await members.json()).people;
  const [name, value] = headers.cookie.split("=");
  return { send, screens: screens(person), at: (path) => `${url}/${options.site}/${path}`, cookie: { name, value, url } };
}

/** A browser that never saw the app, signed in, with a page. */
async function open({ cookie }, locale = LOCALES.en) {
  const context = await browser.newContext({ locale });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addCookies([cookie]);
  return { context, page: await context.newPage() };
}

/** What comes over the wire until a screen is drawn, by kinds, in bytes. */
async function firstLoad(app, screen) {
  const { context, page } = await open(app);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  const kinds = new Map();
  const bytes = {};
  devtools.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId) ?? "Other";
    bytes[kind] = (bytes[kind] ?? 0) + encodedDataLength;
  });
  const [path, drawn] = app.screens[screen];
  await page.goto(app.at(path));
  await page.locator(drawn).first().waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
  await context.close();
  return bytes;
}

/** First paint, and when the app answers, on the slowed machine. */
async function timings(app) {
  const all = [];
  for (let round = 0; round <= options.rounds; round++) {
    const { context, page } = await open(app);
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
    await page.addInitScript(() => {
      globalThis.held = 0;
      const note = (list) => {
        for (const { startTime, duration } of list.getEntries()) globalThis.held = startTime + duration;
      };
      new PerformanceObserver(note).observe({ type: "longtask", buffered: true });
    });
    await page.goto(app.at("overview"));
    const times = await page.evaluate(async (quiet) => {
      const { domContentLoadedEventEnd: loaded } = performance.getEntriesByType("navigation")[0];
      for (;;) {
        const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity;
        const interactive = Math.max(loaded, painted, globalThis.held);
        if (performance.now() - interactive > quiet) return { painted, interactive };
        await new Promise((done) => setTimeout(done, 100));
      }
    }, QUIET_MS);
    await context.close();
    console.error(`  round ${round || "0 (not counted)"}: painted ${ms(times.painted)}, interactive ${ms(times.interactive)}`);
    if (round) all.push(times);
  }
  return {
    painted: quantile(all.map(({ painted }) => painted), 0.5),
    interactive: quantile(all.map(({ interactive }) => interactive), 0.5),
  };
}

/** From a key in a template's first number to the count of what stands there then, estimated where the site is large, and to the exact one. */
async function keystrokes(app) {
  const counted = [];
  const exact = [];
  const { context, page } = await open(app);
  for (const template of options.templates) {
    const filled = await app.send("POST", `/v1/segment-templates/${template}`, { values: {} });
    const { definition } = await filled.json();
    await page.goto(app.at(`segments/new?definition=${encodeURIComponent(JSON.stringify(definition))}`));
    // What the site lacks is said where it is, and there is no count of it.
    await page.locator(".count output, .wrong").first().waitFor();
    const number = page.locator(".react-aria-NumberField input").first();
    if ((await page.locator(".wrong").count()) > 0 || (await number.count()) === 0) continue;
    await page.locator('.count:not([data-old])[aria-busy="false"]').waitFor();
    await page.evaluate(watch);
    const times = [];
    for (let key = 0; key < options.keystrokes; key++) {
      await number.selectText();
      // 2 to 9, none of them twice.
      await page.keyboard.press(String(2 + key));
      // What it was already is no change, and no question.
      const asked = await page.locator(".count[data-old]").waitFor({ timeout: 2_000 }).then(() => true, () => false);
      if (!asked) continue;
      await page.locator(".count:not([data-old])").waitFor();
      await sleep(PAUSE_MS);
      // The last is waited for until it is exact; the others are typed over.
      if (key === options.keystrokes - 1) await page.locator('.count[aria-busy="false"]').waitFor();
      const told = await page.evaluate(() => globalThis.told);
      times.push(told.counted);
      if (told.exact !== undefined) exact.push(told.exact);
    }
    counted.push(...times);
    console.error(`  ${template}: ${times.map(ms).join(", ")}`);
  }
  await context.close();
  return { counted, exact };
}

/** In the page: when the last key was pressed, and what came of it after how long. */
function watch() {
  const count = document.querySelector(".count");
  let pressed = 0;
  addEventListener("keydown", () => {
    pressed = performance.now();
    globalThis.told = {};
  }, true);
  new MutationObserver(() => {
    const { told } = globalThis;
    if (told === undefined || count.hasAttribute("data-old")) return;
    const since = performance.now() - pressed;
    told.counted ??= since;
    if (count.getAttribute("aria-busy") === "false") told.exact ??= since;
  }).observe(count, { attributes: true, attributeFilter: ["data-old", "aria-busy"] });
}

/** What axe finds on every screen, in both languages, light and dark. */
async function axe(app) {
  const found = [];
  for (const [language, locale] of Object.entries(LOCALES)) {
    const { context, page } = await open(app, locale);
    for (const [screen, [path, drawn]] of Object.entries(app.screens)) {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        if (colorScheme === "light") await page.goto(app.at(path));
        await page.locator(drawn).first().waitFor({ state: "attached" });
        found.push(...(await violations(page)).map((violation) => `${screen}, ${language}, ${colorScheme}: ${violation}`));
      }
    }
    await context.close();
  }
  return found;
}

function tell(loads, paints, { counted, exact }, found) {
  const sum = (bytes) => Object.values(bytes).reduce((all, part) => all + part, 0);
  const kinds = [...new Set(Object.values(loads).flatMap(Object.keys))].sort();
  const rows = Object.entries(loads).map(([screen, bytes]) => [screen, sum(bytes), ...kinds.map((kind) => bytes[kind] ?? 0)]);
  console.log(`First load, in bytes over the wire\n\n${table(["", "all", ...kinds], rows)}\n`);
  const at = (times, share) => Math.round(quantile(times, share));
  const machine = `Chromium ${browser.version()}, ${cpus().length} cores`;
  console.log(`Times, in ms (${machine})\n`);
  const times = [
    [`first paint, CPU slowed ${SLOWDOWN}×`, Math.round(paints.painted), ""],
    [`interactive, CPU slowed ${SLOWDOWN}×`, Math.round(paints.interactive), ""],
    [`keystroke to count (${counted.length})`, at(counted, 0.5), at(counted, 0.99)],
    [`keystroke to exact count (${exact.length})`, at(exact, 0.5), at(exact, 0.99)],
  ];
  console.log(`${table(["", "p50", "p99"], times)}\n`);
  for (const violation of found) console.log(violation);
  console.log(
    JSON.stringify({
      ui: {
        first_load_br: sum(loads.overview),
        first_load_segments_br: sum(loads.segments),
        first_paint_ms_4x: Math.round(paints.painted),
        interactive_ms_4x: Math.round(paints.interactive),
        keystroke_to_count_p50_ms: at(counted, 0.5),
        keystroke_to_count_p99_ms: at(counted, 0.99),
        keystroke_to_exact_p99_ms: at(exact, 0.99),
        axe_violations: found.length,
      },
    }),
  );
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}

function ms(time) {
  return `${Math.round(time)} ms`;
}

/** The command line; what is wrong with it is said before anything runs. */
function read() {
  const { values } = parseArgs({
    options: {
      link: { type: "string" },
      site: { type: "string" },
      templates: { type: "string" },
      rounds: { type: "string", default: "5" },
      keystrokes: { type: "string", default: "5" },
    },
  });
  const { link, site, templates } = values;
  if (!link?.includes("#") || !site || !templates) throw new Error("--link, --site and --templates are needed");
  const [rounds, keystrokes] = [Number(values.rounds), Number(values.keystrokes)];
  if (!(rounds >= 1)) throw new Error(`--rounds ${values.rounds} is no number of rounds`);
  if (!(keystrokes >= 1 && keystrokes <= 8)) throw new Error(`--keystrokes ${values.keystrokes} is not from 1 to 8`);
  return { link, site, templates: templates.split(","), rounds, keystrokes };
}
