// The cart and the orders, in the browser's own storage. Lines are { id, quantity }.
const CART = 'hamra.cart';
const ORDERS = 'hamra.orders';
export const MOST = 99;

const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise; // unreadable content is treated like an empty shop bag
  }
};
const write = (key, value) => localStorage.setItem(key, JSON.stringify(value));

export const readCart = () => read(CART, { lines: [], coupon: '' });

const writeCart = (cart) => {
  write(CART, cart);
  document.dispatchEvent(new CustomEvent('cart-change'));
};

export const quantityOf = (id) => readCart().lines.find((line) => line.id === id)?.quantity ?? 0;
export const pieces = () => readCart().lines.reduce((count, line) => count + line.quantity, 0);

/** Sets a line's quantity, 0 takes it out. Returns the change in pieces. */
export const setQuantity = (id, wanted) => {
  const quantity = Math.min(MOST, Math.max(0, Math.trunc(wanted) || 0));
  const cart = readCart();
  const line = cart.lines.find((each) => each.id === id);
  const before = line?.quantity ?? 0;
  if (line) line.quantity = quantity;
  else cart.lines.push({ id, quantity });
  cart.lines = cart.lines.filter((each) => each.quantity > 0);
  writeCart(cart);
  return quantity - before;
};

export const setCoupon = (coupon) => writeCart({ ...readCart(), coupon });

export const findOrder = (id) => read(ORDERS, {})[id];
export const saveOrder = (order) => write(ORDERS, { ...read(ORDERS, {}), [order.id]: order });
export const emptyCart = () => writeCart({ lines: [], coupon: '' });
