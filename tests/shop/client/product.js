// The product page: the quantity, and putting the product in the cart.
import { fill } from './html.js';
import { at, products, texts } from './page.js';
import { MOST, quantityOf, setQuantity } from './store.js';
import { goods, track } from './track.js';

const [product] = products;
const form = document.querySelector('.buy');
const field = form.elements.quantity;
const notice = document.querySelector('.notice');

const clamp = (value) => Math.min(MOST, Math.max(1, Math.trunc(value) || 1));

for (const button of form.querySelectorAll('[data-step]')) {
  button.addEventListener('click', () => {
    field.value = clamp(Number(field.value) + Number(button.dataset.step));
  });
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  field.value = clamp(field.value);
  const added = setQuantity(product.id, quantityOf(product.id) + Number(field.value));
  if (added > 0) track('add_to_cart', goods([{ product, quantity: added }]));
  const text = fill(texts.added, { name: product.name });
  notice.querySelector('p').textContent = text;
  document.querySelector('main > [role=status]').textContent = text; // the notice itself is hidden from readers until it is open
  notice.classList.add('open');
});

at('notice-close').addEventListener('click', () => notice.classList.remove('open'));

track('view_item', goods([{ product, quantity: 1 }]));
