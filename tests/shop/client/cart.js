// The cart page: quantities, removal, the coupon and the bill.
import { fill, html } from './html.js';
import { at, bill, loadCatalog, prefix, price, texts, withProducts } from './page.js';
import { quantityOf, readCart, setCoupon, setQuantity } from './store.js';
import { billRows, emptyCart } from './summary.js';
import { goods, track } from './track.js';

const catalog = await loadCatalog();
const place = at('cart');
const lines = () => withProducts(readCart().lines, catalog);

const row = ({ product, quantity }) => {
  const named = (text) => fill(text, { name: product.name });
  return html`
    <li class="line">
      <a class="line-picture" href="${prefix}/product/${product.id.toLowerCase()}/" tabindex="-1" aria-hidden="true"><img src="${product.picture}" alt="" width="400" height="500"></a>
      <div class="line-text">
        <a href="${prefix}/product/${product.id.toLowerCase()}/">${product.name}</a>
        <small>${fill(texts.each, { price: price(product.price_cents) })}</small>
        <div class="line-actions">
          <span class="stepper">
            <button type="button" data-testid="cart-less" data-id="${product.id}" data-change="-1" aria-label="${named(texts.less)}">−</button>
            <input type="number" min="0" max="99" inputmode="numeric" value="${quantity}" data-testid="cart-quantity" data-id="${product.id}" aria-label="${named(texts.quantity)}">
            <button type="button" data-testid="cart-more" data-id="${product.id}" data-change="1" aria-label="${named(texts.more)}">+</button>
          </span>
          <button type="button" class="quiet" data-testid="cart-remove" data-id="${product.id}" aria-label="${named(texts.remove_name)}">${texts.remove}</button>
        </div>
      </div>
      <span class="price">${price(product.price_cents * quantity)}</span>
    </li>`;
};

/** Redraws the page; the focus stays on the control it was on. */
const draw = () => {
  const current = lines();
  const { coupon } = readCart();
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset : {};
  document.querySelector('.cart-page').classList.toggle('is-empty', current.length === 0);
  place.innerHTML = current.length > 0 ? html`<ul class="lines">${current.map(row)}</ul>` : emptyCart(prefix);
  at('bill').innerHTML = billRows(bill(current, coupon, catalog), coupon);
  at('coupon-drop').hidden = !coupon;
  const same = (element) => element.dataset.testid === focused.testid && element.dataset.id === focused.id;
  if (focused.testid) ([...place.querySelectorAll('[data-testid]')].find(same) ?? document.querySelector('h1')).focus();
};

/** More pieces are added to the cart and fewer are removed from it, also for the pixel. */
const change = (id, quantity) => {
  const changed = setQuantity(id, quantity);
  const product = catalog.products.find((each) => each.id === id);
  if (changed > 0) track('add_to_cart', goods([{ product, quantity: changed }]));
  if (changed < 0) track('remove_from_cart', goods([{ product, quantity: -changed }]));
  draw();
};

place.addEventListener('click', ({ target }) => {
  const button = target.closest('button[data-id]');
  if (!button) return;
  const { id, change: step } = button.dataset;
  change(id, step ? quantityOf(id) + Number(step) : 0);
});
place.addEventListener('change', ({ target }) => change(target.dataset.id, Number(target.value)));

const couponForm = document.querySelector('.coupon');
const say = (text, ok) => {
  const status = couponForm.querySelector('[role=status]');
  status.textContent = text;
  status.classList.toggle('wrong', !ok);
};
const confirmCoupon = (coupon) => say(fill(texts.coupon_ok, { coupon, percent: catalog.coupons[coupon] }), true);

couponForm.addEventListener('submit', (event) => {
  event.preventDefault();
  const coupon = couponForm.elements.coupon.value.trim().toUpperCase();
  if (!Object.hasOwn(catalog.coupons, coupon)) return say(texts.coupon_bad, false);
  setCoupon(coupon);
  couponForm.reset();
  confirmCoupon(coupon);
  draw();
});
at('coupon-drop').addEventListener('click', () => {
  setCoupon('');
  say('', true);
  draw();
});

// The cart may have changed in another tab, or before coming back to this page.
window.addEventListener('storage', draw);
window.addEventListener('pageshow', ({ persisted }) => persisted && draw());

draw();
const { coupon } = readCart();
const present = lines();
if (coupon) confirmCoupon(coupon);
if (present.length > 0) track('view_cart', goods(present, { coupon, cents: bill(present, coupon, catalog).total }));
