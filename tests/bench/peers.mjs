// The peers: which of their files a page loads in standard use, at the version that
// package-lock.json pins, and how what is meant to be bundled is bundled.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));

/**
 * One entry each of `file` (published to be loaded by a page) or `source` (a package's
 * documented use, to be bundled). `note` says what the figure leaves out.
 */
export const PEERS = [
  {
    package: "posthog-js",
    file: "dist/array.js",
    note: "what the HTML snippet loads; it fetches surveys.js too, even for a project without surveys, and the recorder and others where the project has them on: these are not counted",
  },
  {
    package: "@plausible-analytics/tracker",
    source: `import { init } from "@plausible-analytics/tracker"; init({ domain: "shop.example" });`,
    note: "README's use; the whole tracker",
  },
  {
    package: "@jitsu/js",
    file: "dist/web/p.js.txt",
    note: "what Jitsu serves as /p.js to the HTML snippet; published unminified",
  },
  {
    package: "@jitsu/js",
    source: `import { jitsuAnalytics } from "@jitsu/js"; jitsuAnalytics({ host: "https://ingest.shop.example", writeKey: "k:s" }).page();`,
    note: "the documented use of the npm package",
  },
  {
    package: "mixpanel-browser",
    file: "dist/mixpanel.min.js",
    note: "what the HTML snippet loads; the recorder is fetched later where asked for (importing the package bundles it)",
  },
  {
    package: "@rudderstack/analytics-js",
    source: `import { RudderAnalytics } from "@rudderstack/analytics-js"; const a = new RudderAnalytics(); a.load("k", "https://data.shop.example"); a.page();`,
    note: "README's default export; its plugins, among them the one that queues and sends, are fetched later; the CDN's file is not published",
  },
];

/** A peer with what was measured: `{ name, version, entry, note, bytes }`. */
export async function measuredPeer(peer) {
  const bytes = peer.file
    ? readFileSync(packageFile(peer.package, peer.file))
    : await bundle(peer.source);
  const entry = peer.file ?? "bundled by esbuild";
  return { name: peer.package, version: packageVersion(peer.package), entry, note: peer.note, bytes };
}

/** What a site's build makes of `source`: one minified script. */
export async function bundle(source) {
  const built = await build({
    stdin: { contents: source, resolveDir: HERE },
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    write: false,
    logLevel: "error",
  });
  return Buffer.from(built.outputFiles[0].contents);
}

/** A file of a package that is installed here, also where its exports don't name it. */
export function packageFile(name, path) {
  const folder = join(HERE, "node_modules", name);
  if (existsSync(folder)) return join(folder, path);
  throw new Error(`${name} is missing; run: npm ci --prefix tests/bench --ignore-scripts`);
}

export function packageVersion(name) {
  return JSON.parse(readFileSync(packageFile(name, "package.json"), "utf8")).version;
}
