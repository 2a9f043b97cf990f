// A shop's script: calls before `load` and after it, on a click, and a second `load`.

import { crumb, load, type LoadOptions } from 'crumbtrail-snippet';

const options: LoadOptions = {
  src: '/c/crumb.js',
  site: 'demo',
  consent: 'required',
  search: ['q', 'term'],
  filters: ['colour'],
  params: [],
  nonce: 'bread',
};

crumb('page', { category: 'ceramics' });
load(options);
crumb('view_item', { items: [{ item_id: 'CER-01', price: 89.9 }] });
crumb('consent', 'granted');

const onClick = (id: string, act: () => void) =>
  document.getElementById(id)?.addEventListener('click', act);
onClick('share', () => crumb('share', { method: 'whatsapp' }));
onClick('again', () => load({ ...options, src: '/c/other.js' }));
