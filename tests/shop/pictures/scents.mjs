// Wax, smoke and oil, on a dusty rose wall.
import { body, box, flame, gleam, leaf, line, oval, path, repeat, shade, shadow, turn } from './brush.mjs';

export const palette = {
  wall: '#e4cac5', back: '#f4e3de', table: '#bb8a85', edge: '#a97772', sun: '#e6b27a',
  main: '#87424c', pale: '#f7ead9', accent: '#d3942f', deep: '#41202a',
};

const soyCandle = (id, p) =>
  shadow(200, 80, p.deep) + oval(200, 300, 150, 150, '#ffdf94', 'opacity=".18"') +
  body(id, 'M126 250H274V402Q274 424 252 424H148Q126 424 126 402Z', '#f1dccd',
    box(120, 286, 160, 150, p.pale) + oval(200, 286, 76, 12, '#fff6e6') + shade(236, p.deep, 0.12)) +
  box(152, 322, 96, 68, p.main, 3) + box(158, 328, 84, 56, 'none', 2, `stroke="${p.pale}" stroke-width="1.5"`) +
  leaf(200, 372, 24, -90, p.pale) + leaf(200, 372, 18, -140, p.pale) + leaf(200, 372, 18, -40, p.pale) +
  line('M126 252H274', '#fff', 4, 'opacity=".7"') + line('M200 286V262', p.deep, 4) + flame(200, 264) +
  gleam('M140 270V394', 6, 0.6);

const tapers = (id, p) => {
  const taper = (key, x, top) =>
    body(`${id}-${key}`, `M${x - 15} ${top}Q${x} ${top - 8} ${x + 15} ${top}V372H${x - 15}Z`, p.accent,
      repeat(20, (index) => line(`M${x - 24} ${top + 10 + index * 16}l20 8l20 -8l20 8`, p.deep, 1.4, 'opacity=".22"')) +
      box(x + 4, 90, 20, 300, p.deep, 0, 'opacity=".14"')) +
    line(`M${x} ${top - 3}v-12`, p.deep, 3) + flame(x, top - 12, 0.85) + gleam(`M${x - 9} ${top + 12}V360`, 3);
  const holder = (x) => path(`M${x - 24} 364H${x + 24}L${x + 16} 388Q${x + 14} 404 ${x + 40} 412V424H${x - 40}V412Q${x - 14} 404 ${x - 16} 388Z`, p.main) +
    path(`M${x + 4} 364H${x + 24}L${x + 16} 388Q${x + 14} 404 ${x + 40} 412V424H${x + 4}Z`, p.deep, 'opacity=".2"');
  return shadow(200, 110, p.deep) + taper('a', 150, 176) + taper('b', 250, 222) + holder(150) + holder(250);
};

const diffuser = (id, p) =>
  [[-26, 176], [-13, 188], [2, 200], [16, 190], [28, 178]].map(([angle, length]) => turn(line(`M200 290V${290 - length}`, '#9a7350', 5), angle, 200, 296)).join('') +
  shadow(200, 68, p.deep) +
  body(id, 'M178 262H222V288Q268 300 268 342V400Q268 424 246 424H154Q132 424 132 400V342Q132 300 178 288Z', '#e9c7a0',
    box(120, 340, 160, 90, p.accent, 0, 'opacity=".75"') + oval(200, 340, 70, 9, '#f3d9a6') + shade(232, p.deep, 0.14)) +
  box(172, 254, 56, 20, '#7d5838', 4) + box(160, 352, 80, 50, p.pale, 3) +
  repeat(5, (index) => turn(oval(200, 367, 4, 8, p.main), index * 72, 200, 377)) + oval(200, 377, 4, 4, p.accent) +
  gleam('M148 336Q146 372 150 400', 6, 0.6);

const incense = (id, p) =>
  line('M254 170C234 140 280 120 258 92S282 56 266 34', '#fff', 9, 'opacity=".5"') +
  line('M254 170C270 146 240 126 258 104', '#fff', 4, 'opacity=".55"') +
  shadow(200, 104, p.deep) +
  line('M164 402L254 172', '#6d4a35', 5) + oval(254, 172, 4.5, 4.5, '#f08a3c') +
  body(id, 'M92 392H308Q304 424 268 424H132Q96 424 92 392Z', p.main, shade(240, p.deep)) +
  oval(200, 392, 108, 13, '#a2606a') + oval(200, 393, 94, 9, p.deep, 'opacity=".35"') + oval(164, 396, 15, 6, p.accent) +
  turn(box(216, 366, 96, 18, p.pale, 3) + box(216, 366, 96, 18, 'none', 3, `stroke="${p.main}" stroke-width="2"`) + box(240, 366, 36, 18, p.accent), -8, 262, 376) +
  repeat(3, (index) => line(`M${306 + index * 4} ${361 + index * 5}l22 -4`, '#6d4a35', 3)) +
  leaf(120, 386, 44, -38, '#8c9a6b') + leaf(118, 388, 38, -72, '#73824f') + gleam('M106 402Q112 414 130 418', 4);

const burner = (id, p) =>
  shadow(200, 86, p.deep) +
  [[92, 150], [126, 104], [180, 84], [236, 92], [290, 118], [318, 164], [150, 140], [256, 146], [206, 124]]
    .map(([x, y], index) => oval(x, y, 6 + (index % 3) * 2, 6 + (index % 3) * 2, '#fff0bd', 'opacity=".6"')).join('') +
  body(id, 'M200 218C272 218 288 292 286 346L278 424H122L114 346C112 292 128 218 200 218Z', p.main,
    path('M100 290Q150 270 200 284T300 276V200H100Z', '#a4585f', 'opacity=".7"') + shade(236, p.deep, 0.24)) +
  [[200, 256], [164, 272], [236, 272], [142, 304], [182, 300], [222, 300], [260, 304], [160, 334], [242, 334], [200, 328]]
    .map(([x, y]) => oval(x, y, 7, 7, '#ffdc8a')).join('') +
  path('M164 424V386Q164 354 200 354T236 386V424Z', p.deep) + box(180, 404, 40, 20, '#e8e0d6', 3) + flame(200, 404, 0.7) +
  path('M146 222Q150 196 200 196T254 222Q228 232 200 232T146 222Z', '#6d323c') + oval(200, 206, 42, 8, p.accent, 'opacity=".9"') +
  gleam('M134 296Q142 252 168 238', 6, 0.35);

export const shapes = { 'SCN-01': soyCandle, 'SCN-02': tapers, 'SCN-03': diffuser, 'SCN-04': incense, 'SCN-05': burner };
