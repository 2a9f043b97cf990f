// The rounds: every worker with every size in turn, so that whatever else the machine does
// meets all of them alike.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { batches } from "./batches.mjs";
import { check } from "./check.mjs";
import { cores, cpuUs, pin } from "./cpu.mjs";
import { startWorkers } from "./workers.mjs";

/**
 * Measures in so many `rounds`, after one that isn't counted. Gives, for each worker and size,
 * `{ worker, events, bytes, us }`: bytes of a body on average, and of each round the CPU of a
 * request in µs.
 */
export async function measureRounds(sizes, { rounds, requests }) {
  const [elsewhere, measured] = [cores()[0], cores().at(-1)];
  // What is started from here on stays on that core too.
  pin(process.pid, elsewhere);
  const [backend, load] = ["backend.mjs", "load.mjs"].map(start);
  let stop = () => {};
  try {
    const { url } = await said(backend);
    const started = await startWorkers(url);
    stop = started.stop;
    const { workers } = started;
    for (const worker of workers) pin(worker.pid, measured);
    const runs = await prepare(workers, (act) => takenBy(backend, act), sizes);
    for (let round = 0; round <= rounds; round++) {
      for (const run of runs) {
        const us = await measure(run, load, requests);
        const name = `${run.worker}, ${run.events} events`;
        console.error(`  round ${round || "0 (not counted)"}, ${name}: ${us.toFixed(1)} µs`);
        if (round) run.us.push(us);
      }
    }
    return runs;
  } finally {
    for (const child of [backend, load]) if (child.connected) child.disconnect();
    await stop();
  }
}

/** What is measured in each round, by size, once it is known that every worker does its work. */
async function prepare(workers, keep, sizes) {
  const bySize = sizes.map((events) => ({ events, all: batches(events) }));
  const runs = [];
  for (const worker of workers) {
    const headers = await check(worker, keep, bySize.flatMap(({ all }) => all));
    for (const { events, all } of bySize) runs.push(run(worker, headers, events, all));
  }
  return runs.sort((a, b) => a.events - b.events);
}

function run({ name, pid, url, body }, headers, events, all) {
  const bodies = all.map(body);
  const bytes = Math.round(bodies.reduce((sum, { length }) => sum + length, 0) / bodies.length);
  const requests = bodies.map((body) => asRequest(url.host, headers, body));
  return { worker: name, pid, port: url.port, events, bytes, requests, us: [] };
}

function asRequest(host, headers, body) {
  const all = { host, ...headers, "content-length": body.length };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST /c/e HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}

async function measure(run, load, count) {
  const before = cpuUs(run.pid);
  load.send({ port: run.port, requests: run.requests, count });
  const { error } = await said(load);
  if (error) throw new Error(`${run.worker}, ${run.events} events: ${error}`);
  return (cpuUs(run.pid) - before) / count;
}

function start(file) {
  // Bytes go as bytes, not as lists of numbers.
  return fork(fileURLToPath(new URL(file, import.meta.url)), { serialization: "advanced" });
}

/** What a child says next; an error where it ends instead. */
function said(child) {
  return new Promise((resolve, reject) => {
    const end = (code) => reject(new Error(`${child.spawnargs.at(-1)} ended with ${code}`));
    child.once("exit", end);
    child.once("message", (message) => {
      child.off("exit", end);
      resolve(message);
    });
  });
}

/** Gives the first request that the backend gets while `act` runs. */
async function takenBy(backend, act) {
  backend.send("keep");
  await said(backend);
  const [kept] = await Promise.all([said(backend), act()]);
  return kept;
}
