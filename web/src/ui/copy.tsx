/** Something to take along: a line of code, or a link. */
import { useState } from "react";
import { Button } from "./button.tsx";
import { useWords } from "../words/index.tsx";

export function Copyable({ text, label }: { text: string; label: string }) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div className="copyable" role="group" aria-label={label}>
      <pre dir="ltr" tabIndex={0}>
        {text}
      </pre>
      <Button onPress={() => void copy()}>
        <span aria-live="polite">{copied ? words.app.copied : words.app.copy}</span>
      </Button>
    </div>
  );
}
