/** The backend's API, as its own description types it. */
import createClient from "openapi-fetch";
import type { components, paths } from "../../../build/api.d.ts";

export type Schemas = components["schemas"];

/** What the backend refuses, as it says it (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly pointer: string | undefined,
  ) {
    super(detail);
  }
}

/** The backend can't be reached. */
export class Unreachable extends Error {}

const client = createClient<paths>({
  fetch: async (request) => {
    try {
      return await fetch(request);
    } catch (cause) {
      throw new Unreachable("no answer", { cause });
    }
  },
});

client.use({
  async onResponse({ response }) {
    if (response.ok) return;
    const said: unknown = await response.json().catch(() => null);
    const text = (name: string) => {
      const value = typeof said === "object" && said !== null ? Reflect.get(said, name) : undefined;
      return typeof value === "string" ? value : undefined;
    };
    const detail = text("detail") ?? response.statusText;
    throw new Problem(response.status, text("code") ?? "unknown", detail, text("pointer"));
  },
});

export const api = client;

/** What an answer holds: that it is one, the client has seen to. */
export async function answer<Response extends { data?: unknown }>(
  asked: Promise<Response>,
): Promise<Exclude<Response["data"], undefined>> {
  const { data } = await asked;
  return data as Exclude<Response["data"], undefined>;
}
