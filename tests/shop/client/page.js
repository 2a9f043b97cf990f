// What the build left on the page for the scripts: its language, texts and products.
import { money } from './money.js';

const data = JSON.parse(document.getElementById('page-data').textContent);

export const { texts, prefix, locale, products } = data;
export const price = (cents) => money(cents, locale);
export const at = (testid) => document.querySelector(`[data-testid="${testid}"]`);

/** The whole catalog in the page's language. */
export const loadCatalog = async () => {
  const response = await fetch(data.catalog);
  if (!response.ok) throw new Error(`the catalog ${data.catalog} answered ${response.status}`);
  return response.json();
};

/** Cart lines joined with their products; an id that left the catalog is skipped. */
export const withProducts = (lines, catalog) =>
  lines.flatMap((line) => {
    const product = catalog.products.find((each) => each.id === line.id);
    return product ? [{ product, quantity: line.quantity }] : [];
  });

/** What a cart costs, in cents. */
export const bill = (lines, coupon, catalog) => {
  const subtotal = lines.reduce((cents, { product, quantity }) => cents + product.price_cents * quantity, 0);
  const discount = Math.round((subtotal * (catalog.coupons[coupon] ?? 0)) / 100);
  return { subtotal, discount, total: subtotal - discount };
};
