// What the network, the browser's storage, dying tabs and the shop's policy do to events: none
// is lost, and none is stored twice.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { LINE, SHOP, markup, of, people, settled, started, stories } from "./shopper.mjs";

const track = (tab, name) => tab.evaluate((name) => crumb("track", name), name);
const names = (events) => of(events, "custom").map(({ name }) => name);

/** Waits until something was sent, whatever is answered, and the pixel has heard that: it sends
 * at once what it has besides. */
const sending = async (tab) => {
  await tab.waitForResponse((response) => response.url().endsWith("/c/e"));
  await tab.waitForTimeout(300);
};

/** A policy, as a header. */
const policy = (text) => ({ "content-security-policy": text });

/** Where only the second tag of the line is pasted, `crumb` is there once it has loaded. */
const SECOND_TAG = LINE.slice(LINE.indexOf("<script", 1));

describe("delivery", { concurrency: 6 }, () => {
  const story = stories();

  story("what happens offline arrives later, once", async (shopper) => {
    const tab = await shopper.open();
    await sending(tab);
    await shopper.context.setOffline(true);
    await track(tab, "offline");
    await tab.waitForEvent("requestfailed");
    await track(tab, "still offline");
    await shopper.context.setOffline(false);
    await track(tab, "online");
    await sending(tab);
    assert.deepEqual(names(await shopper.leave()), ["offline", "still offline", "online"]);
  }, { says: /ERR_INTERNET_DISCONNECTED/ });

  story("an overloaded edge is heeded, and asked again no sooner than it said", async (shopper) => {
    shopper.net.once("/c/e", () => ({ status: 503, headers: { "retry-after": "7" }, body: "{}" }));
    const tab = await shopper.open();
    await sending(tab);
    await track(tab, "meanwhile");
    await sending(tab);
    const [first, second] = shopper.net.attempts;
    const waited = second.at - first.at;
    assert.ok(waited >= 7_000 && waited < 13_000, `${waited} ms`);
    // The same bytes, but for when they were sent.
    assert.deepEqual(second.events, first.events);
    assert.ok(second.sentAt - first.sentAt >= 7_000);
    assert.deepEqual(names(await shopper.leave()), ["meanwhile"]);
  }, { says: /status of 503/ });

  story("a network that breaks mid-way", async (shopper) => {
    shopper.net.once("/c/e", async (pass) => {
      // The edge took it, and the answer never came.
      await pass();
    });
    const tab = await shopper.open();
    await track(tab, "a");
    await sending(tab);
    const [first, second] = shopper.net.attempts;
    assert.deepEqual([first.status, second.status], [undefined, 204]);
    assert.deepEqual(second.events, first.events);
    assert.deepEqual(names(await shopper.leave()), ["a"]);
  }, { says: /ERR_EMPTY_RESPONSE/ });

  story("what the edge refuses for good is dropped, and the count is sent", async (shopper) => {
    const tab = await shopper.open();
    await sending(tab);
    shopper.net.once("/c/e", () => ({ status: 400, body: '{"code":"bad_structure"}' }));
    await track(tab, "refused");
    await track(tab, "refused");
    await sending(tab);
    const refused = shopper.net.attempts.find(({ status }) => status === 400).events.length;
    await track(tab, "after");
    const events = await shopper.leave();
    assert.equal(of(events, "custom").find(({ name }) => name === "after").dropped, refused);
    assert.equal(events.filter(({ name }) => name === "refused").length, 2);
    assert.equal(
      shopper.net.attempts.filter(({ events }) => events.some(({ name }) => name === "refused")).length,
      1,
    );
    await shopper.hasStored(events.length - refused);
  }, { unstored: "some were refused", says: /status of 400/ });

  story("a portal's login page is not the edge", async (shopper) => {
    shopper.net.once("/c/e", () => ({ status: 200, body: "<html>log in to our wifi</html>" }));
    const tab = await shopper.open();
    await track(tab, "a");
    // A pause of up to five seconds, then the next tick.
    await tab.waitForTimeout(12_500);
    assert.deepEqual(shopper.net.attempts.map(({ status }) => status).slice(0, 2), [200, 204]);
  });

  story("what a dying tab left is sent by another", async (shopper) => {
    const tab = await shopper.open();
    await sending(tab);
    await track(tab, "last words");
    const control = await shopper.context.newCDPSession(tab);
    const crashed = tab.waitForEvent("crash");
    control.send("Page.crash").catch(() => {});
    await crashed;
    await tab.close();
    assert.deepEqual(names(await shopper.sent()), []);
    const keys = Object.keys(await shopper.kept()).filter((key) => key.startsWith("q."));
    assert.equal(keys.length, 1);

    // Soon after, it might still be alive; later its lease is over.
    const soon = await shopper.open();
    await soon.waitForTimeout(2_500);
    assert.deepEqual(names(await shopper.sent()), []);
    await soon.goto("about:blank");
    await shopper.context.addInitScript(() => {
      const now = Date.now;
      Date.now = () => now() + 200_000;
    });
    const later = await shopper.open();
    await later.waitForFunction((key) => !(`crumb.${key}` in localStorage), keys[0]);
    assert.deepEqual(names(await shopper.sent()), ["last words"]);
    assert.equal(keys[0] in (await shopper.kept()), false);
    await shopper.hasStored((await shopper.leave()).length);
  }, { unstored: "the ledger misses what a tab did just before it died" });

  story("two tabs at once", async (shopper) => {
    const first = await shopper.open();
    await sending(first);
    const tabs = [first, await shopper.open(), await shopper.open()];
    await Promise.all(
      tabs.map(async (tab, n) => {
        for (let i = 0; i < 20; i++) await track(tab, `${n}.${i}`);
      }),
    );
    const events = await shopper.leave();
    for (const n of [0, 1, 2]) {
      const own = names(events).filter((name) => name.startsWith(`${n}.`));
      assert.deepEqual(own, Array.from({ length: 20 }, (_, i) => `${n}.${i}`));
    }
    for (const id of new Set(events.map(({ tabId }) => tabId))) {
      const seqs = events.filter(({ tabId }) => tabId === id).map(({ seq }) => seq);
      assert.deepEqual(seqs.sort((a, b) => a - b), seqs.map((_, n) => n), "no gap");
    }
  });

  story("a storage that is refused", async (shopper) => {
    await shopper.context.addInitScript(() => {
      Object.defineProperty(window, "localStorage", {
        get() {
          throw new DOMException("refused", "SecurityError");
        },
      });
    });
    const tab = await shopper.open();
    await track(tab, "a");
    await sending(tab);
    await track(tab, "b");
    await tab.goto("about:blank");
    const events = await shopper.sent();
    assert.deepEqual(names(events), ["a", "b"]);
    assert.equal(new Set(events.map(({ session }) => session.id)).size, 1);
    await shopper.hasStored(events.length);
  }, { unstored: "the ledger is in the storage" });

  story("a storage that is full", async (shopper) => {
    await shopper.context.addInitScript(() => {
      for (let size = 1 << 20; size; size >>= 1) {
        try {
          for (let n = 0; n < 20; n++) localStorage.setItem(`full.${size}.${n}`, "x".repeat(size));
        } catch {
          // Smaller ones may still fit.
        }
      }
    });
    const tab = await shopper.open();
    await track(tab, "a");
    await sending(tab);
    for (let n = 0; n < 50; n++) await track(tab, `b${n}`);
    await tab.goto("about:blank");
    const events = await shopper.sent();
    assert.equal(names(events).length, 51);
    await shopper.hasStored(events.length);
    const others = await shopper.kept();
    assert.deepEqual(others, {}, "there was no room");
  }, { unstored: "the ledger is in the storage" });

  story("more than waits in a browser is counted as lost", async (shopper) => {
    const tab = await shopper.open();
    await sending(tab);
    await shopper.context.setOffline(true);
    const text = "אבגדהוזח".repeat(60);
    await tab.evaluate((text) => {
      for (let n = 0; n < 400; n++) crumb("track", `n${n}`, { text });
    }, text);
    await shopper.context.setOffline(false);
    await tab.waitForFunction(
      () => !Object.keys(localStorage).some((key) => key.startsWith("crumb.q.")),
      null,
      { timeout: 30_000, polling: 200 },
    );
    await track(tab, "after");
    const events = await shopper.leave();
    const { lost } = events.at(-1);
    const after = events.find(({ name }) => name === "after");
    assert.ok(lost > 100 && lost < 300, `${lost} lost`);
    assert.equal(after.lost, lost);
    const kept = names(events).filter((name) => name !== "after");
    assert.deepEqual(kept, Array.from({ length: 400 - lost }, (_, n) => `n${n}`), "the first were kept");
    await shopper.hasStored(events.length);
  }, { unstored: "some were lost", says: /ERR_INTERNET_DISCONNECTED/ });

  story("without WebAssembly the same runs as plain JS", async (shopper) => {
    const csp = policy("script-src 'self' 'unsafe-inline'");
    const tab = await shopper.open({ body: "<button>לסל</button>" }, csp);
    const works = await tab.evaluate(() =>
      WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => true, () => false),
    );
    assert.equal(works, false, "the policy does refuse it");
    await tab.getByText("לסל").click();
    await track(tab, "plain");
    const events = await shopper.leave();
    assert.deepEqual(events.map(({ type }) => type), ["page_view", "click", "custom", "dwell"]);
  });

  story("the strictest policy that works: only the second tag, and no WebAssembly", async (shopper) => {
    const csp = policy("default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'");
    const tab = await shopper.tab(shopper.serve("strict/", { line: SECOND_TAG }, csp));
    await sending(tab);
    await tab.evaluate(() => crumb("track", "strict"));
    assert.deepEqual(names(await shopper.leave()), ["strict"]);
  });

  story("a strict policy with WebAssembly is silent", async (shopper) => {
    const csp = policy(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'; require-trusted-types-for 'script'",
    );
    const tab = await shopper.tab(shopper.serve("strict/", { line: SECOND_TAG }, csp));
    await sending(tab);
    await tab.evaluate(() => crumb("track", "strict"));
    assert.deepEqual(names(await shopper.leave()), ["strict"]);
    const loaded = shopper.net.requests.filter(({ path }) => path.endsWith(".wasm"));
    assert.equal(loaded.length, 1);
  });

  story("the line pasted twice counts once", async (shopper) => {
    const tab = await shopper.open({ line: LINE + LINE, body: LINE + "<button>לסל</button>" });
    await tab.getByText("לסל").click();
    const events = await shopper.leave();
    assert.equal(new Set(events.map(({ tabId }) => tabId)).size, 1);
    assert.equal(of(events, "click").length, 1);
    assert.equal(of(events, "page_view").length, 1);
  });

  story("a browser without JavaScript counts by an image", async (shopper) => {
    const image = '<noscript><img src="/c/n.gif?site=demo" alt="" width="1" height="1"></noscript>';
    const path = shopper.serve("noscript/", markup({ body: image }));
    const tab = await shopper.tab(`${path}?token=sesame`);
    await tab.waitForLoadState("networkidle");
    const there = { field: "path", op: "eq", value: path };
    const viewed = { kind: "event", event: "page_view", where: [there] };
    assert.equal((await people(viewed)).length, 1);
    assert.equal(shopper.net.posts("/c/e").length, 0);
  }, { javaScriptEnabled: false, unstored: "there is no ledger without JavaScript" });
});
