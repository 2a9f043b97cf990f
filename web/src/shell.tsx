/** What stands around every screen: where one can go, for which site, in which language. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link } from "react-aria-components";
import { useLocation } from "wouter";
import { api } from "./api/client.ts";
import { useMe } from "./me.tsx";
import { keptTheme, THEMES, wearTheme, type Theme } from "./theme.ts";
import { Choose } from "./ui/fields.tsx";
import { Button } from "./ui/button.tsx";
import type { Words } from "./words/en.ts";
import { LANGUAGES, useSpeech, useWords } from "./words/index.tsx";

export type ScreenName = keyof Words["nav"];

export function Shell({ screens, children }: { screens: string[]; children: ReactNode }) {
  const words = useWords();
  const { site, sites } = useMe();
  const [at, navigate] = useLocation();
  const [open, setOpen] = useState(false);
  const content = useRef<HTMLElement>(null);
  const named = (path: string) => words.nav[path as ScreenName];
  const here = at.split("/")[2] ?? "";
  useEffect(() => {
    setOpen(false);
    document.title = words.app.title(words.nav[here as ScreenName] ?? site.name);
  }, [here, site.name, words]);
  return (
    <div className="shell" data-open={open || undefined}>
      <a className="skip" href="#content" onClick={() => content.current?.focus()}>
        {words.app.skip}
      </a>
      <header>
        <Button aria-expanded={open} onPress={() => setOpen(!open)}>
          {words.app.menu}
        </Button>
        <span className="brand">{words.app.name}</span>
      </header>
      <nav aria-label={words.app.menu}>
        {sites.length > 1 && (
          <Choose
            label={words.app.site}
            choices={sites.map(({ slug, name }) => ({ id: slug, name }))}
            value={site.slug}
            onChange={(slug) => navigate(`/${slug}/${here}`)}
          />
        )}
        <ul>
          {screens.map((path) => (
            <li key={path}>
              <Link href={`/${site.slug}/${path}`} {...(path === here ? { "aria-current": "page" } : {})}>
                {named(path)}
              </Link>
            </li>
          ))}
        </ul>
        <Settings />
      </nav>
      <main id="content" ref={content} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** The language and the look of the app, which are this browser's, and the way out. */
function Settings() {
  const words = useWords();
  const { language, choose } = useSpeech();
  const { user } = useMe();
  const [theme, setTheme] = useState<Theme>(keptTheme);
  const leave = async () => {
    try {
      await api.DELETE("/v1/session");
    } finally {
      // Nothing of what was seen stays.
      location.assign("/");
    }
  };
  return (
    <div className="settings">
      <Choose label={words.app.language} choices={LANGUAGES} value={language} onChange={choose} />
      <Choose
        label={words.app.theme}
        choices={THEMES.map((id) => ({ id, name: words.app.themes[id] }))}
        value={theme}
        onChange={(chosen) => {
          wearTheme(chosen);
          setTheme(chosen);
        }}
      />
      <p className="who">
        <bdi>{user.name}</bdi> · {words.users.roles[user.role]}
      </p>
      <Button kind="quiet" onPress={() => void leave()}>
        {words.app.signOut}
      </Button>
    </div>
  );
}
