// The bill, as the cart, the checkout and the thanks page show it.
import { fill, html } from './html.js';
import { price, texts } from './page.js';

export const billRows = ({ subtotal, discount, total }, coupon) => html`
  <dl class="bill">
    <div><dt>${texts.subtotal}</dt><dd>${price(subtotal)}</dd></div>
    ${discount > 0 && html`<div class="saved"><dt>${fill(texts.discount, { coupon })}</dt><dd>${price(-discount)}</dd></div>`}
    <div><dt>${texts.delivery}</dt><dd>${texts.free}</dd></div>
    <div class="total"><dt>${texts.total}</dt><dd data-testid="total">${price(total)}</dd></div>
  </dl>`;

export const briefLines = (lines) => html`
  <ul class="brief">${lines.map(({ product, quantity }) => html`
    <li>
      <img src="${product.picture}" alt="" width="400" height="500">
      <span><strong>${product.name}</strong><small>${fill(texts.quantity_short, { n: quantity })}</small></span>
      <span class="price">${price(product.price_cents * quantity)}</span>
    </li>`)}</ul>`;

export const emptyCart = (prefix) => html`
  <div class="empty">
    <p class="empty-title">${texts.empty}</p>
    <p>${texts.empty_hint}</p>
    <a class="button" href="${prefix}/category/ceramics/" data-crumb-cta="empty-cart-ceramics">${texts.empty_link}</a>
  </div>`;
