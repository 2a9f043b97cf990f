/** What the site has of its own: contacts' files, fields, groups, keys, settings, and who changed them. */
import { lazy, Suspense, type ComponentType } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useSearchParams } from "wouter";
import { useMe } from "../me.tsx";
import { Waiting } from "../ui/states.tsx";
import { useWords } from "../words/index.tsx";

const PARTS: { id: Name; part: ComponentType; roles: ("owner" | "marketer")[] }[] = [
  { id: "import", part: lazy(() => import("../data/import.tsx")), roles: ["owner", "marketer"] },
  { id: "fields", part: lazy(() => import("../data/fields.tsx")), roles: ["owner", "marketer"] },
  { id: "groups", part: lazy(() => import("../data/groups.tsx")), roles: ["owner", "marketer"] },
  { id: "keys", part: lazy(() => import("../data/keys.tsx")), roles: ["owner"] },
  { id: "site", part: lazy(() => import("../data/settings.tsx")), roles: ["owner"] },
  { id: "sites", part: lazy(() => import("../data/sites.tsx")), roles: ["owner"] },
  { id: "audit", part: lazy(() => import("../data/audit.tsx")), roles: ["owner"] },
];
type Name = "import" | "fields" | "groups" | "keys" | "site" | "sites" | "audit";

export default function Data() {
  const words = useWords();
  const { user } = useMe();
  const [search, setSearch] = useSearchParams();
  const parts = PARTS.filter(({ roles }) => roles.some((role) => role === user.role));
  return (
    <>
      <h1>{words.data.title}</h1>
      <Tabs
        selectedKey={search.get("tab") ?? "import"}
        onSelectionChange={(tab) => setSearch({ tab: String(tab) })}
      >
        <TabList aria-label={words.data.title}>
          {parts.map(({ id }) => (
            <Tab key={id} id={id}>
              {words.data.tabs[id]}
            </Tab>
          ))}
        </TabList>
        {parts.map(({ id, part: Part }) => (
          <TabPanel key={id} id={id}>
            <Suspense fallback={<Waiting />}>
              <Part />
            </Suspense>
          </TabPanel>
        ))}
      </Tabs>
    </>
  );
}
