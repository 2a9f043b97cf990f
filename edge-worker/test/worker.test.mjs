// The built worker in workerd, with a real backend at the other end.
// Everything must be built: `cargo xtask build`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { startEdge, startZone } from "../local.mjs";
import { startBackend } from "./backend.mjs";
import {
  BATCH, EVIL, GIF, MAX_BYTES, NEWS, REPOSITORY, SECRETS, SENT_AT_MS, SHOP, ask, attempt,
  builtRepository, key, Log,
} from "./built.mjs";

let dir, backend, vars;
before(async () => {
  dir = builtRepository();
  backend = await startBackend({ f1: key(4) });
  const SITES = {
    demo: { origins: [SHOP], backend: backend.url },
    news: { origins: [NEWS], backend: backend.url },
  };
  vars = { SITES };
});
after(async () => {
  await backend.down();
  rmSync(dir, { recursive: true });
});

describe("the worker", () => {
  let edge;
  const log = new Log();
  const post = ({ body = attempt(), ...headers } = {}) =>
    ask(`${edge.url}/c/e`, {
      headers: { origin: SHOP, "sec-fetch-site": "same-origin", ...headers },
      body,
    });
  const code = ({ text }) => JSON.parse(text).code;

  before(async () => {
    const cf = { country: "IL", region: "Tel Aviv", city: "גבעתיים", timezone: "Asia/Jerusalem" };
    edge = await startEdge({ dir, vars, secrets: SECRETS, cf, log: log.write });
  });
  after(() => edge.stop());
  beforeEach(log.take);
  afterEach(() => {
    backend.answer = { status: 202 };
    backend.take();
  });

  test("answers health, and problems elsewhere", async () => {
    const health = await ask(`${edge.url}/c/health`, { method: "GET" });
    assert.deepEqual([health.status, health.text], [200, '{"status":"ok"}']);
    const nothing = await ask(`${edge.url}/c/nothing`, { method: "GET" });
    assert.deepEqual([nothing.status, code(nothing)], [404, "not_found"]);
    assert.equal(nothing.headers["content-type"], "application/problem+json");
    const wrong = await ask(`${edge.url}/c/e`, { method: "GET" });
    assert.deepEqual([wrong.status, wrong.headers.allow], [405, "POST, OPTIONS"]);
  });

  test("forwards a stamped batch and hands out the cookie", async () => {
    const before = Date.now();
    const answer = await post();
    assert.deepEqual([answer.status, answer.text], [204, ""]);
    const [cookie] = answer.headers["set-cookie"];
    assert.match(
      cookie,
      /^__Host-crumb-demo=[0-9a-f]+\.[0-9a-f]+\.0\.0\.0\.k2\.[\w-]{22}; Max-Age=34560000; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
    const [envelope, ...more] = backend.take();
    assert.equal(more.length, 0);
    assert.deepEqual(envelope.batch, BATCH);
    const place = { country: "IL", region: "Tel Aviv", city: "גבעתיים", timeZone: "Asia/Jerusalem" };
    assert.deepEqual(envelope.place, place);
    assert.equal(envelope.sent, SENT_AT_MS);
    assert.ok(before <= envelope.received && envelope.received <= Date.now());
    assert.equal(envelope.visitor.toString(16), cookie.split(/[=.]/)[1]);
    assert.equal(envelope.visitor >> 63n, 0n);
  });

  test("knows the cookie again, and none that it didn't make", async () => {
    const first = await post();
    const cookie = first.headers["set-cookie"][0].split(";")[0];
    const [{ visitor }] = backend.take();
    const second = await post({ cookie: `theme=dark; ${cookie}` });
    assert.deepEqual([second.status, second.headers["set-cookie"]], [204, undefined]);
    assert.equal(backend.take()[0].visitor, visitor);

    const forged = cookie.replace(/=./, (m) => (m === "=1" ? "=2" : "=1"));
    const third = await post({ cookie: forged });
    assert.equal(third.headers["set-cookie"].length, 1);
    assert.equal(backend.take()[0].visitor, visitor, "the tab's own id again");
  });

  test("hands a page of another site a token instead", async () => {
    const cross = { "sec-fetch-site": "cross-site" };
    const first = await post(cross);
    assert.deepEqual([first.status, first.headers["set-cookie"]], [201, undefined]);
    assert.match(first.headers["content-type"], /^text\/plain/);
    const [{ visitor }] = backend.take();
    const again = await post({ ...cross, body: attempt({ token: first.text }) });
    assert.deepEqual([again.status, again.text], [201, first.text]);
    assert.equal(backend.take()[0].visitor, visitor);
    const forged = await post({ ...cross, body: attempt({ token: `1${first.text}` }) });
    assert.notEqual(forged.text, `1${first.text}`);
  });

  test("lets allowed origins read its answers, and no others", async () => {
    for (const [method, origin, status] of [
      ["POST", SHOP, 204],
      ["POST", NEWS, 403],
      ["POST", EVIL, 403],
      ["POST", "null", 403],
      ["OPTIONS", SHOP, 204],
      ["OPTIONS", NEWS, 204],
      ["OPTIONS", EVIL, 403],
      ["PUT", SHOP, 405],
    ]) {
      const body = method === "POST" ? attempt() : undefined;
      const { status: got, headers } = await ask(`${edge.url}/c/e`, {
        method,
        headers: { origin },
        body,
      });
      const row = `${method} from ${origin}`;
      assert.equal(got, status, row);
      const allowed = status !== 403;
      assert.equal(headers["access-control-allow-origin"], allowed ? origin : undefined, row);
      assert.equal(headers["access-control-allow-credentials"], allowed ? "true" : undefined, row);
      const exposed = headers["access-control-expose-headers"];
      assert.equal(exposed, allowed ? "Retry-After" : undefined, row);
      assert.equal(headers.vary, allowed ? "Origin" : undefined, row);
    }
  });

  test("leaves no trace of who opted out", async () => {
    const answer = await post({ "sec-gpc": "1" });
    assert.deepEqual([answer.status, answer.headers["set-cookie"]], [204, undefined]);
    assert.equal(backend.take().length, 0);
  });

  /** Asks for the image on a page of the shop, and checks that it is one. */
  const look = async ({ query = "?site=demo", ...headers } = {}) => {
    const page = { referer: `${SHOP}/product/%D7%A7%D7%A2%D7%A8%D7%94/?q=1`, "accept-language": "he-IL,he" };
    const url = `${edge.url}/c/n.gif${query}`;
    const answer = await ask(url, { method: "GET", headers: { ...page, ...headers } });
    assert.deepEqual([answer.status, answer.bytes], [200, GIF]);
    assert.equal(answer.headers["content-type"], "image/gif");
    assert.equal(answer.headers["cache-control"], "no-store");
    return answer;
  };

  test("records a view without JavaScript, and hands out the cookie", async () => {
    const first = await look();
    const [cookie] = first.headers["set-cookie"];
    const [envelope, ...more] = backend.take();
    assert.equal(more.length, 0);
    assert.equal(envelope.visitor.toString(16), cookie.split(/[=.]/)[1]);
    assert.equal(envelope.sent, envelope.received);
    assert.equal(envelope.place.country, "IL");
    for (const text of ["demo", "shop.example", "/product/קערה/", "he-IL"]) {
      assert.ok(envelope.batch.includes(text), text);
    }
    assert.ok(!envelope.batch.includes("q=1"));

    const again = await look({ cookie: cookie.split(";")[0] });
    assert.equal(again.headers["set-cookie"], undefined);
    const [known] = backend.take();
    assert.equal(known.visitor, envelope.visitor);
    assert.notDeepEqual(known.batch, envelope.batch, "a tab of its own");

    const elsewhere = await look({ "sec-fetch-site": "cross-site" });
    assert.equal(elsewhere.headers["set-cookie"], undefined);
    assert.notEqual(backend.take()[0].visitor, envelope.visitor);
  });

  test("answers the image whatever becomes of the view", async () => {
    for (const [headers, refused] of [
      [{ "sec-gpc": "1" }, undefined],
      [{ "sec-purpose": "prefetch;prerender" }, undefined],
      [{ referer: "" }, "no_referrer"],
      [{ referer: `${EVIL}/` }, "origin_not_allowed"],
      [{ query: "?site=dem0" }, "unknown_site"],
      [{ query: "" }, "bad_site"],
    ]) {
      const answer = await look(headers);
      assert.equal(answer.headers["crumb-refused"], refused);
      assert.equal(answer.headers["set-cookie"], undefined);
    }
    assert.equal(backend.take().length, 0);
    assert.equal(log.take(), "");

    backend.answer = { status: 503 };
    const lost = await look();
    assert.equal(lost.headers["crumb-refused"], "not_delivered");
    assert.equal(lost.headers["set-cookie"], undefined);
    await log.says(/busy or down: status 503/);
  });

  test("takes a form of whoever the cookie says, and leads on", async () => {
    const cookie = (await post()).headers["set-cookie"][0].split(";")[0];
    const [{ visitor }] = backend.take();
    const send = (body, kind, headers) => {
      const said = { origin: SHOP, "sec-fetch-site": "same-origin", "content-type": kind, cookie };
      return ask(`${edge.url}/c/form`, { headers: { ...said, ...headers }, body });
    };
    const pairs = "site=demo&form=club&city=%D7%99%D7%A4%D7%95&password=hunter2&next=/thanks/";
    const json = JSON.stringify({ site: "demo", form: "club", city: "יפו" });
    const browsers = "application/x-www-form-urlencoded";
    const led = await send(pairs, browsers);
    assert.deepEqual([led.status, led.headers.location], [303, `${SHOP}/thanks/`]);
    assert.deepEqual([led.headers["crumb-refused"], led.headers["set-cookie"]], ["secret", undefined]);
    assert.equal((await send(json, "text/plain;charset=UTF-8")).status, 204);
    const [first, second, ...more] = backend.take();
    assert.equal(more.length, 0);
    assert.deepEqual([first.visitor, first.notice.site, first.notice.form], [visitor, "demo", "club"]);
    assert.deepEqual(first.notice.answers, [["city", "יפו"]]);
    assert.deepEqual(second.notice, first.notice, "sent twice it is the same");

    assert.equal((await send(json, "application/json", { "sec-gpc": "1" })).status, 204);
    assert.deepEqual(backend.take().map(({ visitor, place }) => [visitor, place.country]), [[0n, ""]]);
    for (const [body, kind, status, expected] of [
      [json, "multipart/form-data; boundary=x", 415, "unsupported_type"],
      [json, browsers, 400, "bad_form"],
      [`${pairs}x`.replace("/thanks/", "//evil.example/"), browsers, 400, "bad_next"],
    ]) {
      const answer = await send(body, kind);
      assert.deepEqual([answer.status, code(answer)], [status, expected]);
    }
    backend.answer = { status: 503 };
    const lost = await send(pairs, browsers);
    assert.deepEqual([lost.status, lost.headers["retry-after"]], [503, "5"]);
    await log.says(/busy or down: status 503/);
    assert.equal(backend.take().length, 0);
  });

  test("tells the operator what a pixel reports of itself", async () => {
    const tell = (body, headers) =>
      ask(`${edge.url}/c/x`, { headers: { origin: SHOP, "content-type": "text/plain", ...headers }, body });
    const heard = await tell("demo\nmodule\nunreachable, asks dan@example.com");
    assert.equal(heard.status, 204);
    assert.equal(heard.headers["access-control-allow-origin"], SHOP);
    await log.says(/pixel of demo: module unreachable, asks \[mail\]/);

    assert.equal((await tell("demo\ntrap", { "sec-gpc": "1" })).status, 204);
    for (const [body, origin, status, expected] of [
      ["demo", SHOP, 400, "bad_fault"],
      ["dem0\ntrap", SHOP, 400, "unknown_site"],
      ["demo\ntrap", NEWS, 403, "origin_not_allowed"],
      ["demo\n".padEnd(513, "-"), SHOP, 413, "too_large"],
      [["demo\n", "-".repeat(508)], SHOP, 413, "too_large"],
    ]) {
      const answer = await tell(body, { origin });
      assert.deepEqual([answer.status, code(answer)], [status, expected]);
    }
    assert.equal(log.take(), "");
    assert.equal(backend.take().length, 0);
  });

  test("refuses what is no good, and forwards none of it", async () => {
    const elsewhere = Buffer.from(BATCH);
    elsewhere.write("dem0", BATCH.indexOf("demo"));
    const long = Buffer.alloc(MAX_BYTES + 1);
    for (const [body, status, expected] of [
      [Buffer.alloc(0), 400, "bad_magic"],
      [attempt().subarray(0, -1), 400, "bad_structure"],
      [Buffer.from("CA\x07"), 400, "unknown_version"],
      [attempt({ batch: elsewhere }), 400, "unknown_site"],
      [long.subarray(1), 400, "bad_magic"],
      [long, 413, "too_large"],
      [[long.subarray(0, 40_000), long.subarray(40_000)], 413, "too_large"],
    ]) {
      const answer = await post({ body });
      assert.deepEqual([answer.status, code(answer)], [status, expected]);
    }
    assert.equal(backend.take().length, 0);
  });

  test("takes a body without a length", async () => {
    const bytes = attempt();
    const answer = await post({ body: [bytes.subarray(0, 100), bytes.subarray(100)] });
    assert.equal(answer.status, 204);
    assert.deepEqual(backend.take()[0].batch, BATCH);
  });

  test("says yes only after the backend did", async () => {
    for (const [answer, retryAfter, logged] of [
      [{ status: 503, headers: { "retry-after": "30" } }, "30", /busy or down: status 503/],
      [{ status: 400 }, "5", /refuses an envelope/],
      [{ status: 413 }, "5", /refuses an envelope/],
      [{ status: 401 }, "5", /refuses the signature/],
      [{ status: 200 }, "5", /answers as no ingest does/],
      [{ status: 302, headers: { location: "/elsewhere" } }, "5", /status 302/],
    ]) {
      backend.answer = answer;
      const { status, headers } = await post();
      assert.deepEqual([status, headers["retry-after"]], [503, retryAfter]);
      assert.equal(headers["set-cookie"], undefined);
      await log.says(logged);
    }
  });

  test("outlives its backend", async () => {
    await backend.down();
    const down = await post();
    assert.deepEqual([down.status, code(down)], [503, "not_delivered"]);
    assert.equal(down.headers["retry-after"], "5");
    await backend.up();
    assert.equal((await post()).status, 204);
    assert.equal(backend.take().length, 1);
  });

  test("loses to a panic only what was under way", async () => {
    let release;
    backend.waiting = new Promise((done) => (release = done));
    const underWay = post();
    await new Promise((done) => setTimeout(done, 100));
    // The platform's place is always text. What can't become one throws inside of the module,
    // and leaves it as a panic does.
    const init = { method: "POST", body: attempt(), cf: { country: { toString: null } } };
    const failed = await edge.miniflare.dispatchFetch(`${edge.url}/c/e`, init);
    assert.deepEqual([failed.status, (await failed.json()).code], [503, "failed"]);
    backend.waiting = release();
    const lost = await underWay;
    assert.deepEqual([lost.status, code(lost)], [503, "failed"]);
    for (let i = 0; i < 3; i++) assert.equal((await post()).status, 204);
    await log.says(/the worker broke/);
  });

  test("leaves the pixel's files to the platform, with their headers", async () => {
    for (const [path, type, cache] of [
      ["crumb.js", /javascript/, "public, max-age=300"],
      ["px-0a1b.js", /javascript/, "public, max-age=31536000, immutable"],
      ["px-0a1b.wasm", /^application\/wasm$/, "public, max-age=31536000, immutable"],
    ]) {
      const file = await ask(`${edge.url}/c/${path}`, { method: "GET" });
      assert.equal(file.status, 200, path);
      assert.match(file.headers["content-type"], type);
      assert.equal(file.headers["cache-control"], cache);
      assert.equal(file.headers["access-control-allow-origin"], "*");
      assert.equal(file.headers["cross-origin-resource-policy"], "cross-origin");
    }
    const hidden = await ask(`${edge.url}/_headers`, { method: "GET" });
    assert.equal(hidden.status, 404);
  });
});

describe("a worker without its secrets", () => {
  test("answers 500 to everything and logs what to do", async () => {
    const log = new Log();
    const secrets = { ...SECRETS, MINT_KEY: "07".repeat(32) };
    const edge = await startEdge({ dir, vars, secrets, log: log.write });
    for (const path of ["/c/health", "/c/e", "/c/nothing"]) {
      const answer = await ask(edge.url + path, { method: "GET" });
      assert.deepEqual([answer.status, JSON.parse(answer.text).code], [500, "not_configured"]);
    }
    await edge.stop();
    const text = await log.says(/MINT_KEY has a key whose bytes are all the same.*cargo xtask edge keys/);
    assert.doesNotMatch(text, /0707/);
  });
});

describe("a zone", () => {
  test("serves the shop and the worker on one origin", async () => {
    const zone = await startZone({ dir, vars, secrets: SECRETS, shopDir: join(dir, "shop") });
    const get = (path) => ask(zone.url + path, { method: "GET" });
    assert.equal((await get("/")).text, "<h1>shop</h1>");
    assert.equal((await get("/about/")).text, "<h1>about</h1>");
    const short = await get("/about?from=mail");
    assert.deepEqual([short.status, short.headers.location], [307, `${zone.url}/about/?from=mail`]);
    const style = await get("/style.css");
    assert.deepEqual([style.text, style.headers["content-type"]], ["p{}", "text/css; charset=utf-8"]);
    for (const path of ["/nothing", "/nothing/", "/nothing.js", "/..%2fwrangler.toml"]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get("/c/crumb.js")).text, "/* loader */");
    assert.equal((await get("/c/health")).text, '{"status":"ok"}');
    const answer = await ask(`${zone.url}/c/e`, { headers: { origin: SHOP }, body: attempt() });
    assert.equal(answer.status, 204);
    assert.equal(backend.take()[0].place.country, "IL");
    await zone.stop();
  });
});

