// Dwell: the time that a page had somebody's attention, and how far they scrolled.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { of, settled, stories } from "./shopper.mjs";

const sum = (events) => of(events, "dwell").reduce((sum, { dwellMs }) => sum + dwellMs, 0);

/** The pixel may be read a second after it has started; that second isn't counted. */
const UNREAD_MS = 1_300;

/** Opens a page, does something there, and leaves it; asserts that the dwell is the time that
 * the page was open: no less than since its pixel had started, but for the time that a page is
 * unread, and no more than since it was asked for. */
async function dwells(shopper, page, act) {
  const asked = Date.now();
  const tab = await shopper.open(page);
  const began = Date.now();
  await act(tab);
  const done = Date.now();
  const ms = sum(await shopper.leave());
  const [least, most] = [done - began - UNREAD_MS, Date.now() - asked];
  assert.ok(ms > least && ms < most, `${ms} ms is not within ${least} and ${most}`);
}

const VIEWPORT = { width: 800, height: 600 };

/** Four times the window's height. */
const TALL = '<style>body { margin: 0 }</style><div style="height: 2400px"></div>';

const scroll = (tab, share) =>
  tab.evaluate(
    (share) =>
      new Promise((done) => {
        addEventListener("scroll", () => setTimeout(done), { once: true });
        scrollTo(0, share * document.documentElement.scrollHeight);
      }),
    share,
  );

/** A second of silence, 8-bit and mono, as a WAV file. */
function silence() {
  const rate = 8_000;
  const wav = Buffer.alloc(44 + rate, 0x80);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + rate, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(rate, 40);
  return `data:audio/wav;base64,${wav.toString("base64")}`;
}

describe("dwell", { concurrency: 6 }, () => {
  const story = stories();

  story("time counts while somebody is there", (shopper) =>
    dwells(shopper, {}, async (tab) => {
      for (let n = 0; n < 8; n++) {
        await tab.mouse.move(100 + n, 100);
        await tab.waitForTimeout(500);
      }
    }));

  story("nobody is there half a minute after the last input", async (shopper) => {
    const tab = await shopper.open();
    await tab.waitForTimeout(33_000);
    const back = Date.now();
    await tab.mouse.move(50, 50);
    await tab.waitForTimeout(2_000);
    const before = sum(shopper.net.attempts.flatMap(({ events }) => events));
    assert.ok(before >= 15_000, "a dying tab would lose little: most was sent as it came");
    const ms = sum(await shopper.leave());
    const most = 30_000 + (Date.now() - back);
    assert.ok(ms > 32_000 - UNREAD_MS && ms < most, `${ms} ms is not within 32000 and ${most}`);
  });

  story("media that play count as being there", (shopper) =>
    dwells(shopper, { body: `<audio controls loop src="${silence()}"></audio>` }, async (tab) => {
      await tab.evaluate(() => document.querySelector("audio").play());
      await tab.waitForTimeout(33_000);
    }));

  story("how far a page was scrolled", async (shopper) => {
    const tab = await shopper.open({ body: TALL });
    await settled(tab);
    for (const share of [0.25, 0.5, 1, 0]) {
      await scroll(tab, share);
      // A change of the address takes stock of what was dwelt so far.
      await tab.evaluate((share) => history.replaceState({}, "", `?at=${share}`), share);
      await settled(tab);
    }
    const scrolls = of(await shopper.leave(), "dwell").map(({ scrollPercent }) => scrollPercent);
    assert.deepEqual(scrolls, [50, 75, 100, 100, 100], "the greatest so far");
  }, { viewport: VIEWPORT });

  story("what is in view counts, without any scrolling and in the last moment", async (shopper) => {
    const tab = await shopper.open({ body: TALL });
    await tab.waitForTimeout(3_000);
    assert.equal(of(await shopper.leave(), "dwell").at(-1).scrollPercent, 25);
    const other = await shopper.open({ body: TALL });
    await settled(other);
    await scroll(other, 0.25);
    await scroll(other, 0.5);
    assert.equal(of(await shopper.leave(), "dwell").at(-1).scrollPercent, 75);
  }, { viewport: VIEWPORT });
});
