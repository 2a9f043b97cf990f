// Pages that nobody looks at: rendered ahead, in the background, kept for coming back to; and
// those that are left at once.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { launchPlain, watch } from "./chromium.mjs";
import { Network } from "./network.mjs";
import { Shopper, markup, of, people, settled, started, stories } from "./shopper.mjs";

const { SHOP } = process.env;
/** A test with a browser as people have it. */
const plainStory = (name, tell) =>
  test(name, { timeout: 60_000 }, async () => {
    const shopper = await Shopper.alone();
    const plain = await launchPlain(shopper.net.address, "about:blank");
    try {
      const browser = await plain.join();
      shopper.context = browser.contexts()[0];
      shopper.errors = await watch(shopper.context);
      await tell(shopper, browser);
      await shopper.allStored();
      shopper.isSilent();
    } finally {
      await plain.close();
      shopper.net.stop();
    }
  });

/** Opens a page behind all others. */
async function openBehind(shopper, browser, path) {
  const opened = shopper.context.waitForEvent("page");
  const control = await browser.newBrowserCDPSession();
  await control.send("Target.createTarget", { url: `${SHOP}${path}`, background: true });
  const tab = await opened;
  await started(tab);
  await settled(tab);
  assert.equal(await visibility(tab), "hidden");
  return tab;
}

/** Goes to another page and comes back; what was kept says that it was. */
async function goAndComeBack(shopper, tab) {
  const address = tab.url();
  await tab.evaluate(() => addEventListener("pageshow", (e) => (window.isBack = e.persisted)));
  await tab.goto(`${SHOP}${shopper.serve("other/", { line: "" })}`);
  await tab.evaluate(() => history.back());
  await tab.waitForURL(address, { waitUntil: "commit" });
  await tab.waitForFunction(() => window.isBack !== undefined);
  assert.equal(await tab.evaluate(() => window.isBack), true, "it was restored, not loaded");
}

const visibility = (tab) => tab.evaluate(() => document.visibilityState);

