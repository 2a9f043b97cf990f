/** A day of the calendar. */
import { parseDate } from "@internationalized/date";
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  DateInput,
  DatePicker,
  DateSegment,
  Dialog,
  Group,
  Heading,
  Label,
  Popover,
} from "react-aria-components";
import { useWords } from "../words/index.tsx";

interface DateProps {
  label: string;
  quiet?: boolean;
  /** As `2026-11-21`; empty: none yet. */
  value: string;
  onChange: (value: string) => void;
}

export function DayInput({ label, quiet = false, value, onChange }: DateProps) {
  const words = useWords();
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? parseDate(value) : null;
  return (
    <DatePicker
      value={day}
      onChange={(chosen) => onChange(chosen?.toString() ?? "")}
      {...(quiet ? { "aria-label": label } : {})}
    >
      {!quiet && <Label>{label}</Label>}
      <Group>
        <DateInput>{(segment) => <DateSegment segment={segment} />}</DateInput>
        <Button aria-label={words.app.calendar}>
          <span aria-hidden="true" className="chevron" />
        </Button>
      </Group>
      <Popover>
        <Dialog>
          <Calendar>
            <header>
              <Button slot="previous">‹</Button>
              <Heading />
              <Button slot="next">›</Button>
            </header>
            <CalendarGrid>{(date) => <CalendarCell date={date} />}</CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  );
}
