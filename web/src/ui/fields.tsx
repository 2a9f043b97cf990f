/** Fields of forms, each with its label, its help and what is wrong with it. */
import type { SyntheticEvent } from "react";
import {
  Button,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
  TextField,
  type Key,
} from "react-aria-components";

export interface TextProps {
  label: string;
  /** Whether the label is only for those who don't see the field's place. */
  quiet?: boolean;
  value: string;
  onChange: (value: string) => void;
  help?: string;
  /** What the backend calls it: what is wrong with it is said here. */
  name?: string;
  required?: boolean;
  type?: "text" | "search" | "url";
  /** Of what is written from left to right in every language. */
  ltr?: boolean;
  autoFocus?: boolean;
}

/**
 * What was wrong with a field is judged anew as it is mended, and not when the field is left:
 * the button that leaves it would move from under the pointer.
 */
function judgeAnew({ currentTarget: input }: SyntheticEvent<HTMLInputElement>) {
  if (input.hasAttribute("data-invalid")) input.dispatchEvent(new Event("change", { bubbles: true }));
}

export function TextInput(props: TextProps) {
  const { label, quiet = false, value, onChange, help, name, required = false, type = "text", ltr = false } = props;
  return (
    <TextField
      value={value}
      onChange={onChange}
      isRequired={required}
      {...(name === undefined ? {} : { name })}
      type={type}
      autoFocus={props.autoFocus ?? false}
      {...(quiet ? { "aria-label": label } : {})}
    >
      {!quiet && <Label>{label}</Label>}
      <Input dir={ltr ? "ltr" : "auto"} onInput={judgeAnew} />
      {help !== undefined && <Text slot="description">{help}</Text>}
      <FieldError />
    </TextField>
  );
}

export interface Choice<K extends Key> {
  id: K;
  name: string;
  help?: string;
}

export interface ChoiceProps<K extends Key> {
  label: string;
  /** Whether the label is only for those who don't see the field's place. */
  quiet?: boolean;
  choices: Choice<K>[];
  value: K;
  onChange: (value: K) => void;
  disabled?: boolean;
}

export function Choose<K extends Key>(props: ChoiceProps<K>) {
  const { label, quiet = false, choices, value, onChange, disabled = false } = props;
  return (
    <Select
      value={value}
      onChange={(chosen) => {
        const choice = choices.find(({ id }) => id === chosen);
        if (choice) onChange(choice.id);
      }}
      isDisabled={disabled}
      {...(quiet ? { "aria-label": label } : {})}
    >
      {!quiet && <Label>{label}</Label>}
      <Button>
        <SelectValue />
        <span aria-hidden="true" className="chevron" />
      </Button>
      <Popover>
        <ListBox items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.name}>
              <Text slot="label" dir="auto">
                {choice.name}
              </Text>
              {choice.help !== undefined && <Text slot="description">{choice.help}</Text>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
