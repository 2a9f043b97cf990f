// The checkout: who, where to, and the order itself.
import { html } from './html.js';
import { at, bill, loadCatalog, prefix, texts, withProducts } from './page.js';
import { emptyCart as clearCart, readCart, saveOrder } from './store.js';
import { billRows, briefLines, emptyCart } from './summary.js';
import { goods, track } from './track.js';

const catalog = await loadCatalog();
const form = document.querySelector('.details');
const { coupon } = readCart();
const lines = withProducts(readCart().lines, catalog);
const cost = bill(lines, coupon, catalog);

const valid = {
  name: (text) => text.length >= 2,
  phone: (text) => /^(\+?972|0)\d{8,9}$/.test(text.replace(/[\s-]/g, '')),
  city: (text) => text.length >= 2,
  email: (text) => /^\S+@\S+\.\S+$/.test(text),
};
const complaint = { name: texts.need_name, phone: texts.need_phone, city: texts.need_city, email: texts.need_mail };

const check = (name) => {
  const field = form.elements[name];
  const ok = valid[name](field.value.trim());
  field.setAttribute('aria-invalid', String(!ok));
  document.getElementById(`${name}-error`).textContent = ok ? '' : complaint[name];
  return ok;
};

/** Eight signs without those that are easily mistaken for one another. */
const newOrderId = () => {
  const signs = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
  return `H-${[...crypto.getRandomValues(new Uint8Array(8))].map((byte) => signs[byte % signs.length]).join('')}`;
};

const place = () => {
  const entered = Object.fromEntries(Object.keys(valid).map((name) => [name, form.elements[name].value.trim()]));
  const order = {
    id: newOrderId(),
    placed_at: new Date().toISOString(),
    lines: lines.map(({ product, quantity }) => ({ id: product.id, quantity })),
    coupon,
    ...cost,
    customer: entered,
    told: false,
  };
  saveOrder(order);
  clearCart();
  location.assign(`${prefix}/thanks/?order=${encodeURIComponent(order.id)}`);
};

// Coming back with the browser's button must not offer an order that was already placed.
window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

if (lines.length === 0) {
  document.querySelector('.checkout-page').innerHTML = emptyCart(prefix);
} else {
  at('summary').innerHTML = html`${briefLines(lines)}${billRows(cost, coupon)}`;
  // Only while typing: a message that comes or goes on blur would move the button from under the pointer.
  form.addEventListener('input', ({ target }) => target.getAttribute('aria-invalid') === 'true' && check(target.name));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wrong = Object.keys(valid).filter((name) => !check(name));
    if (wrong.length > 0) form.elements[wrong[0]].focus();
    else place();
  });
  track('begin_checkout', goods(lines, { coupon, cents: cost.total }));
}
