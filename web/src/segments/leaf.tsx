/** A condition of each kind of the language. */
import { Checkbox } from "react-aria-components";
import { Button } from "../ui/button.tsx";
import { Choose } from "../ui/fields.tsx";
import { NumberInput } from "../ui/number.tsx";
import { ChooseMany } from "../ui/suggest.tsx";
import { useFormats } from "../words/index.tsx";
import { Facts, withList } from "./facts.tsx";
import { FilterInput, Filters, freshFilter, Quantity } from "./filters.tsx";
import type {
  Bare,
  CartLeaf,
  Compare,
  ContactLeaf,
  Duration,
  FactLeaf,
  LastLeaf,
  Leaf,
  Measure,
  Measures,
  SequenceLeaf,
  Step,
  Vocabulary,
} from "./language.ts";
import { useNaming, useVocabulary } from "./naming.tsx";
import { DurationInput, WindowInput } from "./window.tsx";

/** What a condition of a kind begins as; the kinds are named as the language's schema names them. */
export function freshLeaf(kind: string, known: Vocabulary): Leaf | undefined {
  const month: Duration = { n: 1, unit: "month" };
  switch (kind) {
    case "event_leaf":
      return { kind: "event", event: "page_view", window: { last: month } };
    case "order_leaf":
      return { kind: "order", window: { last: month } };
    case "message_leaf":
      return { kind: "message", channel: "mail", event: "opened", window: { last: month } };
    case "last_leaf":
      return { kind: "last", of: "visit", window: { between_ago: [month, { n: 2, unit: "month" }] } };
    case "cart_leaf":
      return { kind: "cart", state: "abandoned", window: { last: month } };
    case "contact_leaf": {
      const field = known.contact.find(({ name }) => name === "city") ?? known.contact[0];
      return field && { kind: "contact", ...freshFilter(field) };
    }
    case "group_leaf":
      return { kind: "group", group: known.groups[0]?.value ?? "" };
    case "segment_leaf":
      return { kind: "segment", segment: known.segments[0]?.value ?? "" };
    case "sequence_leaf":
      return {
        kind: "sequence",
        steps: [
          { of: { kind: "event", event: "view_item" } },
          { of: { kind: "event", event: "add_to_cart" }, within: { n: 1, unit: "day" }, same: ["product"] },
        ],
        window: { last: month },
      };
  }
  return undefined;
}

interface LeafProps<L extends Leaf> {
  leaf: L;
  onChange: (leaf: L) => void;
}

export function LeafInput({ leaf, onChange }: LeafProps<Leaf>) {
  const { terms, entries } = useNaming();
  const known = useVocabulary();
  switch (leaf.kind) {
    case "event":
    case "order":
    case "message":
      return <FactInput leaf={leaf} onChange={onChange} />;
    case "last":
      return <LastInput leaf={leaf} onChange={onChange} />;
    case "cart":
      return <CartInput leaf={leaf} onChange={onChange} />;
    case "contact":
      return <ContactInput leaf={leaf} onChange={onChange} />;
    case "group":
      return (
        <Choose
          label={terms.builder.group}
          quiet
          choices={entries(known.groups)}
          value={leaf.group}
          onChange={(group) => onChange({ kind: "group", group })}
        />
      );
    case "segment":
      return (
        <Choose
          label={terms.builder.segment}
          quiet
          choices={entries(known.segments)}
          value={leaf.segment}
          onChange={(segment) => onChange({ kind: "segment", segment })}
        />
      );
    case "sequence":
      return <SequenceInput leaf={leaf} onChange={onChange} />;
  }
}

function FactInput({ leaf, onChange }: LeafProps<FactLeaf>) {
  const { terms } = useNaming();
  const { measures } = useVocabulary();
  const offered =
    leaf.kind === "message"
      ? undefined
      : leaf.kind === "order"
        ? measures.order
        : leaf.event === "any"
          ? measures.any
          : measures.event;
  return (
    <>
      <Facts value={leaf} onChange={onChange} />
      {leaf.kind === "message" && (
        <Checkbox
          isSelected={leaf.latest ?? false}
          onChange={(latest) => onChange(latest ? { ...leaf, latest } : without(leaf, "latest"))}
        >
          <span className="box" aria-hidden="true" />
          {terms.builder.latest}
        </Checkbox>
      )}
      {offered !== undefined && <MeasureInput leaf={leaf} offered={offered} onChange={onChange} />}
      <CompareInput leaf={leaf} onChange={onChange} />
      <WindowInput value={leaf.window ?? "ever"} onChange={(window) => onChange({ ...leaf, window })} />
    </>
  );
}

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> & T {
  const { [key]: _, ...rest } = value;
  return rest as Omit<T, K> & T;
}

function Joint({ text }: { text: string }) {
  return <span className="joint">{text}</span>;
}

