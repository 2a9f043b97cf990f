import { html } from '../client/html.js';

/** Contact details are typed from left to right in both languages. */
const FIELDS = [
  { name: 'name', type: 'text', autocomplete: 'name' },
  { name: 'phone', type: 'tel', autocomplete: 'tel', dir: 'ltr' },
  { name: 'email', type: 'email', autocomplete: 'email', dir: 'ltr' },
  { name: 'city', type: 'text', autocomplete: 'address-level2' },
];

const field = ({ name, type, autocomplete, dir }, label) => html`
            <p class="field"><label for="${name}">${label}</label>
            <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"${dir && html` dir="${dir}"`} aria-describedby="${name}-error" data-testid="${name}" required>
            <span class="wrong" id="${name}-error" role="alert"></span></p>`;

export const checkoutPage = (shop) => {
  const texts = shop.texts.checkout;
  const labels = { name: texts.name, phone: texts.phone, email: texts.mail, city: texts.city };
  const main = html`
    <div class="wrap">
      <h1>${texts.title}</h1>
      <div class="two checkout-page">
        <form class="details" novalidate>
          <fieldset><legend>${texts.details}</legend>${FIELDS.map((each) => field(each, labels[each.name]))}
          </fieldset>
          <p class="muted">${texts.pay}</p>
          <button class="button wide" data-testid="place-order" data-crumb-cta="place-order">${texts.place}</button>
        </form>
        <aside class="panel" aria-labelledby="summary-title"><h2 id="summary-title">${texts.summary}</h2><div data-testid="summary"></div></aside>
      </div>
    </div>`;
  return { kind: 'checkout', path: '/checkout/', title: texts.title, description: shop.texts.brand.about, hidden: true, main };
};
