// What the page does: replay a delivery, edit it first, send a sample.

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/htm-preact.js";
import { postJson } from "./api.js";
import { Differences } from "./compare.js";
import { SHORT, parse, parsing, written } from "./json.js";
import { Fault, Late } from "./parts.js";
import { hrefOf, noteUnsent } from "./place.js";
import { useSlices } from "./slices.js";
import { bytes, milliseconds, plain } from "./words.js";

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
    <label>App <input ref=${edits ? null : first} name="to" inputmode="url" list="apps" required value=${to} onInput=${(event) => setTo(event.target.value)} /></label>
    <datalist id="apps">${known.map((each) => html`<option value=${each} />`)}</datalist>
    ${edits && html`<label>Body <textarea ref=${first} spellcheck=${false} rows="18" value=${body} onInput=${(event) => setBody(event.target.value)} /></label>
      <p role="status" class=${problem ? "bad" : "quiet"}>${problem ? `This is ${problem}. You can still send it.` : body === original ? "Not changed yet. To send another outcome, change \"result\" in \"outcome\"." : "Valid JSON."}</p>
      ${body !== original && !problem && html`<details><summary>What you changed</summary><${Differences} before=${text} after=${body} /></details>`}`}
    <div class="bar"><button class="primary" type="submit" disabled=${state.sending}>Send</button>
      <span class="quiet" role="status">${state.sending && html`<${Late} text="waiting for the response…" />`}</span>
      ${edits && html`<button type="button" onClick=${() => setBody(original)}>Reset</button>`}
      <button type="button" onClick=${onClose}>Close</button></div>
    <${Result} state=${state} />
  </form>`;
}

function Result({ state }) {
  if (state.error) return html`<${Fault} error=${state.error} />`;
  if (!state.result) return null;
  const { status, error, duration_ms, body, duplicate_of } = state.result;
  const isGood = status >= 200 && status < 300;
  return html`<div class="result" role="status"><p><span class=${`mark ${isGood ? "good" : "bad"}`}>${status ?? "no answer"}</span> ${milliseconds(duration_ms)} ${error ? plain(error, 300) : ""}</p>
    ${duplicate_of && html`<p>okhook knows it as a duplicate of <a href=${hrefOf({ seq: duplicate_of })}>#${duplicate_of}</a>.</p>`}
    ${body && html`<pre tabindex="0">${plain(body, 20_000)}</pre>`}</div>`;
}

export function Sample({ types, causable, onClose }) {
  const [state, setState] = useState({});
  const first = useRef(null);
  useEffect(() => first.current?.focus(), []);
  const send = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    setState({ sending: true });
    try {
      setState({ result: await postJson("samples", { ...given, events: Number(given.events) }) });
    } catch (error) {
      setState({ error });
    }
  };
  return html`<section class="detail" aria-label="Send a sample"><form class="panel" onSubmit=${send}>
    <h2>Send a sample</h2>
    <p class="quiet">A made-up delivery, sent to the receiver on this machine as Okta would send it.</p>
    <label>Event type <input ref=${first} name="event" list="sample-types" required defaultValue="user.lifecycle.create" autocomplete="off" /></label>
    <datalist id="sample-types">${types.map((each) => html`<option value=${each} />`)}</datalist>
    <div class="row"><label>First name <input name="first_name" placeholder="Jane" /></label><label>Last name <input name="last_name" placeholder="Doe" /></label></div>
    <div class="row"><label>Login <input name="login" placeholder="jane.doe@hookdeckexample.com" /></label><label>Events <input name="events" type="number" min="1" max="100" defaultValue="1" /></label></div>
    <label>Changes, one per line <textarea name="set" rows="3" spellcheck=${false} placeholder='data.events[0].outcome.result="FAILURE"' /></label>
    <div class="bar"><button class="primary" type="submit" disabled=${state.sending}>Send</button><button type="button" onClick=${onClose}>Close</button></div>
    <${Result} state=${state} /></form>
    ${causable.length > 0 && html`<${Cause} causable=${causable} />`}</section>`;
}

function Cause({ causable }) {
  const [state, setState] = useState({});
  const cause = async (event) => {
    event.preventDefault();
    setState({ runs: true });
    try {
      setState({ lines: (await postJson("events", Object.fromEntries(new FormData(event.target)))).lines });
    } catch (error) {
      setState({ error });
    }
  };
  const arrived = state.lines?.filter((each) => each.type === "trigger_arrived") ?? [];
  return html`<form class="panel" onSubmit=${cause}>
    <h2>Cause a real event</h2>
    <p class="quiet">The sandbox org does it to a test user, logs it, and calls the hook.</p>
    <label>Event to cause <select name="event">${causable.map((each) => html`<option value=${each}>${each}</option>`)}</select></label>
    <div class="bar"><button class="primary" type="submit" disabled=${state.runs}>Cause it</button><span class="quiet" role="status">${state.runs && html`<${Late} text="waiting for it to arrive…" />`}</span></div>
    ${state.error && html`<${Fault} error=${state.error} />`}
    ${state.lines && html`<p role="status">${arrived.length ? html`It arrived as ${arrived.map((each) => html`<a href=${hrefOf({ seq: each.seq })}>#${each.seq}</a> `)}` : "It did not arrive. The overview's checks may tell why."}</p>`}
  </form>`;
}
