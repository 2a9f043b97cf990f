// What both JavaScript workers do around a batch, as ours does it: they check who sends,
// verify the visitor's cookie, make the stamp, sign, forward, and answer 204 where the
// backend answered 202. Keys are imported and settings parsed once an isolate; what the
// platform has natively (HMAC, base64, UTF-8) it does.

import { describe } from "../../../edge-worker/agent.mjs";

const COLLECT = "/c/e";
const TIMEOUT_MS = 10_000;
const MAX_AGE_S = 400 * 24 * 60 * 60;
const DAY_S = 24 * 60 * 60;

const encoder = new TextEncoder();

/** Why a request isn't taken: thrown, and answered with its status. */
export class Refusal extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
  }
}

/**
 * A worker for bodies of at most `limit` bytes. `write(request, recognize)` gives the bytes
 * to forward, with {@link ROOM} before them; `recognize(slug)` gives the stamp for a batch of
 * that site, or of the page's own where none is named.
 */
export function worker({ limit, type, write }) {
  return {
    async fetch(request, env) {
      try {
        return await take(request, await settings(env), { limit, type, write });
      } catch (error) {
        const { status = 500, message } = error;
        return Response.json({ status, code: message }, { status });
      }
    },
  };
}

async function take(request, { sites, cookieKey, forwardKey }, { limit, type, write }) {
  if (new URL(request.url).pathname !== COLLECT) throw new Refusal(404, "not_found");
  if (request.method !== "POST") throw new Refusal(405, "wrong_method");
  const { headers } = request;
  const length = Number(headers.get("content-length") ?? NaN);
  if (!(length <= limit)) throw new Refusal(413, "too_large");
  const origin = headers.get("origin");
  const own = sites.find(({ origins }) => origins.includes(origin));
  if (!own) throw new Refusal(403, "origin_not_allowed");
  if (headers.get("sec-gpc") === "1") return answer(origin);

  let who;
  const bytes = await write(request, async (slug = own.slug) => {
    const site = sites.find((known) => known.slug === slug);
    if (!site) throw new Refusal(400, "unknown_site");
    if (!site.origins.includes(origin)) throw new Refusal(403, "origin_not_allowed");
    who = await recognize(cookieKey, slug, headers.get("cookie") ?? "");
    return stamp(request, who);
  });
  await forward(own.url, forwardKey, bytes, type);
  return answer(origin, who.renewed);
}

let read;
function settings(env) {
  read ??= readSettings(env);
  return read;
}

async function readSettings(env) {
  const sites = Object.entries(JSON.parse(env.SITES)).map(([slug, { origins, backend }]) => ({
    slug,
    origins,
    url: `${backend}/v1/ingest`,
  }));
  const [cookieKey, forwardKey] = [env.COOKIE_KEYS, env.FORWARD_KEYS].map(importFirst);
  return { sites, cookieKey: await cookieKey, forwardKey: await forwardKey };
}

/** The first of `name:hex,…`. */
async function importFirst(keys) {
  const [name, hex] = keys.split(",")[0].split(":");
  const bytes = Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return { name, key: await crypto.subtle.importKey("raw", bytes, hmac, false, ["sign", "verify"]) };
}

/** The cookie as ours: `id.issued.link.since.key.mac`, with the site under the mac. */
async function recognize({ name, key }, slug, header) {
  const now = Math.floor(Date.now() / 1000);
  const cookie = /(?:^|;\s*)__Host-crumb-demo=([^;\s]*)/.exec(header)?.[1] ?? "";
  const end = cookie.lastIndexOf(".");
  const [id, issued, , , , keyName] = cookie.slice(0, Math.max(end, 0)).split(".");
  if (keyName === name) {
    const signed = encoder.encode(`cookie\0${slug}\0${cookie.slice(0, end)}`);
    const age = now - Number.parseInt(issued, 16);
    const isOurs = await crypto.subtle.verify("HMAC", key, fromBase64(cookie.slice(end + 1)), signed);
    if (isOurs && age <= DAY_S) return { id };
    if (isOurs && age <= MAX_AGE_S) return { id, renewed: await seal(name, key, slug, id, now) };
  }
  const minted = toHex(crypto.getRandomValues(new Uint8Array(8)));
  return { id: minted, renewed: await seal(name, key, slug, minted, now) };
}

async function seal(name, key, slug, id, now) {
  const text = `${id}.${now.toString(16)}.0.0.0.${name}`;
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`cookie\0${slug}\0${text}`));
  return `${text}.${toBase64(new Uint8Array(mac))}`;
}

function stamp(request, who) {
  const { country = "", region = "", city = "", timezone = "" } = request.cf ?? {};
  const [device, browser, os, bot] = describe(request.headers.get("user-agent") ?? "").split("\n");
  return {
    visitor_id: who.id,
    received_at: Date.now(),
    country,
    region,
    city,
    time_zone: timezone,
    device,
    browser,
    os,
    bot: bot === "bot",
  };
}

/** Bytes before those to forward, so that the time to sign stands before them without a copy. */
export const ROOM = 8;

async function forward(url, { name, key }, bytes, type) {
  const now = Date.now();
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, BigInt(now));
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  const answered = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": type,
      "crumb-key": name,
      "crumb-time": String(now),
      "crumb-signature": toHex(signature),
    },
    body: bytes.subarray(ROOM),
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  answered.body?.cancel();
  if (answered.status !== 202) throw new Refusal(503, "not_delivered");
}

function answer(origin, renewed) {
  const headers = {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "Retry-After",
    vary: "Origin",
  };
  if (renewed) {
    headers["set-cookie"] = `__Host-crumb-demo=${renewed}; Max-Age=${MAX_AGE_S}; Path=/; Secure; HttpOnly; SameSite=Lax`;
  }
  return new Response(null, { status: 204, headers });
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function toHex(bytes) {
  let hex = "";
  for (const byte of bytes) hex += HEX[byte];
  return hex;
}

function toBase64(bytes) {
  const plain = btoa(String.fromCharCode(...bytes));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64(text) {
  try {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