function MeasureInput({ leaf, offered, onChange }: LeafProps<FactLeaf> & { offered: Measures }) {
  const { terms, choices } = useNaming();
  const measure: Measure = leaf.measure ?? "count";
  const how = typeof measure === "string" ? measure : (Object.keys(measure)[0] ?? "count");
  const field = typeof measure === "string" ? undefined : measure[how];
  const put = (how: string, field: string | undefined) => {
    const fields = offered.of[how];
    const { measure: _, compare: __, ...rest } = leaf;
    if (fields === undefined) {
      onChange({ ...rest, ...(how === "count" ? {} : { measure: how }), compare: { gte: 1 } });
    } else {
      const of = field !== undefined && fields.includes(field) ? field : (fields[0] ?? "");
      onChange({ ...rest, measure: { [how]: of }, compare: { gte: startOf(of, how) } });
    }
  };
  const pers = leaf.kind === "event" ? ["session", "product"] : ["product"];
  return (
    <>
      <Choose
        label={terms.builder.measure}
        quiet
        choices={choices([...offered.plain, ...Object.keys(offered.of)], terms.measures)}
        value={how}
        onChange={(chosen) => put(chosen, field)}
      />
      {field !== undefined && (
        <Choose
          label={terms.builder.of}
          quiet
          choices={choices(offered.of[how] ?? [], terms.fields)}
          value={field}
          onChange={(chosen) => put(how, chosen)}
        />
      )}
      <Choose
        label={terms.builder.per}
        quiet
        choices={[{ id: "", name: terms.builder.perNothing }, ...choices(pers, perNames(terms))]}
        value={leaf.per ?? ""}
        onChange={(per) => onChange(per === "" ? without(leaf, "per") : { ...leaf, per })}
      />
    </>
  );
}

function perNames(terms: { builder: { per: string }; per: { [per: string]: string } }): { [per: string]: string } {
  return Object.fromEntries(Object.entries(terms.per).map(([per, name]) => [per, `${terms.builder.per} ${name}`]));
}

function isMoney(field: string): boolean {
  return field.endsWith("_cents");
}

/** What is compared with first: ten minutes of dwell, a hundred of money, one of everything else. */
function startOf(field: string, how: string): number {
  if (how === "distinct") return 1;
  return field === "dwell_ms" ? 600_000 : isMoney(field) ? 10_000 : 1;
}

function CompareInput({ leaf, onChange }: LeafProps<FactLeaf>) {
  const { terms, choices } = useNaming();
  const compare: Compare = leaf.compare ?? { gte: 1 };
  const op = Object.keys(compare)[0] ?? "gte";
  const bound = compare[op] ?? 1;
  const measure = leaf.measure ?? "count";
  const [how, field] = typeof measure === "string" ? [measure, ""] : (Object.entries(measure)[0] ?? ["count", ""]);
  const first = typeof bound === "number" ? bound : bound[0];
  const second = typeof bound === "number" ? bound : bound[1];
  const input = (label: string, value: number, put: (value: number) => void) =>
    how === "distinct" || field === "" ? (
      <NumberInput key={label} label={label} quiet value={value} least={0} onChange={(written = 0) => put(written)} />
    ) : (
      <Quantity key={label} of={field} isMoney={isMoney(field)} label={label} value={value} onChange={put} />
    );
  return (
    <div className="pair" role="group" aria-label={terms.builder.compare}>
      <Choose
        label={terms.builder.compare}
        quiet
        choices={choices(Object.keys(terms.compares), terms.compares)}
        value={op}
        onChange={(chosen) => onChange({ ...leaf, compare: { [chosen]: chosen === "between" ? [first, second] : first } })}
      />
      {op === "between"
        ? [
            input(terms.builder.least, first, (least) => onChange({ ...leaf, compare: { between: [least, second] } })),
            input(terms.builder.most, second, (most) => onChange({ ...leaf, compare: { between: [first, most] } })),
          ]
        : input(terms.builder.number, first, (number) => onChange({ ...leaf, compare: { [op]: number } }))}
    </div>
  );
}

function LastInput({ leaf, onChange }: LeafProps<LastLeaf>) {
  const { terms } = useNaming();
  const kinds = ["event", "order", "message"] as const;
  const kind = leaf.of === "visit" ? "visit" : leaf.of.kind;
  return (
    <>
      <Choose
        label={terms.builder.ofLast}
        quiet
        choices={[{ id: "visit", name: terms.builder.visit }, ...kinds.map((id) => ({ id, name: terms.builder.heads[id] }))]}
        value={kind}
        onChange={(chosen) => {
          const of: { [kind: string]: LastLeaf["of"] } = {
            visit: "visit",
            event: { kind: "event", event: "page_view" },
            order: { kind: "order" },
            message: { kind: "message", event: "opened" },
          };
          onChange({ ...leaf, of: of[chosen] ?? "visit" });
        }}
      />
      {leaf.of !== "visit" && <Facts value={leaf.of} onChange={(of: Bare) => onChange({ ...leaf, of })} />}
      <WindowInput value={leaf.window} onChange={(window) => onChange({ ...leaf, window })} />
    </>
  );
}

