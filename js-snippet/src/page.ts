// What a page says of itself: in its address, its head and its markup.

import { clean, lines } from './tell';
import type { Address } from './address';

/** A category and a product, as one of the sources names them. */
export type Naming = [category?: unknown, product?: unknown];

/** The path as people write it; with the fragment where an application routes by it. */
export const path = () => {
  const { pathname, hash } = location;
  return decode(pathname) + (/^#!?\//.test(hash) ? hash : '');
};

export const decode = (path: string) => {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
};

const attribute = (selector: string, name: string) =>
  document.querySelector(selector)?.getAttribute(name);

const meta = (property: string) => attribute(`meta[property="${property}"]`, 'content');

interface Node {
  [key: string]: any;
}

/** JSON-LD of schema.org: the one product that the page is about, and its breadcrumbs. */
const jsonLd = (): Naming => {
  const products: Node[] = [];
  let crumbs: unknown[] = [];
  const visit = (node: Node | undefined) => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (node && typeof node === 'object') {
      visit(node['@graph']);
      visit(node.mainEntity);
      const type = `${node['@type']}`;
      if (/Product(Group)?\b/.test(type)) products.push(node);
      if (/BreadcrumbList/.test(type)) {
        crumbs = node.itemListElement.map((item: Node) => item.name ?? item.item?.name);
      }
    }
  };
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    try {
      visit(JSON.parse(script.textContent!));
    } catch {
      // The page's own mistake; what it says otherwise is taken.
    }
  }
  // Several are a list of products, and none of them is the page's.
  const product = products.length > 1 ? undefined : products[0];
  if (product && crumbs.length > 1 && crumbs.at(-1) === product.name) crumbs.pop();
  return [
    product?.category?.name ?? product?.category ?? crumbs.at(-1),
    product &&
      (product.sku ?? product.productGroupID ?? product.productID ?? product.mpn ?? product.name),
  ];
};

/** JSON-LD that an application left standing on the page before. */
let stale = '';
let found = '';

/** The page becomes another: what its JSON-LD says now is the one before's. */
export const leaveJsonLd = () => {
  stale = found;
};

/** The page's facts, as lines in the module's order. */
export const facts = (address: Address, called: Naming, layered: Naming) => {
  const { host } = location;
  const canonical = attribute('link[rel=canonical]', 'href');
  let canonicalPath = '';
  try {
    const url = new URL(canonical!, location.href);
    canonicalPath = canonical ? (url.host === host ? '' : url.host) + decode(url.pathname) : '';
  } catch {
    // No address.
  }
  let referrer = '';
  try {
    referrer = new URL(document.referrer).host;
  } catch {
    // The visitor came from nowhere, or the browser doesn't say.
  }
  const byJsonLd = jsonLd();
  found = lines(...byJsonLd);
  const named = attribute('[data-crumb-category]', 'data-crumb-category');
  const product = attribute('[data-crumb-product]', 'data-crumb-product');
  return lines(
    host,
    path(),
    document.title,
    canonicalPath,
    navigator.language,
    address.kept,
    clean(called[0]) || named,
    clean(called[1]) || product,
    ...[layered[0], layered[1]],
    ...(found === stale ? ['', ''] : [byJsonLd[0], byJsonLd[1]]),
    meta('product:category'),
    meta('product:retailer_item_id'),
    referrer === host ? '' : referrer,
    ...address.campaign,
  );
};
