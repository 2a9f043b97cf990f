// What the types let through, and what they don't. It is compiled, and never run.

import { crumb, load } from 'crumbtrail-snippet';
import type { Commerce, CommerceCommand, Item, Order } from 'crumbtrail-snippet';

const bowl: Item = { item_id: 'CER-01', item_name: 'Bowl', price: 89.9, quantity: 2 };
const cart: Commerce = { currency: 'ILS', value: 179.8, coupon: 'AUTUMN', items: [bowl] };
const order: Order = { ...cart, transaction_id: '1001' };
const seen: CommerceCommand = Math.random() < 0.5 ? 'view_item' : 'view_cart';

load({ src: '/c/crumb.js', site: 'demo' });
// @ts-expect-error: no site
load({ src: '/c/crumb.js' });
// @ts-expect-error: consent is required, or the option left out
load({ src: '/c/crumb.js', site: 'demo', consent: 'granted' });
// @ts-expect-error: a list
load({ src: '/c/crumb.js', site: 'demo', search: 'q' });

crumb(seen, cart);
crumb('view_item_list', cart);
crumb('view_item', cart);
crumb('add_to_cart', cart);
crumb('remove_from_cart', cart);
crumb('view_cart');
crumb('begin_checkout', cart);
// @ts-expect-error: no such command
crumb('add_to_basket', cart);
// @ts-expect-error: an item has an id
crumb('add_to_cart', { items: [{ item_name: 'Bowl' }] });
// @ts-expect-error: a price is a number
crumb('add_to_cart', { items: [{ item_id: 'CER-01', price: '₪89.90' }] });

crumb('purchase', order);
crumb('refund', { transaction_id: '1001' });
// @ts-expect-error: which order?
crumb('purchase', cart);
// @ts-expect-error: which order?
crumb('refund', {});

crumb('update_cart', { items: [{ ...bowl, quantity: 3, previous_quantity: 2 }] });
// @ts-expect-error: how many were there before?
crumb('update_cart', { items: [bowl] });

crumb('search', { search_term: 'bowl' });
// @ts-expect-error: GA4 names it search_term
crumb('search', { term: 'bowl' });

crumb('share');
crumb('share', { method: 'whatsapp', content_type: 'product', item_id: 'CER-01' });

crumb('page', { category: 'ceramics', product: 'CER-01' });
// @ts-expect-error: a page says what it is about
crumb('page');

crumb('track', 'size_guide');
crumb('track', 'size_guide', { colour: 'blue', page: 2, isOpen: true });
// @ts-expect-error: properties are flat
crumb('track', 'size_guide', { size: { width: 2 } });

crumb('consent', 'granted');
crumb('consent', 'denied');
crumb('consent', 'default', { analytics_storage: 'denied', ad_storage: 'denied', wait_for_update: 500 });
crumb('consent', 'update', { analytics_storage: 'granted' });
// @ts-expect-error: granted or denied
crumb('consent', 'yes');
// @ts-expect-error: the pixel needs analytics_storage
crumb('consent', 'update', { ad_storage: 'granted' });
