// The frame of every page: head, header, footer. A page is { kind, path, title, description, main, … }.
import { html, raw } from '../client/html.js';
import { icon, logo } from './parts.mjs';

const OTHER = { he: { code: 'en', prefix: '/en' }, en: { code: 'he', prefix: '' } };

/** JSON inside a script element must not be able to close it. */
const json = (value) => raw(JSON.stringify(value).replace(/</g, '\\u003c'));

const alternates = (shop, page) => html`
  <link rel="canonical" href="${shop.origin}${shop.prefix}${page.path}">
  <link rel="alternate" hreflang="he" href="${shop.origin}${page.path}">
  <link rel="alternate" hreflang="en" href="${shop.origin}/en${page.path}">
  <link rel="alternate" hreflang="x-default" href="${shop.origin}${page.path}">`;

const openGraph = (shop, page) => {
  const { brand, language } = shop.texts;
  const tags = {
    'og:site_name': brand.name, 'og:locale': language.og, 'og:type': 'website', 'og:title': page.title,
    'og:description': page.description, 'og:url': shop.origin + shop.prefix + page.path, ...page.openGraph,
  };
  return Object.entries(tags).map(([name, content]) => html`
  <meta property="${name}" content="${content}">`);
};

const head = (shop, page, snippet) => html`<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${page.title} · ${shop.texts.brand.name}</title>
  <meta name="description" content="${page.description}">
  <meta name="color-scheme" content="light dark">
  <meta name="theme-color" content="#f8f1e6" media="(prefers-color-scheme: light)">
  <meta name="theme-color" content="#1d1713" media="(prefers-color-scheme: dark)">
  ${page.hidden && html`<meta name="robots" content="noindex">`}
  ${alternates(shop, page)}
  ${openGraph(shop, page)}
  <link rel="icon" href="/favicon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/assets/shop.css">
  <script type="module" src="/assets/shop.js"></script>
  ${page.jsonLd && html`<script type="application/ld+json">${json(page.jsonLd)}</script>`}
${raw(snippet)}
</head>`;

const header = (shop, page) => {
  const { nav, language } = shop.texts;
  const other = OTHER[language.code];
  return html`
  <a class="skip" href="#main">${nav.skip}</a>
  <p class="announce">${nav.notice}</p>
  <header class="header">
    <div class="wrap header-row">
      <a class="logo" href="${shop.prefix}/" aria-label="${shop.texts.brand.name}, ${nav.home}">${logo()}<span>${shop.texts.brand.name}</span></a>
      <form class="header-search" action="${shop.prefix}/search/" role="search">
        <label class="sr" for="header-q">${nav.search}</label>
        <input id="header-q" name="q" type="search" placeholder="${nav.search_hint}" autocomplete="off" data-testid="header-search" required>
        <button aria-label="${nav.search}">${icon('search')}</button>
      </form>
      <div class="header-links">
        <a class="search-link" href="${shop.prefix}/search/" aria-label="${nav.search}">${icon('search')}</a>
        <a class="language" href="${other.prefix}${page.path}" hreflang="${other.code}" lang="${other.code}" data-testid="language" aria-label="${language.switch}">${language.other}</a>
        <a class="cart-link" href="${shop.prefix}/cart/" data-testid="cart-link" aria-label="${nav.cart}">${icon('bag')}<span class="cart-badge" data-testid="cart-badge" aria-hidden="true"></span></a>
      </div>
    </div>
    <nav class="nav" aria-label="${nav.main}"><ul>${shop.categories.map(({ slug, name }) => html`
      <li><a href="${shop.prefix}/category/${slug}/"${page.category === slug && raw(page.kind === 'category' ? ' aria-current="page"' : ' aria-current="true"')}>${name}</a></li>`)}
    </ul></nav>
  </header>`;
};

const footer = (shop) => {
  const { brand, footer: texts, nav } = shop.texts;
  return html`
  <footer class="footer">
    <div class="wrap footer-grid">
      <div><p class="logo">${logo()}<span>${brand.name}</span></p><p>${brand.about}</p></div>
      <nav aria-label="${texts.shop}"><h2>${texts.shop}</h2><ul>${shop.categories.map(({ slug, name }) => html`
        <li><a href="${shop.prefix}/category/${slug}/">${name}</a></li>`)}
      </ul></nav>
      <div><h2>${texts.help}</h2><ul>
        <li><a href="mailto:${texts.contact}"><bdi>${texts.contact}</bdi></a></li><li>${texts.hours}</li><li>${texts.address}</li>
        <li><a href="${shop.prefix}/search/">${nav.search}</a></li>
      </ul></div>
    </div>
    <p class="wrap rights">${texts.rights}</p>
  </footer>`;
};

/** What the scripts on this page need to know. */
const pageData = (shop, page) => ({
  texts: shop.texts.client,
  prefix: shop.prefix,
  locale: shop.locale,
  catalog: `/catalog.${shop.texts.language.code}.json`,
  products: (page.products ?? []).map(({ id, name, category, price_cents, tags }) => ({ id, name, category, price_cents, tags })),
});

export const layout = (shop, page, snippet) => {
  const { code, dir } = shop.texts.language;
  return `${html`<!doctype html>
<html lang="${code}" dir="${dir}">
${head(shop, page, snippet)}
<body data-page="${page.kind}">${header(shop, page)}
  <main id="main" class="${page.kind}-main"${page.category && html` data-crumb-category="${page.category}"`}${page.product && html` data-crumb-product="${page.product}"`}>${page.main}
  </main>${footer(shop)}
  <script type="application/json" id="page-data">${json(pageData(shop, page))}</script>
</body>
</html>
`}`;
};
