// Single-page applications: one load, many pages.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { of, settled, stories } from "./shopper.mjs";

const ld = (id, product) =>
  `<script type="application/ld+json" id="${id}">${JSON.stringify({ "@type": "Product", ...product })}</script>`;

/** A path of ours, and how the application says it is another page. */
const goTo = (tab, how, path, title = path) =>
  tab.evaluate(
    ([how, path, title]) => {
      history[`${how}State`]({}, "", path);
      // Applications build the page after its address.
      setTimeout(() => (document.title = title), 100);
    },
    [how, path, title],
  );

const views = (events) => of(events, "page_view").map(({ page }) => [page.path, page.title]);

describe("applications", { concurrency: 6 }, () => {
  const story = stories();

  for (const api of ["the Navigation API", "history alone"]) {
    story(`each page is viewed once, by ${api}`, async (shopper) => {
      if (api === "history alone") {
        await shopper.context.addInitScript(() => delete window.navigation);
      }
      const tab = await shopper.open({ title: "בית" });
      assert.equal(await tab.evaluate(() => "navigation" in window), api !== "history alone");
      const at = new URL(tab.url()).pathname;
      await settled(tab);
      await goTo(tab, "push", `${at}קערות`, "קערות");
      await settled(tab);
      await goTo(tab, "replace", `${at}קערות?page=2`, "קערות, עמוד 2");
      await settled(tab);
      await goTo(tab, "replace", `${at}כוסות`, "כוסות");
      await settled(tab);
      await tab.evaluate(() => history.back());
      await settled(tab);
      const events = await shopper.leave();
      assert.deepEqual(views(events), [
        [at, "בית"],
        [`${at}קערות`, "קערות"],
        [`${at}כוסות`, "כוסות"],
        [at, "כוסות"],
      ]);
      assert.equal(new Set(events.map(({ tabId }) => tabId)).size, 1, "one load is one tab");
    });

    story(`a fragment is a page where it is a route, by ${api}`, async (shopper) => {
      if (api === "history alone") {
        await shopper.context.addInitScript(() => delete window.navigation);
      }
      const body = '<a href="#reviews">ביקורות</a> <a href="#/cart">עגלה</a> <a href="#!/sale">מבצע</a>';
      const tab = await shopper.open({ body });
      const at = new URL(tab.url()).pathname;
      await settled(tab);
      for (const name of ["ביקורות", "עגלה", "מבצע"]) {
        await tab.getByText(name).click();
        await settled(tab);
      }
      const paths = views(await shopper.leave()).map(([path]) => path);
      assert.deepEqual(paths, [at, `${at}#/cart`, `${at}#!/sale`]);
    });
  }

  story("a route in a fragment is recorded as people write it", async (shopper) => {
    const tab = await shopper.open({ body: '<a href="#/מבצעים">מבצעים</a>' });
    await tab.getByText("מבצעים").click();
    await settled(tab);
    const paths = views(await shopper.leave()).map(([path]) => path);
    assert.equal(paths[1], `${paths[0]}#/מבצעים`);
  });

  story("a query within a fragment is kept no more than any other", async (shopper) => {
    const tab = await shopper.open({ body: '<a href="#/reset?code=sesame">אפס</a>' });
    await tab.getByText("אפס").click();
    await settled(tab);
    await shopper.leave();
    shopper.neverSent("sesame");
  });

  story("what is done right after a change belongs to the new page", async (shopper) => {
    const tab = await shopper.open({ title: "בית", body: "<button>הוסף</button>" });
    const at = new URL(tab.url()).pathname;
    await tab.getByText("הוסף").click();
    await goTo(tab, "push", `${at}b`);
    await tab.getByText("הוסף").click();
    await goTo(tab, "push", `${at}c`);
    await tab.evaluate(() => crumb("page", { product: "C-1" }));
    await tab.evaluate(() => crumb("track", "c"));
    const events = of(await shopper.leave(), "page_view", "click", "custom");
    assert.deepEqual(
      events.map(({ type, page }) => [type, page.path, page.product]),
      [
        ["page_view", at, ""],
        ["click", at, ""],
        ["page_view", `${at}b`, ""],
        ["click", `${at}b`, ""],
        ["page_view", `${at}c`, "C-1"],
        ["custom", `${at}c`, "C-1"],
      ],
    );
  });

  story("each page has the time that was spent on it", async (shopper) => {
    const tab = await shopper.open();
    const at = new URL(tab.url()).pathname;
    await tab.waitForTimeout(1_500);
    await goTo(tab, "push", `${at}b`);
    await tab.waitForTimeout(3_000);
    await goTo(tab, "push", `${at}c`);
    await tab.waitForTimeout(1_000);
    const dwell = {};
    for (const { page, dwellMs } of of(await shopper.leave(), "dwell")) {
      dwell[page.path] = (dwell[page.path] ?? 0) + dwellMs;
    }
    const about = (ms, path) => assert.ok(Math.abs(dwell[path] - ms) < 600, JSON.stringify(dwell));
    about(1_600, at);
    about(3_000, `${at}b`);
    about(1_000, `${at}c`);
  });

  story("a page doesn't inherit what the one before said of itself", async (shopper) => {
    const tab = await shopper.open({ head: ld("ld", { sku: "A-1", category: "קערות" }) });
    const at = new URL(tab.url()).pathname;
    await settled(tab);
    await tab.evaluate(() => crumb("track", "a"));
    // The application leaves the JSON-LD standing, then brings its own for the next page.
    await goTo(tab, "push", `${at}b`);
    await settled(tab);
    await tab.evaluate(() => {
      document.querySelector("#ld").textContent = '{"@type":"Product","sku":"C-1"}';
    });
    await goTo(tab, "push", `${at}c`);
    await settled(tab);
    await tab.evaluate(() => crumb("track", "c"));
    // What was called for a page ends with it.
    await tab.evaluate(() => crumb("page", { category: "מנורות", product: "C-2" }));
    await tab.evaluate(() => crumb("track", "c"));
    await goTo(tab, "push", `${at}d`);
    await settled(tab);
    const events = of(await shopper.leave(), "page_view", "custom");
    assert.deepEqual(
      events.map(({ page }) => [page.path.slice(at.length), page.source, page.category, page.product]),
      [
        ["", "json_ld", "קערות", "A-1"],
        ["", "json_ld", "קערות", "A-1"],
        ["b", "", "", ""],
        ["c", "json_ld", "", "C-1"],
        ["c", "json_ld", "", "C-1"],
        ["c", "explicit", "מנורות", "C-2"],
        ["d", "", "", ""],
      ],
    );
  });

  story("pages that change in quick succession", async (shopper) => {
    const tab = await shopper.open();
    const at = new URL(tab.url()).pathname;
    await settled(tab);
    // A redirect within the application, and somebody who leafs on at once.
    await tab.evaluate((at) => {
      history.pushState({}, "", `${at}login`);
      history.replaceState({}, "", `${at}account`);
      setTimeout(() => history.pushState({}, "", `${at}orders`), 300);
    }, at);
    await settled(tab);
    await tab.waitForTimeout(500);
    const paths = views(await shopper.leave()).map(([path]) => path.slice(at.length));
    assert.equal(paths.at(0), "");
    assert.equal(paths.at(-1), "orders", "where the visitor stayed is viewed");
    assert.equal(paths.includes("login"), false, "a redirect is no view");
  });
});
