// Cloth: linen, stripes, fringes, on olive green.
import { box, group, line, oval, path, repeat, body, shade, shadow, turn } from './brush.mjs';

export const palette = {
  wall: '#d5d8c4', back: '#eaecdd', table: '#a5aa86', edge: '#939873', sun: '#d9b27c',
  main: '#6a7546', pale: '#f5eddd', accent: '#c4703c', deep: '#343b20',
};

const fringe = (x, y, count, step, length, colour) =>
  repeat(count, (index) => line(`M${x + index * step} ${y}q${index % 2 ? 2 : -2} ${length / 2} 0 ${length}`, colour, 3));

const throwBlanket = (id, p) =>
  shadow(200, 112, p.deep) +
  box(92, 384, 216, 40, p.accent, 18) + box(92, 384, 216, 40, p.deep, 18, 'opacity=".1"') +
  box(86, 348, 228, 42, p.pale, 20) + box(96, 312, 208, 42, '#8b9562', 20) +
  line('M108 369H290M112 404H286M116 333H284', p.deep, 2, 'opacity=".18"') +
  body(id, 'M136 300Q146 284 176 284H244Q272 284 276 306L290 398Q262 410 232 402T172 406T124 398Z', p.main,
    repeat(5, (index) => box(90, 300 + index * 22, 220, index % 2 ? 3 : 7, p.pale, 0, 'opacity=".7"')) +
    line('M166 290Q156 350 160 404M232 290Q246 350 240 404', p.deep, 5, 'opacity=".18"') + shade(240, p.deep)) +
  fringe(130, 400, 16, 10.4, 20, p.pale);

const cushion = (id, p) =>
  shadow(200, 112, p.deep) +
  turn(body(id, 'M96 206Q200 192 304 206Q318 310 304 414Q200 428 96 414Q82 310 96 206Z', p.pale,
    [58, 42, 26, 10].map((radius, index) => [[146, 310], [254, 310], [146, 416], [254, 416], [200, 362], [92, 362], [308, 362], [200, 256], [92, 256], [308, 256]]
      .map(([x, y]) => index === 0 ? '' : line(`M${x - radius} ${y}a${radius} ${radius} 0 0 1 ${radius * 2} 0`, [p.main, p.accent, p.main][index - 1], 6)).join('')).join('') +
    shade(256, p.deep, 0.1)) +
  line('M98 208Q200 194 302 208', p.main, 4, 'opacity=".6" stroke-dasharray="6 8"'), -4, 200, 310) +
  [[92, 214], [299, 199]].map(([x, y]) => oval(x, y, 9, 9, p.accent)).join('');

const runner = (id, p) =>
  path('M40 366H360L400 424H0Z', '#8a6a4a', 'opacity=".35"') +
  body(id, 'M120 352H280V452Q240 446 200 452T120 450Z', p.pale,
    [0, 1, 2].map((index) => box(110, 362 + index * 30, 180, 12, index === 1 ? p.accent : p.main) + box(110, 378 + index * 30, 180, 3, p.main, 0, 'opacity=".6"')).join('') +
    line('M160 352Q154 400 160 452M238 352Q246 400 238 452', p.deep, 6, 'opacity=".1"')) +
  fringe(123, 450, 16, 10.3, 18, p.pale) +
  shadow(200, 58, p.deep, 366) +
  body(`${id}-roll`, 'M132 244Q200 232 268 244V352Q200 366 132 352Z', p.pale,
    [248, 276, 304, 332].map((y, index) => box(120, y, 160, 11, index % 2 ? p.accent : p.main)).join('') + shade(220, p.deep)) +
  oval(200, 244, 68, 17, p.pale) +
  [54, 40, 26, 12].map((radius) => `<ellipse cx="200" cy="244" rx="${radius}" ry="${radius / 4}" fill="none" stroke="${p.main}" stroke-width="3" opacity=".65"/>`).join('') +
  line('M130 300H270', '#8a6a4a', 4);

const rug = (id, p) => {
  const fields = [[p.accent, 0], ['#e3c48f', 44], [p.main, 72], [p.pale, 122], ['#a9b07f', 146], [p.accent, 190], [p.deep, 214], ['#e3c48f', 232]];
  return box(76, 92, 248, 12, '#7c5b3b', 6) + oval(76, 98, 9, 11, '#5f452c') + oval(324, 98, 9, 11, '#5f452c') +
    box(112, 104, 200, 302, p.deep, 0, 'opacity=".14"') +
    body(id, 'M100 98H300V394H100Z', p.pale,
      fields.map(([colour, y], index) => path(`M90 ${100 + y}L310 ${88 + y + (index % 3) * 12}V420H90Z`, colour)).join('') +
      repeat(6, (index) => path(`M${118 + index * 33} 186l14 -14l14 14l-14 14Z`, p.pale, 'opacity=".8"')) +
      repeat(9, (index) => line(`M${104 + index * 24} 268l10 16l10 -16`, p.main, 3)) +
      repeat(49, (index) => line(`M100 ${100 + index * 6}H300`, p.deep, 1, 'opacity=".1"')) + shade(282, p.deep, 0.12)) +
    fringe(104, 395, 20, 10.1, 22, p.pale);
};

const towels = (id, p) => {
  const cloth = (key, x, top, tilt, inside) =>
    body(`${id}-${key}`, `M${x} ${top}H${x + 108}L${x + 112} 400Q${x + 84} 408 ${x + 56} 400T${x - 4} 402Z`, p.pale, inside +
      line(`M${x + 34} ${top}Q${x + 26} 300 ${x + 36} 404M${x + 78} ${top}Q${x + 86} 300 ${x + 76} 404`, p.deep, 7, 'opacity=".1"'));
  return box(60, 146, 280, 9, '#7c5b3b', 5) + line('M138 146v-26M262 146v-26', '#7c5b3b', 6) + oval(138, 118, 7, 7, '#5f452c') + oval(262, 118, 7, 7, '#5f452c') +
    group(box(92, 160, 112, 248, p.deep) + box(218, 160, 112, 248, p.deep), 'opacity=".12"') +
    cloth('a', 82, 144, 0, repeat(6, (index) => box(88 + index * 19, 140, 7, 280, p.main, 0, 'opacity=".55"')) +
      repeat(14, (index) => box(70, 150 + index * 19, 130, 7, p.main, 0, 'opacity=".55"'))) +
    cloth('b', 208, 144, 0, [330, 346, 372].map((y, index) => box(200, y, 130, index === 1 ? 18 : 6, p.accent)).join('') + box(200, 170, 130, 5, p.accent)) +
    line('M82 150H190M208 150H316', p.deep, 3, 'opacity=".2"');
};

export const shapes = { 'TEX-01': throwBlanket, 'TEX-02': cushion, 'TEX-03': runner, 'TEX-04': rug, 'TEX-05': towels };
/** What hangs on the wall stands on no table. */
export const hung = ['TEX-04', 'TEX-05'];
