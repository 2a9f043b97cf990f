/** Whether it works: what the shop's page needs, one thing after the other, and whether its events come. */
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useSearchParams } from "wouter";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/fields.tsx";
import { Failure, wrongFields } from "../ui/states.tsx";
import { useWords } from "../words/index.tsx";
import { Arrivals } from "./arrivals.tsx";
import { Mark, type Verdict } from "./mark.tsx";

/** How often is looked whether something came, in milliseconds. */
const LOOK_MS = 3000;

export function Checklist() {
  const words = useWords();
  const { site, user } = useMe();
  const [search] = useSearchParams();
  const page = search.get("page") ?? "";
  const examined = useQuery({
    queryKey: ["examine", site.slug, page],
    queryFn: () => answer(api.POST("/v1/sites/{site}/verify", { params: { path: { site: site.slug } }, body: { page } })),
    enabled: page !== "",
    staleTime: Infinity,
    retry: false,
  });
  const arrived = useQuery({
    queryKey: ["verify", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}/verify", { params: { path: { site: site.slug } } })),
    refetchInterval: LOOK_MS,
  });
  const wrong = wrongFields(examined.error);
  return (
    <>
      <h2>{words.install.verify}</h2>
      {user.role !== "viewer" && (
        <Page page={page} wrong={wrong} isLooking={examined.isFetching} look={() => void examined.refetch()} />
      )}
      {examined.error && wrong["page"] === undefined && (
        <Failure error={examined.error} retry={() => void examined.refetch()} />
      )}
      {arrived.error && <Failure error={arrived.error} retry={() => void arrived.refetch()} />}
      <ul className="plain checks" aria-live="polite" aria-label={words.install.verify}>
        {examined.data?.checks.map((check) => (
          <Item key={check.check} name={words.install.parts[check.check]} verdict={check.verdict}>
            <p>{words.install.checks[check.code]}</p>
            {SHOWN.has(check.code) && (
              <code dir="ltr" className="value">
                {check.value}
              </code>
            )}
          </Item>
        ))}
        {arrived.data && <Arrived arrived={arrived.data} />}
      </ul>
      {arrived.data && arrived.data.hosts.length > 0 && <Arrivals hosts={arrived.data.hosts} />}
    </>
  );
}

/** Those whose sentence ends in what was found. */
const SHOWN = new Set<Schemas["ShopCode"]>([
  "line_twice",
  "line_of_other_site",
  "line_held_back",
  "policy_refuses_script",
  "policy_refuses_connect",
  "policy_refuses_wasm",
  "cookie_of_subdomain",
  "cookie_of_other_site",
  "script_status",
  "script_is_none",
  "worker_unknown_site",
  "worker_refuses_origin",
]);

interface PageProps {
  page: string;
  wrong: Record<string, string>;
  isLooking: boolean;
  look: () => void;
}

/** Which page of the shop is looked at; the address bar keeps it. */
function Page({ page, wrong, isLooking, look }: PageProps) {
  const words = useWords();
  const [, setSearch] = useSearchParams();
  const [draft, setDraft] = useState(page);
  const wanted = draft.trim() === "" || draft.includes("://") ? draft.trim() : `https://${draft.trim()}`;
  const begin = (event: SyntheticEvent) => {
    event.preventDefault();
    if (wanted === page) look();
    else setSearch({ page: wanted }, { replace: true });
  };
  return (
    <Form className="bar asking" onSubmit={begin} validationErrors={wrong}>
      <TextInput
        label={words.install.page}
        help={words.install.pageHelp}
        name="page"
        value={draft}
        onChange={setDraft}
        required
        ltr
      />
      <Button type="submit" kind="main" isPending={isLooking}>
        {isLooking ? words.install.checking : wanted === page ? words.install.again : words.install.check}
      </Button>
    </Form>
  );
}

/** The last word: whether events come. */
function Arrived({ arrived }: { arrived: Schemas["Verified"] }) {
  const words = useWords();
  const { parts, works, refused, waiting, nothing } = words.install;
  if (arrived.works) {
    return (
      <Item name={parts.events} verdict="good">
        <p>{works}</p>
      </Item>
    );
  }
  if (arrived.hosts.length > 0) {
    return (
      <Item name={parts.events} verdict="bad">
        <p>{refused}</p>
      </Item>
    );
  }
  return (
    <Item name={parts.events} verdict="waiting">
      <p>{waiting}</p>
      <ul>
        {nothing.map((advice) => (
          <li key={advice}>{advice}</li>
        ))}
      </ul>
    </Item>
  );
}

function Item({ name, verdict, children }: { name: string; verdict: Verdict; children: React.ReactNode }) {
  return (
    <li data-verdict={verdict}>
      <Mark verdict={verdict} />
      <div>
        <h3>{name}</h3>
        {children}
      </div>
    </li>
  );
}
