// Pieces that several pages share.
import { card } from '../client/card.js';
import { html, raw } from '../client/html.js';
import { picture } from '../pictures/index.mjs';

const strokes = {
  search: '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
  bag: '<path d="M5 8.5h14l1 11.5H4zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11"/>',
  truck: '<path d="M2.5 6.5h11v10h-11zM13.5 10h4l3.5 3.5v3h-7.5"/><circle cx="7" cy="17" r="2"/><circle cx="17" cy="17" r="2"/>',
  turn: '<path d="M4 12a8 8 0 1 0 3-6.2M4 4v4.5h4.5"/>',
  hand: '<path d="M6 20c-2-4-2-9-1-13s13-4 14 0 1 9-1 13zM5 11q7 4 14 0"/>',
  close: '<path d="m6 6 12 12M18 6 6 18"/>',
};

export const icon = (name) =>
  raw(`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${strokes[name]}</svg>`);

/** The arch with the sun over layers of earth. */
export const logo = () =>
  raw('<svg class="logo-mark" viewBox="0 0 40 40" aria-hidden="true"><path class="mark-arch" d="M4 38V20a16 16 0 0 1 32 0v18Z"/><circle class="mark-sun" cx="23" cy="17" r="5"/><path class="mark-earth" d="M4 38V27q8-5 16-1t16-1v13Z"/><path class="mark-deep" d="M4 38v-5q8-4 16 0t16-1v6Z"/></svg>');

/** The word on a card: only "new" is worth a badge. */
const badgeOf = (shop, product) => product.tags.includes('new') && shop.texts.product.tags.new;

/** A list of products as cards; `key` keeps the pictures' ids apart. */
export const cards = (shop, products, key) => html`<ul class="cards">${products.map((product) =>
  card({ product, picture: raw(picture(product, product.name, key)), badge: badgeOf(shop, product), prefix: shop.prefix, locale: shop.locale }))}
  </ul>`;

/** `trail` is a list of { name, path }, the last being the page itself. */
export const breadcrumbs = (shop, trail) => html`
    <nav class="crumbs" aria-label="${shop.texts.nav.here}"><ol>${trail.map(({ name, path }, index) => html`
      <li>${index < trail.length - 1 ? html`<a href="${shop.prefix}${path}">${name}</a>` : html`<span aria-current="page">${name}</span>`}</li>`)}
    </ol></nav>`;

export const breadcrumbList = (shop, trail) => ({
  '@context': 'https://schema.org',
  '@type': 'BreadcrumbList',
  itemListElement: trail.map(({ name, path }, index) => ({ '@type': 'ListItem', position: index + 1, name, item: shop.origin + shop.prefix + path })),
});

export const homeStep = (shop) => ({ name: shop.texts.nav.home, path: '/' });

export const newsletter = (shop) => {
  const texts = shop.texts.newsletter;
  return html`
    <section class="newsletter" aria-labelledby="newsletter-title"><div class="wrap">
      <div><h2 id="newsletter-title">${texts.title}</h2><p>${texts.text}</p></div>
      <form novalidate>
        <label for="newsletter-email">${texts.mail}</label>
        <div class="joined"><input id="newsletter-email" name="email" type="email" dir="ltr" autocomplete="email" placeholder="name@example.com">
        <button class="button" data-testid="newsletter-join" data-crumb-cta="newsletter-join">${texts.join}</button></div>
        <p role="status"></p>
      </form>
    </div></section>`;
};