describe("background", { concurrency: 3 }, () => {
  const story = stories();

  plainStory("a tab opened in the background is viewed when it is shown", async (shopper, browser) => {
    const front = await shopper.open({ title: "לפנים" });
    await settled(front);
    const path = shopper.serve("back/", { title: "מאחור" });
    const back = await openBehind(shopper, browser, path);
    assert.equal(await visibility(front), "visible");
    const viewed = async () => of(await shopper.sent(), "page_view").map(({ page }) => page.title);
    assert.deepEqual(await viewed(), ["לפנים"]);

    const shownAt = Date.now();
    await back.bringToFront();
    for (let tries = 0; tries < 40 && (await viewed()).length < 2; tries++);
    assert.deepEqual([await visibility(front), await visibility(back)], ["hidden", "visible"]);
    assert.deepEqual(await viewed(), ["לפנים", "מאחור"]);

    const inView = Date.now() - shownAt;
    const events = await shopper.leave();
    const [view] = of(events, "page_view").filter(({ page }) => page.path === path);
    assert.ok(view.atMs >= shownAt);
    const dwelt = of(events, "dwell").filter(({ page }) => page.path === path);
    const sum = dwelt.reduce((sum, { dwellMs }) => sum + dwellMs, 0);
    assert.ok(sum > inView - 2_000 && sum < inView + 1_000, `${sum} of ${inView} ms in view`);
  });

  plainStory("what a page in the background tells is no view of it", async (shopper, browser) => {
    await settled(await shopper.open());
    const head = '<script>dataLayer = [{ event: "view_item", ecommerce: { items: [{ item_id: "A" }] } }]</script>';
    await openBehind(shopper, browser, shopper.serve("back/", { head }));
    const told = async (type) =>
      of(await shopper.sent(), type).filter(({ page }) => page.path.endsWith("back/")).length;
    // Time passes slowly there.
    for (let tries = 0; tries < 20 && !(await told("view_item")); tries++);
    assert.deepEqual([await told("view_item"), await told("page_view")], [1, 0]);
  });

  plainStory("a page that comes back as it was left is viewed again", async (shopper) => {
    const tab = await shopper.open();
    const path = new URL(tab.url()).pathname;
    await tab.evaluate(() => crumb("track", "before"));
    await settled(tab);
    await goAndComeBack(shopper, tab);
    await tab.evaluate(() => crumb("track", "after"));
    await settled(tab);
    const events = of(await shopper.leave(), "page_view", "custom");
    assert.deepEqual(
      events.map(({ name, page }) => [name, page.path]),
      [[undefined, path], ["before", path], [undefined, path], ["after", path]],
    );
    assert.equal(new Set(events.map(({ tabId }) => tabId)).size, 1, "it is the same load");
  });

  plainStory("a search that is come back to is not another", async (shopper) => {
    const tab = await shopper.tab(`${shopper.serve("results/")}?q=קערה`);
    await started(tab);
    await settled(tab);
    await goAndComeBack(shopper, tab);
    await settled(tab);
    assert.deepEqual(of(await shopper.leave(), "search").map(({ term }) => term), ["קערה"]);
  });

  test("a page rendered ahead loads and records nothing before it is seen", async () => {
    const net = await Network.start(SHOP);
    const folder = `/fixture/ahead-${Math.random().toString(36).slice(2)}`;
    const rules = JSON.stringify({ prerender: [{ urls: [`${folder}/b`], eagerness: "immediate" }] });
    // No DevTools here, which would forbid it: the pages go on, and tell, by themselves.
    const note = `<script>
      fetch("${folder}/note?ahead=" + document.prerendering);
      document.addEventListener("prerenderingchange", () => fetch("${folder}/note?seen"));
    </script>`;
    net.serve(`${folder}/a`, markup({
      line: "",
      head: `<script type="speculationrules">${rules}</script>`,
      body: `<script>setTimeout(() => (location.href = "${folder}/b"), 3500)</script>`,
    }));
    net.serve(`${folder}/b`, markup({ body: note }));
    net.serve(`${folder}/note`, "");
    const plain = await launchPlain(net.address, `${SHOP}${folder}/a`);
    try {
      const notes = () => net.requests.filter(({ path }) => path === `${folder}/note`);
      for (let tries = 0; !net.attempts.length && tries < 100; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.deepEqual(notes().map(({ query }) => query), ["?ahead=true", "?seen"]);
      const [, seen] = notes();
      const early = net.requests.filter(({ at }) => at < seen.at).map(({ path }) => path);
      assert.deepEqual(early.filter((path) => path.startsWith("/c/")), ["/c/crumb.js"]);
      const [{ page, events }] = net.attempts;
      assert.equal(page.path, `${folder}/b`);
      assert.equal(events[0].type, "page_view");
      assert.ok(events[0].atMs >= seen.at);
      const there = { field: "path", op: "eq", value: `${folder}/b` };
      assert.equal((await people({ kind: "event", event: "page_view", where: [there] })).length, 1);
    } finally {
      await plain.close();
      net.stop();
    }
  });

  story("a page that is left at once is viewed, and begins the visit with its campaign", async (shopper) => {
    const path = shopper.serve("landing/", {});
    const tab = await shopper.tab(`${path}?utm_campaign=autumn`);
    await started(tab);
    await tab.goto("about:blank");
    // Its beacon is answered: two pages of a new browser that go in the same moment, without
    // ever having been answered, are two visitors.
    await shopper.net.quiet();
    await shopper.open();
    const events = await shopper.leave();
    assert.deepEqual(
      events.filter(({ page }) => page.path === "").map(({ type }) => type),
      [],
      "no event is on no page",
    );
    const [first] = events;
    assert.deepEqual([first.type, first.page.path, first.session.utmCampaign], ["page_view", path, "autumn"]);
  });
});
