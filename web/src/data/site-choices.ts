/** What there is to choose from where a site is set up. */
import { useMemo } from "react";
import type { Choice } from "../ui/fields.tsx";
import { useSpeech } from "../words/index.tsx";

export function useSiteChoices(zone: string): {
  zones: Choice<string>[];
  currencies: Choice<string>[];
  days: Choice<number>[];
} {
  const { locale } = useSpeech();
  return useMemo(() => {
    const zones = new Set([...Intl.supportedValuesOf("timeZone"), "UTC", zone]);
    const names = new Intl.DisplayNames(locale, { type: "currency" });
    const day = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
    return {
      zones: [...zones].map((id) => ({ id, name: id })),
      currencies: Intl.supportedValuesOf("currency").map((id) => ({ id, name: `${names.of(id)} (${id})` })),
      // The first of January 2024 was a Monday.
      days: [1, 2, 3, 4, 5, 6, 7].map((id) => ({ id, name: day.format(Date.UTC(2024, 0, id)) })),
    };
  }, [locale, zone]);
}
