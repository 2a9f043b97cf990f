/** A definition as the tree that the query builder edits, and back. */
import type { RuleGroupType, RuleType } from "react-querybuilder";
import type { Leaf, Node } from "./language.ts";

/** A leaf, or its opposite. */
export interface Condition {
  leaf: Leaf;
  isNegated: boolean;
}

export type Rule = RuleType<string, string, Condition>;
export type Group = RuleGroupType<Rule>;

export const EMPTY: Group = { combinator: "all", rules: [] };

export function rule(leaf: Leaf, isNegated = false): Rule {
  return { id: crypto.randomUUID(), field: leaf.kind, operator: "=", value: { leaf, isNegated } };
}

function joined(node: Node): { combinator: "all" | "any"; parts: Node[] } | undefined {
  if ("all" in node) return { combinator: "all", parts: node.all };
  if ("any" in node) return { combinator: "any", parts: node.any };
  return undefined;
}

function part(node: Node): Rule | Group {
  const many = joined(node);
  if (many !== undefined) return { id: crypto.randomUUID(), combinator: many.combinator, rules: many.parts.map(part) };
  if (!("not" in node)) return rule(node as Leaf);
  const inner = part(node.not);
  if ("rules" in inner && inner.not !== true) return { ...inner, not: true };
  if (!("rules" in inner) && !inner.value.isNegated) return { ...inner, value: { ...inner.value, isNegated: true } };
  return { id: crypto.randomUUID(), combinator: "all", not: true, rules: [inner] };
}

/** What the builder starts from. */
export function treeOf(node: Node): Group {
  const whole = part(node);
  return "rules" in whole ? whole : { combinator: "all", rules: [whole] };
}

export interface Defined {
  /** Nothing where there is no condition yet. */
  node: Node | undefined;
  /** Where what stands at a path of the tree stands in the definition (RFC 6901). */
  pointers: Map<string, string>;
}

export function keyOf(path: number[]): string {
  return path.join("/");
}

/** What the builder has become; groups without a condition are left out. */
export function definitionOf(tree: Group): Defined {
  const pointers = new Map<string, string>();
  const write = (one: Rule | Group, path: number[], at: string): Node | undefined => {
    pointers.set(keyOf(path), at);
    if (!("rules" in one)) {
      const { leaf, isNegated } = one.value;
      return isNegated ? { not: leaf } : leaf;
    }
    const inner = one.not === true ? `${at}/not` : at;
    // One that joins nothing says nothing.
    const [only] = one.rules;
    if (one.rules.length === 1 && only !== undefined && path.length === 0) {
      const node = write(only, [0], inner);
      return node === undefined || one.not !== true ? node : { not: node };
    }
    const parts: Node[] = [];
    for (const [index, rule] of one.rules.entries()) {
      const node = write(rule, [...path, index], `${inner}/${one.combinator}/${parts.length}`);
      if (node !== undefined) parts.push(node);
    }
    if (parts.length === 0) return undefined;
    const node: Node = one.combinator === "any" ? { any: parts } : { all: parts };
    return one.not === true ? { not: node } : node;
  };
  return { node: write(tree, [], ""), pointers };
}
