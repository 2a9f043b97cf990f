/** What holds of a fact, or of a contact: a field, a test, and what it is tested against. */
import { NumberInput } from "../ui/number.tsx";
import { DayInput } from "../ui/date.tsx";
import { Button } from "../ui/button.tsx";
import { Choose, TextInput } from "../ui/fields.tsx";
import { Suggest, SuggestMany } from "../ui/suggest.tsx";
import { useMe } from "../me.tsx";
import type { Field, Filter, Given, Source, Value } from "./language.ts";
import { useNaming, useVocabulary } from "./naming.tsx";

const PROP = "props.";
/** Any property of the site's own; the one that was written stands behind it. */
const OTHER = "";

function fieldOf(fields: Field[], name: string): Field | undefined {
  return fields.find((field) => field.name === name) ?? fields.find((field) => field.name === OTHER);
}

function givenTo(field: Field, op: string): Given {
  return field.ops.find((known) => known.op === op)?.given ?? "value";
}

/** What stands before anything was written: the backend says what is missing. */
function blank(field: Field): Value {
  switch (field.kind) {
    case "flag":
      return true;
    case "number":
    case "money":
      return 1;
    case "date":
      return new Date().toISOString().slice(0, 10);
    case "text":
      return "";
  }
}

/** The test, with as much of the old value as still fits. */
function tested(field: Field, op: string, old: Filter["value"], was: Given | undefined): Omit<Filter, "field"> {
  const given = givenTo(field, op);
  if (given === "nothing" || given === "window") return { op };
  if (given === was && old !== undefined) return { op, value: old };
  const first = Array.isArray(old) ? old[0] : old;
  const one = typeof first === typeof blank(field) && first !== undefined ? first : blank(field);
  if (given === "list") return { op, value: one === "" ? [] : [one] };
  return { op, value: given === "bounds" ? [one, one] : one };
}

/** A filter of another field. */
export function freshFilter(field: Field, name = field.name): Filter {
  const op = field.ops[0]?.op ?? "exists";
  return { field: name, ...tested(field, op, undefined, undefined) };
}

export function Filters(props: { source: Source; value: Filter[]; onChange: (filters: Filter[]) => void }) {
  const { source, value, onChange } = props;
  const { terms } = useNaming();
  const fields = useVocabulary().filters[source];
  const first = fields.find(({ name }) => name === "category" || name === "items.category") ?? fields[0];
  return (
    <div className="filters">
      {value.map((filter, index) => (
        <div className="filter" key={index} role="group" aria-label={terms.builder.filters}>
          <span className="joint">{terms.builder.filters}</span>
          <FilterInput
            fields={fields}
            source={source}
            value={filter}
            onChange={(changed) => onChange(value.with(index, changed))}
          />
          <Button
            kind="quiet"
            aria-label={terms.builder.remove}
            onPress={() => onChange(value.filter((_, at) => at !== index))}
          >
            ×
          </Button>
        </div>
      ))}
      {first !== undefined && (
        <Button kind="quiet" onPress={() => onChange([...value, freshFilter(first)])}>
          + {terms.builder.addFilter}
        </Button>
      )}
    </div>
  );
}

interface FilterProps<F extends Filter> {
  fields: Field[];
  source: Source | "contact";
  value: F;
  onChange: (value: F) => void;
}

export function FilterInput<F extends Filter>({ fields, source, value, onChange }: FilterProps<F>) {
  const naming = useNaming();
  const { terms } = naming;
  const field = fieldOf(fields, value.field);
  if (field === undefined) return <code>{value.field}</code>;
  const ops = field.ops.map(({ op }) => op);
  const known = fields.map((one) => ({ id: one.name, name: naming.field(one) }));
  const put = (filter: Filter) => {
    const { value: _, window: __, ...rest } = value as F & { window?: unknown };
    onChange({ ...rest, ...filter } as F);
  };
  return (
    <>
      <Suggest
        label={terms.builder.field}
        quiet
        closed
        choices={known}
        value={field.name}
        onChange={(name) => {
          const chosen = fieldOf(fields, name);
          if (chosen !== undefined) put(freshFilter(chosen, name === OTHER ? PROP : name));
        }}
      />
      {field.name === OTHER && (
        <TextInput
          label={terms.builder.property}
          quiet
          value={value.field.slice(PROP.length)}
          onChange={(name) => onChange({ ...value, field: PROP + name })}
          ltr
        />
      )}
      <Choose
        label={terms.builder.op}
        quiet
        choices={naming.choices(ops, terms.ops)}
        value={value.op}
        onChange={(op) => put({ field: value.field, ...tested(field, op, value.value, givenTo(field, value.op)) })}
      />
      <ValueInput
        field={field}
        source={source}
        given={givenTo(field, value.op)}
        value={value.value}
        onChange={(given) => onChange({ ...value, value: given })}
      />
    </>
  );
}

