// What the pixel says of a page: its address, its head, and what it is about.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { of, settled, stories } from "./shopper.mjs";

const HOST = new URL(process.env.SHOP).host;
const PRODUCT = { "@type": "Product", sku: "LD-1", name: "קערה", category: "קערות" };

const ld = (...nodes) =>
  nodes.map((node) => `<script type="application/ld+json">${JSON.stringify(node)}</script>`).join("");
const layered = (category, id) =>
  `<script>window.dataLayer=[{event:"view_item",ecommerce:{items:[${JSON.stringify({ item_id: id, item_category: category })}]}}]</script>`;
const crumbs = (...names) => ({
  "@type": "BreadcrumbList",
  itemListElement: names.map((name, n) => ({ "@type": "ListItem", position: n + 1, name })),
});
const openGraph = (category, id) =>
  `<meta property="product:category" content="${category}"><meta property="product:retailer_item_id" content="${id}">`;

/** What named the page's category and product, in many ways: [head or body, expected]. */
const NAMED = {
  "nothing": ["", "", "", ""],
  "attributes, on any elements": [
    '<p data-crumb-category=" קרמיקה "></p><b data-crumb-product="A-1"></b>', "explicit", "קרמיקה", "A-1",
  ],
  "a call before the pixel is there": [
    "<script>crumb('page',{category:'קרמיקה',product:'C-1'})</script>", "explicit", "קרמיקה", "C-1",
  ],
  "GA4's data layer": [layered("קרמיקה", "D-1"), "data_layer", "קרמיקה", "D-1"],
  "GA4 by gtag's arguments": [
    "<script>dataLayer=[];function gtag(){dataLayer.push(arguments)}gtag('event','view_item',{items:[{item_id:'D-2'}]})</script>",
    "data_layer", "", "D-2",
  ],
  "a product of schema.org": [ld(PRODUCT), "json_ld", "קערות", "LD-1"],
  "a group of variants": [
    ld({ "@type": "ProductGroup", productGroupID: "G-1", category: { name: "כוסות" } }),
    "json_ld", "כוסות", "G-1",
  ],
  "a graph, and breadcrumbs that end in the product": [
    ld({ "@graph": [{ ...PRODUCT, category: undefined }, crumbs("בית", "קרמיקה", "קערה")] }),
    "json_ld", "קרמיקה", "LD-1",
  ],
  "breadcrumbs of a category": [ld(crumbs("בית", "שטיחים")), "json_ld", "שטיחים", ""],
  "a list of products is about none": [
    ld([PRODUCT, { ...PRODUCT, sku: "LD-2" }]), "", "", "",
  ],
  "broken JSON-LD beside whole": [
    '<script type="application/ld+json">{"@type":</script>' + ld(PRODUCT), "json_ld", "קערות", "LD-1",
  ],
  "OpenGraph": [openGraph("מנורות", "OG-1"), "open_graph", "מנורות", "OG-1"],
  "JSON-LD before OpenGraph": [
    openGraph("מנורות", "OG-1") + ld(PRODUCT), "json_ld", "קערות", "LD-1",
  ],
  "the data layer before JSON-LD": [
    ld(PRODUCT) + layered("קרמיקה", "D-1"), "data_layer", "קרמיקה", "D-1",
  ],
  "attributes before the data layer": [
    layered("קרמיקה", "D-1") + '<p data-crumb-product="A-1">', "explicit", "קרמיקה", "A-1",
  ],
  "a call before attributes, each fact by its best": [
    '<p data-crumb-category="א" data-crumb-product="A-1">' +
      "<script>crumb('page',{product:'C-1'})</script>" + openGraph("מנורות", "OG-1"),
    "explicit", "א", "C-1",
  ],
  "the source is the product's": [
    '<p data-crumb-category="א">' + ld({ ...PRODUCT, category: undefined }), "json_ld", "א", "LD-1",
  ],
};

describe("pages", { concurrency: 6 }, () => {
  const story = stories();

  story("a page says where and what it is", async (shopper) => {
    const head = '<link rel="canonical" href="/קערות/?from=mail#top">';
    const page = { title: "קערות \n  כחולות", head, tag: 'data-params="colour, size"' };
    const path = shopper.serve("קערות/כחולות/", page);
    await settled(await shopper.tab(`${path}?size=XL&token=sesame&colour=כחול&q2=x#reviews`));
    const [view, ...rest] = of(await shopper.leave(), "page_view");
    assert.deepEqual(rest, []);
    assert.deepEqual(view.page, {
      source: "",
      host: HOST,
      path,
      query: "colour=כחול&size=XL",
      title: "קערות כחולות",
      canonical: "/קערות/",
      category: "",
      product: "",
      language: "he-IL",
    });
    assert.equal(view.site, "demo");
    shopper.neverSent("sesame", "q2", "reviews", "from=mail");
  });

  story("a canonical address of another host says which", async (shopper) => {
    const head = '<link rel="canonical" href="https://brand.example/a%20b?x=1">';
    await settled(await shopper.open({ head }));
    const [view] = of(await shopper.leave(), "page_view");
    assert.equal(view.page.canonical, "brand.example/a b");
    assert.equal(view.page.query, "");
  });

  story("what a page is about is said by the best that names it", async (shopper) => {
    // One page gets the cookie; tabs that have none at the same time are several visitors.
    await settled(await shopper.open());
    const tabs = Object.entries(NAMED).map(async ([why, [body]]) => {
      const tab = await shopper.open({ title: why, body });
      await settled(tab);
      return [why, new URL(tab.url()).pathname];
    });
    const paths = await Promise.all(tabs);
    const views = of(await shopper.leave(), "page_view");
    const found = paths.map(([why, path]) => {
      const about = views.filter(({ page }) => page.path === path);
      return [why, about.map(({ page }) => [page.source, page.category, page.product])];
    });
    const expected = Object.entries(NAMED).map(([why, [, ...about]]) => [why, [about]]);
    assert.deepEqual(found, expected);
  });

  story("what is learned after the view belongs to what follows it", async (shopper) => {
    const tab = await shopper.open();
    await tab.evaluate(() => crumb("track", "before"));
    await tab.evaluate(() => crumb("page", { category: "מנורות", product: "L-1" }));
    await tab.evaluate(() => crumb("track", "after"));
    const events = await shopper.leave();
    assert.deepEqual(
      of(events, "page_view", "custom").map(({ type, name, page }) => [name ?? type, page.product]),
      [["page_view", ""], ["before", ""], ["after", "L-1"]],
    );
  });
});
