// The one evening in the shop: dark walls, brass and a warm glow.
import { body, box, flame, gleam, line, oval, path, repeat, shade, shadow, speckles } from './brush.mjs';

export const palette = {
  wall: '#343a55', back: '#424968', table: '#272b40', edge: '#1e2233', sun: '#565d80',
  main: '#c79a54', pale: '#f6e3bd', accent: '#c4654a', deep: '#12141f',
};

/** Light as three soft rings, brightest in the middle. */
const glow = (x, y, radius) => [1, 0.7, 0.42].map((part) => oval(x, y, radius * part, radius * part, '#ffd587', 'opacity=".16"')).join('');

const tableLamp = (id, p) =>
  glow(200, 210, 170) + shadow(200, 76, p.deep) +
  box(193, 262, 14, 40, p.main) +
  body(`${id}-base`, 'M200 290C262 290 272 336 266 372Q258 424 226 424H174Q142 424 134 372C128 336 138 290 200 290Z', p.accent,
    speckles(7, 70, p.deep) + path('M120 280H280V306Q240 318 200 306T120 308Z', '#ffd587', 'opacity=".35"') + shade(226, p.deep, 0.26)) +
  body(id, 'M156 118H244L292 262Q200 278 108 262Z', p.pale,
    path('M156 118H244L262 172H138Z', '#fff', 'opacity=".25"') + path('M120 226H280L292 280H108Z', '#ffc862', 'opacity=".55"') +
    repeat(9, (index) => line(`M${160 + index * 10} 118L${116 + index * 21} 268`, '#a97f3d', 1.2, 'opacity=".35"'))) +
  line('M156 118H244M108 262Q200 278 292 262', p.main, 4) + gleam('M150 340Q146 368 156 394', 6, 0.35);

const pendant = (id, p) =>
  glow(200, 300, 165) + line('M200 0V132', p.deep, 5) + box(188, 124, 24, 24, p.main, 5) +
  path('M118 318H282L360 500H40Z', '#ffd587', 'opacity=".13"') +
  body(id, 'M186 146H214Q232 190 276 226Q312 262 312 318Q200 336 88 318Q88 262 124 226Q168 190 186 146Z', '#c79a5e',
    repeat(15, (index) => line(`M200 120Q${200 + (index - 7) * 30} 220 ${200 + (index - 7) * 17} 334`, '#7a5326', 3, 'opacity=".6"')) +
    repeat(9, (index) => line(`M70 ${166 + index * 20}Q200 ${182 + index * 20} 330 ${166 + index * 20}`, '#f2d49a', 4, 'opacity=".65"')) +
    shade(250, p.deep, 0.22)) +
  oval(200, 319, 112, 12, '#fff1c9') + oval(200, 322, 26, 13, '#fff') + line('M88 318Q200 336 312 318', '#a8783c', 6);

const lantern = (id, p) =>
  glow(200, 316, 150) + shadow(200, 80, p.deep) +
  line('M140 220C126 96 274 96 260 220', p.main, 8) + line('M146 190C150 124 226 112 244 150', '#fff', 2.5, 'opacity=".4"') +
  path('M200 174L262 224H138Z', p.main) + path('M200 174L262 224H210Z', p.deep, 'opacity=".25"') + oval(200, 174, 9, 9, p.main) +
  body(id, 'M132 228H268V404H132Z', '#5c5a60', box(132, 228, 136, 176, '#ffd587', 0, 'opacity=".38"') + oval(200, 330, 58, 78, '#ffe7ae', 'opacity=".4"')) +
  box(178, 338, 44, 66, p.pale, 3) + oval(200, 338, 22, 5, '#fff8e6') + line('M200 338v-10', p.deep, 3) + flame(200, 330, 0.95) +
  box(126, 222, 148, 12, p.main, 3) + box(120, 400, 160, 24, p.main, 4) + box(220, 400, 60, 24, p.deep, 4, 'opacity=".25"') +
  [129, 263].map((x) => box(x, 230, 8, 172, p.main)).join('') + line('M200 234V290', p.main, 3, 'opacity=".55"') + gleam('M148 250L148 360', 5, 0.35);

const floorLamp = (id, p) =>
  glow(272, 236, 150) + path('M232 212H322L392 424H172Z', '#ffd587', 'opacity=".15"') +
  shadow(112, 46, p.deep) +
  line('M110 404V214C110 86 262 60 276 166', '#b58a49', 8) + line('M107 400V214C107 150 142 112 178 104', '#fff', 2, 'opacity=".4"') +
  body(id, 'M276 152C314 152 330 186 332 218Q276 230 220 218C222 186 238 152 276 152Z', '#b58a49', shade(296, p.deep, 0.3) + path('M210 208H340V230H210Z', '#ffd587', 'opacity=".4"')) +
  oval(276, 219, 54, 8, '#fff1c9') + oval(276, 222, 17, 10, '#fff') +
  box(66, 404, 90, 20, '#6c7089', 8) + box(112, 404, 44, 20, p.deep, 8, 'opacity=".3"') +
  path('M216 424V382Q216 366 234 366H346Q364 366 364 384V424Z', p.accent) + path('M206 424V392Q206 384 216 384T228 394V424Z', '#a84f37') +
  box(246, 352, 44, 40, p.pale, 6, 'transform="rotate(-10 268 372)"') + line('M250 376l34 -6', p.accent, 3, 'opacity=".7"');

const wallLight = (id, p) =>
  glow(200, 240, 190) + oval(200, 240, 112, 112, '#fff0c2') + oval(200, 240, 112, 112, '#ffd587', 'opacity=".5"') +
  oval(206, 246, 96, 96, p.deep, 'opacity=".22"') +
  body(id, 'M200 146A94 94 0 1 1 199.9 146Z', p.accent,
    speckles(17, 90, p.deep, { x: 104, y: 140, width: 190, height: 200 }) +
    path('M100 140H300V200Q250 230 200 206T100 214Z', '#d98468', 'opacity=".6"') + shade(238, p.deep, 0.22)) +
  oval(200, 240, 10, 10, p.main) + oval(197, 237, 3, 3, '#fff', 'opacity=".7"') +
  line('M200 352V420', p.deep, 4) + box(186, 418, 28, 34, '#dcd6cc', 6) + oval(200, 434, 3, 3, p.deep) + gleam('M124 220Q132 186 160 168', 6, 0.3);

export const shapes = { 'LGT-01': tableLamp, 'LGT-02': pendant, 'LGT-03': lantern, 'LGT-04': floorLamp, 'LGT-05': wallLight };
export const hung = ['LGT-02', 'LGT-05'];
