// Runs the built edge worker on this machine, in the same engine as Cloudflare's
// (workerd, through miniflare), with the settings of wrangler.toml. For the demo,
// the tests and the benchmarks.
//
//   node edge-worker/local.mjs --config FILE.json
//
// FILE.json holds the options below. When it listens, one line goes to stdout:
// {"ready":true,"url":"http://127.0.0.1:8787"}. It ends on SIGTERM, on SIGINT and
// when its stdin closes, so that it doesn't outlive whoever started it. (A SIGKILL
// of this process itself leaves workerd behind.)

import { createServer } from "node:net";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const REPOSITORY = dirname(HERE);

/** Where requests seem to come from. Given, since miniflare would ask the network. */
const PLACE = { country: "IL", region: "Tel Aviv", city: "Tel Aviv" };

/**
 * Starts the edge worker alone.
 *
 * @param {object} options
 * @param {number} [options.port] 0, the default, takes a free one
 * @param {string} [options.host] 127.0.0.1 by default
 * @param {Record<string, unknown>} [options.vars] in place of those of [vars]; what is no text goes as JSON
 * @param {Record<string, string>} [options.secrets] COOKIE_KEYS, MINT_KEY, FORWARD_KEYS
 * @param {object} [options.cf] the place of every request: country, region, city
 * @param {object[]} [options.workers] more workers, as miniflare's options
 * @param {string} [options.dir] the repository, with build/ in it
 * @param {(line: string) => void} [options.log] takes the worker's log; stderr by default
 * @returns {Promise<{url: string, miniflare: object, stop: () => Promise<void>}>}
 */
export async function startEdge(options = {}) {
  const edge = await edgeWorker(options);
  return run([edge, ...(options.workers ?? [])], options);
}

/**
 * Starts a shop and the edge worker on one origin, as on a Cloudflare zone: what
 * lies under PREFIX goes to the worker, all else to the shop's files.
 *
 * @param {object} options those of startEdge, and
 * @param {string} options.shopDir the shop's static pages; /a/ is a/index.html
 */
export async function startZone(options) {
  const edge = await edgeWorker(options);
  return run([zoneWorker(edge, options.shopDir), edge, ...(options.workers ?? [])], options);
}

async function edgeWorker({ dir = REPOSITORY, vars = {}, secrets = {} }) {
  process.env.WRANGLER_SEND_METRICS = "false";
  const { unstable_getMiniflareWorkerOptions: read } = await import("wrangler");
  const { main, workerOptions } = read(join(dir, "wrangler.toml"));
  return {
    ...workerOptions,
    name: "edge",
    modules: true,
    modulesRoot: dirname(main),
    scriptPath: main,
    bindings: { ...workerOptions.bindings, ...mapValues(vars, asText), ...secrets },
  };
}

function zoneWorker(edge, shopDir) {
  return {
    name: "zone",
    compatibilityDate: edge.compatibilityDate,
    modules: true,
    modulesRoot: HERE,
    scriptPath: join(HERE, "zone.mjs"),
    bindings: { PREFIX: edge.bindings.PREFIX },
    serviceBindings: { EDGE: edge.name, SHOP: { disk: { path: resolve(shopDir) } } },
  };
}

async function run(workers, { port = 0, host = "127.0.0.1", cf = PLACE, log = console.error }) {
  await refuseTakenPort(port, host);
  const { Miniflare, NoOpLog } = await import("miniflare");
  const miniflare = new Miniflare({
    workers,
    host,
    port,
    cf,
    log: new NoOpLog(),
    handleRuntimeStdio(stdout, stderr) {
      for (const input of [stdout, stderr]) createInterface({ input }).on("line", log);
    },
  });
  const { origin } = await miniflare.ready;
  return { url: origin, miniflare, stop: () => miniflare.dispose() };
}

function refuseTakenPort(port, host) {
  return new Promise((free, taken) => {
    const probe = createServer();
    probe.once("error", (error) => {
      const known = error.code === "EADDRINUSE";
      taken(known ? new Error(`port ${port} on ${host} is taken; choose another`) : error);
    });
    probe.listen(port, host, () => probe.close(() => free()));
  });
}

const asText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

async function main([flag, file]) {
  if (flag !== "--config" || !file) throw new Error("usage: local.mjs --config FILE.json");
  const options = JSON.parse(readFileSync(file, "utf8"));
  const running = await (options.shopDir ? startZone : startEdge)(options);
  const end = () => running.stop().then(() => process.exit(0));
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, end);
  process.stdin.once("close", end).resume();
  console.log(JSON.stringify({ ready: true, url: running.url }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
