// What the tests of the built worker share: its directory, its keys, requests and attempts.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer as readBytes } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { varint } from "./tokens.mjs";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
export const SHOP = "https://shop.example";
export const NEWS = "https://news.example";
export const EVIL = "https://evil.example";
export const key = (seed) => Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => seed ^ i)).toString("hex");
export const SECRETS = {
  COOKIE_KEYS: `k2:${key(2)},k1:${key(1)}`,
  MINT_KEY: key(3),
  FORWARD_KEYS: `f1:${key(4)}`,
  LOGIN_KEYS: `demo/l1:${key(5)}`,
  MESSAGE_KEYS: `demo/m1:${key(6)},news/m1:${key(7)}`,
};
export const SENT_AT_MS = 1_760_000_000_500;
export const MAX_BYTES = 48 * 1024 + 256 + 32;
/** One transparent pixel, as everybody sends it. */
export const GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");
export const BATCH = Buffer.from(
  readFileSync(join(REPOSITORY, "protocol/golden/batch-v1.hex"), "utf8").trim(),
  "hex",
);

/** An attempt around the golden batch (protocol/src/attempt.rs). */
export function attempt({ token = "", batch = BATCH, sentAt = SENT_AT_MS } = {}) {
  const head = [...varint(sentAt), ...varint(token.length), ...Buffer.from(token)];
  return Buffer.concat([Buffer.from("CA\x01"), Buffer.from(head), batch]);
}

/** One HTTP request with exactly these headers. A body in pieces goes without a length. */
export function ask(url, { method = "POST", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: false }, async (answer) => {
      const { statusCode: status, headers } = answer;
      const bytes = await readBytes(answer);
      resolve({ status, headers, bytes, text: bytes.toString() });
    });
    sent.on("error", reject);
    for (const piece of Array.isArray(body) ? body : []) sent.write(piece);
    sent.end(Array.isArray(body) ? undefined : body);
  });
}

/**
 * A directory that looks like the repository after a build, with files of its own for the
 * pixel's, and with wrangler.toml as `configure` makes it.
 */
export function builtRepository(configure = (text) => text) {
  const dir = mkdtempSync(join(tmpdir(), "edge-"));
  const config = readFileSync(join(REPOSITORY, "wrangler.toml"), "utf8");
  writeFileSync(join(dir, "wrangler.toml"), configure(config));
  cpSync(join(REPOSITORY, "build/worker"), join(dir, "build/worker"), { recursive: true });
  mkdirSync(join(dir, "build/assets/c"), { recursive: true });
  cpSync(join(REPOSITORY, "build/assets/_headers"), join(dir, "build/assets/_headers"));
  writeFileSync(join(dir, "build/assets/c/crumb.js"), "/* loader */");
  writeFileSync(join(dir, "build/assets/c/px-0a1b.js"), "/* glue */");
  writeFileSync(join(dir, "build/assets/c/px-0a1b.wasm"), Buffer.from("\0asm\x01\0\0\0"));
  mkdirSync(join(dir, "shop/about"), { recursive: true });
  writeFileSync(join(dir, "shop/index.html"), "<h1>shop</h1>");
  writeFileSync(join(dir, "shop/about/index.html"), "<h1>about</h1>");
  writeFileSync(join(dir, "shop/style.css"), "p{}");
  return dir;
}

/** The log of a worker. It comes by another way than the answers, and sometimes after them. */
export class Log {
  lines = [];

  /** Takes a line. */
  write = (line) => this.lines.push(line);

  /** All that came since it was last asked. */
  take = () => this.lines.splice(0).join("\n");

  /** Waits until it says this, and takes it. */
  async says(pattern) {
    for (let tries = 0; tries < 100 && !pattern.test(this.lines.join("\n")); tries++) {
      await new Promise((done) => setTimeout(done, 50));
    }
    const said = this.take();
    assert.match(said, pattern);
    return said;
  }
}
