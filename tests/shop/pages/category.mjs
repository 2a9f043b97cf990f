import { fill, html, raw } from '../client/html.js';
import { lineup } from '../pictures/index.mjs';
import { breadcrumbList, breadcrumbs, cards, homeStep, newsletter } from './parts.mjs';

const choice = (name, label, options) => html`
        <label for="${name}">${label}<select id="${name}" name="${name}" data-testid="${name}">${Object.entries(options).map(([value, text]) => html`
          <option value="${value}">${text}</option>`)}
        </select></label>`;

export const categoryPage = (shop, category) => {
  const { category: texts } = shop.texts;
  const products = shop.products.filter((product) => product.category === category.slug);
  const path = `/category/${category.slug}/`;
  const trail = [homeStep(shop), { name: category.name, path }];
  const main = html`
    <div class="category-head tone-${category.slug}"><div class="wrap">
      ${breadcrumbs(shop, trail)}
      <div class="category-text"><h1>${category.name}</h1><p class="lead">${category.text}</p></div>
      ${raw(lineup(products))}
    </div></div>
    <div class="wrap">
      <form class="toolbar">
        <p data-testid="count" role="status">${fill(texts.count, { n: products.length })}</p>
        ${choice('tag', texts.tag, texts.tags)}${choice('price', texts.price, texts.prices)}${choice('sort', texts.sort, texts.sorts)}
        <button type="button" class="quiet" data-testid="reset" hidden>${texts.reset}</button>
      </form>
      ${cards(shop, products, 'list')}
      <p class="nothing" hidden>${texts.none}</p>
    </div>
    ${newsletter(shop)}`;
  return {
    kind: 'category', path, title: category.name, description: category.text, category: category.slug, products, main,
    jsonLd: breadcrumbList(shop, trail),
  };
};
