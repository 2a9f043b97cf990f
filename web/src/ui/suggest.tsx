/** Texts that are written, with those that are known to choose from. */
import { useState } from "react";
import {
  Button,
  ComboBox,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Tag,
  TagGroup,
  TagList,
  Text,
  type Key,
} from "react-aria-components";
import { useWords } from "../words/index.tsx";
import type { Choice } from "./fields.tsx";

interface SuggestProps {
  label: string;
  quiet?: boolean;
  choices: Choice<string>[];
  /** Whether nothing but the choices fits. */
  closed?: boolean;
}

/** One text. */
export function Suggest(props: SuggestProps & { value: string; onChange: (value: string) => void }) {
  const { label, quiet = false, choices, closed = false, value, onChange } = props;
  const named = (id: string) => choices.find((choice) => choice.id === id)?.name ?? id;
  const [written, setWritten] = useState<string | null>(null);
  // Once a value is chosen, all are there to choose from again.
  const wanted = written?.toLowerCase();
  const fitting = wanted === undefined ? choices : choices.filter(({ name }) => name.toLowerCase().includes(wanted));
  const take = (text: string) => {
    setWritten(null);
    const chosen = choices.find(({ name }) => name === text);
    if (chosen !== undefined) onChange(chosen.id);
    else if (!closed) onChange(text);
  };
  return (
    <ComboBox
      items={fitting.slice(0, 100)}
      inputValue={written ?? named(value)}
      onInputChange={setWritten}
      value={choices.some(({ id }) => id === value) ? value : null}
      onChange={(chosen: Key | null) => {
        setWritten(null);
        if (chosen !== null) onChange(String(chosen));
      }}
      onBlur={() => written !== null && take(written)}
      allowsCustomValue={!closed}
      allowsEmptyCollection
      menuTrigger="focus"
      {...(quiet ? { "aria-label": label } : {})}
    >
      {!quiet && <Label>{label}</Label>}
      <div className="combo">
        <Input dir="auto" onKeyDown={(event) => event.key === "Enter" && written !== null && take(written)} />
        {choices.length > 0 && (
          <Button>
            <span aria-hidden="true" className="chevron" />
          </Button>
        )}
      </div>
      {fitting.length > 0 && (
        <Popover>
          <ListBox>
            {(choice: Choice<string>) => (
              <ListBoxItem id={choice.id} textValue={choice.name}>
                <Text slot="label" dir="auto">
                  {choice.name}
                </Text>
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      )}
    </ComboBox>
  );
}

/** Several texts. */
export function SuggestMany(props: SuggestProps & { values: string[]; onChange: (values: string[]) => void }) {
  const { label, quiet = false, choices, closed = false, values, onChange } = props;
  const words = useWords();
  const named = (id: string) => choices.find((choice) => choice.id === id)?.name ?? id;
  return (
    <div className="several">
      {values.length > 0 && (
        <TagGroup aria-label={label} onRemove={(gone) => onChange(values.filter((value) => !gone.has(value)))}>
          <TagList items={values.map((id) => ({ id }))} dependencies={[choices]}>
            {({ id }) => (
              <Tag textValue={named(id)}>
                <bdi>{named(id)}</bdi>
                <Button slot="remove" aria-label={words.segments.builder.remove}>
                  ×
                </Button>
              </Tag>
            )}
          </TagList>
        </TagGroup>
      )}
      <Suggest
        key={values.length}
        label={label}
        quiet={quiet}
        choices={choices.filter(({ id }) => !values.includes(id))}
        closed={closed}
        value=""
        onChange={(value) => {
          if (value !== "" && !values.includes(value)) onChange([...values, value]);
        }}
      />
    </div>
  );
}

/** Several of a few. */
export function ChooseMany(props: {
  label: string;
  quiet?: boolean;
  /** What is said where all are chosen. */
  whole?: string;
  choices: Choice<string>[];
  values: string[];
  onChange: (values: string[]) => void;
}) {
  const { label, quiet = false, whole, choices, values, onChange } = props;
  const all = whole !== undefined && values.length === choices.length;
  return (
    <Select
      selectionMode="multiple"
      value={values}
      onChange={(chosen) => onChange(chosen.map(String))}
      {...(quiet ? { "aria-label": label } : {})}
    >
      {!quiet && <Label>{label}</Label>}
      <Button>
        <SelectValue>
          {() => (all ? whole : choices.filter(({ id }) => values.includes(id)).map(({ name }) => name).join(" / "))}
        </SelectValue>
        <span aria-hidden="true" className="chevron" />
      </Button>
      <Popover>
        <ListBox items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.name}>
              <Text slot="label" dir="auto">
                {choice.name}
              </Text>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
