// A JSON value as a tree that folds, with find. Only what is open exists on the page.

import { html, useState } from "./vendor/htm-preact.js";
import { SHORT, isFoldable, parsing, pathOf, written } from "./json.js";
import { Copy, Deed, Late } from "./parts.js";
import { useSlices } from "./slices.js";
import { counted, plain } from "./words.js";

const AT_ONCE = 200;
const OPEN_AT_FIRST = 5;
const MOST_FOUND = 500;
const LONG = 2000;
const SHOWN_RAW = 200_000;

export function Body({ text, size, onDownload }) {
  const [raw, setRaw] = useState(false);
  const { value: root, error } = useSlices(() => parsing(text), [text], text.length <= SHORT);
  return html`<div class="body">
    <div class="bar">
      ${root && html`<button aria-pressed=${raw} onClick=${() => setRaw(!raw)}>As received</button>`}
      <${Copy} text=${() => text} name="Copy body" />
      <${Deed} name="Download" deed=${onDownload} done="" failed="could not download" />
      <span class="quiet">${size}</span> <span class="quiet" role="status">${!root && !error ? html`<${Late} text="reading it as a tree…" />` : error instanceof RangeError ? `It ${error.message}.` : ""}</span>
    </div>
    ${root && !raw ? html`<${Tree} root=${root} isShort=${text.length <= SHORT} />` : html`<pre class="raw" tabindex="0">${plain(text, SHOWN_RAW)}</pre>`}
    ${(raw || !root) && text.length > SHOWN_RAW && html`<p class="quiet">Only the beginning is shown. Download it to see the rest.</p>`}
  </div>`;
}

function opened(root) {
  const open = new Set();
  const todo = [["", root, 0]];
  while (todo.length) {
    const [path, node, depth] = todo.pop();
    if (!isFoldable(node) || depth >= OPEN_AT_FIRST || node.items.length > AT_ONCE) continue;
    open.add(path);
    for (const [name, child] of node.items) todo.push([pathOf(path, name), child, depth + 1]);
  }
  return open;
}

/** Find the paths of all names and scalars that contain a text, in any case. */
function* finding(root, text) {
  const wanted = text.toLowerCase();
  const found = [];
  const todo = [["", "", root]];
  for (let step = 1; text && todo.length && found.length < MOST_FOUND; step += 1) {
    if (step % AT_ONCE === 0) yield;
    const [path, name, node] = todo.pop();
    const within = isFoldable(node) ? "" : node.text;
    if (String(name).toLowerCase().includes(wanted) || within.toLowerCase().includes(wanted)) found.push(path);
    for (let at = (node.items?.length ?? 0) - 1; at >= 0; at -= 1) todo.push([pathOf(path, node.items[at][0]), ...node.items[at]]);
  }
  return found;
}

function Tree({ root, isShort }) {
  const [open, setOpen] = useState(() => opened(root));
  const [find, setFind] = useState("");
  const [at, setAt] = useState(0);
  const { value } = useSlices(() => finding(root, find), [root, find], isShort);
  const found = value ?? [];
  const fold = (path) => setOpen((was) => {
    const next = new Set(was);
    if (!next.delete(path)) next.add(path);
    return next;
  });
  const reveal = (number) => {
    const path = found[number];
    if (path === undefined) return;
    setAt(number);
    setOpen((was) => {
      const next = new Set(was).add("");
      for (let end = 1; end < path.length; end += 1) if (".[".includes(path[end])) next.add(path.slice(0, end));
      return next;
    });
    setTimeout(() => document.getElementById(`at-${path}`)?.scrollIntoView({ block: "nearest" }), 0);
  };
  const marked = find ? found[at] : null;
  return html`<form class="bar find" onSubmit=${(event) => {
      event.preventDefault();
      reveal((at + 1) % Math.max(1, found.length));
    }}>
    <input type="search" placeholder="Find in the body" aria-label="Find in the body" value=${find}
      onInput=${(event) => {
        setFind(event.target.value);
        setAt(-1);
      }} />
    <span class="quiet" role="status">${find && (found.length ? `${at + 1} of ${counted(found.length, "place")}${found.length === MOST_FOUND ? " or more" : ""}` : value ? "not found" : html`<${Late} text="searching…" />`)}</span>
  </form>
  <div class="tree" tabindex="0" role="region" aria-label="Body as a tree"><${Node} node=${root} path="" name=${null} open=${open} fold=${fold} marked=${marked} /></div>`;
}

function Node({ node, path, name, open, fold, marked }) {
  const [shown, setShown] = useState(AT_ONCE);
  const label = typeof name === "string" ? html`<span class="name"><bdi>${plain(name, 200)}</bdi></span>: ` : name === null ? "" : html`<span class="index">${name}</span>: `;
  const look = `node ${marked === path ? "marked" : ""}`;
  if (!isFoldable(node)) {
    return html`<div class=${look} id=${`at-${path}`}>${label}<${Scalar} node=${node} /> <${CopyNode} node=${node} path=${path} /></div>`;
  }
  const [left, right] = node.kind === "object" ? "{}" : "[]";
  const isOpen = open.has(path);
  if (!node.items.length) return html`<div class=${look} id=${`at-${path}`}>${label}${left}${right}</div>`;
  const what = node.kind === "object" ? counted(node.items.length, "member") : counted(node.items.length, "item");
  return html`<div class=${look} id=${`at-${path}`}>
    <button class="fold" aria-expanded=${isOpen} aria-label=${`${isOpen ? "Fold" : "Unfold"} ${name === null ? "the body" : plain(String(name), 60)}`}
      onClick=${() => fold(path)}>${isOpen ? "▾" : "▸"}</button>${label}${left}${!isOpen && html`<span class="quiet"> ${what} </span>${right}`}
    <${CopyNode} node=${node} path=${path} />
    ${isOpen && html`<div class="items">${node.items.slice(0, shown).map(([key, child]) =>
      html`<${Node} key=${key} node=${child} path=${pathOf(path, key)} name=${key} open=${open} fold=${fold} marked=${marked} />`)}
      ${node.items.length > shown && html`<button onClick=${() => setShown(shown + AT_ONCE)}>Show ${Math.min(AT_ONCE, node.items.length - shown)} of ${node.items.length - shown} more</button>`}
    </div>${right}`}
  </div>`;
}

function Scalar({ node }) {
  const [whole, setWhole] = useState(false);
  const isLong = node.text.length > LONG && !whole;
  const text = plain(node.text, isLong ? LONG : Infinity);
  return html`<span class=${node.kind}><bdi>${node.kind === "string" ? `"${text}"` : text}</bdi></span>${isLong && html` <button onClick=${() => setWhole(true)}>Show all ${node.text.length} characters</button>`}`;
}

function CopyNode({ node, path }) {
  const value = () => (isFoldable(node) ? written(node) : node.text);
  return html`<span class="copies"><${Copy} text=${value} name="value" label=${`Copy the value of ${path || "the body"}`} />
    ${path && html`<${Copy} text=${() => path} name="path" label=${`Copy the path ${path}`} />`}</span>`;
}
