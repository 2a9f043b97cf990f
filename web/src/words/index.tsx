/** The language of the app: its texts, and how it writes numbers, moments and plurals. */
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { I18nProvider } from "react-aria-components";
import type { Words } from "./en.ts";

export type Language = "en" | "he";

/** Only the texts of the language that is read are fetched. */
const TEXTS: Record<Language, () => Promise<Words>> = {
  en: async () => (await import("./en.ts")).en,
  he: async () => (await import("./he.ts")).he,
};
const LOCALES: Record<Language, string> = { en: "en-GB", he: "he-IL" };
const KEPT = "crumbtrail-language";

export const LANGUAGES: { id: Language; name: string }[] = [
  { id: "en", name: "English" },
  { id: "he", name: "עברית" },
];

interface Speech {
  language: Language;
  locale: string;
  words: Words;
  choose(language: Language): void;
}

const Spoken = createContext<Speech | null>(null);

/** The language that was chosen before, or else the browser's. */
function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "he") return kept;
  return navigator.languages.some((language) => language.startsWith("he")) ? "he" : "en";
}

export function Speaking({ children }: { children: ReactNode }) {
  const [chosen, setChosen] = useState(preferred);
  const [spoken, setSpoken] = useState<{ language: Language; words: Words } | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let isWanted = true;
    TEXTS[chosen]().then(
      (words) => {
        if (!isWanted) return;
        document.documentElement.lang = chosen;
        document.documentElement.dir = chosen === "he" ? "rtl" : "ltr";
        setSpoken({ language: chosen, words });
      },
      (problem: unknown) => isWanted && setError(problem),
    );
    return () => {
      isWanted = false;
    };
  }, [chosen]);
  const speech = useMemo<Speech | null>(
    () =>
      spoken && {
        ...spoken,
        locale: LOCALES[spoken.language],
        choose(language) {
          localStorage.setItem(KEPT, language);
          setChosen(language);
        },
      },
    [spoken],
  );
  // Nothing can be said of it: there is no text to say it in.
  if (speech === null) return error === null ? null : <p role="alert">{String(error)}</p>;
  return (
    <I18nProvider locale={speech.locale}>
      <Spoken value={speech}>{children}</Spoken>
    </I18nProvider>
  );
}

export function useSpeech(): Speech {
  const speech = use(Spoken);
  if (speech === null) throw new Error("there is no <Speaking> around");
  return speech;
}

export function useWords(): Words {
  return useSpeech().words;
}

/** Of texts in several languages the one that is read here. */
export function useLabel(): (labels: { [language: string]: string }) => string {
  const { language } = useSpeech();
  return (labels) => labels[language] ?? labels["en"] ?? Object.values(labels)[0] ?? "";
}

/** How numbers and moments are written. */
export function useFormats() {
  const { locale } = useSpeech();
  return useMemo(() => {
    const number = new Intl.NumberFormat(locale);
    const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
    const change = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
    const plural = new Intl.PluralRules(locale);
    const time = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
    const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
    const list = new Intl.ListFormat(locale);
    return {
      number: (value: number) => number.format(value),
      /** A share of one. */
      percent: (share: number) => percent.format(share),
      /** A change by a share of one, with its sign. */
      change: (share: number) => change.format(share),
      plural: (value: number) => plural.select(value),
      time: (ms: number) => time.format(ms),
      moment: (ms: number) => moment.format(ms),
      /** A day of a calendar, as `2026-11-21`. */
      day: (date: string) => day.format(Date.parse(date)),
      /** Cents of a currency. */
      money: (cents: number, currency: string) => {
        // Shops write what they like where a currency stands.
        const isOne = /^[A-Za-z]{3}$/.test(currency);
        const options: Intl.NumberFormatOptions = isOne ? { style: "currency", currency } : { minimumFractionDigits: 2 };
        const written = new Intl.NumberFormat(locale, options).format(cents / 100);
        return isOne || currency === "" ? written : `${written} ${currency}`;
      },
      /** A length of time, to the minute from one minute on. */
      span: (ms: number) => {
        const [unit, size] = ms >= 3_600_000 ? (["hour", 3_600_000] as const) : ms >= 60_000 ? (["minute", 60_000] as const) : (["second", 1000] as const);
        const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 });
        return format.format(ms / size);
      },
      list: (texts: string[]) => list.format(texts),
    };
  }, [locale]);
}

/** A word of a table of the dictionary; what has none is its own name. */
export function read(table: object, word: string): string {
  const text: unknown = Reflect.get(table, word);
  return typeof text === "string" ? text : word;
}
