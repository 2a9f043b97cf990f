// What must be true of the built shop. Run with `node --test tests/shop/`.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const ORIGIN = 'https://shop.test';
// A dollar sign and a tag: what careless pasting would change.
const SNIPPET = '<script async data-site="$&-42">/* </b> */ window.crumb ||= () => {}</script>';

let outDir;
let pages; // address → html

const readJson = async (file) => JSON.parse(await readFile(join(here, file), 'utf8'));
const fileOf = (address) => join(outDir, address.endsWith('/') ? `${address}index.html` : address);
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);

before(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'shop-'));
  const addresses = await build({ outDir, snippet: SNIPPET, origin: ORIGIN });
  pages = new Map(await Promise.all(addresses.map(async (address) => [address, await readFile(fileOf(address), 'utf8')])));
});
after(() => rm(outDir, { recursive: true }));

test('home, 6 categories, 30 products, search, cart, checkout and thanks, in two languages', async () => {
  const { products, categories } = await readJson('catalog.json');
  assert.equal(pages.size, 2 * (1 + 6 + 30 + 4));
  for (const { slug } of categories) {
    assert.equal(products.filter(({ category }) => category === slug).length, 5, slug);
  }
  assert.equal(new Set(products.map(({ id }) => id)).size, 30);
  assert.ok(products.every(({ price_cents }) => Number.isInteger(price_cents) && price_cents > 0));
});

test('every internal link leads to a file, and none to the pixel’s own routes', async () => {
  for (const [address, page] of pages) {
    const links = all(page, /\s(?:href|src|action)="([^"]+)"/g);
    for (const link of links.filter((each) => !each.startsWith('mailto:'))) {
      const target = new URL(link, ORIGIN + address);
      assert.equal(target.origin, ORIGIN, `${address} links out to ${link}`);
      assert.ok(!target.pathname.startsWith('/c/'), `${address} links to ${link}`);
      const found = await stat(fileOf(decodeURIComponent(target.pathname))).catch(() => undefined);
      assert.ok(found?.isFile(), `${address} links to ${link}, which is no file`);
    }
  }
});

test('the dictionaries have the same keys', async () => {
  const keys = (value, path = '') =>
    value && typeof value === 'object' ? Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}.${key}`)) : [path];
  assert.deepEqual(keys(await readJson('texts/he.json')), keys(await readJson('texts/en.json')));
});

test('no text was left out', () => {
  for (const [address, page] of pages) assert.doesNotMatch(page, /undefined|\[object|NaN/, address);
});

test('the snippet stands once on every page, as it is, at the end of the head', () => {
  for (const [address, page] of pages) {
    assert.equal(page.split(SNIPPET).length - 1, 1, address);
    assert.ok(page.includes(`${SNIPPET}\n</head>`), address);
  }
});

test('every page says its language and direction', () => {
  for (const [address, page] of pages) {
    const expected = address.startsWith('/en/') ? '<html lang="en" dir="ltr">' : '<html lang="he" dir="rtl">';
    assert.ok(page.includes(expected), address);
  }
});

test('both languages of a page name each other', () => {
  for (const [address, page] of pages) {
    const hebrew = address.replace(/^\/en\//, '/');
    assert.ok(page.includes(`rel="canonical" href="${ORIGIN}${address}"`), address);
    assert.ok(page.includes(`hreflang="he" href="${ORIGIN}${hebrew}"`), address);
    assert.ok(page.includes(`hreflang="en" href="${ORIGIN}/en${hebrew}"`), address);
  }
});

test('main says which category and product the page is about', async () => {
  const { products } = await readJson('catalog.json');
  const mainOf = (address) => pages.get(address).match(/<main[^>]*>/)[0];
  for (const prefix of ['', '/en']) {
    for (const { id, category } of products) {
      const main = mainOf(`${prefix}/product/${id.toLowerCase()}/`);
      assert.ok(main.includes(`data-crumb-category="${category}"`) && main.includes(`data-crumb-product="${id}"`), id);
      assert.ok(mainOf(`${prefix}/category/${category}/`).includes(`data-crumb-category="${category}"`), category);
    }
    assert.doesNotMatch(mainOf(`${prefix}/`), /data-crumb/);
  }
});

test('structured data can be read', () => {
  for (const [address, page] of pages) {
    const [text] = all(page, /<script type="application\/ld\+json">(.*?)<\/script>/g);
    const type = text && JSON.parse(text)['@type'];
    const expected = address.includes('/product/') ? 'Product' : address.includes('/category/') ? 'BreadcrumbList' : undefined;
    assert.equal(type, expected, address);
  }
});

test('ids are unique, and nothing needs a looser policy than “no inline style, no inline script”', () => {
  for (const [address, page] of pages) {
    const ids = all(page, /\sid="([^"]+)"/g);
    assert.equal(new Set(ids).size, ids.length, address);
    const own = page.replace(SNIPPET, '');
    assert.doesNotMatch(own, /\sstyle="|<style|\son\w+="/, address);
    assert.deepEqual(all(own, /<script(?![^>]*(?:src=|json"))([^>]*)>/g), [], address);
  }
});
