/** A definition as programs send it. */
import { useEffect, useState } from "react";
import { Label, TextArea, TextField } from "react-aria-components";
import { Failure } from "../ui/states.tsx";
import { useWords } from "../words/index.tsx";
import type { Node } from "./language.ts";

interface JsonProps {
  node: Node | undefined;
  onChange: (node: Node) => void;
  /** What the backend says of it. */
  error: unknown;
}

const KEYS = ["all", "any", "not", "kind"];

/** What may be a definition; whether it is one, the backend says. */
function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && KEYS.some((key) => key in value) && holds(value);
}

/** Whether groups hold nodes, so that the builder can show them. */
function holds(value: object): boolean {
  const inner = Object.entries(value).filter(([key]) => key === "all" || key === "any" || key === "not");
  return inner.every(([key, parts]: [string, unknown]) =>
    key === "not" ? isNode(parts) : Array.isArray(parts) && parts.every(isNode),
  );
}

export default function Json({ node, onChange, error }: JsonProps) {
  const words = useWords();
  const shown = node === undefined ? "" : JSON.stringify(node, null, 2);
  const [text, setText] = useState(shown);
  const [wrong, setWrong] = useState<string | null>(null);
  const same = JSON.stringify(node);
  useEffect(() => {
    // What somebody is writing stays as they write it.
    setText((before) => {
      try {
        return JSON.stringify(JSON.parse(before)) === same ? before : shown;
      } catch {
        return before === "" ? shown : before;
      }
    });
  }, [same, shown]);
  const write = (written: string) => {
    setText(written);
    try {
      const parsed: unknown = JSON.parse(written);
      if (isNode(parsed)) {
        setWrong(null);
        onChange(parsed);
      } else {
        setWrong(KEYS.map((key) => `"${key}"`).join(" / "));
      }
    } catch (problem) {
      setWrong(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <>
      <p>{words.segments.jsonHelp}</p>
      <TextField value={text} onChange={write} isInvalid={wrong !== null} className="react-aria-TextField broad">
        <Label>{words.segments.tabs.json}</Label>
        <TextArea dir="ltr" rows={24} spellCheck="false" />
      </TextField>
      {wrong !== null && (
        <p className="wrong" role="alert">
          {words.segments.invalid} <bdi dir="ltr">{wrong}</bdi>
        </p>
      )}
      {wrong === null && error != null && <Failure error={error} />}
    </>
  );
}
