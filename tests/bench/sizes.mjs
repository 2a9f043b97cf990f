// Bytes that a page has to load for each tracker: raw, and as a CDN sends them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { PEERS, measuredPeer } from "./peers.mjs";
import { table } from "./table.mjs";

/** `{ raw, gzip, brotli }` in bytes, at each one's best level. */
export function sizesOf(bytes) {
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, best).length,
  };
}

/**
 * Sizes of our parts from `assets`, by `names`: lists of file names under `loader`, `glue`,
 * `wasm` and perhaps `fallback`. `total` is what a page loads; the fallback comes instead of
 * the glue and the module where a page's CSP forbids WebAssembly, and isn't in it.
 */
export function ourSizes(assets, names) {
  const part = (files) => sum(files.map((name) => sizesOf(readFileSync(join(assets, name)))));
  const [loader, glue, wasm] = [names.loader, names.glue, names.wasm].map(part);
  const fallback = names.fallback?.length ? part(names.fallback) : undefined;
  return { loader, glue, wasm, total: sum([loader, glue, wasm]), fallback };
}

function sum(sizes) {
  const add = (key) => sizes.reduce((total, size) => total + size[key], 0);
  return { raw: add("raw"), gzip: add("gzip"), brotli: add("brotli") };
}

/** The table of sizes: ours by its parts, then the peers, the smallest first. */
export async function sizesTable(ours) {
  const peers = await Promise.all(PEERS.map(measuredPeer));
  const measured = peers.map((peer) => ({ ...peer, ...sizesOf(peer.bytes) }));
  measured.sort((a, b) => a.brotli - b.brotli);
  const row = (name, entry, size) => [name, entry, size.raw, size.gzip, size.brotli];
  const rows = [
    row("ours", "all that a page loads", ours.total),
    row("", "  loader", ours.loader),
    row("", "  glue", ours.glue),
    row("", "  wasm", ours.wasm),
    ...(ours.fallback ? [row("ours, without wasm", "  fallback, in place of glue + wasm", ours.fallback)] : []),
    ...measured.map((peer) => row(`${peer.name} ${peer.version}`, peer.entry, peer)),
  ];
  const notes = measured.map((peer) => `  ${peer.name}, ${peer.entry}: ${peer.note}.`);
  return `${table(["tracker", "measured", "raw", "gzip -9", "brotli 11"], rows)}\n\n${notes.join("\n")}`;
}
