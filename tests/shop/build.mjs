// Builds the shop's static pages: `node build.mjs --out DIR --snippet FILE [--origin URL]`. Needs nothing but Node 20.
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cartPage } from './pages/cart.mjs';
import { categoryPage } from './pages/category.mjs';
import { checkoutPage } from './pages/checkout.mjs';
import { homePage } from './pages/home.mjs';
import { layout } from './pages/layout.mjs';
import { productPage } from './pages/product.mjs';
import { searchPage } from './pages/search.mjs';
import { thanksPage } from './pages/thanks.mjs';
import { pictureFile } from './pictures/index.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const readJson = async (file) => JSON.parse(await readFile(join(here, file), 'utf8'));

const LANGUAGES = [{ code: 'he', prefix: '' }, { code: 'en', prefix: '/en' }];

/** All pages of one language, in the order of the shop. Each knows its `path` (without the language's prefix). */
const pagesOf = (shop) => [
  homePage(shop),
  ...shop.categories.map((category) => categoryPage(shop, category)),
  ...shop.products.map((product) => productPage(shop, product)),
  searchPage(shop),
  cartPage(shop),
  checkoutPage(shop),
  thanksPage(shop),
];

/** The catalog in one language, flat: what templates and scripts work with. */
const localize = (catalog, { code, prefix }, texts, origin) => ({
  prefix,
  origin,
  texts,
  locale: texts.language.locale,
  coupons: catalog.coupons,
  categories: catalog.categories.map(({ slug, [code]: own }) => ({ slug, ...own })),
  products: catalog.products.map(({ he, en, ...product }) => ({ ...product, ...(code === 'he' ? he : en) })),
});

/** The file the scripts fetch: names and prices, and per product one string to search in, of both languages. */
const searchIndex = (shop, catalog) => ({
  coupons: shop.coupons,
  products: shop.products.map(({ id, name, category, price_cents }, index) => {
    const { he, en, tags } = catalog.products[index];
    const { he: heCategory, en: enCategory } = catalog.categories.find(({ slug }) => slug === category);
    const gift = tags.includes('gift') ? 'מתנה' : '';
    const search = [he.name, he.text, he.material, en.name, en.text, en.material, heCategory.name, enCategory.name, gift, id, ...tags].join(' ');
    return { id, name, category, price_cents, picture: `/img/${id.toLowerCase()}.svg`, search };
  }),
});

const save = async (outDir, file, text) => {
  const target = join(outDir, file);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
};

const saveAssets = async (outDir, catalog) => {
  await cp(join(here, 'client'), join(outDir, 'assets'), { recursive: true });
  await cp(join(here, 'favicon.svg'), join(outDir, 'favicon.svg'));
  const sheets = (await readdir(join(here, 'styles'))).filter((name) => name.endsWith('.css')).sort();
  const css = await Promise.all(sheets.map((name) => readFile(join(here, 'styles', name), 'utf8')));
  await save(outDir, 'assets/shop.css', css.join('\n'));
  await Promise.all(catalog.products.map((product) => save(outDir, `img/${product.id.toLowerCase()}.svg`, pictureFile(product))));
};

/**
 * Writes the whole shop to `outDir` and returns its page addresses.
 * `snippet` is pasted as it is at the end of every head. `origin` is the shop's own address, for canonical links.
 */
export const build = async ({ outDir, snippet, origin = 'https://hamra.example' }) => {
  const catalog = await readJson('catalog.json');
  const addresses = [];
  await saveAssets(outDir, catalog);
  for (const language of LANGUAGES) {
    const shop = localize(catalog, language, await readJson(`texts/${language.code}.json`), origin);
    await save(outDir, `catalog.${language.code}.json`, JSON.stringify(searchIndex(shop, catalog)));
    for (const page of pagesOf(shop)) {
      await save(outDir, join(`.${language.prefix}${page.path}`, 'index.html'), layout(shop, page, snippet));
      addresses.push(language.prefix + page.path);
    }
  }
  return addresses;
};

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  const { values } = parseArgs({ options: { out: { type: 'string' }, snippet: { type: 'string' }, origin: { type: 'string' } } });
  if (!values.out || !values.snippet) {
    console.error('usage: node build.mjs --out DIR --snippet FILE [--origin URL]');
    process.exit(2);
  }
  const snippet = await readFile(values.snippet, 'utf8');
  const addresses = await build({ outDir: values.out, snippet, origin: values.origin });
  console.log(`${addresses.length} pages in ${values.out}`);
}
