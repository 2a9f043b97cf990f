// The three workers, each in a workerd of its own, started alike from wrangler.toml. What a
// body is for each, and what it has to make of it.

import { buildSync } from "esbuild";
import { Miniflare, NoOpLog } from "miniflare";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { REPOSITORY, SECRETS, SENT_AT_MS, SHOP, attempt } from "../../../edge-worker/test/built.mjs";
import { encode } from "./batches.mjs";
import { children } from "./cpu.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const HOST = "127.0.0.1";

const onWire = (batch) => attempt({ batch: encode(batch) });
const asJson = (batch) => Buffer.from(JSON.stringify({ ...batch, sent_at_ms: SENT_AT_MS }));

/**
 * `body(batch)` is what is sent of one; `visitorOf(body, batch)` reads what is forwarded, and
 * gives the visitor's id where it holds the batch whole.
 */
const WORKERS = {
  ours: {
    body: onWire,
    visitorOf(forwarded, batch) {
      // One envelope (protocol/src/envelope.rs): its length, what it is, the stamp, the batch.
      const stamp = forwarded.subarray(4 + "CE1".length);
      const isWhole = forwarded.subarray(-encode(batch).length).equals(encode(batch));
      return isWhole ? firstNumber(stamp).toString(16) : undefined;
    },
  },
  js_json: {
    entry: "json.mjs",
    body: asJson,
    visitorOf(forwarded, batch) {
      const { events, ...header } = JSON.parse(forwarded);
      const ids = new Set(events.map(({ edge }) => edge.visitor_id));
      const plain = { ...header, events: events.map(({ edge, ...event }) => event) };
      const isWhole = isDeepStrictEqual(plain, JSON.parse(asJson(batch)));
      return ids.size === 1 && isWhole ? [...ids][0] : undefined;
    },
  },
  js_pass: {
    entry: "pass.mjs",
    body: onWire,
    visitorOf(forwarded, batch) {
      const end = forwarded.indexOf("\n");
      const isWhole = forwarded.subarray(end + 1).equals(onWire(batch));
      return isWhole ? JSON.parse(forwarded.subarray(0, end)).visitor_id : undefined;
    },
  },
};

/** The number that begins bytes of postcard's. */
function firstNumber(bytes) {
  const digits = bytes.subarray(0, bytes.findIndex((byte) => byte < 0x80) + 1);
  return digits.reduceRight((number, digit) => (number << 7n) | BigInt(digit & 0x7f), 0n);
}

/** Starts them, to forward to `backend`. Each has the id of its process. */
export async function startWorkers(backend) {
  const started = [];
  const stop = () => Promise.all(started.map(({ miniflare }) => miniflare.dispose()));
  try {
    for (const [name, kind] of Object.entries(WORKERS)) {
      const before = new Set(children("workerd"));
      const miniflare = start(kind.entry ? bundled(kind.entry) : read().built, backend);
      const worker = { name, ...kind, miniflare };
      started.push(worker);
      await miniflare.ready;
      worker.url = await miniflare.unsafeGetDirectURL(NAME);
      worker.pid = children("workerd").find((child) => !before.has(child));
      if (!worker.pid) throw new Error(`workerd of ${name} is not among this process's children`);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { workers: started, stop };
}

const NAME = "edge";

/**
 * As edge-worker/local.mjs does, but without what miniflare puts around a worker: its front,
 * its files and its filter of requests going out are JavaScript in the same process, which
 * costs more than the workers do, and which isn't there on the platform.
 */
function start(source, backend) {
  const { settings } = read();
  const { COOKIE_KEYS, MINT_KEY, FORWARD_KEYS } = SECRETS;
  const SITES = JSON.stringify({ demo: { origins: [SHOP], backend } });
  return new Miniflare({
    workers: [
      {
        ...settings,
        ...source,
        name: NAME,
        bindings: { ...settings.bindings, SITES, COOKIE_KEYS, MINT_KEY, FORWARD_KEYS },
        assets: undefined,
        stripCfConnectingIp: false,
        unsafeDirectSockets: [{ host: HOST, port: 0 }],
      },
    ],
    host: HOST,
    cf: false,
    log: new NoOpLog(),
    handleRuntimeStdio(stdout, stderr) {
      for (const input of [stdout, stderr]) createInterface({ input }).on("line", console.error);
    },
  });
}

/** What wrangler.toml says. */
function read() {
  const { main, workerOptions } = unstable_getMiniflareWorkerOptions(join(REPOSITORY, "wrangler.toml"));
  const built = { modules: true, modulesRoot: dirname(main), scriptPath: main };
  return { settings: workerOptions, built };
}

/** Another worker, bundled as xtask bundles ours. */
function bundled(entry) {
  const { outputFiles } = buildSync({
    entryPoints: [join(HERE, entry)],
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    write: false,
  });
  return { modules: [{ type: "ESModule", path: entry, contents: outputFiles[0].text }] };
}