function CartInput({ leaf, onChange }: LeafProps<CartLeaf>) {
  const { terms } = useNaming();
  return (
    <>
      <div className="pair">
        <Joint text={terms.builder.idle} />
        <DurationInput
          label={terms.builder.idle}
          value={leaf.idle ?? { n: 1, unit: "hour" }}
          onChange={(idle) => onChange({ ...leaf, idle })}
        />
      </div>
      <Filters source="item" value={leaf.where ?? []} onChange={(where) => onChange(withList(leaf, where))} />
      <WindowInput value={leaf.window ?? "ever"} onChange={(window) => onChange({ ...leaf, window })} />
    </>
  );
}

function ContactInput({ leaf, onChange }: LeafProps<ContactLeaf>) {
  const { contact } = useVocabulary();
  const takesWindow = leaf.op === "in_window" || leaf.op === "anniversary_in";
  return (
    <>
      <FilterInput fields={contact} source="contact" value={leaf} onChange={onChange} />
      {takesWindow && (
        <WindowInput
          ahead
          value={leaf.window ?? "ever"}
          onChange={(window) => onChange({ ...without(leaf, "window"), window })}
        />
      )}
    </>
  );
}

function SequenceInput({ leaf, onChange }: LeafProps<SequenceLeaf>) {
  const { terms } = useNaming();
  const { number } = useFormats();
  const steps = leaf.steps;
  const put = (steps: Step[]) => onChange({ ...leaf, steps });
  return (
    <>
      <ol className="steps">
        {steps.map((step, index) => (
          <li key={index} aria-label={terms.builder.step(number(index + 1))}>
            <StepInput isFirst={index === 0} step={step} onChange={(changed) => put(steps.with(index, changed))} />
            {steps.length > 1 && index > 0 && (
              <Button
                kind="quiet"
                aria-label={terms.builder.remove}
                onPress={() => put(steps.filter((_, at) => at !== index))}
              >
                ×
              </Button>
            )}
          </li>
        ))}
      </ol>
      <Button kind="quiet" onPress={() => put([...steps, { of: { kind: "order" }, within: { n: 3, unit: "day" } }])}>
        + {terms.builder.addStep}
      </Button>
      <WindowInput value={leaf.window ?? "ever"} onChange={(window) => onChange({ ...leaf, window })} />
    </>
  );
}

function StepInput({ step, isFirst, onChange }: { step: Step; isFirst: boolean; onChange: (step: Step) => void }) {
  const { terms, choices } = useNaming();
  const keys = step.of.kind === "event" ? ["session", "product"] : ["product"];
  const of = (of: Bare) => {
    const fitting = of.kind === "event" ? ["session", "product"] : ["product"];
    const kept = (keys: string[] | undefined) => (keys ?? []).filter((key) => fitting.includes(key));
    onChange(withKeys(withKeys({ ...step, of }, "same", kept(step.same)), "differs", kept(step.differs)));
  };
  return (
    <div className="conditions">
      {!isFirst && (
        <Choose
          label={terms.builder.op}
          quiet
          choices={[
            { id: "there", name: terms.builder.isThere },
            { id: "absent", name: terms.builder.absent },
          ]}
          value={step.absent === true ? "absent" : "there"}
          onChange={(chosen) => onChange(chosen === "absent" ? { ...step, absent: true } : without(step, "absent"))}
        />
      )}
      <Facts value={step.of} kinds={["event", "order"]} onChange={of} />
      {!isFirst && (
        <>
          <Choose
            label={terms.builder.within}
            quiet
            choices={[
              { id: "any", name: terms.builder.anyTime },
              { id: "within", name: terms.builder.within },
            ]}
            value={step.within === undefined ? "any" : "within"}
            onChange={(chosen) =>
              onChange(chosen === "any" ? without(step, "within") : { ...step, within: { n: 1, unit: "day" } })
            }
          />
          {step.within !== undefined && (
            <DurationInput
              label={terms.builder.within}
              value={step.within}
              onChange={(within) => onChange({ ...step, within })}
            />
          )}
          {(["same", "differs"] as const).map((how) => (
            <div className="pair" key={how}>
              <Joint text={terms.builder[how]} />
              <ChooseMany
                label={terms.builder[how]}
                quiet
                choices={choices(keys, terms.per)}
                values={step[how] ?? []}
                onChange={(chosen) => onChange(withKeys(step, how, chosen))}
              />
            </div>
          ))}
        </>
      )}
    </div>
  );
}

function withKeys(step: Step, how: "same" | "differs", keys: string[]): Step {
  return keys.length > 0 ? { ...step, [how]: keys } : without(step, how);
}
