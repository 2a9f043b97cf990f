// Who visitors are, in the built worker: logins, sign-outs, links in messages, leaving; the
// queue between it and its backend; what it makes of browsers.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { startEdge } from "../local.mjs";
import { startBackend } from "./backend.mjs";
import {
  BATCH, EVIL, GIF, NEWS, REPOSITORY, SECRETS, SHOP, ask, attempt,
  builtRepository, key, Log,
} from "./built.mjs";
import { keyOf, linkToken, loginToken, text, varint } from "./tokens.mjs";

const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const now = () => Math.floor(Date.now() / 1000);

const LOGIN = keyOf(SECRETS.LOGIN_KEYS);
const MESSAGES = keyOf(SECRETS.MESSAGE_KEYS);
const login = (claims, { key = LOGIN, ...header } = {}) => loginToken(key, claims, header);
const link = (purpose, options) =>
  linkToken(MESSAGES, purpose, { url: `${SHOP}/sale/?a=b#top`, ...options });

/** A batch of one event: the golden one's head, and an event of this action. */
function batchOf(...action) {
  const head = BATCH.subarray(0, headLength());
  const event = [...varint(0), ...varint(Date.now()), 0, ...action, 0];
  return attempt({ batch: Buffer.concat([head, Buffer.from(event)]), sentAt: Date.now() });
}

/** Where the golden batch's first event begins: its seq 0, then its time. */
function headLength() {
  const at = BATCH.indexOf(Buffer.from([0, ...varint(1_760_000_000_000)]));
  assert.ok(at > 0);
  return at;
}

const identify = (by, value) => batchOf(8, by, ...text(value));
const SIGN_OUT = [9];

const withQueue = (config) => config.replaceAll("#~ ", "").replaceAll("#~", "");
let dir, backend, vars;
before(async () => {
  dir = builtRepository();
  backend = await startBackend({ f1: key(4) });
  vars = {
    SITES: {
      demo: { origins: [SHOP], backend: backend.url },
      news: { origins: [NEWS], backend: backend.url, consent: "required" },
    },
  };
});
after(async () => {
  await backend.down();
  rmSync(dir, { recursive: true });
});

describe("rotated keys", () => {
  test("verify what the old ones signed, and sign anew", async () => {
    const start = (COOKIE_KEYS) => startEdge({ dir, vars, secrets: { ...SECRETS, COOKIE_KEYS }, log: () => {} });
    const visit = async (edge, cookie) => {
      const headers = { origin: SHOP, "sec-fetch-site": "same-origin", ...(cookie && { cookie }) };
      const answer = await ask(`${edge.url}/c/e`, { headers, body: batchOf(0) });
      const [{ visitor }] = backend.take();
      return { visitor, cookie: answer.headers["set-cookie"]?.[0].split(";")[0] };
    };
    const [old, rotated, after] = [`a:${key(1)}`, `b:${key(2)},a:${key(1)}`, `b:${key(2)}`];
    let edge = await start(old);
    const first = await visit(edge);
    await edge.stop();
    edge = await start(rotated);
    const second = await visit(edge, first.cookie);
    assert.equal(second.visitor, first.visitor);
    assert.match(second.cookie, /\.b\./);
    await edge.stop();
    edge = await start(after);
    assert.deepEqual(await visit(edge, second.cookie), { visitor: first.visitor, cookie: undefined });
    const stranger = await visit(edge, first.cookie);
    assert.match(stranger.cookie, /\.b\./, "what the key that is gone signed is nothing");
    await edge.stop();
  });
});

