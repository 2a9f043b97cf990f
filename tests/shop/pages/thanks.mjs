import { html } from '../client/html.js';
import { logo } from './parts.mjs';

export const thanksPage = (shop) => {
  const texts = shop.texts.thanks;
  const main = html`
    <div class="wrap thanks">
      ${logo()}
      <h1>${texts.title}</h1>
      <div data-testid="order"></div>
      <p><a class="button ghost" href="${shop.prefix}/" data-crumb-cta="thanks-home">${texts.home}</a></p>
    </div>`;
  return { kind: 'thanks', path: '/thanks/', title: texts.title, description: shop.texts.brand.about, hidden: true, main };
};
