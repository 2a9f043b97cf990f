/** What somebody is called; nothing where neither name is known. */
export function nameOf(first: unknown, last: unknown): string | undefined {
  const names = [first, last].filter((name) => typeof name === "string" && name !== "");
  return names.length > 0 ? names.join(" ") : undefined;
}