interface ValueProps {
  field: Field;
  source: Source | "contact";
  given: Given;
  value: Filter["value"];
  onChange: (value: Value | Value[]) => void;
}

function ValueInput({ field, source, given, value, onChange }: ValueProps) {
  const naming = useNaming();
  const { terms } = naming;
  const listed = Array.isArray(value) ? value : value === undefined ? [] : [value];
  switch (given) {
    case "nothing":
    case "window":
      return null;
    case "bounds":
      return (
        <>
          {[terms.builder.least, terms.builder.most].map((label, index) => (
            <OneValue
              key={label}
              field={field}
              label={label}
              value={listed[index] ?? blank(field)}
              onChange={(bound) => onChange([listed[0] ?? bound, listed[1] ?? bound].with(index, bound))}
            />
          ))}
        </>
      );
    case "list":
      if (field.kind === "text") {
        return (
          <SuggestMany
            label={terms.builder.values}
            quiet
            choices={naming.values(field, source)}
            closed={field.isClosed}
            values={listed.map(String)}
            onChange={onChange}
          />
        );
      }
      return (
        <>
          {listed.map((one, index) => (
            <OneValue
              key={index}
              field={field}
              label={terms.builder.value}
              value={one}
              onChange={(changed) => onChange(listed.with(index, changed))}
            />
          ))}
          <Button kind="quiet" aria-label={terms.builder.values} onPress={() => onChange([...listed, blank(field)])}>
            +
          </Button>
          {listed.length > 1 && (
            <Button kind="quiet" aria-label={terms.builder.remove} onPress={() => onChange(listed.slice(0, -1))}>
              −
            </Button>
          )}
        </>
      );
    case "value":
      if (field.kind === "text") {
        return (
          <Suggest
            label={terms.builder.value}
            quiet
            choices={naming.values(field, source)}
            closed={field.isClosed}
            value={String(value ?? "")}
            onChange={onChange}
          />
        );
      }
      return <OneValue field={field} label={terms.builder.value} value={value as Value} onChange={onChange} />;
  }
}

function OneValue(props: { field: Field; label: string; value: Value; onChange: (value: Value) => void }) {
  const { field, label, value, onChange } = props;
  const { terms } = useNaming();
  switch (field.kind) {
    case "flag":
      return (
        <Choose
          label={label}
          quiet
          choices={[
            { id: "yes", name: terms.builder.yes },
            { id: "no", name: terms.builder.no },
          ]}
          value={value === false ? "no" : "yes"}
          onChange={(chosen) => onChange(chosen === "yes")}
        />
      );
    case "date":
      return <DayInput label={label} quiet value={String(value)} onChange={onChange} />;
    case "text":
      return <TextInput label={label} quiet value={String(value)} onChange={onChange} />;
    case "number":
    case "money":
      return <Quantity of={field.name} isMoney={field.kind === "money"} label={label} value={value} onChange={onChange} />;
  }
}

const MINUTE_MS = 60_000;

/** A number in the unit that people think in: money of the site's currency, minutes of dwell. */
export function Quantity(props: {
  of: string;
  isMoney: boolean;
  label: string;
  value: unknown;
  onChange: (value: number) => void;
}) {
  const { of, isMoney, label, value, onChange } = props;
  const { site } = useMe();
  const scale = isMoney ? 100 : of === "dwell_ms" ? MINUTE_MS : 1;
  const format: Intl.NumberFormatOptions = isMoney
    ? { style: "currency", currency: site.currency }
    : of === "dwell_ms"
      ? { style: "unit", unit: "minute", unitDisplay: "long" }
      : {};
  return (
    <NumberInput
      label={label}
      quiet
      value={typeof value === "number" ? value / scale : undefined}
      onChange={(written) => onChange(Math.round((written ?? 0) * scale * 1000) / 1000)}
      format={format}
    />
  );
}
