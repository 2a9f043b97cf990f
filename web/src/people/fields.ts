/** What the fields of contacts, and their options, are called. */
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { useSpeech } from "../words/index.tsx";

export function useFieldNames() {
  const { words, language, locale } = useSpeech();
  const { site } = useMe();
  const fields = useQuery({
    queryKey: ["fields", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}/fields", { params: { path: { site: site.slug } } })),
    staleTime: 60_000,
  });
  const field = (name: string) => fields.data?.find((known) => known.name === name);
  return {
    /** A field, or its own name until that is known. */
    field: (name: string) => field(name)?.labels?.[language] || name,
    /** A value, which may be an option, as people write what its field has. */
    value: (name: string, value: unknown) => {
      const known = field(name);
      const label = known?.options?.find((option) => option.value === value)?.labels?.[language];
      if (label) return label;
      if (typeof value === "boolean") return value ? words.segments.builder.yes : words.segments.builder.no;
      if (typeof value === "number") return new Intl.NumberFormat(locale).format(value);
      if (known?.type === "date" && typeof value === "string") {
        return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(Date.parse(value));
      }
      return value == null ? "" : String(value);
    },
  };
}
