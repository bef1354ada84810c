// Send a made-up delivery to the receiver, or cause a real event in the sandbox org.

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { postJson } from "./api.js";
import { Fault, Late, Result } from "./parts.js";
import { hrefOf } from "./place.js";

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
    <h2 tabindex="-1">Send a sample</h2>
    <p class="quiet">A made-up delivery, sent to the receiver on this machine as Okta would send it.</p>
    <label>Event type <input ref=${first} name="event" list="sample-types" required defaultValue="user.lifecycle.create" autocomplete="off" /></label>
    <datalist id="sample-types">${types.map((each) => html`<option value=${each} />`)}</datalist>
    <div class="row"><label>First name <input name="first_name" placeholder="Jane" /></label><label>Last name <input name="last_name" placeholder="Doe" /></label></div>
    <div class="row"><label class="login">Login <input name="login" placeholder="jane.doe@hookdeckexample.com" /></label><label>Events <input name="events" type="number" min="1" max="100" defaultValue="1" /></label></div>
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
