// The search page: the words in ?q= against names, texts and tags of both languages.
import { card } from './card.js';
import { fill, html } from './html.js';
import { at, loadCatalog, locale, prefix, texts } from './page.js';
import { track, trackList } from './track.js';

const plain = (text) => text.toLowerCase().normalize('NFKD').replace(/[\u0591-\u05c7\u0300-\u036f"'״׳]/g, '');

const find = (catalog, query) => {
  const words = plain(query).split(/\s+/).filter(Boolean);
  return catalog.products
    .map((product) => {
      const name = plain(product.name);
      const everything = plain(product.search);
      const found = words.every((word) => everything.includes(word));
      return { product, rank: !found ? 0 : words.some((word) => name.includes(word)) ? 2 : 1 };
    })
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ product }) => product);
};

const heading = (query, count) =>
  fill(count === 0 ? texts.no_results : count === 1 ? texts.one_result : texts.results, { q: query, n: count });

const show = async (query) => {
  at('search-field').value = query;
  track('search', { search_term: query });
  const found = find(await loadCatalog(), query);
  at('search-status').textContent = heading(query, found.length);
  at('search-results').innerHTML = html`${found.map((product) =>
    card({ product, picture: html`<img src="${product.picture}" alt="" width="400" height="500">`, prefix, locale }))}`;
  if (found.length > 0) trackList('search', found);
  document.querySelector('.popular').hidden = found.length > 0;
};

const query = new URLSearchParams(location.search).get('q')?.trim();
if (query) show(query);
