// The morning table: coffee brown, olive green, honey yellow.
import { body, box, gleam, leaf, line, oval, path, repeat, shade, shadow, speckles, turn } from './brush.mjs';

export const palette = {
  wall: '#ecd8aa', back: '#f8edd0', table: '#c6984f', edge: '#b28541', sun: '#e9a94f',
  main: '#6f4327', pale: '#f7eedb', accent: '#4c6b47', deep: '#382012',
};

const bean = (x, y, angle, size = 1) =>
  turn(oval(x, y, 15 * size, 10.5 * size, '#4f2c17') + line(`M${x - 12 * size} ${y}q${6 * size} ${-5 * size} ${12 * size} 0t${12 * size} 0`, '#2a1408', 2), angle, x, y);

const coffee = (id, p) =>
  shadow(196, 88, p.deep) +
  body(id, 'M122 196L132 182H268L278 196L284 416Q284 424 276 424H124Q116 424 116 416Z', p.main,
    path('M116 196H284V214H116Z', p.deep, 'opacity=".35"') +
    path('M116 196L146 240V424H100V196Z', '#fff', 'opacity=".07"') + shade(246, p.deep, 0.28)) +
  path('M128 164H272L268 190H132Z', p.main) + path('M128 164H272L271 172H129Z', p.deep, 'opacity=".4"') + box(150, 182, 100, 9, '#d8b56a', 3) +
  box(144, 252, 112, 118, p.pale, 3) + bean(200, 288, -30, 1.5) + line('M166 328H234M176 342H224M184 356H216', p.main, 3) +
  bean(84, 414, 20) + bean(108, 424, -40) + bean(308, 420, 65) + bean(326, 408, 10) + bean(66, 428, -10, 0.9);

const pourOver = (id, p) =>
  shadow(200, 84, p.deep) +
  path('M262 324C320 312 322 402 260 398', 'none', `stroke="#e9e2cf" stroke-width="11" opacity=".85"`) +
  body(id, 'M172 286H228L232 304Q280 330 278 384Q276 424 246 424H154Q124 424 122 384Q120 330 168 304Z', '#f3ecda',
    path('M100 366Q150 358 200 366T300 364V430H100Z', '#4f2c17') + oval(200, 366, 77, 7, '#7b4b2a') + shade(240, p.deep, 0.14)) +
  box(164, 280, 72, 14, '#a0713f', 4) + line('M200 300V360', '#4f2c17', 3, 'opacity=".8"') +
  body(`${id}-cone`, 'M112 176H288L226 272V284H174V272Z', p.pale,
    repeat(8, (index) => line(`M${124 + index * 22} 176L${184 + index * 5} 276`, p.deep, 2, 'opacity=".13"')) + shade(226, p.deep, 0.14)) +
  oval(200, 176, 88, 15, '#fffaf0') + oval(200, 178, 76, 11, '#4f2c17') + oval(200, 180, 46, 5, '#8a5a34') +
  line('M286 196C326 186 320 244 262 232', p.pale, 10) +
  line('M182 152q-10 -14 0 -28t0 -28M216 148q-10 -14 0 -28t0 -28', '#fff', 5, 'opacity=".75"') + gleam('M140 356Q136 390 150 410', 6, 0.7);