describe("the command line", () => {
  const LOCAL = join(REPOSITORY, "edge-worker/local.mjs");
  const run = (options) => {
    const file = join(dir, "options.json");
    writeFileSync(file, JSON.stringify({ dir, vars, secrets: SECRETS, ...options }));
    const child = spawn(process.execPath, [...process.execArgv, LOCAL, "--config", file]);
    const output = { stdout: "", stderr: "" };
    const ready = new Promise((resolve) => {
      child.stdout.on("data", (data) => {
        output.stdout += data;
        if (output.stdout.includes("\n")) resolve(JSON.parse(output.stdout));
      });
    });
    child.stderr.on("data", (data) => (output.stderr += data));
    const ended = new Promise((resolve) => child.once("close", resolve));
    return { child, output, ready, ended };
  };

  test("says when it listens, and ends with its parent", async () => {
    for (const end of [(c) => c.stdin.end(), (c) => c.kill("SIGTERM"), (c) => c.kill("SIGINT")]) {
      const { child, ready, ended } = run();
      const { url } = await ready;
      assert.equal((await ask(`${url}/c/health`, { method: "GET" })).status, 200);
      end(child);
      await ended;
      await assert.rejects(ask(`${url}/c/health`, { method: "GET" }), /ECONNREFUSED/);
    }
  });

  test("says which port is taken", async () => {
    const port = Number(new URL(backend.url).port);
    const { output, ended } = run({ port });
    assert.equal(await ended, 1);
    assert.match(output.stderr, new RegExp(`port ${port} on 127.0.0.1 is taken`));
  });
});
