// Consent: nothing before it, nothing lost by waiting for it, nothing after it was withdrawn.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { cookie } from "./chromium.mjs";
import { SHOP, of, settled, started, stories } from "./shopper.mjs";

const track = (tab, name) => tab.evaluate((name) => (crumb("track", name), Date.now()), name);
const choose = (tab, choice) => tab.evaluate((choice) => crumb("consent", choice), choice);
const names = (events) => of(events, "custom").map(({ name }) => name);

const REQUIRED = { tag: 'data-consent="required"' };

/** Google's consent mode, denied until the visitor chooses. */
const CONSENT_MODE = `<script>
  dataLayer = [];
  function gtag() { dataLayer.push(arguments) }
  gtag("consent", "default", { ad_storage: "denied", analytics_storage: "denied" });
</script>`;

/** Notes in `window.reads` which of the storage's keys are asked for. */
const noteReads = () => {
  window.reads = [];
  for (const name of ["getItem", "key"]) {
    const real = Storage.prototype[name];
    Storage.prototype[name] = function (...args) {
      window.reads.push(args[0]);
      return real.apply(this, args);
    };
  }
};

/** Nothing of a visitor is on the wire, in a cookie or in the browser's storage. */
async function nothingIsKnown(shopper) {
  await shopper.net.quiet();
  assert.deepEqual(shopper.net.posts("/c/e"), []);
  assert.equal(await cookie(shopper.context, SHOP), undefined);
  assert.deepEqual(await shopper.kept(), {});
}

