// The thanks page: shows the order, and tells the pixel about the purchase once.
import { fill, html } from './html.js';
import { at, loadCatalog, texts, withProducts } from './page.js';
import { findOrder, saveOrder } from './store.js';
import { billRows, briefLines } from './summary.js';
import { goods, track } from './track.js';

const order = findOrder(new URLSearchParams(location.search).get('order'));
const place = at('order');

if (order) {
  const catalog = await loadCatalog();
  const lines = withProducts(order.lines, catalog);
  document.querySelector('h1').textContent = fill(texts.thanks_hi, { name: order.customer.name });
  place.innerHTML = html`
    <p>${fill(texts.thanks_text, { mail: order.customer.email })}</p>
    <div class="panel">
      <h2 data-testid="order-id">${fill(texts.order, { id: order.id })}</h2>
      <p class="muted">${fill(texts.deliver_to, { city: order.customer.city })}</p>
      ${briefLines(lines)}${billRows(order, order.coupon)}
    </div>`;
  if (!order.told) {
    saveOrder({ ...order, told: true });
    track('purchase', { transaction_id: order.id, ...goods(lines, { coupon: order.coupon, cents: order.total }) });
  }
} else {
  place.innerHTML = html`<p>${texts.no_order}</p>`;
}
