// The category page: sorting and filtering, kept in the address so that it can be shared.
import { fill } from './html.js';
import { at, locale, products, texts } from './page.js';
import { trackList } from './track.js';

const form = document.querySelector('.toolbar');
const list = document.querySelector('.cards');
const cards = new Map([...list.children].map((card) => [card.dataset.id, card]));
const defaults = { sort: 'featured', price: 'all', tag: 'all' };

const sorters = {
  featured: () => 0,
  'price-asc': (a, b) => a.price_cents - b.price_cents,
  'price-desc': (a, b) => b.price_cents - a.price_cents,
  name: (a, b) => a.name.localeCompare(b.name, locale),
};

const wanted = () => Object.fromEntries(Object.keys(defaults).map((name) => [name, form.elements[name].value]));

const inRange = (product, range) => {
  if (range === 'all') return true;
  const [from, to] = range.split('-').map((shekels) => Number(shekels) * 100);
  return product.price_cents >= from && (to === 0 || product.price_cents < to);
};

const readAddress = () => {
  const query = new URLSearchParams(location.search);
  for (const name of Object.keys(defaults)) {
    const field = form.elements[name];
    field.value = query.get(name) ?? defaults[name];
    if (field.selectedIndex < 0) field.value = defaults[name];
  }
};

const writeAddress = () => {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(wanted())) {
    if (value === defaults[name]) query.delete(name);
    else query.set(name, value);
  }
  const search = query.toString();
  history.replaceState(null, '', location.pathname + (search && `?${search}`) + location.hash);
};

/** Shows what is asked for and returns it, in order. */
const apply = () => {
  const { sort, price, tag } = wanted();
  const shown = products
    .filter((product) => inRange(product, price) && (tag === 'all' || product.tags.includes(tag)))
    .sort(sorters[sort]);
  list.replaceChildren(...shown.map((product) => cards.get(product.id)));
  at('count').textContent = shown.length === 1 ? texts.one : fill(texts.count, { n: shown.length });
  document.querySelector('.nothing').hidden = shown.length > 0;
  at('reset').hidden = price === 'all' && tag === 'all';
  return shown;
};

form.addEventListener('change', () => {
  apply();
  writeAddress();
});
form.addEventListener('submit', (event) => event.preventDefault());
at('reset').addEventListener('click', () => {
  form.elements.price.value = 'all';
  form.elements.tag.value = 'all';
  apply();
  writeAddress();
});

readAddress();
trackList(document.querySelector('main').dataset.crumbCategory, apply());
