/** A number, written as the language writes it. */
import { Button, Group, Input, Label, NumberField } from "react-aria-components";

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
        <Input />
        <Button slot="increment">+</Button>
      </Group>
    </NumberField>
  );
}
