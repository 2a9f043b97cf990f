// Everything the shop tells the pixel passes here. Without a pixel nothing happens.
import { decimal } from './money.js';

export const track = (name, fields) => window.crumb?.(name, fields);

export const item = (product, quantity = 1) => ({
  item_id: product.id,
  item_name: product.name,
  item_category: product.category,
  price: decimal(product.price_cents),
  quantity,
});

const sum = (lines) => lines.reduce((cents, { product, quantity }) => cents + product.price_cents * quantity, 0);

/** What a call about goods carries. `lines` are { product, quantity }; a discount lowers `value`, not the prices. */
export const goods = (lines, { coupon, cents = sum(lines) } = {}) => ({
  currency: 'ILS',
  value: decimal(cents),
  ...(coupon && { coupon }),
  items: lines.map(({ product, quantity }) => item(product, quantity)),
});

export const trackList = (listName, products) =>
  track('view_item_list', { item_list_name: listName, items: products.map((product) => item(product)) });
