/** What is known of the site, and how its words are read in the app's language. */
import { createContext, use, useMemo } from "react";
import type { Choice } from "../ui/fields.tsx";
import { read, useSpeech } from "../words/index.tsx";
import type { Entry, Field, Labels, Source, Vocabulary } from "./language.ts";

const Known = createContext<Vocabulary | null>(null);
export const Knowing = Known.Provider;

export function useVocabulary(): Vocabulary {
  const vocabulary = use(Known);
  if (vocabulary === null) throw new Error("the segment language is not loaded");
  return vocabulary;
}

export function useNaming() {
  const { language, words } = useSpeech();
  return useMemo(() => {
    const terms = words.segments;
    const labelled = (labels: Labels | undefined, fallback: string) => labels?.[language] || fallback;
    const choices = (names: readonly string[], table: object): Choice<string>[] =>
      names.map((id) => ({ id, name: read(table, id) }));
    return {
      terms,
      choices,
      read,
      /** A field of facts, or of contacts. */
      field: ({ name, labels }: Field) => labelled(labels, read(terms.fields, name)),
      entries: (entries: Entry[], table: object = {}) =>
        entries.map(({ value, title, labels }) => ({
          id: value,
          name: labelled(labels, title === value ? read(table, value) : title),
        })),
      /** The values of a field of facts: its own words are of the language. */
      values: (field: Field, source: Source | "contact") =>
        field.values.map(({ value, title, labels }) => ({
          id: value,
          name: labelled(labels, field.isClosed && source === "message" ? read(terms.channels, value) : title),
        })),
    };
  }, [language, words]);
}

export type Naming = ReturnType<typeof useNaming>;
