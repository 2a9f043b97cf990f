// The visits: each tracker's page in turn, round by round, so that whatever else the machine
// does meets all of them alike. A visit whose tracker sent nothing fails the run.

import { CYCLE_MS, sleep, visit } from "./scenario.mjs";
import { serve } from "./server.mjs";
import { table } from "./table.mjs";
import { startTrace } from "./trace.mjs";

/** Long enough for what a page sends as it is left to arrive. */
const AFTERWARDS_MS = 1_500;

/**
 * Visits all `trackers` (by name) in `rounds` rounds of `cycles` cycles, after one that isn't
 * counted. Gives back each one's visits.
 */
export async function measureRounds(browser, trackers, { rounds, cycles }) {
  const server = await serve(trackers);
  const userAgent = await plainUserAgent(browser);
  const names = Object.keys(trackers);
  const visits = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const name of names) {
        const measured = await oneVisit({ browser, server, name, userAgent, cycles: round ? cycles : 1 });
        console.error(`  round ${round || "0 (not counted)"}, ${name}: ${measured.cpu_ms.toFixed(1)} ms`);
        if (round) visits[name].push(measured);
      }
    }
  } finally {
    await server.close();
  }
  return visits;
}

async function oneVisit({ browser, server, name, userAgent, cycles }) {
  const origin = server.origin(name);
  const before = server.seen(name);
  const context = await browser.newContext({ proxy: server.proxy, userAgent });
  await context.addInitScript(hideDriver);
  const page = await context.newPage();
  const errors = new Set();
  page.on("pageerror", (error) => errors.add(String(error)));
  page.on("console", (said) => ["error", "warning"].includes(said.type()) && errors.add(said.text()));
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });

  const trace = await startTrace(browser, page);
  await page.goto(`${origin}/`, { waitUntil: "load" });
  await visit(page, cycles);
  const { metrics } = await devtools.send("Performance.getMetrics");
  await trace.leaving();
  await page.goto(`${origin}/left`);
  await sleep(AFTERWARDS_MS);
  const measured = await trace.stop(origin);
  await context.close();

  const seen = server.seen(name);
  const sent = seen.events - before.events;
  const problem = [...errors].join("; ");
  if (name !== "none" && sent === 0) throw new Error(`${name} sent nothing: ${problem || "no error"}`);
  const metric = (wanted) => metrics.find((one) => one.name === wanted).value * 1000;
  return {
    ...measured,
    thread_cpu_ms: metric("TaskDuration"),
    sent,
    problem,
    unanswered: seen.unanswered.slice(before.unanswered.length),
    elsewhere: server.takeRefused(),
  };
}

/** Trackers skip browsers that say they are driven or headless; theirs is the same for all. */
async function plainUserAgent(browser) {
  const page = await browser.newPage();
  const userAgent = await page.evaluate(() => navigator.userAgent);
  await page.close();
  return userAgent.replace("Headless", "");
}

function hideDriver() {
  Object.defineProperty(Navigator.prototype, "webdriver", { get: () => false });
}

/** Each one's median of the measure, in ms. */
export function medians(visits) {
  return Object.fromEntries(
    Object.entries(visits).map(([name, all]) => [name, median(all, "cpu_ms")]),
  );
}

/** The table of main-thread time, and under it whatever a visit ran into. */
export function roundsTable(visits, { cycles }) {
  const none = median(visits.none, "cpu_ms");
  const rows = Object.entries(visits).map(([name, all]) => [
    name,
    median(all, "cpu_ms").toFixed(1),
    all.map(({ cpu_ms }) => cpu_ms.toFixed(0)).join(" / "),
    name === "none" ? "" : signed(median(all, "cpu_ms") - none),
    ...["leaving_cpu_ms", "clock_ms", "thread_cpu_ms"].map((key) => median(all, key).toFixed(1)),
    median(all, "sent"),
  ]);
  const head = ["page", "CPU ms", "rounds", "to none", "leaving", "by clock", "whole thread", "requests"];
  const seconds = (cycles * CYCLE_MS) / 1000;
  return `${table(head, rows)}\n
  CPU of the page's main thread in its code, style and layout, over ${seconds} s; medians of the ${visits.none.length} rounds listed.
  leaving: how much of it as the page was left. by clock: the same spans, waiting included.
  whole thread: all of its CPU, drawing included, until the page was left. requests: with events.
${remarks(visits).join("\n")}`;
}

function remarks(visits) {
  const own = new Set(visits.none.flatMap(({ elsewhere }) => elsewhere));
  return Object.entries(visits).flatMap(([name, all]) => {
    const every = (of) => [...new Set(all.flatMap(of))];
    const elsewhere = every((one) => one.elsewhere).filter((host) => !own.has(host));
    const who = name === "none" ? "the browser itself" : name;
    return [
      ...(name === "none" ? [...own] : elsewhere).map((host) => `  ${who} tried ${host}, and was refused.`),
      ...every((one) => one.unanswered).map((what) => `  ${name} asked for ${what}, which is not there.`),
      ...every((one) => one.problem || []).map((problem) => `  ${name} said: ${problem}`),
    ];
  });
}

function median(all, key) {
  const sorted = all.map((one) => one[key]).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return Math.round(((sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2) * 10) / 10;
}

function signed(ms) {
  return `${ms < 0 ? "" : "+"}${ms.toFixed(1)}`;
}
