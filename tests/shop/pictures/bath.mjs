// Soap, salt and water, on sea green.
import { body, box, gleam, group, leaf, line, oval, path, repeat, shade, shadow, speckles, turn } from './brush.mjs';

export const palette = {
  wall: '#cbdedb', back: '#e5f0ed', table: '#8fb1ad', edge: '#7a9f9b', sun: '#f0d9a8',
  main: '#387171', pale: '#f6f1e3', accent: '#aebb7c', deep: '#183c40',
};

const bubbles = (list) => list.map(([x, y, radius]) =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="#fff" fill-opacity=".28" stroke="#fff" stroke-opacity=".7" stroke-width="2"/>` +
  oval(x - radius * 0.35, y - radius * 0.4, radius * 0.2, radius * 0.2, '#fff', 'opacity=".9"')).join('');

const soap = (id, p) =>
  shadow(200, 116, p.deep) +
  body(`${id}-dish`, 'M78 388H322Q314 424 274 424H126Q86 424 78 388Z', p.pale, speckles(4, 40, p.deep, { x: 80, width: 240, y: 380, height: 50 }) + shade(250, p.deep, 0.14)) +
  oval(200, 388, 122, 14, '#fffaf0') +
  body(id, 'M122 306Q122 290 140 288L262 284Q280 284 280 300V366Q280 384 262 385L140 388Q122 388 122 372Z', p.accent,
    path('M110 280H290V304L122 310Z', '#c6d098') + shade(248, p.deep, 0.14)) +
  box(152, 318, 96, 44, 'none', 8, `stroke="${p.main}" stroke-width="2.5" opacity=".75"`) +
  leaf(200, 352, 30, -90, p.main) + leaf(198, 350, 26, -150, p.main) + leaf(202, 350, 26, -30, p.main) +
  line('M96 268Q130 236 176 238', '#6d7f3d', 4) + [[112, 256, 30, -80], [130, 246, 32, 30], [146, 241, 32, -86], [168, 238, 32, -10]].map(([x, y, length, angle]) => leaf(x, y, length, angle, '#7f9150')).join('') +
  oval(150, 256, 9, 11, '#56652c') + bubbles([[292, 262, 18], [316, 226, 11], [284, 214, 8]]);

const salt = (id, p) =>
  shadow(200, 78, p.deep) +
  body(id, 'M136 252H264Q278 262 278 282V398Q278 424 252 424H148Q122 424 122 398V282Q122 262 136 252Z', '#dcebe8',
    path('M110 300Q150 286 200 298T290 292V440H110Z', '#fffdf8') +
    speckles(9, 150, '#8aa9ab', { x: 124, y: 296, width: 152, height: 128 }) +
    speckles(31, 50, '#8468a8', { x: 124, y: 298, width: 152, height: 126 }) + shade(240, p.deep, 0.12)) +
  box(130, 222, 140, 34, '#b58a5c', 8) + box(206, 222, 64, 34, '#7a5632', 8, 'opacity=".3"') +
  box(156, 326, 88, 62, p.main, 4) + line('M176 346H224M184 360H216', p.pale, 3) + line('M128 268Q200 276 272 268', '#9b7a4c', 4) +
  [[282, 300, -64], [294, 304, -50], [270, 300, -78]].map(([x, y, angle]) => turn(line(`M${x} 414V${y}`, '#6f8a57', 3) +
    repeat(6, (index) => oval(x + (index % 2 ? 5 : -5), y + index * 9, 5, 6, index % 2 ? '#8f76b5' : '#a690c8')), angle + 76, x, 414)).join('') +
  gleam('M138 286V396', 6, 0.7);

const pump = (id, p) =>
  shadow(200, 66, p.deep) +
  body(id, 'M172 236H228Q262 246 264 280V404Q264 424 244 424H156Q136 424 136 404V280Q138 246 172 236Z', '#8a5a34',
    box(120, 286, 160, 150, '#6d4223') + oval(200, 286, 64, 7, '#a8754a') + shade(236, '#2a1508', 0.24)) +
  box(176, 216, 48, 24, p.deep, 4) + box(193, 176, 14, 44, p.deep) + path('M152 160H222Q232 160 232 170V182H186Q184 174 152 174Z', p.deep) +
  box(152, 306, 96, 84, p.pale, 3) + line('M200 378V324', p.main, 3) +
  repeat(5, (index) => leaf(200, 374 - index * 10, 20, -150, p.main) + leaf(200, 374 - index * 10, 20, -30, p.main)) +
  gleam('M150 280V400', 6, 0.4) + bubbles([[112, 396, 16], [92, 360, 10], [298, 388, 12]]);

const hammam = (id, p) =>
  box(70, 128, 260, 10, '#9b7a4c', 5) + oval(70, 133, 8, 10, '#7a5632') + oval(330, 133, 8, 10, '#7a5632') +
  group(box(122, 140, 176, 270, p.deep), 'opacity=".12"') +
  body(id, 'M112 126H288L292 392Q250 402 208 394T108 396Z', p.pale,
    [154, 168, 182].map((y) => box(100, y, 200, 6, p.main)).join('') + box(100, 212, 200, 96, p.main, 0, 'opacity=".9"') +
    repeat(8, (index) => path(`M${112 + index * 24} 260l10 -16l10 16l-10 16Z`, p.pale)) +
    [328, 342, 356].map((y) => box(100, y, 200, 6, p.main)).join('') +
    line('M158 126Q148 260 160 398M238 126Q250 260 236 398', p.deep, 9, 'opacity=".1"')) +
  repeat(15, (index) => line(`M${114 + index * 12.4} 395q-3 14 0 26`, p.pale, 4) + oval(114 + index * 12.4, 410, 3.5, 3.5, p.main)) +
  line('M112 132H288', p.deep, 4, 'opacity=".2"');

const brush = (id, p) =>
  oval(214, 262, 62, 156, p.deep, 'opacity=".14" transform="rotate(26 214 262)"') +
  turn(repeat(11, (index) => line(`M${162 + index * 7.6} 330q-4 36 ${(index - 5) * 1.6} 44`, '#e4d3ae', 7)) +
    repeat(11, (index) => line(`M${164 + index * 7.6} 344v30`, '#b99f6f', 1.5, 'opacity=".6"')) +
    body(id, 'M184 60Q200 44 216 60L220 214Q262 230 262 280Q262 342 200 344Q138 342 138 280Q138 230 180 214Z', '#b98955',
      line('M190 50Q186 200 168 340M210 50Q216 200 236 340M200 220Q196 300 200 344', '#7a5632', 2, 'opacity=".4"') + shade(216, '#4d2f14', 0.18)) +
    line('M200 66q-14 -34 6 -40t4 38', p.main, 4) + oval(200, 70, 5, 5, '#5b3a1c'), 24, 200, 240) +
  bubbles([[106, 200, 14], [86, 238, 9], [130, 164, 7]]);

export const shapes = { 'BAT-01': soap, 'BAT-02': salt, 'BAT-03': pump, 'BAT-04': hammam, 'BAT-05': brush };
export const hung = ['BAT-04', 'BAT-05'];
