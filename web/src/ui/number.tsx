/** A number, written as the language writes it. */
import { NumberParser } from "@internationalized/number";
import type { SyntheticEvent } from "react";
import { Button, Group, Input, Label, NumberField, useLocale } from "react-aria-components";

export interface NumberProps {
  label: string;
  /** Whether the label is only for those who don't see the field's place. */
  quiet?: boolean;
  /** None: nothing was written yet. */
  value: number | undefined;
  onChange: (value: number | undefined) => void;
  least?: number;
  most?: number;
  step?: number;
  format?: Intl.NumberFormatOptions;
}

export function NumberInput({ label, quiet = false, value, onChange, least, most, step, format }: NumberProps) {
  const { locale } = useLocale();
  // The field itself tells a number only once it is left. What reads as it would be written is told as it is
  // typed: the field then has nothing to write anew.
  const heed = ({ currentTarget: { value: typed } }: SyntheticEvent<HTMLInputElement>) => {
    const number = new NumberParser(locale, format).parse(typed);
    if (number < (least ?? -Infinity) || number > (most ?? Infinity)) return;
    if (typed === new Intl.NumberFormat(locale, format).format(number)) onChange(number);
  };
  return (
    <NumberField
      value={value ?? Number.NaN}
      onChange={(written) => onChange(Number.isNaN(written) ? undefined : written)}
      {...(quiet ? { "aria-label": label } : {})}
      {...(least === undefined ? {} : { minValue: least })}
      {...(most === undefined ? {} : { maxValue: most })}
      {...(step === undefined ? {} : { step })}
      {...(format === undefined ? {} : { formatOptions: format })}
    >
      {!quiet && <Label>{label}</Label>}
      <Group>
        <Button slot="decrement">−</Button>
        <Input onInput={heed} />
        <Button slot="increment">+</Button>
      </Group>
    </NumberField>
  );
}
