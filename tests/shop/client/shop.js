// The entry on every page: header, newsletter, and the one script the page needs.
import { fill } from './html.js';
import { at, texts } from './page.js';
import { pieces } from './store.js';

const pages = {
  category: () => import('./listing.js'),
  product: () => import('./product.js'),
  search: () => import('./search.js'),
  cart: () => import('./cart.js'),
  checkout: () => import('./checkout.js'),
  thanks: () => import('./thanks.js'),
};

const showBadge = () => {
  const count = pieces();
  const link = at('cart-link');
  link.setAttribute('aria-label', fill(texts.cart_count, { n: count }));
  link.querySelector('.cart-badge').textContent = count || '';
};

document.addEventListener('cart-change', showBadge);
window.addEventListener('storage', showBadge);
window.addEventListener('pageshow', showBadge);
showBadge();

// On a phone the row of categories is wider than the screen.
document.querySelector('.nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

// The other language shows the same search, filters and order.
at('language').addEventListener('click', (event) => {
  event.currentTarget.search = location.search;
});

const newsletter = document.querySelector('.newsletter form');
newsletter?.addEventListener('submit', (event) => {
  event.preventDefault();
  const valid = newsletter.elements.email.value && newsletter.elements.email.checkValidity();
  newsletter.querySelector('[role=status]').textContent = valid ? texts.joined : texts.mail_wrong;
  if (valid) newsletter.reset();
});

pages[document.body.dataset.page]?.();
