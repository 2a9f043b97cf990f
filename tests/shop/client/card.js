// A product in a list: drawn by the build on category pages and by the browser on the search page.
import { html } from './html.js';
import { money } from './money.js';

/** `product` as in the page's index; `picture` is markup; `badge` a short word or nothing. */
export const card = ({ product, picture, badge, prefix, locale }) => html`
  <li class="card" data-id="${product.id}">
    <a href="${prefix}/product/${product.id.toLowerCase()}/">
      <span class="card-picture">${picture}${badge && html`<span class="badge">${badge}</span>`}</span>
      <span class="card-name">${product.name}</span>
      <span class="price">${money(product.price_cents, locale)}</span>
    </a>
  </li>`;
