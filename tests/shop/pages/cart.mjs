import { html } from '../client/html.js';

export const cartPage = (shop) => {
  const { cart: texts, client } = shop.texts;
  const main = html`
    <div class="wrap">
      <h1 tabindex="-1">${texts.title}</h1>
      <div class="two cart-page">
        <div data-testid="cart"></div>
        <aside class="panel" aria-label="${shop.texts.checkout.summary}">
          <form class="coupon" novalidate>
            <label for="coupon">${client.coupon}</label>
            <div class="joined"><input id="coupon" name="coupon" dir="ltr" autocomplete="off" autocapitalize="characters" data-testid="coupon">
            <button class="button ghost" data-testid="coupon-apply" data-crumb-cta="coupon-apply">${client.apply}</button></div>
            <p role="status"></p>
            <button type="button" class="quiet" data-testid="coupon-drop" hidden>${client.coupon_drop}</button>
          </form>
          <div data-testid="bill"></div>
          <a class="button wide" href="${shop.prefix}/checkout/" data-testid="checkout" data-crumb-cta="cart-checkout">${texts.checkout}</a>
          <a class="after" href="${shop.prefix}/">${texts.keep}</a>
        </aside>
      </div>
    </div>`;
  return { kind: 'cart', path: '/cart/', title: texts.title, description: shop.texts.brand.about, hidden: true, main };
};
