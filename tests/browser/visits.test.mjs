// Visits: when one begins, what all tabs share of it, and where it came from.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { SHOP, of, settled, started, stories } from "./shopper.mjs";

const MINUTE_MS = 60_000;

/** Lets the visitor's clock, and nothing else of the page, be so much later. */
const later = (tab, ms) =>
  tab.evaluate((ms) => {
    const now = Date.now;
    Date.now = () => now() + ms;
  }, ms);

const track = (tab, name) => tab.evaluate((name) => crumb("track", name), name);

/** Each event's visit, as its place among all visits: [0, 0, 1]. */
const visits = (events) => {
  const ids = [...new Set(events.map(({ session }) => session.id))];
  return events.map(({ session }) => ids.indexOf(session.id));
};

describe("visits", { concurrency: 6 }, () => {
  const story = stories();

  story("a visit ends after half an hour without an event", async (shopper) => {
    const tab = await shopper.open();
    await track(tab, "a");
    await later(tab, 29 * MINUTE_MS);
    await track(tab, "b");
    await later(tab, 29 * MINUTE_MS);
    await track(tab, "c");
    await later(tab, 31 * MINUTE_MS);
    await track(tab, "d");
    await track(tab, "e");
    const events = of(await shopper.leave(), "custom", "page_view");
    assert.deepEqual(
      events.map(({ name, sessionStart, session }) => [name, sessionStart, session.number]),
      [
        [undefined, true, 1],
        ["a", false, 1],
        ["b", false, 1],
        ["c", false, 1],
        ["d", true, 2],
        ["e", false, 2],
      ],
    );
    assert.deepEqual(visits(events), [0, 0, 0, 0, 1, 1]);
    const [first, , , , fourth] = events;
    assert.deepEqual(
      [first.session.startedAt, fourth.session.startedAt],
      [first.atMs, fourth.atMs],
    );
  });

  story("all tabs share a visit, and whichever is used keeps it going", async (shopper) => {
    const [one, two] = [await shopper.open(), await shopper.open()];
    await track(one, "one");
    await track(two, "two");
    // Tabs write down what they did, and look at what the others did, every few seconds.
    await two.waitForTimeout(5_500);
    await later(one, 20 * MINUTE_MS);
    await later(two, 40 * MINUTE_MS);
    await track(one, "one after 20");
    await one.waitForTimeout(5_500);
    await track(two, "two after 40");
    const events = of(await shopper.leave(), "custom");
    assert.deepEqual(visits(events), [0, 0, 0, 0]);
    const all = await shopper.sent();
    assert.equal(all.filter(({ sessionStart }) => sessionStart).length, 1);
    assert.equal(new Set(all.map(({ tabId }) => tabId)).size, 2);
  });

  story("tabs that a browser restores together begin one visit", async (shopper) => {
    await settled(await shopper.open());
    await shopper.leave();
    await shopper.context.addInitScript((ms) => {
      const now = Date.now;
      Date.now = () => now() + ms;
    }, 31 * MINUTE_MS);
    const path = shopper.serve("restored/");
    const tabs = [];
    for (let n = 0; n < 4; n++) tabs.push(await shopper.tab(path));
    await Promise.all(tabs.map(settled));
    const views = of(await shopper.leave(), "page_view");
    assert.deepEqual(visits(views), [0, 1, 1, 1, 1]);
    assert.equal(views.filter(({ sessionStart }) => sessionStart).length, 2);
  });

  story("a visit that begins on a page left open lands on that page", async (shopper) => {
    const tab = await shopper.open();
    await track(tab, "before");
    await later(tab, 31 * MINUTE_MS);
    await track(tab, "after");
    const { session, page } = of(await shopper.leave(), "custom").at(-1);
    assert.equal(session.number, 2);
    assert.equal(session.landingPath, page.path);
  });

  story("the next load says what the one before recorded", async (shopper) => {
    const tab = await shopper.open();
    await track(tab, "a");
    await tab.goto("about:blank");
    await track(await shopper.open(), "b");
    const events = await shopper.leave();
    const tabs = [...new Set(events.map(({ tabId }) => tabId))];
    const [first, second] = tabs.map((id) => events.filter(({ tabId }) => tabId === id));
    assert.equal(first[0].previous, undefined);
    assert.deepEqual(second[0].previous, { tabId: tabs[0], events: first.length });
  });

  story("another campaign begins another visit, the same or none does not", async (shopper) => {
    const found = [];
    for (const query of ["?utm_campaign=autumn", "", "?utm_campaign=autumn", "?utm_campaign=winter"]) {
      const tab = await shopper.tab(`${shopper.serve(`${found.length}/`)}${query}`);
      await started(tab);
      await track(tab, query);
      found.push(query);
    }
    const views = of(await shopper.leave(), "page_view");
    assert.deepEqual(visits(views), [0, 0, 0, 1]);
    assert.deepEqual(
      views.map(({ session }) => [session.utmCampaign, session.number]),
      [["autumn", 1], ["autumn", 1], ["autumn", 1], ["winter", 2]],
    );
  });

  story("a visit knows its campaign and the kind of a click id, never its value", async (shopper) => {
    const query = {
      utm_source: "ניוזלטר",
      utm_medium: "email",
      utm_campaign: "סתיו 2026",
      utm_term: "קערות",
      utm_content: "עליון",
      gclid: "Cj0KCQiA-value",
    };
    const path = shopper.serve("נחיתה/");
    const tab = await shopper.tab(`${path}?${new URLSearchParams(query)}`);
    await settled(tab);
    const { id, startedAt, ...session } = (await shopper.leave())[0].session;
    assert.deepEqual(session, {
      number: 1,
      landingPath: path,
      referrerHost: "",
      utmSource: "ניוזלטר",
      utmMedium: "email",
      utmCampaign: "סתיו 2026",
      utmTerm: "קערות",
      utmContent: "עליון",
      clickIdKind: "gclid",
    });
    shopper.neverSent("Cj0KCQiA");
    const kept = await shopper.kept();
    assert.ok(!JSON.stringify(kept).includes("Cj0KCQiA"), "nor is it kept in the browser");
  });

  story("an application that strips the campaign from its address at once", async (shopper) => {
    const body = '<script>history.replaceState({}, "", location.pathname)</script>';
    const path = shopper.serve("stripped/", { body });
    const tab = await shopper.tab(`${path}?utm_campaign=autumn&gclid=x`);
    await settled(tab);
    const { session, page } = (await shopper.leave())[0];
    assert.deepEqual([page.path, session.utmCampaign, session.clickIdKind], [path, "autumn", "gclid"]);
  });

  story("a visit knows who referred to it; the shop itself never did", async (shopper) => {
    const inner = shopper.serve("inner/", { title: "בפנים" });
    const landing = shopper.serve("landing/", { body: `<a href="${inner}">פנימה</a>` });
    const results = `<a href="${SHOP}${landing}">חנות</a>`;
    shopper.net.serve("/results", results, { "content-type": "text/html; charset=utf-8" });
    const tab = await shopper.context.newPage();
    await tab.goto("http://search.example/results?q=secret");
    await tab.getByText("חנות").click();
    await started(tab);
    await tab.getByText("פנימה").click();
    await tab.waitForURL(`${SHOP}${inner}`);
    await settled(tab);
    const views = of(await shopper.leave(), "page_view");
    assert.deepEqual(
      views.map(({ page, session }) => [page.path, session.referrerHost, session.landingPath]),
      [[landing, "search.example", landing], [inner, "search.example", landing]],
    );
    shopper.neverSent("secret");
  });

  story("the shop's own people mark their browser, until they take it back", async (shopper) => {
    const path = shopper.serve("staff/");
    const staff = [];
    for (const query of ["", "?crumb=staff", "", "?crumb=guest", ""]) {
      const tab = await shopper.tab(`${path}${query}`);
      await started(tab);
      await track(tab, query);
      staff.push(of(await shopper.leave(), "custom").at(-1).staff);
    }
    assert.deepEqual(staff, [false, true, true, false, false]);
  }, { unstored: "staff never count" });
});
