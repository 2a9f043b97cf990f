// The pixel beside its peers: bytes, what each records by itself, and main-thread time.
//
//   npm ci --prefix tests/bench --ignore-scripts
//   node tests/bench/pixel.mjs --assets build/assets/c --ours '{"loader":["crumb.js"],
//     "glue":["px-….js"],"wasm":["px-….wasm"],"fallback":["px-….js"]}' [--rounds 3] [--seconds 60]
//
// Tables for people on stdout, progress on stderr; the last line of stdout is JSON. CHROMIUM
// names the browser. Everything stays on this machine. Times are of this run on this machine:
// compare them with each other, not with another run's.

import { existsSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "../browser/chromium.mjs";
import { recordsTable } from "./records.mjs";
import { measureRounds, medians, roundsTable } from "./rounds.mjs";
import { CYCLE_MS } from "./scenario.mjs";
import { ourSizes, sizesTable } from "./sizes.mjs";
import { trackers } from "./trackers.mjs";

const options = read();
process.env.CHROMIUM ??= "/usr/bin/chromium";

const ours = ourSizes(options.assets, options.ours);
console.log(`Bytes\n\n${await sizesTable(ours)}\n`);
console.log(`What is recorded without code of the site's\n\n${recordsTable()}\n`);
const visits = await timed(options);
const brotli = (size) => size?.brotli ?? null;
console.log(
  JSON.stringify({
    pixel: {
      loader_br: brotli(ours.loader),
      glue_br: brotli(ours.glue),
      wasm_br: brotli(ours.wasm),
      total_br: brotli(ours.total),
      fallback_br: brotli(ours.fallback),
      main_thread_ms: medians(visits),
    },
  }),
);

async function timed({ assets, rounds, cycles }) {
  const browser = await launch();
  try {
    const load = loadavg()[0].toFixed(1);
    const visits = await measureRounds(browser, await trackers(assets), { rounds, cycles });
    const machine = `Chromium ${browser.version()}, ${cpus().length} cores, load ${load} before`;
    console.log(`Main thread (${machine})\n\n${roundsTable(visits, { cycles })}\n`);
    return visits;
  } finally {
    await browser.close();
  }
}

/** The command line; what is wrong with it is said before anything runs. */
function read() {
  const { values } = parseArgs({
    options: {
      assets: { type: "string" },
      ours: { type: "string" },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "60" },
    },
  });
  if (!values.assets || !values.ours) throw new Error("--assets and --ours are needed");
  const ours = JSON.parse(values.ours);
  for (const part of ["loader", "glue", "wasm"]) {
    if (!ours[part]?.length) throw new Error(`--ours names no file for ${part}`);
  }
  for (const name of Object.values(ours).flat()) {
    const path = join(values.assets, name);
    if (!existsSync(path)) throw new Error(`--ours names ${path}, which is not there`);
  }
  const rounds = Math.round(Number(values.rounds));
  const cycles = Math.round((Number(values.seconds) * 1000) / CYCLE_MS);
  if (!(rounds >= 1)) throw new Error(`--rounds ${values.rounds} is no number of rounds`);
  if (!(cycles >= 1)) throw new Error(`--seconds is in whole cycles of ${CYCLE_MS / 1000}`);
  return { assets: values.assets, ours, rounds, cycles };
}
