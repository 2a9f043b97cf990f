/** Who looks, and at which site. */
import { createContext, use } from "react";
import type { Schemas } from "./api/client.ts";

/** A site as the app needs it: what the backend leaves out where it is usual is there. */
export interface Site {
  slug: string;
  name: string;
  /** ISO 4217. */
  currency: string;
  /** IANA. */
  timeZone: string;
}

export function siteOf({ site = "", name, currency = "ILS", time_zone: timeZone = "UTC" }: Schemas["SiteSettings"]): Site {
  return { slug: site, name: name || site, currency, timeZone };
}

export interface Member {
  user: Schemas["SignedIn"];
  site: Site;
  sites: Site[];
}

const Looking = createContext<Member | null>(null);

export const Me = Looking.Provider;

export function useMe(): Member {
  const member = use(Looking);
  if (member === null) throw new Error("nobody is signed in");
  return member;
}
