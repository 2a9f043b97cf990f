import { html, raw } from '../client/html.js';
import { decimal, money } from '../client/money.js';
import { picture } from '../pictures/index.mjs';
import { breadcrumbs, cards, homeStep, icon } from './parts.mjs';

const productBlock = (shop, product, url, image) => ({
  '@context': 'https://schema.org',
  '@type': 'Product',
  sku: product.id,
  name: product.name,
  description: product.text,
  category: product.category,
  material: product.material,
  image,
  brand: { '@type': 'Brand', name: shop.texts.brand.name },
  offers: { '@type': 'Offer', url, priceCurrency: 'ILS', price: decimal(product.price_cents).toFixed(2), availability: 'https://schema.org/InStock' },
});

const buyForm = (texts) => html`
        <form class="buy">
          <div class="stepper">
            <button type="button" data-step="-1" data-testid="quantity-less" aria-label="${texts.less}">−</button>
            <input type="number" name="quantity" min="1" max="99" value="1" inputmode="numeric" data-testid="quantity" aria-label="${texts.quantity}">
            <button type="button" data-step="1" data-testid="quantity-more" aria-label="${texts.more}">+</button>
          </div>
          <button class="button" data-testid="add-to-cart" data-crumb-cta="add-to-cart">${texts.add}</button>
        </form>`;

const related = (shop, product) => shop.products.filter(({ id, category }) => category === product.category && id !== product.id);

export const productPage = (shop, product) => {
  const { product: texts, client } = shop.texts;
  const category = shop.categories.find(({ slug }) => slug === product.category);
  const path = `/product/${product.id.toLowerCase()}/`;
  const url = shop.origin + shop.prefix + path;
  const image = `${shop.origin}/img/${product.id.toLowerCase()}.svg`;
  const trail = [homeStep(shop), { name: category.name, path: `/category/${category.slug}/` }, { name: product.name, path }];
  const main = html`
    <div class="wrap">
      ${breadcrumbs(shop, trail)}
      <article class="product">
        <div class="product-picture">${raw(picture(product, product.name, 'main'))}</div>
        <div class="product-text">
          <p class="tags">${product.tags.map((tag) => html`<span>${texts.tags[tag]}</span>`)}</p>
          <h1>${product.name}</h1>
          <p class="price" data-testid="price">${money(product.price_cents, shop.locale)}</p>
          <p class="lead">${product.text}</p>
          ${buyForm(texts)}
          <dl class="facts">
            <div><dt>${texts.material}</dt><dd>${product.material}</dd></div>
            <div><dt>${texts.size}</dt><dd>${product.size}</dd></div>
            <div><dt>${texts.sku}</dt><dd><bdi>${product.id}</bdi></dd></div>
          </dl>
          ${product.consumable && html`<details><summary>${texts.care_title}</summary><p>${texts.care}</p></details>`}
          <details><summary>${texts.delivery_title}</summary><p>${texts.delivery}</p></details>
        </div>
      </article>
      <section aria-labelledby="related-title"><h2 id="related-title">${texts.related}</h2>${cards(shop, related(shop, product), 'related')}</section>
    </div>
    <p class="sr" role="status"></p>
    <div class="notice"><p></p>
      <a class="button" href="${shop.prefix}/cart/" data-testid="notice-cart" data-crumb-cta="added-see-cart">${client.see_cart}</a>
      <button type="button" class="icon-button" data-testid="notice-close" aria-label="${client.close}">${icon('close')}</button>
    </div>`;
  return {
    kind: 'product', path, title: product.name, description: product.text, category: product.category, product: product.id, products: [product], main,
    jsonLd: productBlock(shop, product, url, image),
    openGraph: {
      'og:type': 'product', 'og:image': image, 'og:image:alt': product.name,
      'product:price:amount': decimal(product.price_cents).toFixed(2), 'product:price:currency': 'ILS',
      'product:retailer_item_id': product.id, 'product:category': product.category,
    },
  };
};
