// What a User-Agent says, by two well-kept lists: of browsers (bowser) and of bots (isbot).

import Bowser from "bowser";
import { isbot } from "isbot";

/** The devices that the segment language tells apart. */
const DEVICES = new Set(["desktop", "mobile", "tablet"]);

/** A few hundred of them make almost all requests, and to read one takes longer than all else. */
const MOST_KNOWN = 1_000;
const known = new Map();

/** Longest that is looked at: past it there is none of a browser's. */
const MOST_LETTERS = 512;

/** Device, browser, operating system, and `bot` where it is one: a line each. */
export function describe(header) {
  const userAgent = header.slice(0, MOST_LETTERS);
  let said = known.get(userAgent);
  if (said === undefined) {
    if (known.size === MOST_KNOWN) known.clear();
    said = read(userAgent);
    known.set(userAgent, said);
  }
  return said;
}

function read(userAgent) {
  // Nobody's browser says nothing; a parser of the empty text fails.
  if (!userAgent) return "other\n\n\nbot";
  const { platform, browser, os } = Bowser.parse(userAgent);
  const device = DEVICES.has(platform.type) ? platform.type : "other";
  return [device, browser.name ?? "", os.name ?? "", isbot(userAgent) ? "bot" : ""].join("\n");
}
