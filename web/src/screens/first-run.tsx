/** The first start: who owns this, and which shop it is for. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type FormEvent } from "react";
import { Form } from "react-aria-components";
import { answer, api, Problem } from "../api/client.ts";
import { Choose, TextInput } from "../ui/fields.tsx";
import { Failure, wrongFields } from "../ui/states.tsx";
import { Button } from "../ui/button.tsx";
import { useSiteChoices } from "../data/site-choices.ts";
import { useWords } from "../words/index.tsx";

export default function FirstRun({ link, done }: { link?: string; done?: () => void }) {
  const words = useWords();
  return (
    <main className="alone">
      <h1>{words.firstRun.title}</h1>
      {link === undefined ? <Shop /> : <Owner link={link} done={done} />}
    </main>
  );
}

function Owner({ link, done }: { link: string; done: (() => void) | undefined }) {
  const words = useWords();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const begin = useMutation({
    mutationFn: () => answer(api.POST("/v1/session", { body: { link, name } })),
    onSuccess: (me) => {
      queries.setQueryData(["session"], me);
      done?.();
    },
  });
  const isBad = begin.error instanceof Problem && begin.error.code === "bad_link";
  return (
    <Form onSubmit={submit(() => begin.mutate())}>
      <p>{words.firstRun.intro}</p>
      <TextInput label={words.firstRun.yourName} value={name} onChange={setName} required autoFocus />
      {isBad && <p role="alert">{words.signIn.bad}</p>}
      {begin.error && !isBad && <Failure error={begin.error} />}
      <Button type="submit" kind="main" isPending={begin.isPending}>
        {words.firstRun.begin}
      </Button>
    </Form>
  );
}

function Shop() {
  const words = useWords();
  const queries = useQueryClient();
  const [slug, setSlug] = useState("");
  const [name, setName] = useState("");
  const [zone, setZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [currency, setCurrency] = useState(zone === "Asia/Jerusalem" ? "ILS" : "EUR");
  const [country, setCountry] = useState(zone === "Asia/Jerusalem" ? "IL" : "");
  const [weekStart, setWeekStart] = useState(7);
  const { zones, currencies, days } = useSiteChoices(zone);
  const create = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/v1/sites", {
          body: { site: slug, name, time_zone: zone, currency, country, week_start: weekStart },
        }),
      ),
    onSuccess: (site) => {
      queries.setQueryData(["sites"], [site]);
      location.assign(`/${site.site}/install`);
    },
  });
  const wrong = useMemo(() => wrongFields(create.error), [create.error]);
  // What is being mended is not wrong any more.
  const edit = (set: (text: string) => void) => (text: string) => {
    create.reset();
    set(text);
  };
  const isElsewhere = create.error !== null && Object.keys(wrong).length === 0;
  return (
    <Form onSubmit={submit(() => create.mutate())} validationErrors={wrong}>
      <h2>{words.firstRun.siteTitle}</h2>
      <p>{words.firstRun.siteIntro}</p>
      <TextInput label={words.firstRun.siteName} value={name} onChange={edit(setName)} name="name" required />
      <TextInput
        label={words.firstRun.slug}
        help={words.firstRun.slugHelp}
        value={slug}
        onChange={edit(setSlug)}
        name="site"
        required
        ltr
      />
      <Choose label={words.firstRun.timeZone} choices={zones} value={zone} onChange={setZone} />
      <Choose label={words.firstRun.currency} choices={currencies} value={currency} onChange={setCurrency} />
      <Choose label={words.firstRun.weekStart} choices={days} value={weekStart} onChange={setWeekStart} />
      <TextInput
        label={words.firstRun.country}
        value={country}
        onChange={edit((text) => setCountry(text.toUpperCase()))}
        name="country"
        ltr
      />
      {isElsewhere && <Failure error={create.error} />}
      <Button type="submit" kind="main" isPending={create.isPending}>
        {words.firstRun.create}
      </Button>
    </Form>
  );
}

function submit(act: () => void) {
  return (event: FormEvent) => {
    event.preventDefault();
    act();
  };
}