describe("consent", { concurrency: 6 }, () => {
  const story = stories();

  story("nothing before it, and all that was done when it comes", async (shopper) => {
    await shopper.context.addInitScript(noteReads);
    const tab = await shopper.open({ ...REQUIRED, body: "<button>לסל</button>" });
    const before = [await track(tab, "a")];
    await tab.getByText("לסל").click();
    for (let n = 0; n < 5; n++) {
      await tab.mouse.move(10 * n, 100);
      await tab.waitForTimeout(500);
    }
    before.push(await track(tab, "b"));
    await nothingIsKnown(shopper);
    assert.deepEqual(await tab.evaluate(() => window.reads), []);

    await choose(tab, "granted");
    await track(tab, "c");
    const events = await shopper.leave();
    assert.deepEqual(
      of(events, "page_view", "click", "custom").map(({ name, type }) => name ?? type),
      ["page_view", "a", "click", "b", "c"],
    );
    assert.deepEqual(events.map(({ seq }) => seq), events.map((_, n) => n), "in order, without a gap");
    const found = of(events, "custom").slice(0, 2);
    found.forEach(({ atMs }, n) => assert.ok(Math.abs(atMs - before[n]) < 50, "at its own time"));
    assert.ok(events.every(({ consent, lost }) => consent === "granted" && lost === 0));
    const dwelt = of(events, "dwell").reduce((sum, { dwellMs }) => sum + dwellMs, 0);
    assert.ok(dwelt > 2_000, `${dwelt} ms, those before consent among them`);
  });

  story("a page that is left without it was never seen", async (shopper) => {
    const tab = await shopper.open(REQUIRED);
    await track(tab, "a");
    await settled(tab);
    await shopper.leave();
    // It is asked for on each page: the site remembers the choice, not the pixel.
    await track(await shopper.open(REQUIRED), "b");
    await shopper.leave();
    await nothingIsKnown(shopper);
  }, { unstored: "there is nothing" });

  story("what was told before the pixel was there waits as well", async (shopper) => {
    const body = `<script>crumb("track", "a"); crumb("consent", "granted"); crumb("track", "b")</script>`;
    await settled(await shopper.open({ ...REQUIRED, body }));
    const events = await shopper.leave();
    assert.deepEqual(names(events), ["a", "b"]);
    assert.ok(events.every(({ consent }) => consent === "granted"));
  });

  story("withdrawn, it takes everything back, and may be given again", async (shopper) => {
    const tab = await shopper.open();
    await track(tab, "a");
    await choose(tab, "granted");
    await track(tab, "b");
    await settled(tab);
    const before = await shopper.sent();
    assert.deepEqual(before.map(({ consent }) => consent).at(-1), "granted");
    await track(tab, "unsent");

    await choose(tab, "denied");
    assert.deepEqual(await shopper.kept(), {});
    await track(tab, "denied");
    await tab.waitForTimeout(6_000);
    assert.equal((await shopper.sent()).length, before.length);
    assert.deepEqual(await shopper.kept(), {});

    await choose(tab, "granted");
    await track(tab, "again");
    const events = (await shopper.leave()).slice(before.length);
    assert.deepEqual(names(events), ["again"]);
    assert.equal(events[0].type, "page_view", "the page is seen anew");
    const known = new Set(before.flatMap(({ tabId, session }) => [tabId, session.id]));
    for (const { tabId, session, previous } of events) {
      assert.ok(!known.has(tabId) && !known.has(session.id), "neither tab nor visit joins it to what was before");
      assert.equal(previous, undefined);
    }
    assert.ok(shopper.net.attempts.every(({ status }) => status === 204));
  }, { unstored: "what was unsent is forgotten, and the ledger with it" });

  story("denied from the start", async (shopper) => {
    const body = `<script>crumb("track", "a"); crumb("consent", "denied")</script>`;
    const tab = await shopper.open({ body });
    await track(tab, "b");
    await settled(tab);
    await shopper.leave();
    await nothingIsKnown(shopper);
  }, { unstored: "there is nothing" });

  story("Google's consent mode, denied by default and then granted", async (shopper) => {
    const tab = await shopper.open({ head: CONSENT_MODE });
    await track(tab, "a");
    await settled(tab);
    await nothingIsKnown(shopper);
    await tab.evaluate(() => gtag("consent", "update", { ad_storage: "granted" }));
    await settled(tab);
    await nothingIsKnown(shopper);
    await tab.evaluate(() => gtag("consent", "update", { analytics_storage: "granted" }));
    await track(tab, "b");
    const events = await shopper.leave();
    assert.deepEqual(names(events), ["a", "b"]);
    assert.ok(events.every(({ consent }) => consent === "granted"));
  });

  story("Google's consent mode, denied by the visitor", async (shopper) => {
    const head = CONSENT_MODE.replaceAll('analytics_storage: "denied"', 'analytics_storage: "granted"');
    const tab = await shopper.open({ head });
    await track(tab, "a");
    await settled(tab);
    const sent = (await shopper.sent()).length;
    assert.ok(sent > 0);
    await tab.evaluate(() => gtag("consent", "update", { analytics_storage: "denied" }));
    await track(tab, "b");
    assert.deepEqual(await shopper.kept(), {});
    assert.equal((await shopper.leave()).length, sent);
  }, { unstored: "the ledger counts what was not sent" });

  story("more than is held until consent is counted as lost", async (shopper) => {
    const tab = await shopper.open(REQUIRED);
    await tab.evaluate(() => {
      for (let n = 0; n < 200; n++) crumb("track", `n${n}`, { text: "אבגדהוזח".repeat(40) });
    });
    await choose(tab, "granted");
    await track(tab, "after");
    const events = await shopper.leave();
    const { lost } = events[0];
    const held = names(events).length - 1;
    assert.ok(held > 30 && held < 100, `${held} held`);
    assert.equal(lost, 200 - held);
    assert.deepEqual(names(events).at(-1), "after");
    assert.equal(Math.max(...events.map(({ seq }) => seq)) + 1, events.length + lost, "a gap says so");
    await shopper.hasStored(events.length);
  }, { unstored: "the ledger counts the lost" });

  story("Global Privacy Control outweighs a yes", async (shopper) => {
    await shopper.context.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true });
    });
    const body = '<script>crumb("consent", "granted"); crumb("track", "a")</script>';
    const tab = await shopper.tab(shopper.serve("gpc/", { body }));
    await settled(tab);
    const paths = shopper.net.requests.map(({ path }) => path);
    assert.deepEqual(paths.filter((path) => path.startsWith("/c/")), ["/c/crumb.js"]);
    await nothingIsKnown(shopper);
  }, { unstored: "there is nothing" });
});
