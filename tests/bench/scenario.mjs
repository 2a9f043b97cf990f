// What a visitor does, the same on every page: real input through the browser, at fixed
// times, so that visits differ in the tracker alone. In cycles of CYCLE_MS.

/** Each cycle shows three routes, and ends where it began. */
export const CYCLE_MS = 20_000;

/** One cycle: from when (ms), what. */
const STEPS = [
  [500, (visitor) => visitor.wander(20)],
  [3_000, (visitor) => visitor.scroll(8)],
  [5_500, (visitor) => visitor.click(".add", 4)],
  [6_500, (visitor) => visitor.wander(8)],
  [8_000, (visitor) => visitor.type("#email", "noa@example.com")],
  [10_500, (visitor) => visitor.click("#subscribe")],
  [11_500, (visitor) => visitor.click("#to-ceramics")],
  [12_500, (visitor) => visitor.scroll(6)],
  [14_500, (visitor) => visitor.click(".to-product", 2)],
  [15_500, (visitor) => visitor.wander(10)],
  [16_750, (visitor) => visitor.click(".add")],
  [17_500, (visitor) => visitor.scroll(4)],
  [18_750, (visitor) => visitor.click("#home")],
];

/** Plays so many cycles on a page that is loaded. */
export async function visit(page, cycles) {
  const visitor = visitorOf(page);
  const began = Date.now();
  const until = (ms) => sleep(began + ms - Date.now());
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (const [at, act] of STEPS) {
      await until(cycle * CYCLE_MS + at);
      await act(visitor);
    }
  }
  await until(cycles * CYCLE_MS);
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

function visitorOf(page) {
  /** Raw coordinates: Playwright's locators run code of their own in the page at length. */
  async function click(selector, place = 0) {
    const { x, y } = await page.evaluate(middle, [selector, place]);
    await page.mouse.move(x, y);
    await page.mouse.click(x, y, { delay: 60 });
  }
  return {
    click,
    async wander(moves) {
      for (let move = 0; move < moves; move++) {
        await page.mouse.move(200 + move * 37, 300 + Math.sin(move) * 150, { steps: 2 });
        await sleep(100);
      }
    },
    async scroll(notches) {
      for (let notch = 0; notch < notches; notch++) {
        await page.mouse.wheel(0, 240);
        await sleep(250);
      }
    },
    async type(selector, text) {
      await click(selector);
      await page.keyboard.type(text, { delay: 80 });
    },
  };
}

/** In the page: brings an element into view and says where its middle is. */
function middle([selector, place]) {
  const element = document.querySelectorAll(selector)[place];
  element.scrollIntoView({ block: "center" });
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}
