/** Dark or light: as the device says, unless somebody chose. */
export type Theme = "system" | "light" | "dark";

const KEPT = "crumbtrail-theme";

export const THEMES: Theme[] = ["system", "light", "dark"];

export function keptTheme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Puts on the theme that was chosen, or another one from here on. */
export function wearTheme(chosen?: Theme) {
  if (chosen !== undefined) localStorage.setItem(KEPT, chosen);
  const theme = keptTheme();
  document.documentElement.style.colorScheme = theme === "system" ? "light dark" : theme;
}
