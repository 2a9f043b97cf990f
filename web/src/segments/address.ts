/** What is being written, in the address: it can be sent to somebody, and going back finds it. */

/** A longer definition stays out of the address: servers between refuse long ones. */
const MOST = 6000;

export interface Written {
  definition: unknown;
  names: { [language: string]: string };
}

export function addressOf(path: string, definition: unknown, names: Written["names"]): string {
  const search = new URLSearchParams({ definition: JSON.stringify(definition), names: JSON.stringify(names) }).toString();
  return search.length > MOST ? path : `${path}?${search}`;
}

function parsed(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Somebody changed the address by hand.
    return undefined;
  }
}

export function writtenIn(search: URLSearchParams): Partial<Written> {
  const definition = parsed(search.get("definition"));
  const names = parsed(search.get("names"));
  return {
    ...(typeof definition === "object" && definition !== null ? { definition } : {}),
    ...(typeof names === "object" && names !== null ? { names: names as Written["names"] } : {}),
  };
}
