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

/** How numbers and moments are written. */
export function useFormats() {
  const { locale } = useSpeech();
  return useMemo(() => {
    const number = new Intl.NumberFormat(locale);
    const plural = new Intl.PluralRules(locale);
    const time = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
    const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    return {
      number: (value: number) => number.format(value),
      plural: (value: number) => plural.select(value),
      time: (ms: number) => time.format(ms),
      moment: (ms: number) => moment.format(ms),
    };
  }, [locale]);
}
