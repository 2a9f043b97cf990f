/** The builder: conditions in groups, as deep as one likes, each with how many people it holds for. */
import { createContext, use, useMemo } from "react";
import { Menu, MenuItem, MenuTrigger, Popover, ToggleButton } from "react-aria-components";
import {
  QueryBuilder,
  type ActionProps,
  type CombinatorSelectorProps,
  type NotToggleProps,
  type RuleProps,
} from "react-querybuilder";
import { Button } from "../ui/button.tsx";
import { Choose } from "../ui/fields.tsx";
import { useFormats } from "../words/index.tsx";
import { freshLeaf, LeafInput } from "./leaf.tsx";
import { useNaming, useVocabulary } from "./naming.tsx";
import { keyOf, rule, type Condition, type Group, type Rule } from "./tree.ts";

/** What is known of what stands at a path of the tree. */
export interface Verdict {
  alone?: number;
  without?: number | undefined;
  isEstimate?: boolean;
  /** Why the backend refuses it. */
  wrong?: string;
}

const Verdicts = createContext<(key: string) => Verdict | undefined>(() => undefined);

interface BuilderProps {
  tree: Group;
  onChange: (tree: Group) => void;
  verdictAt: (key: string) => Verdict | undefined;
}

export function Builder({ tree, onChange, verdictAt }: BuilderProps) {
  const { terms } = useNaming();
  const combinators = useMemo(
    () => [
      { name: "all", value: "all", label: terms.builder.all },
      { name: "any", value: "any", label: terms.builder.any },
    ],
    [terms],
  );
  return (
    <Verdicts value={verdictAt}>
      <QueryBuilder
        query={tree}
        onQueryChange={(changed) => onChange(changed as Group)}
        combinators={combinators}
        fields={FIELDS}
        showNotToggle
        showCloneButtons
        showShiftActions
        onAddRule={(_, __, ___, added: unknown) => (isRule(added) ? added : false)}
        controlElements={CONTROLS}
        translations={{ notToggle: { label: terms.builder.not } }}
      />
    </Verdicts>
  );
}

/** The library asks for fields; a condition has its own. */
const FIELDS = [{ name: "condition", value: "condition", label: "" }];

const CONTROLS = {
  combinatorSelector: Joining,
  notToggle: Not,
  addRuleAction: AddCondition,
  addGroupAction: AddGroup,
  removeGroupAction: RemoveGroup,
  cloneGroupAction: null,
  shiftActions: null,
  rule: OneCondition,
};

function isRule(added: unknown): added is Rule {
  return typeof added === "object" && added !== null && "value" in added;
}

function Joining({ value, handleOnChange, path }: CombinatorSelectorProps) {
  const { terms } = useNaming();
  return (
    <>
      <Choose
        label={terms.builder.joined}
        quiet
        choices={[
          { id: "all", name: terms.builder.all },
          { id: "any", name: terms.builder.any },
        ]}
        value={value ?? "all"}
        onChange={handleOnChange}
      />
      {path.length > 0 && <Counts path={path} />}
    </>
  );
}

function Not({ checked = false, handleOnChange }: NotToggleProps) {
  const { terms } = useNaming();
  return (
    <ToggleButton isSelected={checked} onChange={handleOnChange} aria-label={terms.builder.not} className="react-aria-ToggleButton not">
      {terms.builder.negated}
    </ToggleButton>
  );
}

function AddCondition({ handleOnClick }: ActionProps) {
  const { terms, read } = useNaming();
  const known = useVocabulary();
  const kinds = known.kinds.filter((kind) => freshLeaf(kind, known) !== undefined);
  return (
    <MenuTrigger>
      <Button>+ {terms.builder.addCondition}</Button>
      <Popover>
        <Menu
          onAction={(kind) => {
            const leaf = freshLeaf(String(kind), known);
            if (leaf !== undefined) handleOnClick(undefined, rule(leaf));
          }}
        >
          {kinds.map((kind) => (
            <MenuItem key={kind} id={kind}>
              {read(terms.builder.kinds, kind)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function AddGroup({ handleOnClick }: ActionProps) {
  const { terms } = useNaming();
  return (
    <Button kind="quiet" onPress={() => handleOnClick()}>
      + {terms.builder.addGroup}
    </Button>
  );
}

function RemoveGroup({ handleOnClick }: ActionProps) {
  const { terms } = useNaming();
  return (
    <Button kind="quiet" aria-label={terms.builder.remove} onPress={() => handleOnClick()}>
      ×
    </Button>
  );
}

function OneCondition({ rule: shown, path, actions, shiftUpDisabled, shiftDownDisabled }: RuleProps) {
  const { terms } = useNaming();
  const { leaf, isNegated } = shown.value as Condition;
  const put = (changed: Partial<Condition>) => actions.onPropChange("value", { leaf, isNegated, ...changed }, path);
  const verdict = use(Verdicts)(keyOf(path));
  return (
    <section className="rule" aria-label={terms.builder.heads[leaf.kind]} data-wrong={verdict?.wrong !== undefined || undefined}>
      <header>
        <ToggleButton
          isSelected={isNegated}
          onChange={(negated) => put({ isNegated: negated })}
          aria-label={terms.builder.isNegated}
          className="react-aria-ToggleButton not"
        >
          {terms.builder.negated}
        </ToggleButton>
        <strong>{terms.builder.heads[leaf.kind]}</strong>
        <Counts path={path} />
        <div className="deeds">
          <Button
            kind="quiet"
            aria-label={terms.builder.up}
            isDisabled={shiftUpDisabled ?? false}
            onPress={() => actions.moveRule(path, "up")}
          >
            ↑
          </Button>
          <Button
            kind="quiet"
            aria-label={terms.builder.down}
            isDisabled={shiftDownDisabled ?? false}
            onPress={() => actions.moveRule(path, "down")}
          >
            ↓
          </Button>
          <Button kind="quiet" onPress={() => actions.moveRule(path, [...path.slice(0, -1), (path.at(-1) ?? 0) + 1], true)}>
            {terms.builder.copy}
          </Button>
          <Button kind="quiet" aria-label={terms.builder.remove} onPress={() => actions.onRuleRemove(path)}>
            ×
          </Button>
        </div>
      </header>
      <div className="conditions">
        <LeafInput leaf={leaf} onChange={(changed) => put({ leaf: changed })} />
      </div>
      {verdict?.wrong !== undefined && (
        <p className="wrong" dir="auto">
          {verdict.wrong}
        </p>
      )}
    </section>
  );
}

function Counts({ path }: { path: number[] }) {
  const { terms } = useNaming();
  const { number } = useFormats();
  const verdict = use(Verdicts)(keyOf(path));
  if (verdict?.alone === undefined) return null;
  const told = (count: number) => (verdict.isEstimate === true ? terms.about(number(count)) : number(count));
  return (
    <span className="counts">
      <span>{terms.alone(told(verdict.alone))}</span>
      {verdict.without !== undefined && <span>{terms.without(told(verdict.without))}</span>}
    </span>
  );
}
