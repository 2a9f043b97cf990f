// The pasted line as a module: it puts the loader into the page, and gives `crumb(...)`
// its types. What becomes of a call is the pixel's to know.

/** What {@link load} puts into the loader's tag. */
export interface LoadOptions {
  /** The loader's address, such as `/c/crumb.js`. The pixel's other files are beside it. */
  src: string;
  /** The site's slug: 3 to 32 of `a-z`, `0-9` and `-`. */
  site: string;
  /** Nothing is stored or sent until `crumb('consent', 'granted')`. */
  consent?: 'required';
  /** Parameters of the address that hold a search's term, in place of the common ones. */
  search?: readonly string[];
  /** Parameters of the address that are filters, besides the common ones. */
  filters?: readonly string[];
  /** Parameters of the address that are recorded with the page; without it, none. */
  params?: readonly string[];
  /** The nonce of the page's Content Security Policy. */
  nonce?: string;
}

/** A product, in GA4's shape. Other fields of GA4's are not recorded. */
export interface Item {
  /** The shop's own id of the product, the same in every event. */
  item_id: string;
  /** As visitors read it. */
  item_name?: string;
  /** The category it stands in, as the shop names it. */
  item_category?: string;
  /** Who makes it. */
  item_brand?: string;
  /** Of one piece, in whole units of the currency: `89.9`. */
  price?: number;
  /** Pieces. Left out, it is one. */
  quantity?: number;
}

/** A line of a cart in which the number of pieces changed. */
export interface ChangedItem extends Item {
  /** Pieces there are now; 0 where the line is gone. */
  quantity: number;
  /** Pieces there were before; 0 where the line is new. */
  previous_quantity: number;
}

/** What a commerce event says, in GA4's shape. */
export interface Commerce {
  /** ISO 4217, such as `ILS`. Left out, it is the site's own. */
  currency?: string;
  /** The whole value, in whole units of the currency: `179.8`. */
  value?: number;
  /** The order's id. */
  transaction_id?: string;
  /** The code that was redeemed. */
  coupon?: string;
  /** At most 200; more are left out. */
  items?: readonly Item[];
}

/** A commerce event about an order. */
export interface Order extends Commerce {
  /** The order's id: an order that is told of again, as on a reloaded page, counts once. */
  transaction_id: string;
}

/** A commerce event about a cart that changed. */
export interface ChangedCart {
  /** ISO 4217, such as `ILS`. Left out, it is the site's own. */
  currency?: string;
  /** At most 200; more are left out. */
  items: readonly ChangedItem[];
}

/** GA4's commerce events that are about no order. */
export type CommerceCommand =
  | 'view_item_list'
  | 'view_item'
  | 'add_to_cart'
  | 'remove_from_cart'
  | 'view_cart'
  | 'begin_checkout';

/** A search, in GA4's shape. */
export interface Search {
  /** What was searched for. */
  search_term: string;
}

/** What a page is about. */
export interface PageFacts {
  /** A category's name. */
  category?: string;
  /** A product's id, as in {@link Item.item_id}. */
  product?: string;
}

/** How a page was shared, in GA4's shape. Only the method is recorded. */
export interface Share {
  /** By what, such as `whatsapp`. */
  method?: string;
  /** What kind of thing was shared. */
  content_type?: string;
  /** Which one. */
  item_id?: string;
}

/** What an event of the site's own says: at most 32 properties, texts of at most 1 KiB. */
export type Props = Readonly<Record<string, string | number | boolean>>;

/** A visitor's answer. */
export type Consent = 'granted' | 'denied';

/** Who a visitor may be. */
export interface Claim {
  /** The shop's own id of the customer. */
  id?: string;
  /** A mail address. */
  email?: string;
  /** A phone number. */
  phone?: string;
}

/** Google consent mode's shape, of which one field is looked at. */
export interface ConsentMode {
  /** The one that the pixel needs. */
  analytics_storage: Consent;
  /** All the rest of it. */
  [other: string]: unknown;
}

/**
 * Tells of products.
 *
 * - `view_item_list`: a list of products is shown;
 * - `view_item`: a product's page is shown; its first item says what the page is about;
 * - `add_to_cart`, `remove_from_cart`: pieces are put in or taken out, `quantity` of them;
 * - `view_cart`: the cart is shown;
 * - `begin_checkout`: the checkout is begun.
 *
 * @example
 * crumb('add_to_cart', {
 *   currency: 'ILS',
 *   value: 179.8,
 *   items: [{ item_id: 'CER-01', item_name: 'Bowl', price: 89.9, quantity: 2 }],
 * });
 */
