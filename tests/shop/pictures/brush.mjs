// The few strokes every picture is made of. Objects stand on FLOOR, in a 400 × 500 frame, lit from the left.

export const FLOOR = 424;
export const HORIZON = 366;

export const path = (d, fill, more = '') => `<path d="${d}" fill="${fill}"${more && ` ${more}`}/>`;
export const line = (d, stroke, width, more = '') =>
  `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"${more && ` ${more}`}/>`;
export const oval = (cx, cy, rx, ry, fill, more = '') =>
  `<ellipse cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}" fill="${fill}"${more && ` ${more}`}/>`;
export const box = (x, y, width, height, fill, radius = 0, more = '') =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}"${more && ` ${more}`}/>`;
export const group = (content, more = '') => `<g${more && ` ${more}`}>${content}</g>`;
export const turn = (content, degrees, cx, cy) => group(content, `transform="rotate(${degrees} ${cx} ${cy})"`);
export const repeat = (count, draw) => Array.from({ length: count }, (_, index) => draw(index)).join('');

/** A filled outline with `inside` (bands, shade, speckles) cut to it. `id` must be unique on the page. */
export const body = (id, d, fill, inside = '') =>
  `<clipPath id="${id}"><path d="${d}"/></clipPath><g clip-path="url(#${id})">${path(d, fill)}${inside}</g>`;

/** The dark side: all that lies right of `x`, with a soft bulge. */
export const shade = (x, colour, opacity = 0.16) =>
  path(`M${x} 0Q${x + 26} 260 ${x - 6} 500H400V0Z`, colour, `opacity="${opacity}"`);

/** The bright side: a slim stroke of light. */
export const gleam = (d, width = 7, opacity = 0.45) => line(d, '#fff', width, `opacity="${opacity}"`);

/** The shadow an object throws on the table. */
export const shadow = (cx, rx, colour, cy = FLOOR) =>
  oval(cx + rx * 0.22, cy, rx * 1.12, Math.max(7, rx * 0.12), colour, 'opacity=".28"');

/** The same seed draws the same grain on every build. */
export const speckles = (seed, count, colour, { x = 100, y = 120, width = 200, height = 300 } = {}) => {
  let state = seed * 7919 + 17;
  const next = () => ((state = (state * 1103515245 + 12345) % 2147483648) / 2147483648);
  return repeat(count, () =>
    `<circle cx="${(x + next() * width).toFixed(1)}" cy="${(y + next() * height).toFixed(1)}" r="${(0.7 + next() * 1.3).toFixed(1)}" fill="${colour}" opacity=".5"/>`);
};

/** A leaf from (x, y), `length` long, pointing along `degrees`. */
export const leaf = (x, y, length, degrees, fill) =>
  turn(path(`M${x} ${y}q${length * 0.5} ${-length * 0.32} ${length} 0q${-length * 0.5} ${length * 0.32} ${-length} 0Z`, fill), degrees, x, y);

export const flame = (x, y, size = 1) =>
  oval(x, y - 14 * size, 34 * size, 38 * size, '#ffdf94', 'opacity=".22"') +
  path(`M${x} ${y - 38 * size}q${15 * size} ${22 * size} ${8 * size} ${34 * size}q${-8 * size} ${7 * size} ${-16 * size} 0q${-7 * size} ${-12 * size} ${8 * size} ${-34 * size}Z`, '#f2a33a') +
  path(`M${x} ${y - 22 * size}q${7 * size} ${11 * size} ${4 * size} ${17 * size}q${-4 * size} ${4 * size} ${-8 * size} 0q${-3 * size} ${-6 * size} ${4 * size} ${-17 * size}Z`, '#fff2c4');
