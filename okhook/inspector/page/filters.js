// The filters: a form that sets them, and a chip for each that is set.

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { getJson } from "./api.js";
import { go } from "./place.js";
import { plain, time } from "./words.js";

const STATUSES = ["stored", "forwarded", "failed", "duplicate", "refused", "malformed"];
const AGES = [["", "any time"], ["15m", "last 15 min"], ["1h", "last hour"], ["24h", "last 24 h"], ["7d", "last 7 days"]];
const NAMES = { q: "text", event: "type", user: "person", status: "status", receiver: "receiver", target: "app", since: "since", until: "until", all: "canaries" };
const BETWEEN = "between";

/** Return a moment of the URL for an input, in local time; nothing if it is an age, like 1h. */
function localTime(text) {
  const moment = new Date(text);
  if (!text?.includes("-") || Number.isNaN(moment.getTime())) return "";
  return new Date(moment - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const isoOf = (local) => (local ? new Date(local).toISOString() : "");

/** Return what a filter can name: event types, apps and receivers. */
export function useChoices() {
  const [choices, setChoices] = useState({ types: [], targets: [], receivers: [] });
  useEffect(() => {
    getJson("choices").then(setChoices, () => {});
  }, []);
  return choices;
}

export function Filters({ place, choices }) {
  const { types, targets, receivers } = choices;
  const form = useRef(null);
  const [isOpen, setOpen] = useState(false);
  const [asksBetween, setAsksBetween] = useState(false);
  const { filter } = place;
  const isBetween = asksBetween || filter.until !== undefined || localTime(filter.since) !== "";
  // Not as `value`: while one types, the page may be drawn again.
  useEffect(() => {
    for (const name of ["q", "user"]) form.current.elements[name].value = filter[name] ?? "";
  }, [filter.q, filter.user]);
  const change = (changes) => {
    const next = { ...filter, ...changes };
    for (const name of Object.keys(changes)) if (!changes[name]?.length) delete next[name];
    go({ ...place, view: "deliveries", filter: next });
  };
  const submit = (event) => {
    event.preventDefault();
    const given = new FormData(form.current);
    const next = { ...filter };
    for (const name of ["q", "user"]) {
      const value = given.get(name).trim();
      if (value) next[name] = value;
      else delete next[name];
    }
    const type = given.get("event").trim();
    if (type) next.event = [...new Set([...(filter.event ?? []), type])];
    form.current.elements.event.value = "";
    go({ ...place, view: "deliveries", filter: next });
  };
  const chips = Object.entries(filter).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  return html`<search class="filters">
    <form ref=${form} onSubmit=${submit} class=${isOpen ? "all" : ""}>
      <input id="find" name="q" type="search" placeholder="Search all payloads" aria-label="Search all payloads" />
      <button type="button" class="few" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>Filters</button>
      <input name="event" list="types" placeholder="Type, or user.*" aria-label="Event type or pattern" autocomplete="off"
        onChange=${(event) => types.includes(event.target.value) && form.current.requestSubmit()} />
      <datalist id="types">${types.map((each) => html`<option value=${each} />`)}</datalist>
      <input name="user" placeholder="Person: login or id" aria-label="Person: login or id" />
      <select aria-label="Status" value="" onChange=${(event) => {
        change({ status: [...new Set([...(filter.status ?? []), event.target.value])] });
        event.target.value = "";
      }}>
        <option value="">Status</option>
        ${STATUSES.map((each) => html`<option value=${each}>${each === "stored" ? "stored or waiting" : each}</option>`)}
      </select>
      <select aria-label="Time" value=${isBetween ? BETWEEN : filter.since ?? ""} onChange=${(event) => {
        const chosen = event.target.value;
        setAsksBetween(chosen === BETWEEN);
        if (chosen !== BETWEEN) change({ since: chosen, until: "" });
      }}>
        ${AGES.map(([value, name]) => html`<option value=${value}>${name}</option>`)}
        ${!isBetween && !AGES.some(([value]) => value === (filter.since ?? "")) && html`<option value=${filter.since}>since ${plain(filter.since, 20)}</option>`}
        <option value=${BETWEEN}>between…</option>
      </select>
      ${isBetween && html`<input type="datetime-local" aria-label="From" value=${localTime(filter.since)} onChange=${(event) => change({ since: isoOf(event.target.value) })} />
        <input type="datetime-local" aria-label="To" value=${localTime(filter.until)} onChange=${(event) => change({ until: isoOf(event.target.value) })} />`}
      <${Choice} name="App" values=${targets} value=${filter.target} onChange=${(target) => change({ target })} />
      <${Choice} name="Receiver" values=${receivers} value=${filter.receiver} onChange=${(receiver) => change({ receiver })} />
      <label class="check"><input type="checkbox" checked=${filter.all === "1"} onChange=${(event) => change({ all: event.target.checked ? "1" : "" })} /> canaries</label>
      <button type="submit">Find</button>
    </form>
    ${chips.length > 0 && html`<ul class="chips" aria-label="Filters">${chips.map(([name, value]) => html`<li>
      <button onClick=${() => change({ [name]: Array.isArray(filter[name]) ? filter[name].filter((each) => each !== value) : "" })}
        aria-label=${`Remove the filter ${NAMES[name]} ${value}`}>${chipOf(name, value)} <span aria-hidden="true">×</span></button></li>`)}
      <li><button class="clear" onClick=${() => go({ ...place, filter: {} })}>Clear all</button></li></ul>`}
  </search>`;
}

function chipOf(name, value) {
  if (name === "all") return NAMES.all;
  const isMoment = ["since", "until"].includes(name) && localTime(value);
  return `${NAMES[name]}: ${isMoment ? time(value) : plain(value, 60)}`;
}

/** Choose one of several values; with less than two there is nothing to choose. */
function Choice({ name, values, value, onChange }) {
  if (values.length < 2) return null;
  return html`<select aria-label=${name} value=${value ?? ""} onChange=${(event) => onChange(event.target.value)}>
    <option value="">${`Any ${name.toLowerCase()}`}</option>
    ${values.map((each) => html`<option value=${each}>${plain(each, 60)}</option>`)}</select>`;
}