export function crumb(command: CommerceCommand, commerce?: Commerce): void;
/**
 * Tells that an order was placed. Each `transaction_id` counts once.
 *
 * @example
 * crumb('purchase', { transaction_id: '1001', currency: 'ILS', value: 179.8, items });
 */
export function crumb(command: 'purchase', order: Order): void;
/** Tells that money was given back. */
export function crumb(command: 'refund', order: Order): void;
/**
 * Tells that quantities in the cart changed. What there is more of is recorded as added,
 * what there is less of as removed, by the difference.
 *
 * @example
 * crumb('update_cart', { items: [{ item_id: 'CER-01', previous_quantity: 1, quantity: 3 }] });
 */
export function crumb(command: 'update_cart', cart: ChangedCart): void;
/** Tells of a search that the page's address doesn't show. */
export function crumb(command: 'search', search: Search): void;
/** Tells that the visitor shared the page. Links to share by are recognized by themselves. */
export function crumb(command: 'share', share?: Share): void;
/**
 * Says what the page in view is about. It goes before what the page's own markup says, and
 * holds until the path changes: an application says it on each of its pages.
 */
export function crumb(command: 'page', facts: PageFacts): void;
/**
 * Tells of anything else, by a name of the site's own.
 *
 * @example
 * crumb('track', 'size_guide', { colour: 'blue' });
 */
export function crumb(command: 'track', name: string, props?: Props): void;
/**
 * Tells what the visitor chose. With `granted`, what was held back on this page is recorded
 * too; with `denied` it is forgotten, and nothing more is stored or sent.
 */
export function crumb(command: 'consent', choice: Consent): void;
/**
 * The same in Google consent mode's shape. A `default` of `denied` waits for an `update`;
 * a `default` of `granted` changes nothing.
 */
export function crumb(command: 'consent', kind: 'default' | 'update', mode: ConsentMode): void;
/**
 * Says who is logged in, by a token of the shop's own backend: a JSON Web Token, HS256 by one
 * of the site's keys, with the claims `sub` (the shop's id of the customer), `aud` (the site),
 * `purpose: 'login'` and `exp`.
 */
export function crumb(command: 'identify', token: string): void;
/** Tells what is known of the visitor without proof. It is kept as a claim. */
export function crumb(command: 'identify', claim: Claim): void;
/**
 * Tells that the visitor signed out: whoever comes next on this browser is somebody else.
 * With `forget`, that they want to be forgotten, with all that is known of them.
 */
export function crumb(command: 'signout' | 'forget'): void;
export function crumb(...call: unknown[]): void {
  if (isPage()) stub()(...call);
}

/**
 * Puts the pixel's loader into the page. The second time, and on a server, it does nothing.
 * Calls of {@link crumb} need not wait for it.
 *
 * @example
 * load({ src: '/c/crumb.js', site: 'demo' });
 */
export function load({ src, site, consent, search, filters, params, nonce }: LoadOptions): void {
  if (!isPage()) return;
  const crumb = stub();
  if (crumb.on || crumb.loading) return;
  crumb.loading = true;

  const script = document.createElement('script');
  const words = {
    site,
    consent,
    search: search?.join(' '),
    filters: filters?.join(' '),
    params: params?.join(' '),
  };
  for (const [name, text] of Object.entries(words)) if (text) script.dataset[name] = text;
  if (nonce) script.nonce = nonce;
  script.async = true;
  script.src = src;
  document.head.append(script);
}

/** `window.crumb`: until the pixel takes its place it keeps the calls. */
interface Stub {
  (...call: unknown[]): void;
  q?: unknown[][];
  /** The loader has run. */
  on?: boolean;
  /** The loader's tag is in the page; kept here, where each copy of this module sees it. */
  loading?: boolean;
}

const isPage = () => typeof document !== 'undefined';

/** The page's stub, or the pixel in its place; made where the page has neither. */
const stub = (): Stub => {
  const page = window as unknown as { crumb?: Stub };
  const made: Stub = (...call) => {
    (made.q ??= []).push(call);
  };
  return (page.crumb ??= made);
};
