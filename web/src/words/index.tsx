/** The language of the app: its texts, and how it writes numbers, moments and plurals. */
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { I18nProvider } from "react-aria-components";
import { en, type Words } from "./en.ts";
import { he } from "./he.ts";

export type Language = "en" | "he";

const WORDS: Record<Language, Words> = { en, he };
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
  const [language, setLanguage] = useState(preferred);
  const locale = LOCALES[language];
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = language === "he" ? "rtl" : "ltr";
  }, [language]);
  const speech = useMemo<Speech>(
    () => ({
      language,
      locale,
      words: WORDS[language],
      choose(chosen) {
        localStorage.setItem(KEPT, chosen);
        setLanguage(chosen);
      },
    }),
    [language, locale],
  );
  return (
    <I18nProvider locale={locale}>
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
