import { html } from '../client/html.js';
import { icon } from './parts.mjs';

export const searchPage = (shop) => {
  const texts = shop.texts.search;
  const main = html`
    <div class="wrap">
      <h1>${texts.title}</h1>
      <form class="big-search" action="${shop.prefix}/search/" role="search">
        <label class="sr" for="q">${texts.label}</label>
        <input id="q" name="q" type="search" autocomplete="off" placeholder="${shop.texts.nav.search_hint}" data-testid="search-field" required>
        <button class="button" data-testid="search-button">${icon('search')}${texts.button}</button>
      </form>
      <p class="lead" role="status" data-testid="search-status"></p>
      <ul class="cards" data-testid="search-results"></ul>
      <div class="popular"><h2>${texts.popular}</h2><ul>${texts.terms.map((term) => html`
        <li><a href="${shop.prefix}/search/?q=${encodeURIComponent(term)}">${term}</a></li>`)}
      </ul></div>
    </div>`;
  return { kind: 'search', path: '/search/', title: texts.title, description: texts.label, hidden: true, main };
};