describe("identity", () => {
  let edge;
  const log = new Log();
  const send = async (path, body, headers = {}) => {
    const answer = await ask(`${edge.url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { origin: SHOP, "sec-fetch-site": "same-origin", "user-agent": PHONE, ...headers },
      body,
    });
    return { ...answer, cookie: answer.headers["set-cookie"]?.[0].split(";")[0] };
  };

  before(async () => {
    edge = await startEdge({ dir, vars, secrets: SECRETS, log: log.write });
  });
  after(() => edge.stop());
  afterEach(() => {
    backend.answer = { status: 202 };
    backend.take();
  });

  test("a login keeps the visitor, another contact's begins another, a sign-out too", async () => {
    const first = await send("/c/e", batchOf(0));
    const noa = await send("/c/e", identify(0, login({ sub: "noa" })), { cookie: first.cookie });
    const dan = await send("/c/e", identify(0, login({ sub: "dan" })), { cookie: noa.cookie });
    const out = await send("/c/e", batchOf(...SIGN_OUT), { cookie: dan.cookie });
    await send("/c/e", batchOf(0), { cookie: out.cookie });
    const taken = backend.take();
    const visitors = taken.map(({ visitor }) => visitor);
    assert.equal(visitors[1], visitors[0]);
    assert.equal(visitors[3], visitors[2]);
    assert.equal(new Set(visitors).size, 3);
    assert.deepEqual(taken.map(({ proof }) => proof?.login), [undefined, "noa", "dan", undefined, undefined]);
  });

  test("bad tokens prove nothing, and say why", async () => {
    for (const [token, why] of [
      [login({ sub: "noa", aud: "news" }), "bad_token"],
      [login({ sub: "noa", purpose: "reset" }), "bad_token"],
      [login({ sub: "noa", exp: now() }), "expired_token"],
      [login({ sub: "noa" }, { key: { ...LOGIN, bytes: MESSAGES.bytes } }), "bad_token"],
      [login({ sub: "noa" }, { alg: "none" }), "bad_token"],
    ]) {
      const answer = await send("/c/e", identify(0, token));
      assert.deepEqual([answer.status, answer.headers["crumb-refused"]], [204, why]);
      assert.equal(backend.take()[0].proof, undefined);
    }
    assert.equal(log.take(), "");
  });

  test("a link in a message leads on, and its page tells who came", async () => {
    const answer = await send(`/c/r/${link("click")}`, undefined, { cookie: "__Host-crumb-demo=x" });
    assert.deepEqual([answer.status, answer.cookie], [302, undefined]);
    const [, token] = answer.headers.location.match(/^https:\/\/shop\.example\/sale\/\?a=b&crumb=([\w-]+)#top$/);
    const [{ visitor, notice, agent }] = backend.take();
    assert.deepEqual([visitor, notice.token, notice.machine], [0n, 9n, false]);
    assert.deepEqual(notice.message, { contact: 2n ** 63n + 42n, channel: 1, messageId: "m-1", campaign: "autumn" });
    assert.deepEqual(notice.link, { url: `${SHOP}/sale/?a=b#top`, topic: "sale" });
    assert.deepEqual(agent, { device: "mobile", browser: "Safari", os: "iOS", bot: false });

    await send("/c/e", identify(1, token));
    assert.equal(backend.take()[0].proof.landing.messageId, "m-1");
    assert.equal((await send("/c/e", identify(1, link("landing")))).headers["crumb-refused"], "bad_token");
  });

  test("machines get no token, the silent are not told of, dead links say so", async () => {
    const path = `/c/r/${link("click")}`;
    const plain = `${SHOP}/sale/?a=b#top`;
    const bot = await send(path, undefined, { "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" });
    assert.equal(bot.headers.location, plain);
    assert.deepEqual(backend.take().map(({ notice, agent }) => [notice.machine, agent.bot]), [[true, true]]);
    const silent = await send(path, undefined, { "sec-gpc": "1" });
    assert.deepEqual([silent.headers.location, backend.take().length], [plain, 0]);
    for (const [token, status] of [[link("click", { expires: now() }), 410], [link("open"), 404], ["x", 404]]) {
      const dead = await send(`/c/r/${token}`);
      assert.deepEqual([dead.status, dead.headers.location], [status, undefined]);
      assert.match(dead.text, /הקישור אינו תקף עוד/);
    }
    assert.equal(backend.take().length, 0);
  });

  test("a link leads on though the backend is down", async () => {
    backend.answer = { status: 503 };
    assert.equal((await send(`/c/r/${link("click")}`)).status, 302);
    await log.says(/busy or down/);
  });

  test("an opened message is an image, and a notice", async () => {
    const good = await send(`/c/o/${link("open")}.gif`);
    assert.deepEqual([good.status, good.bytes, good.cookie], [200, GIF, undefined]);
    assert.deepEqual(backend.take().map(({ notice }) => [notice.link, notice.machine]), [[undefined, false]]);
    const bad = await send("/c/o/x.gif");
    assert.deepEqual([bad.status, bad.bytes, bad.headers["crumb-refused"]], [200, GIF, "bad_token"]);
    assert.equal(backend.take().length, 0);
  });

  test("who withdraws or wants to be forgotten loses the cookie", async () => {
    const { cookie } = await send("/c/e", batchOf(0));
    const [{ visitor }] = backend.take();
    const withdrawn = await send("/c/w", "demo\n", { cookie, "sec-gpc": "1" });
    assert.equal(withdrawn.status, 204);
    assert.deepEqual(withdrawn.headers["set-cookie"], ["__Host-crumb-demo=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"]);
    assert.equal(backend.take().length, 0);
    const forgotten = await send("/c/f", "demo\n", { cookie });
    assert.deepEqual([forgotten.status, forgotten.cookie], [204, "__Host-crumb-demo="]);
    assert.deepEqual(backend.take().map(({ visitor, notice }) => [visitor, notice]), [[visitor, { site: "demo", forget: true }]]);
    for (const headers of [{ origin: EVIL }, { origin: NEWS }]) {
      assert.equal((await send("/c/f", "demo\n", { cookie, ...headers })).status, 403);
    }
  });

  test("where consent is required, nothing is kept without it", async () => {
    const batch = Buffer.from(BATCH);
    batch.write("news", BATCH.indexOf("demo"));
    const granted = await send("/c/e", attempt({ batch }), { origin: NEWS });
    assert.deepEqual([granted.status, backend.take().length], [204, 1]);
    const image = await send("/c/n.gif?site=news", undefined, { referer: `${NEWS}/` });
    assert.deepEqual([image.status, image.cookie, backend.take().length], [200, undefined, 0]);
  });

  test("an address that sends without end is told to come later", async () => {
    let last;
    for (let n = 0; n < 1_100 && last?.status !== 429; n++) {
      last = await send("/c/w", "demo", { "cf-connecting-ip": "192.0.2.7" });
    }
    assert.deepEqual([last.status, last.headers["retry-after"]], [429, "60"]);
    assert.equal((await send("/c/w", "demo", { "cf-connecting-ip": "192.0.2.8" })).status, 204);
  });
});

