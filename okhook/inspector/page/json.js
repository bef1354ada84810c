// JSON as it was written: a parser without recursion, which keeps numbers digit by digit and every
// member of an object, and a structural comparison.

import { atOnce } from "./slices.js";

/** A text that is quick to parse. */
export const SHORT = 100_000;

const EVERY = 2000;
const MOST_NODES = 1_000_000;

/** Parse a text at once. */
export const parse = (text) => atOnce(parsing(text));

/**
 * Parse a text into nodes: `{kind, text}` for a scalar, `{kind, items: [[name, node], …]}` for an
 * object or an array. Throws a SyntaxError with the position of what is wrong, and a RangeError if
 * there are too many values for a tree.
 */
export function* parsing(text) {
  const token = /\s*(?:([{}[\],:])|(")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;
  const open = [];
  let root;
  let wants = "value";
  let nodes = 0;
  const place = (node) => {
    nodes += 1;
    if (nodes > MOST_NODES) throw new RangeError("has too many values for a tree");
    const within = open.at(-1);
    if (!within) root = node;
    else within.items.push([within.kind === "object" ? within.name : within.items.length, node]);
  };
  const backslashesBefore = (end) => {
    let start = end;
    while (text[start - 1] === "\\") start -= 1;
    return end - start;
  };
  const stringAt = (start, otherwise) => {
    let end = text.indexOf('"', start + 1);
    while (end > 0 && backslashesBefore(end) % 2) end = text.indexOf('"', end + 1);
    const found = text.slice(start, end < 0 ? text.length : end + 1);
    try {
      JSON.parse(found);
    } catch {
      otherwise(start);
    }
    return found;
  };
  const fail = (at) => {
    const line = text.slice(0, at).split("\n");
    throw new SyntaxError(`not JSON at line ${line.length}, column ${line.at(-1).length + 1}`);
  };
  for (let step = 1; ; step += 1) {
    if (step % EVERY === 0) yield;
    const start = token.lastIndex;
    const found = token.exec(text);
    if (!found) {
      const rest = /\s*/y;
      rest.lastIndex = start;
      rest.exec(text);
      if (rest.lastIndex === text.length && wants === "end") return root;
      fail(rest.lastIndex);
    }
    const [, sign, quote, number, word] = found;
    const string = quote && stringAt(token.lastIndex - 1, fail);
    if (string) token.lastIndex += string.length - 1;
    const after = () => (open.length ? "comma" : "end");
    const isValue = wants === "value" || wants === "value or ]";
    if (isValue && (sign === "{" || sign === "[")) {
      const node = { kind: sign === "{" ? "object" : "array", items: [] };
      place(node);
      open.push(node);
      wants = sign === "{" ? "name or }" : "value or ]";
    } else if (isValue && (string || number || word)) {
      place({ kind: string ? "string" : number ? "number" : "word", text: string ? JSON.parse(string) : number ?? word });
      wants = after();
    } else if (string && (wants === "name" || wants === "name or }")) {
      open.at(-1).name = JSON.parse(string);
      wants = "colon";
    } else if (sign === ":" && wants === "colon") {
      wants = "value";
    } else if (sign === "," && wants === "comma") {
      wants = open.at(-1).kind === "object" ? "name" : "value";
    } else if (sign === "}" && open.at(-1)?.kind === "object" && (wants === "comma" || wants === "name or }")) {
      delete open.pop().name;
      wants = after();
    } else if (sign === "]" && open.at(-1)?.kind === "array" && (wants === "comma" || wants === "value or ]")) {
      open.pop();
      wants = after();
    } else {
      fail(found.index + found[0].length - (sign ?? quote ?? number ?? word).length);
    }
  }
}

export const isFoldable = (node) => node.items !== undefined;

/** Return a member of an object, the last one of that name; undefined if there is none. */
export const memberOf = (node, name) => node?.items?.findLast(([each]) => each === name)?.[1];

/** Return the path of a member as `okhook --set` and jq write it. */
export function pathOf(parent, name) {
  if (typeof name === "number") return `${parent}[${name}]`;
  if (/^[^.[\]="\s]+$/.test(name)) return parent ? `${parent}.${name}` : name;
  return `${parent}[${JSON.stringify(name)}]`;
}

const DEEPEST_INDENT = 80;

/** Return a node as indented JSON. Without recursion, like the parser. */
export function written(node) {
  const out = [];
  const todo = [["", node, ""]];
  while (todo.length) {
    const [head, one, indent, tail = ""] = todo.pop();
    if (!one) out.push(head);
    else if (!isFoldable(one)) out.push(`${indent}${head}${one.kind === "string" ? JSON.stringify(one.text) : one.text}${tail}`);
    else {
      const [left, right] = one.kind === "object" ? "{}" : "[]";
      if (!one.items.length) out.push(`${indent}${head}${left}${right}${tail}`);
      else {
        out.push(`${indent}${head}${left}`);
        todo.push([`${indent}${right}${tail}`]);
        for (let at = one.items.length - 1; at >= 0; at -= 1) {
          const [name, child] = one.items[at];
          const shown = one.kind === "object" ? `${JSON.stringify(name)}: ` : "";
          todo.push([shown, child, indent.length < DEEPEST_INDENT ? `${indent}  ` : indent, at === one.items.length - 1 ? "" : ","]);
        }
      }
    }
  }
  return out.join("\n");
}

const MOST_DIFFERENCES = 1000;

/** Find how two nodes differ: `{path, before, after}`, either of them undefined. */
export function* comparing(before, after) {
  const found = [];
  const todo = [["", before, after]];
  for (let step = 1; todo.length && found.length < MOST_DIFFERENCES; step += 1) {
    if (step % EVERY === 0) yield;
    const [path, one, other] = todo.pop();
    if (!one || !other || one.kind !== other.kind || !isFoldable(one)) {
      if (one?.kind !== other?.kind || one?.text !== other?.text) found.push({ path, before: one, after: other });
      continue;
    }
    const others = new Map(other.items);
    const pairs = one.items.map(([name, child]) => [pathOf(path, name), child, others.get(name)]);
    const names = new Set(one.items.map(([name]) => name));
    const added = other.items.filter(([name]) => !names.has(name));
    for (const [name, child] of added.reverse()) todo.push([pathOf(path, name), undefined, child]);
    for (const pair of pairs.reverse()) todo.push(pair);
  }
  return found;
}
