// A product's picture: a lit wall, perhaps a table, and the object. `key` keeps ids apart when a picture is on a page twice.
import { HORIZON, box, group, line, oval, path, repeat } from './brush.mjs';
import * as bath from './bath.mjs';
import * as ceramics from './ceramics.mjs';
import * as kitchen from './kitchen.mjs';
import * as lighting from './lighting.mjs';
import * as scents from './scents.mjs';
import * as textiles from './textiles.mjs';

const sets = { bath, ceramics, kitchen, lighting, scents, textiles };
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');

/** Five ways to light a wall, so that five pictures side by side are a series and not a copy. */
const walls = [
  (p) => path('M72 500V230A128 128 0 0 1 328 230V500Z', p.back),
  (p) => oval(236, 190, 128, 128, p.back) + oval(312, 96, 34, 34, p.sun, 'opacity=".55"'),
  (p) => path('M150 -20L420 -20V190L40 500H-40V330Z', p.back, 'opacity=".75"') + path('M-20 210L190 -20H150L-20 160Z', p.back, 'opacity=".6"'),
  (p) => path('M30 500V200A85 85 0 0 1 200 200V500Z', p.back, 'opacity=".8"') + path('M200 500V150A85 85 0 0 1 370 150V500Z', p.back),
  (p) => box(52, 60, 296, 500, p.back, 26) + oval(116, 128, 30, 30, p.sun, 'opacity=".5"'),
];

const table = (p) => box(0, HORIZON, 400, 140, p.table) + box(0, 474, 400, 30, p.edge) + line('M0 474H400', p.deep, 1.5, 'opacity=".18"');

const object = (product, key) => {
  const set = sets[product.category];
  return set.shapes[product.id](`${product.id}-${key}`.toLowerCase(), set.palette);
};

const scene = (product, key) => {
  const { palette, hung = [] } = sets[product.category];
  const wall = walls[(Number(product.id.slice(4)) - 1) % walls.length](palette);
  return box(0, 0, 400, 500, palette.wall) + wall + (hung.includes(product.id) ? '' : table(palette)) + object(product, key);
};

/** The picture as an inline element, named for those who cannot see it. */
export const picture = (product, name, key) =>
  `<svg class="picture" viewBox="0 0 400 500" role="img" aria-label="${escape(name)}">${scene(product, key)}</svg>`;

/** The same picture as a file of its own, for lists drawn in the browser. */
export const pictureFile = (product) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 500">${scene(product, 'file')}</svg>\n`;

/** An object alone, without wall and table. */
const placed = (product, key, x, floor, scale) =>
  group(object(product, key), `transform="translate(${x - 200 * scale} ${floor - 424 * scale}) scale(${scale})"`);

/** A category's pieces side by side on one shelf, for the head of its page. */
export const lineup = (products) => `<svg class="lineup" viewBox="0 0 960 250" aria-hidden="true">` +
  box(0, 226, 960, 40, sets[products[0].category].palette.table, 4) +
  products.map((product, index) => placed(product, 'lineup', 110 + index * 185, 238, 0.56)).join('') + '</svg>';

const layers = ['#b75a37', '#c9764e', '#dba077', '#e9c49c'];

/** The home page's scene: an arch, the sun over red hills, and a shelf with a few of the pieces. */
export const hero = (byId) => `<svg class="hero-picture" viewBox="0 0 800 760" aria-hidden="true">` +
  box(0, 0, 800, 760, '#ead3b8') + `<clipPath id="hero-arch"><path d="M150 640V300A250 250 0 0 1 650 300V640Z"/></clipPath>` +
  `<g clip-path="url(#hero-arch)">${box(100, 0, 600, 700, '#f8e6c8')}${oval(486, 246, 82, 82, '#e8964f')}` +
  path('M100 420Q230 330 380 404T720 360V700H100Z', layers[3]) + path('M100 470Q280 390 460 462T720 430V700H100Z', layers[2]) +
  path('M100 530Q240 460 420 524T720 500V700H100Z', layers[1]) + path('M100 590Q320 530 520 586T720 570V700H100Z', layers[0]) +
  repeat(3, (index) => oval(296 + index * 30, 374 + index * 3, 10, 44 - index * 5, index % 2 ? '#7f8c52' : '#66733f')) + '</g>' +
  line('M150 640V300A250 250 0 0 1 650 300V640', '#f6ead8', 14) +
  box(0, 620, 800, 140, '#b9835c') + box(0, 716, 800, 50, '#a8734d') + line('M0 716H800', '#50281a', 2, 'opacity=".2"') +
  placed(byId['CER-05'], 'hero', 122, 672, 0.98) + placed(byId['CER-03'], 'hero', 636, 660, 1.22) + placed(byId['SCN-01'], 'hero', 494, 690, 0.62) +
  placed(byId['CER-02'], 'hero', 324, 684, 0.92) + '</svg>';

/** The earth the shop is named after, in layers. */
export const earth = () => `<svg class="earth-picture" viewBox="0 0 600 600" aria-hidden="true">` +
  box(0, 0, 600, 600, '#f3dfc2') + oval(420, 168, 78, 78, '#e8964f') +
  ['#e9c49c', '#dba077', '#c9764e', '#b75a37', '#8f4029', '#6a2d1e'].map((colour, index) =>
    path(`M0 ${250 + index * 60}Q${140 + index * 12} ${200 + index * 58} 300 ${250 + index * 60}T600 ${230 + index * 62}V600H0Z`, colour)).join('') +
  line('M148 236V150', '#50281a', 7) + oval(148, 120, 46, 52, '#66733f') + oval(134, 108, 22, 26, '#7f8c52') +
  repeat(26, (index) => oval((index * 137) % 600, 430 + ((index * 53) % 160), 2 + (index % 3), 2, '#f3dfc2', 'opacity=".5"')) + '</svg>';
