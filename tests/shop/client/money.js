// Prices are whole cents inside, shekels on the page and decimal numbers for the pixel.

/** `locale` as in the dictionary, e.g. "he-IL". Whole shekels are shown without cents. */
export const money = (cents, locale) =>
  new Intl.NumberFormat(locale, { style: 'currency', currency: 'ILS', trailingZeroDisplay: 'stripIfInteger' }).format(cents / 100);

export const decimal = (cents) => Math.round(cents) / 100;
