/** What a site's figures are reckoned by, and for how long it keeps what. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMe } from "../me.tsx";
import { Ask } from "../ui/ask.tsx";
import { Button } from "../ui/button.tsx";
import { Choose, TextInput } from "../ui/fields.tsx";
import { NumberInput } from "../ui/number.tsx";
import { Failure, Waiting } from "../ui/states.tsx";
import { useFormats, useWords } from "../words/index.tsx";
import { useSiteChoices } from "./site-choices.ts";

export default function Settings() {
  const { site } = useMe();
  const settings = useQuery({
    queryKey: ["site", site.slug],
    queryFn: () => answer(api.GET("/v1/sites/{site}", { params: { path: { site: site.slug } } })),
  });
  if (settings.error) return <Failure error={settings.error} retry={() => void settings.refetch()} />;
  if (!settings.data) return <Waiting />;
  return <Change settings={settings.data} />;
}

function Change({ settings }: { settings: Schemas["SiteSettings"] }) {
  const words = useWords();
  const { number } = useFormats();
  const { site } = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState(settings.name ?? "");
  const [zone, setZone] = useState(settings.time_zone ?? "UTC");
  const [currency, setCurrency] = useState(settings.currency ?? "");
  const [country, setCountry] = useState(settings.country ?? "");
  const [weekStart, setWeekStart] = useState(settings.week_start ?? 7);
  const [consent, setConsent] = useState<Schemas["Consent"]>(settings.consent ?? "optional");
  const kept = settings.retention_days ?? 0;
  const [retention, setRetention] = useState(kept);
  const { zones, currencies, days } = useSiteChoices(zone);
  const save = useMutation({
    mutationFn: () =>
      answer(
        api.PATCH("/v1/sites/{site}", {
          params: { path: { site: site.slug } },
          body: {
            name,
            time_zone: zone,
            currency,
            country,
            week_start: weekStart,
            consent,
            retention_days: retention,
          },
        }),
      ),
    onSuccess: (saved) => {
      queries.setQueryData(["site", site.slug], saved);
      return queries.invalidateQueries({ queryKey: ["sites"] });
    },
  });
  // Less is kept than before: what is older is deleted.
  const deletes = retention > 0 && (kept === 0 || retention < kept);
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        if (!deletes) save.mutate();
      }}
    >
      <p>{words.data.site.intro}</p>
      <TextInput label={words.firstRun.siteName} value={name} onChange={setName} required />
      <Choose label={words.firstRun.timeZone} choices={zones} value={zone} onChange={setZone} />
      <Choose label={words.firstRun.currency} choices={currencies} value={currency} onChange={setCurrency} />
      <Choose label={words.firstRun.weekStart} choices={days} value={weekStart} onChange={setWeekStart} />
      <TextInput
        label={words.firstRun.country}
        value={country}
        onChange={(text) => setCountry(text.toUpperCase())}
        ltr
      />
      <Choose
        label={words.data.site.consent}
        choices={(["optional", "required"] as const).map((id) => ({ id, name: words.data.site.consents[id] }))}
        value={consent}
        onChange={setConsent}
      />
      <NumberInput
        label={words.data.site.retention}
        value={retention}
        least={0}
        most={1826}
        onChange={(days) => setRetention(days ?? 0)}
      />
      <p className="help">{words.data.site.retentionHelp}</p>
      {save.error && !deletes && <Failure error={save.error} />}
      {deletes ? (
        <Ask
          text={words.data.site.retentionAsk(number(retention))}
          button={words.app.save}
          error={save.error}
          isPending={save.isPending}
          act={() => save.mutateAsync()}
        />
      ) : (
        <Button type="submit" kind="main" isPending={save.isPending}>
          {words.app.save}
        </Button>
      )}
      <p role="status">{save.isSuccess && words.data.site.saved}</p>
    </Form>
  );
}
