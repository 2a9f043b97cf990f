// CPU of a batch in the edge worker, beside two written in JavaScript: one that takes, checks,
// stamps and writes the same events as JSON, and one that passes bytes through. All of them
// verify the visitor's cookie, stamp, sign and forward. Only ours masks texts besides.
//
//   node tests/bench/edge.mjs [--rounds 15] [--requests 5000]
//
// Needs build/worker. A table for people on stdout, progress on stderr; the last line of
// stdout is JSON. Times are of this run on this machine: compare them with each other, not
// with another run's.

import { readFileSync, readdirSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { REPOSITORY } from "../../edge-worker/test/built.mjs";
import { measureRounds } from "./edge/rounds.mjs";
import { table } from "./table.mjs";

const SIZES = [5, 20, 100];
/** The size that counts. */
const USUAL = 20;

const options = read();
const load = loadavg()[0].toFixed(1);
const runs = await measureRounds(SIZES, options);
console.log(`CPU of a request (${cpus().length} cores, load ${load} before)\n\n${figures(runs, options)}\n`);
const [ours, json, pass] = ["ours", "js_json", "js_pass"].map((worker) => usOf(runs, worker, USUAL));
console.log(
  JSON.stringify({
    edge: {
      events: USUAL,
      ours_us: rounded(ours, 1),
      js_json_us: rounded(json, 1),
      js_pass_us: rounded(pass, 1),
      ratio_json: rounded(ours / json, 3),
      ratio_pass: rounded(ours / pass, 3),
      wasm_gz_bytes: workerBytes(),
    },
  }),
);

function figures(runs, { rounds, requests }) {
  const rows = runs.map(({ worker, events, bytes, us }) => [
    events,
    worker,
    bytes,
    usOf(runs, worker, events).toFixed(1),
    worker === "ours" ? "" : (usOf(runs, "ours", events) / usOf(runs, worker, events)).toFixed(3),
    [Math.min(...us), Math.max(...us)].map((one) => one.toFixed(0)).join(" – "),
  ]);
  return `${table(["events", "worker", "bytes", "CPU µs", "ours to it", "least – most"], rows)}\n
  User and system time of workerd, all of it, over ${requests} requests; medians of ${rounds} rounds.
  bytes: a body's. js_json: parses, checks, stamps and writes JSON. js_pass: forwards bytes unread.`;
}

function usOf(runs, worker, events) {
  const { us } = runs.find((run) => run.worker === worker && run.events === events);
  const sorted = us.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

function rounded(number, digits) {
  return Number(number.toFixed(digits));
}

/** What wrangler uploads, each file compressed. */
function workerBytes() {
  const dir = join(REPOSITORY, "build/worker");
  const sizes = readdirSync(dir).map((file) => gzipSync(readFileSync(join(dir, file)), { level: 9 }).length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The command line; what is wrong with it is said before anything runs. */
function read() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "15" },
      requests: { type: "string", default: "5000" },
    },
  });
  const [rounds, requests] = [values.rounds, values.requests].map(Number);
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new Error(`--rounds ${values.rounds} is no number of rounds`);
  }
  if (!(Number.isInteger(requests) && requests >= 1)) {
    throw new Error(`--requests ${values.requests} is no number of requests`);
  }
  return { rounds, requests };
}