/** A worker that tells of each message in the dead-letter queue. */
const undertaker = (url) => ({
  name: "undertaker",
  modules: true,
  script: `export default { queue: ({ messages }) =>
    Promise.all(messages.map(() => fetch("${url}/dead", { method: "POST" }))) }`,
  queueConsumers: ["crumbtrail-dead"],
});

describe("a queue", () => {
  let edge, queueDir, dead;
  const log = new Log();
  before(async () => {
    // As wrangler.toml says to switch it on, with less patience.
    queueDir = builtRepository((config) =>
      withQueue(config).replace("max_batch_timeout = 5", "max_batch_timeout = 1").replace("max_retries = 100", "max_retries = 2"),
    );
    dead = await startBackend({});
    const workers = [undertaker(dead.url)];
    edge = await startEdge({ dir: queueDir, vars, secrets: SECRETS, workers, log: log.write });
  });
  after(async () => {
    await edge.stop();
    await dead.down();
    rmSync(queueDir, { recursive: true });
  });
  const post = () => ask(`${edge.url}/c/e`, { headers: { origin: SHOP }, body: batchOf(0) });
  const arrived = async (count) => {
    for (let tries = 0; tries < 150 && backend.taken.length < count; tries++) {
      await new Promise((done) => setTimeout(done, 100));
    }
    return backend.take();
  };

  test("is what wrangler would deploy", { timeout: 120_000 }, () => {
    const config = readFileSync(join(queueDir, "wrangler.toml"), "utf8");
    // Everything is built; nothing is to be built here.
    writeFileSync(join(queueDir, "dry.toml"), config.replace(/^\[build\]\n.*\n/m, ""));
    const wrangler = join(REPOSITORY, "node_modules/.bin/wrangler");
    const said = execFileSync(wrangler, ["deploy", "--dry-run", "--config", "dry.toml"], {
      cwd: queueDir,
      encoding: "utf8",
      env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    });
    assert.match(said, /env\.QUEUE \(crumbtrail\)/);
    assert.match(said, /env\.RATE_LIMIT/);
  });

  test("takes batches while the backend is down, and delivers them when it is back", async () => {
    await backend.down();
    for (let n = 0; n < 5; n++) assert.equal((await post()).status, 204);
    await new Promise((done) => setTimeout(done, 2_500));
    await backend.up();
    assert.equal((await arrived(5)).length, 5);
    await log.says(/did not answer/);
  });

  test("lays what nobody takes aside, after as many tries as it is told", { timeout: 60_000 }, async () => {
    backend.answer = { status: 400 };
    assert.equal((await post()).status, 204);
    for (let tries = 0; tries < 400 && !dead.asked; tries++) {
      await new Promise((done) => setTimeout(done, 100));
    }
    backend.answer = { status: 202 };
    assert.equal(dead.asked, 1);
    assert.equal(backend.take().length, 0);
  });

  test("carries what becomes of messages too", async () => {
    const answer = await ask(`${edge.url}/c/r/${link("click")}`, { method: "GET", headers: { "user-agent": PHONE } });
    assert.equal(answer.status, 302);
    assert.equal((await arrived(1))[0].notice.token, 9n);
  });
});
