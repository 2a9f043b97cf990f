/** Another shop: what it is called, and what its figures are reckoned by. */
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Form } from "react-aria-components";
import { answer, api } from "../api/client.ts";
import { Button } from "../ui/button.tsx";
import { Choose, TextInput } from "../ui/fields.tsx";
import { Failure, wrongFields } from "../ui/states.tsx";
import { useWords } from "../words/index.tsx";
import { useSiteChoices } from "./site-choices.ts";

export function NewSite() {
  const words = useWords();
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
    onSuccess: ({ site }) => location.assign(`/${site}/install`),
  });
  const wrong = useMemo(() => wrongFields(create.error), [create.error]);
  // What is being mended is not wrong any more.
  const edit = (set: (text: string) => void) => (text: string) => {
    create.reset();
    set(text);
  };
  const isElsewhere = create.error !== null && Object.keys(wrong).length === 0;
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
      validationErrors={wrong}
    >
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
