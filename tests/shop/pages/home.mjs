import { html, raw } from '../client/html.js';
import { earth, hero, picture } from '../pictures/index.mjs';
import { cards, icon, newsletter } from './parts.mjs';

const FEATURED = ['CER-01', 'SCN-01', 'TEX-01', 'LGT-02', 'KIT-02', 'BAT-01', 'CER-03', 'KIT-03'];
/** The picture that stands for each category. */
const FACES = { ceramics: 'CER-02', textiles: 'TEX-02', scents: 'SCN-02', bath: 'BAT-02', kitchen: 'KIT-01', lighting: 'LGT-01' };

export const homePage = (shop) => {
  const { home, brand } = shop.texts;
  const byId = Object.fromEntries(shop.products.map((product) => [product.id, product]));
  const main = html`
    <section class="hero"><div class="wrap">
      <div class="hero-text">
        <p class="eyebrow">${home.eyebrow}</p>
        <h1>${home.headline}</h1>
        <p class="lead">${home.lead}</p>
        <p class="actions">
          <a class="button" href="${shop.prefix}/category/ceramics/" data-testid="hero-cta" data-crumb-cta="hero-shop-now">${home.shop}</a>
          <a class="button ghost" href="${shop.prefix}/category/scents/" data-crumb-cta="hero-candles">${home.more}</a>
        </p>
      </div>
      <div class="hero-frame">${raw(hero(byId))}</div>
    </div></section>
    <section class="wrap values"><ul>${home.values.map(({ title, text }, index) => html`
      <li>${icon(['truck', 'turn', 'hand'][index])}<span><strong>${title}</strong>${text}</span></li>`)}
    </ul></section>
    <section class="wrap" aria-labelledby="categories-title">
      <h2 id="categories-title">${home.categories}</h2>
      <ul class="tiles">${shop.categories.map(({ slug, name }) => html`
        <li><a href="${shop.prefix}/category/${slug}/"><span class="arch">${raw(picture(byId[FACES[slug]], '', 'tile').replace('role="img" aria-label=""', 'aria-hidden="true"'))}</span><span class="tile-name">${name}</span></a></li>`)}
      </ul>
    </section>
    <section class="wrap" aria-labelledby="featured-title">
      <div class="section-head"><h2 id="featured-title">${home.featured}</h2><p>${home.featured_text}</p></div>
      ${cards(shop, FEATURED.map((id) => byId[id]), 'featured')}
    </section>
    <section class="story"><div class="wrap">
      <div class="story-picture">${raw(earth())}</div>
      <div><h2>${home.story_title}</h2><p>${home.story}</p></div>
    </div></section>
    ${newsletter(shop)}`;
  return { kind: 'home', path: '/', title: home.title, description: brand.about, main };
};