const board = (id, p) =>
  shadow(204, 96, p.deep) +
  turn(body(id, 'M180 66Q200 52 220 66L226 132Q296 140 298 200V392Q296 424 262 424H138Q104 424 102 392V200Q104 140 174 132Z', '#c08a4e',
    repeat(7, (index) => line(`M${106 + index * 30} 420C${88 + index * 30} 330 ${136 + index * 26} 260 ${120 + index * 22} 60`, '#7a4a20', index % 2 ? 5 : 2.5, 'opacity=".38"')) +
    [40, 28, 16, 6].map((radius) => `<ellipse cx="224" cy="300" rx="${radius * 0.7}" ry="${radius}" fill="none" stroke="#6d3f19" stroke-width="3" opacity=".45"/>`).join('') +
    shade(268, p.deep, 0.16)) + oval(200, 90, 9, 9, p.wall), 5, 200, 424) +
  path('M76 424Q70 380 118 378Q150 360 178 384Q204 392 196 424Z', '#d79b4e') + path('M76 424Q70 380 118 378Q112 404 118 424Z', '#b9782f', 'opacity=".5"') +
  line('M126 392l12 20M150 388l12 22M172 396l6 16', '#f6dfae', 4) + oval(262, 412, 14, 12, '#5d6b35') + oval(288, 415, 12, 10, '#46522a') + oval(258, 408, 4, 3, '#fff', 'opacity=".4"');

const teaTin = (id, p) =>
  shadow(200, 76, p.deep) +
  body(id, 'M128 222H272V406Q272 424 254 424H146Q128 424 128 406Z', p.accent,
    box(120, 236, 160, 6, '#d8b56a') + box(120, 402, 160, 6, '#d8b56a') + shade(236, p.deep, 0.24)) +
  body(`${id}-lid`, 'M124 190Q124 176 138 176H262Q276 176 276 190V226H124Z', '#3d573a', shade(236, p.deep, 0.28)) + oval(200, 176, 66, 7, '#5d7f57') +
  oval(200, 318, 54, 58, p.pale) + line('M200 362V282', p.accent, 3) +
  repeat(4, (index) => leaf(200, 352 - index * 18, 30 - index * 3, -148, p.accent) + leaf(200, 352 - index * 18, 30 - index * 3, -32, p.accent)) + leaf(200, 286, 22, -90, p.accent) +
  `<g transform="translate(312 398)">${oval(0, 0, 30, 27, '#f0cf4a')}${oval(0, 0, 24, 21, '#fbeea9')}${repeat(6, (index) => turn(path('M0 -3L-7 -18Q0 -23 7 -18Z', '#f0cf4a'), index * 60, 0, 0))}</g>` +
  leaf(70, 420, 42, -14, '#7f9150') + leaf(94, 424, 40, -52, '#6b7d42') + gleam('M142 250V396', 6, 0.3);

const cruet = (id, p) =>
  shadow(200, 72, p.deep) +
  path('M212 190C290 178 292 300 244 316', 'none', 'stroke="#9fb28a" stroke-width="12" opacity=".9"') +
  body(id, 'M184 158H216L214 226Q214 254 240 276Q270 302 268 356L264 404Q262 424 240 424H160Q138 424 136 404L132 356Q130 302 160 276Q186 254 186 226Z', '#b9c9a2',
    path('M100 322Q150 314 200 322T300 318V440H100Z', '#b3982a') + oval(200, 322, 70, 8, '#d3bb4d') +
    speckles(14, 22, '#fff', { x: 140, y: 250, width: 120, height: 160 }) + shade(234, p.deep, 0.16)) +
  path('M184 160L150 132Q146 124 154 122L206 148Z', '#9fb28a') + box(186, 136, 28, 28, '#a0713f', 4) + oval(200, 134, 17, 8, '#b98955') +
  line('M92 410Q116 372 152 366', '#6d7f3d', 4) + [[104, 394, 34, -120], [118, 380, 36, 40], [132, 372, 32, -100]].map(([x, y, length, angle]) => leaf(x, y, length, angle, '#7f9150')).join('') +
  oval(100, 414, 11, 13, '#56652c') + oval(304, 414, 14, 12, '#46522a') + oval(300, 410, 4, 3, '#fff', 'opacity=".4"') +
  gleam('M150 318Q146 360 150 398', 7, 0.6) + gleam('M192 176V232', 4, 0.6);

export const shapes = { 'KIT-01': coffee, 'KIT-02': pourOver, 'KIT-03': board, 'KIT-04': teaTin, 'KIT-05': cruet };
