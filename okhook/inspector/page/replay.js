// Replay a delivery, as it is or edited.

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/htm-preact.js";
import { postJson } from "./api.js";
import { Differences } from "./compare.js";
import { SHORT, memberOf, parse, parsing, written } from "./json.js";
import { Late, Result } from "./parts.js";
import { noteUnsent } from "./place.js";
import { useSlices } from "./slices.js";
import { bytes } from "./words.js";

const MOST_EDITED = 1_000_000;

/** Return the text with indentation if it is JSON that this does not make too large, else as it is. */
function indented(text) {
  try {
    const more = written(parse(text));
    return more.length <= MOST_EDITED ? more : text;
  } catch {
    return text;
  }
}

const OUTCOMES = ["SUCCESS", "FAILURE", "SKIPPED", "ALLOW", "DENY", "CHALLENGE", "UNKNOWN"];

/** Return the text of a delivery in which every event has an outcome with this result. */
function withOutcome(text, result) {
  const body = parse(text);
  for (const [, event] of memberOf(memberOf(body, "data"), "events")?.items ?? []) {
    const node = memberOf(memberOf(event, "outcome"), "result");
    if (node) Object.assign(node, { kind: "string", text: result, items: undefined });
  }
  return written(body);
}

export function Replay({ edits, ...given }) {
  if (!edits || given.text.length <= MOST_EDITED) return html`<${ReplayForm} edits=${edits} ...${given} />`;
  return html`<div class="panel" role="status"><p>A body of ${bytes(given.record.size_bytes)} is too large to edit here. Download it, edit the file, and send it:</p>
    <p class="step"><code>${`okhook send-sample --file delivery-${given.record.seq}.json --to URL`}</code></p><div class="bar"><button type="button" onClick=${given.onClose}>Close</button></div></div>`;
}

function ReplayForm({ record, text, edits, onClose }) {
  const original = useMemo(() => (edits ? indented(text) : text), [edits, text]);
  const [body, setBody] = useState(original);
  const known = [...new Set([...record.attempts.map((each) => each.target).reverse(), ...record.targets])];
  const [to, setTo] = useState(known[0] ?? "http://localhost:3000/");
  const [state, setState] = useState({});
  const first = useRef(null);
  useEffect(() => {
    first.current?.focus();
    if (edits) first.current.setSelectionRange(0, 0); // Chromium puts the caret, and the sight, at the end
    if (edits) first.current.scrollTop = 0;
  }, [edits]);
  const checked = useSlices(() => parsing(body), [body], body.length <= SHORT);
  const problem = checked.error instanceof SyntaxError ? checked.error.message : null;
  const isUnsent = edits && body !== original && body !== state.sent;
  useLayoutEffect(() => {
    noteUnsent(isUnsent);
    return () => noteUnsent(false);
  }, [isUnsent]);
  const send = async (event) => {
    event.preventDefault();
    setState({ sending: true });
    try {
      const changed = edits && body !== original;
      setState({ result: await postJson(`records/${record.seq}/replay`, changed ? { to, body } : { to }), sent: body });
    } catch (error) {
      setState({ error });
    }
  };
  return html`<form class="panel" onSubmit=${send} aria-label=${edits ? "Edit and replay" : "Replay"}>
    <div class="row"><label class="app">App <input ref=${edits ? null : first} name="to" inputmode="url" list="apps" required value=${to} onInput=${(event) => setTo(event.target.value)} /></label>
      ${edits && html`<label>Outcome of the events <select value="" disabled=${problem} onChange=${(event) => {
        setBody(withOutcome(body, event.target.value));
        event.target.value = "";
      }}><option value="">as in the body</option>${OUTCOMES.map((each) => html`<option value=${each}>${each}</option>`)}</select></label>`}</div>
    <datalist id="apps">${known.map((each) => html`<option value=${each} />`)}</datalist>
    ${edits && html`<label>Body <textarea ref=${first} spellcheck=${false} rows="18" value=${body} onInput=${(event) => setBody(event.target.value)} /></label>
      <p role="status" class=${problem ? "bad" : "quiet"}>${problem ? `This is ${problem}. You can still send it.` : body === original ? "Not changed yet." : "Valid JSON."}</p>
      ${body !== original && !problem && html`<details><summary>What you changed</summary><${Differences} before=${text} after=${body} /></details>`}`}
    <div class="bar"><button class="primary" type="submit" disabled=${state.sending}>Send</button>
      <span class="quiet" role="status">${state.sending && html`<${Late} text="waiting for the response…" />`}</span>
      ${edits && html`<button type="button" onClick=${() => setBody(original)}>Reset</button>`}
      <button type="button" onClick=${onClose}>Close</button></div>
    <${Result} state=${state} />
  </form>`;
}
