// Thrown clay: terracotta, cream glaze, indigo.
import { FLOOR, body, box, gleam, leaf, line, oval, path, repeat, shade, shadow, speckles } from './brush.mjs';

export const palette = {
  wall: '#ebd6be', back: '#f7ebda', table: '#cda27f', edge: '#bd8e69', sun: '#e7a06b',
  main: '#b75a37', pale: '#efe4d2', accent: '#3f5876', deep: '#50281a',
};

const mug = (id, p) => {
  const cup = 'M128 262H272Q280 330 262 392Q252 424 222 424H178Q148 424 138 392Q120 330 128 262Z';
  return shadow(200, 78, p.deep) +
    line('M268 296C330 280 336 372 262 376', p.main, 20) +
    line('M270 290C320 278 326 350 268 362', '#fff', 4, 'opacity=".2"') +
    body(id, cup, p.main,
      path('M100 240H300V318Q270 336 236 322T168 330T100 316Z', p.pale) +
      speckles(3, 60, p.deep) + shade(226, p.deep)) +
    oval(200, 262, 72, 15, p.pale) + oval(200, 264, 63, 11, p.deep) + oval(200, 267, 56, 8, '#6b3d22') +
    gleam('M146 292Q142 340 152 380') +
    line('M184 236q-12 -16 0 -32t0 -32M216 236q-12 -16 0 -32t0 -32', '#fff', 5, 'opacity=".6"');
};

const bowl = (id, p) =>
  shadow(200, 118, p.deep) +
  oval(158, 302, 34, 34, '#d98a3a') + oval(208, 292, 38, 38, '#c9622f') + oval(252, 306, 32, 32, '#d98a3a') +
  leaf(206, 256, 34, -28, '#6b7a45') + line('M206 258q2 -10 8 -14', p.deep, 3) +
  oval(146, 292, 9, 6, '#fff', 'opacity=".35"') + oval(196, 278, 11, 7, '#fff', 'opacity=".35"') +
  body(id, 'M70 308H330Q322 386 242 412V424H158V412Q78 386 70 308Z', p.main,
    path('M60 300H340V336Q300 362 262 340T186 348T112 344T60 332Z', p.pale) +
    speckles(11, 70, p.deep, { x: 70, width: 260 }) + shade(250, p.deep)) +
  line('M71 309H329', p.pale, 7) + gleam('M94 330Q106 368 138 390', 6);

const vase = (id, p) =>
  line('M200 168C196 130 212 104 236 72', '#76804f', 5) +
  [[204, 140, 44, 205], [206, 124, 44, -24], [213, 106, 40, 200], [220, 92, 40, -12], [232, 76, 42, 235], [236, 72, 46, -62]]
    .map(([x, y, length, angle]) => leaf(x, y, length, angle, angle < 0 ? '#8a9560' : '#6b7a45')).join('') +
  shadow(200, 74, p.deep) +
  body(id, 'M186 160H214Q216 176 212 190Q208 246 238 282Q290 330 268 388Q256 424 222 424H178Q144 424 132 388Q110 330 162 282Q192 246 188 190Q184 176 186 160Z', p.main,
    box(100, 318, 200, 9, p.pale, 0, 'opacity=".85"') + box(100, 334, 200, 4, p.pale, 0, 'opacity=".85"') +
    speckles(5, 70, p.deep) + shade(224, p.deep)) +
  oval(200, 161, 15, 4, p.deep) + gleam('M152 318Q140 348 150 382') + gleam('M196 190Q196 230 186 254', 4);

const plates = (id, p) => {
  const stack = ['#8d6a52', p.accent, p.pale];
  return shadow(196, 112, p.deep) +
    repeat(3, (index) => {
      const y = 404 - index * 20;
      return body(`${id}-${index}`, `M84 ${y - 8}H312Q306 ${y + 14} 250 ${y + 18}H146Q90 ${y + 14} 84 ${y - 8}Z`, stack[index], shade(256, p.deep)) +
        oval(198, y - 8, 114, 9, stack[index]) + oval(198, y - 8, 114, 9, '#fff', 'opacity=".16"');
    }) +
    `<g transform="rotate(-5 206 250)">${oval(214, 246, 106, 106, p.deep, 'opacity=".16"')}${oval(206, 244, 106, 106, p.main)}` +
    `${oval(206, 244, 84, 84, '#fff', 'opacity=".14"')}${oval(206, 244, 78, 78, p.main)}` +
    `<circle cx="206" cy="244" r="95" fill="none" stroke="${p.pale}" stroke-width="5" opacity=".85"/>` +
    `${speckles(8, 60, p.deep, { x: 140, y: 180, width: 132, height: 130 })}</g>` +
    gleam('M128 206Q144 166 182 154', 7);
};

const teapot = (id, p) =>
  shadow(200, 96, p.deep) +
  line('M126 250C96 160 304 160 274 250', '#9c7448', 12) + line('M134 226C140 178 220 164 248 190', '#fff', 3, 'opacity=".3"') +
  path('M268 348C316 346 312 292 346 268L360 280C346 306 344 384 262 396Z', p.accent) +
  body(id, 'M200 254C276 254 304 300 300 342C296 392 262 424 232 424H168C138 424 104 392 100 342C96 300 124 254 200 254Z', p.accent,
    path('M90 356Q146 338 200 356T310 354V430H90Z', p.deep, 'opacity=".22"') +
    speckles(21, 70, '#dfe6ee') + shade(236, '#16202e', 0.22)) +
  oval(200, 258, 50, 10, '#16202e', 'opacity=".35"') +
  path('M152 258Q160 236 200 236T248 258Q224 266 200 266T152 258Z', p.accent) + oval(200, 230, 11, 11, p.main) +
  gleam('M126 318Q128 290 156 276', 8) + box(150, FLOOR - 3, 100, 4, '#16202e', 2, 'opacity=".3"');

export const shapes = { 'CER-01': mug, 'CER-02': bowl, 'CER-03': vase, 'CER-04': plates, 'CER-05': teapot };
