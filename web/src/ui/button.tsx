/** Something to press: what a screen is for, what can be undone, what can't. */
import { Button as Bare, type ButtonProps } from "react-aria-components";

export function Button({ kind = "usual", ...props }: ButtonProps & { kind?: "usual" | "main" | "quiet" | "danger" }) {
  return <Bare {...props} className={`react-aria-Button ${kind}`} />;
}
