/** What the fields of contacts, and their options, are called. */
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { useSpeech } from "../words/index.tsx";

export function useFieldNames() {
  const { language } = useSpeech();
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
    /** A value, which may be an option. */
    value: (name: string, value: unknown) => {
      const option = field(name)?.options?.find((known) => known.value === value);
      return option?.labels?.[language] || (value == null ? "" : String(value));
    },
  };
}
