// Markup as tagged templates. Every value is escaped unless it is markup itself.

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => entities[sign]);

class Markup {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
}

export const raw = (text) => new Markup(text);

const show = (value) => {
  if (value === undefined || value === null || value === false) return '';
  if (Array.isArray(value)) return value.map(show).join('');
  return value instanceof Markup ? value.text : escape(value);
};

export const html = (parts, ...values) => raw(String.raw({ raw: parts }, ...values.map(show)));

/** Puts named values into a text: `fill('{n} items', { n: 3 })`. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
