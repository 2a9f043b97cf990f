// What a page says of itself: in its address, its head and its markup.

import { lines } from './tell';
import type { Address } from './address';

/** A category and a product, as one of the sources names them. */
export type Naming = [category: unknown, product: unknown];

/** The path as people write it; with the fragment where an application routes by it. */
export const path = () => {
  const { pathname, hash } = location;
  return decode(pathname + (/^#!?\/[^?]*/.exec(hash)?.[0] ?? ''));
};

export const decode = (path: string) => {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
};

/** An address, taken apart; nothing, where it is none. */
export const parse = (address: string | null | undefined) => {
  try {
    return address ? new URL(address, location.href) : undefined;
  } catch {
    // The page's own mistake.
  }
};

const attribute = (selector: string, name: string) =>
  document.querySelector(selector)?.getAttribute(name);

/** What an element says by an attribute of ours; the first one counts. */
const marked = (what: string) => attribute(`[data-crumb-${what}]`, `data-crumb-${what}`);

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
  const canonical = parse(attribute('link[rel=canonical]', 'href'));
  const referrer = parse(document.referrer)?.host;
  const byJsonLd = jsonLd();
  found = lines(...byJsonLd);
  return lines(
    host,
    path(),
    document.title,
    canonical && (canonical.host === host ? '' : canonical.host) + decode(canonical.pathname),
    navigator.language,
    address.kept,
    called[0] ?? marked('category'),
    called[1] ?? marked('product'),
    layered[0],
    layered[1],
    ...(found === stale ? ['', ''] : byJsonLd),
    meta('product:category'),
    meta('product:retailer_item_id'),
    referrer === host ? '' : referrer,
    ...address.campaign,
  );
};
