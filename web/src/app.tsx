/** Who is signed in, and what they see. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, type ComponentType } from "react";
import { RouterProvider } from "react-aria-components";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { answer, api, Problem } from "./api/client.ts";
import { Me, siteOf, type Member } from "./me.tsx";
import { Shell } from "./shell.tsx";
import { Failure, Waiting } from "./ui/states.tsx";
import { useWords } from "./words/index.tsx";

const FirstRun = lazy(() => import("./screens/first-run.tsx"));
const SignIn = lazy(() => import("./screens/sign-in.tsx"));
const Install = lazy(() => import("./screens/install.tsx"));
const Overview = lazy(() => import("./screens/overview.tsx"));
const Segments = lazy(() => import("./screens/segments.tsx"));
const Segment = lazy(() => import("./screens/segment.tsx"));
const Templates = lazy(() => import("./screens/templates.tsx"));
const People = lazy(() => import("./screens/people.tsx"));
const Person = lazy(() => import("./screens/person.tsx"));
const Data = lazy(() => import("./screens/data.tsx"));
const Live = lazy(() => import("./screens/live.tsx"));
const Users = lazy(() => import("./screens/users.tsx"));

/** The secret of a one-time link, which stands behind the `#` so that it is in no log. */
function linkInAddress(): string | null {
  const text = location.hash.slice(1);
  return /^c[lt]_[0-9a-f]+_[0-9a-f]+$/.test(text) ? text : null;
}

export function App() {
  const [, navigate] = useLocation();
  const [link, setLink] = useState(linkInAddress);
  useEffect(() => {
    const look = () => setLink(linkInAddress());
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  const done = () => {
    history.replaceState(null, "", location.pathname);
    setLink(null);
  };
  return (
    <RouterProvider navigate={navigate}>
      <Suspense fallback={<Waiting />}>
        {link?.startsWith("ct_") ? (
          <FirstRun link={link} done={done} />
        ) : link === null ? (
          <SignedIn />
        ) : (
          <SignIn link={link} done={done} />
        )}
      </Suspense>
    </RouterProvider>
  );
}

function SignedIn() {
  const me = useQuery({
    queryKey: ["session"],
    queryFn: () => answer(api.GET("/v1/session")),
    staleTime: Infinity,
  });
  const sites = useQuery({
    queryKey: ["sites"],
    queryFn: () => answer(api.GET("/v1/sites")),
    select: (sites) => sites.map(siteOf),
    enabled: me.isSuccess,
  });
  if (me.error instanceof Problem && me.error.code === "no_key") return <SignIn />;
  if (me.error instanceof Problem && me.error.code === "no_session") return <SignIn />;
  if (me.error) return <Failure error={me.error} retry={() => void me.refetch()} />;
  if (sites.error) return <Failure error={sites.error} retry={() => void sites.refetch()} />;
  if (!me.data || !sites.data) return <Waiting />;
  const first = sites.data[0];
  if (first === undefined) return <FirstRun />;
  return (
    <Switch>
      <Route path="/:site/*?">
        {({ site: slug }) => {
          const site = sites.data.find((site) => site.slug === slug);
          if (site === undefined) return <Redirect to={`/${first.slug}`} />;
          return <OfSite member={{ user: me.data, site, sites: sites.data }} />;
        }}
      </Route>
      <Route>
        <Redirect to={`/${first.slug}`} />
      </Route>
    </Switch>
  );
}

interface Screen {
  path: string;
  part: ComponentType;
  roles: Member["user"]["role"][];
  /** What lies behind it: the more particular first. */
  deeper?: { path: string; part: ComponentType }[];
}

const SCREENS: Screen[] = [
  { path: "overview", part: Overview, roles: ["owner", "marketer", "viewer"] },
  {
    path: "segments",
    part: Segments,
    roles: ["owner", "marketer", "viewer"],
    deeper: [
      { path: "templates", part: Templates },
      { path: ":segment", part: Segment },
    ],
  },
  {
    path: "people",
    part: People,
    roles: ["owner", "marketer", "viewer"],
    deeper: [{ path: ":person", part: Person }],
  },
  { path: "live", part: Live, roles: ["owner", "marketer"] },
  { path: "data", part: Data, roles: ["owner", "marketer"] },
  { path: "install", part: Install, roles: ["owner", "marketer", "viewer"] },
  { path: "users", part: Users, roles: ["owner"] },
];

function OfSite({ member }: { member: Member }) {
  const words = useWords();
  const { slug } = member.site;
  const seen = SCREENS.filter(({ roles }) => roles.includes(member.user.role));
  const start = `/${slug}/${seen[0]?.path ?? "install"}`;
  return (
    <Me value={member}>
      <Shell screens={seen.map(({ path }) => path)}>
        <Suspense fallback={<Waiting />}>
          <Switch>
            {seen.flatMap(({ path, part, deeper = [] }) =>
              [...deeper.map((one) => ({ path: `${path}/${one.path}`, part: one.part })), { path, part }].map(
                ({ path, part }) => <Route key={path} path={`/${slug}/${path}`} component={part} />,
              ),
            )}
            <Route path={`/${slug}`}>
              <Redirect to={start} />
            </Route>
            <Route>
              <p className="empty">{words.app.notFound}</p>
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </Me>
  );
}
