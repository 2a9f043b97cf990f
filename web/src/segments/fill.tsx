/** A value of a template. */
import type { Schemas } from "../api/client.ts";
import { DayInput } from "../ui/date.tsx";
import { Choose, type Choice } from "../ui/fields.tsx";
import { NumberInput } from "../ui/number.tsx";
import { Suggest } from "../ui/suggest.tsx";
import { useSpeech } from "../words/index.tsx";
import { Quantity } from "./filters.tsx";
import type { Duration, Field } from "./language.ts";
import { useNaming, useVocabulary } from "./naming.tsx";
import { DurationInput } from "./window.tsx";

export interface Values {
  [name: string]: unknown;
}

interface FillProps {
  parameter: Schemas["Parameter"];
  value: unknown;
  onChange: (value: unknown) => void;
}

export function Fill({ parameter, value, onChange }: FillProps) {
  const { language } = useSpeech();
  const naming = useNaming();
  const known = useVocabulary();
  const label = parameter.label[language];
  const text = typeof value === "string" ? value : "";
  const suggest = (choices: Choice<string>[], closed = false) => (
    <Suggest label={label} choices={choices} closed={closed} value={text} onChange={onChange} />
  );
  const seen = (name: string): Choice<string>[] => {
    const fields: (Field | undefined)[] = [
      known.filters.event.find((field) => field.name === name),
      known.filters.item.find((field) => field.name === `items.${name === "product" ? "id" : name}`),
    ];
    const choices = fields.flatMap((field) => (field === undefined ? [] : naming.values(field, "event")));
    return choices.filter(({ id }, at) => choices.findIndex((choice) => choice.id === id) === at);
  };
  switch (parameter.type) {
    case "count":
      return (
        <NumberInput
          label={label}
          value={typeof value === "number" ? value : undefined}
          least={0}
          onChange={(written) => onChange(written ?? 0)}
        />
      );
    case "money":
      return (
        <div className="labelled">
          <span>{label}</span>
          <Quantity of="" isMoney label={label} value={value} onChange={onChange} />
        </div>
      );
    case "dwell_ms":
      return (
        <div className="labelled">
          <span>{label}</span>
          <Quantity of="dwell_ms" isMoney={false} label={label} value={value} onChange={onChange} />
        </div>
      );
    case "duration":
      return (
        <div className="labelled">
          <span>{label}</span>
          <DurationInput label={label} value={value as Duration} onChange={onChange} />
        </div>
      );
    case "date":
      return <DayInput label={label} value={text} onChange={onChange} />;
    case "choice":
      return (
        <Choose
          label={label}
          choices={(parameter.options ?? []).map((option) => ({ id: option.value, name: option.label[language] }))}
          value={text}
          onChange={onChange}
        />
      );
    case "group":
      return suggest(naming.entries(known.groups), true);
    case "segment":
      return suggest(naming.entries(known.segments), true);
    case "field":
      return suggest(known.contact.map((field) => ({ id: field.name, name: naming.field(field) })), true);
    case "category":
    case "product":
      return suggest(seen(parameter.type));
    case "text":
      return suggest([]);
  }
}
