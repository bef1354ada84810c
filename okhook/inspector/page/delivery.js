// One delivery: who did what to whom, its story, its headers, its body, and every attempt.

import { html, useEffect, useMemo, useState } from "./vendor/htm-preact.js";
import { download, getJson, getText } from "./api.js";
import { Event } from "./event.js";
import { At, Copy, Fault, Step, useHeading } from "./parts.js";
import { go, hrefOf } from "./place.js";
import { Replay } from "./replay.js";
import { Body } from "./tree.js";
import { bytes, counted, mark, milliseconds, plain, textOf, time } from "./words.js";

const EVENTS_AT_FIRST = 20;
const MOST_LOOKED_THROUGH = 1_000_000;

/** Return the events of a body as Okta wrote them; none if it is not a delivery. */
function eventsIn(text) {
  try {
    const events = JSON.parse(text)?.data?.events;
    return Array.isArray(events) ? events.filter((each) => each && typeof each === "object") : [];
  } catch {
    return [];
  }
}

export function useDelivery(seq, version) {
  const [state, setState] = useState({ seq: null });
  const load = () => {
    const stop = new AbortController();
    Promise.all([getJson(`records/${seq}`, stop.signal), getText(`records/${seq}/body`, stop.signal)]).then(
      ([record, text]) => setState({ seq, record, text }),
      (error) => stop.signal.aborted || setState((was) => (was.seq === seq && was.record ? was : { seq, error })),
    );
    return () => stop.abort();
  };
  useEffect(load, [seq, version]);
  return state.seq === seq ? state : { seq };
}

export function Delivery({ seq, place, version, action, onAction }) {
  const { record, text, error } = useDelivery(seq, version);
  const events = useMemo(() => (record?.kind === "malformed" && text.length > MOST_LOOKED_THROUGH ? [] : eventsIn(text ?? "")), [record?.kind, text]);
  const [shown, setShown] = useState(EVENTS_AT_FIRST);
  const heading = useHeading(record !== undefined || error !== undefined, action);
  const close = html`<button onClick=${() => go({ filter: place.filter })} title="Esc">Close</button>`;
  if (error) return html`<section class="detail" aria-label="Delivery"><div class="title"><h2 tabindex="-1" ref=${heading}>#${seq}</h2>${close}</div><${Fault} error=${error} /></section>`;
  if (!record) return html`<section class="detail" aria-label="Delivery" aria-busy="true"></section>`;
  const [word, look] = mark(record);
  const canBeSent = record.size_bytes > 0;
  return html`<section class="detail" aria-label=${`Delivery ${seq}`} key=${seq}>
    <header>
      <h2 tabindex="-1" ref=${heading}>#${seq} ${events.length === 1 ? html`<span class="type">${plain(textOf(events[0].eventType ?? ""), 200)}</span>` : events.length ? counted(events.length, "event") : record.kind}</h2>
      <p><span class=${`mark ${look}`}>${word}</span> received <${At} iso=${record.received_at} />, okhook answered ${record.answered}${record.reason ? `: ${plain(record.reason, 300)}` : ""}</p>
      ${record.sample && html`<p>It is a sample: okhook sent it, not Okta.</p>`}
      ${record.reconstructed && html`<p>It did not arrive: okhook reconstructed it from the org's System Log.</p>`}
      ${record.duplicate_of && html`<p>It repeats <a href=${hrefOf({ ...place, seq: record.duplicate_of })}>#${record.duplicate_of}</a>; <a href=${hrefOf({ ...place, view: "compare", with: record.duplicate_of })}>compare</a>.</p>`}
      ${record.duplicates.length > 0 && html`<p>Repeated by ${record.duplicates.map((each, at) => html`${at ? ", " : ""}<a href=${hrefOf({ ...place, seq: each })}>#${each}</a>`)}.</p>`}
      <nav class="bar" aria-label="Actions">
        ${canBeSent && html`<button class="primary" onClick=${() => onAction("replay")} title="r">Replay</button>
          <button onClick=${() => onAction("edit")} title="e">Edit and replay</button>
          <button onClick=${() => onAction("compare")} title="d">Compare</button>
          <${CodeCopies} seq=${seq} />`}
        ${record.hookdeck_event_url && html`<a class="button" href=${record.hookdeck_event_url} target="_blank" rel="noreferrer">Hookdeck</a>`}
        ${close}
      </nav>
    </header>
    ${canBeSent && action === "compare" && html`<${CompareWith} seq=${seq} place=${place} suggested=${record.duplicate_of ?? seq - 1} />`}
    ${canBeSent && (action === "replay" || action === "edit") && html`<${Replay} key=${action} record=${record} text=${text} edits=${action === "edit"} onClose=${() => onAction(null)} />`}
    <div class="sides"><div class="side">
      <${Story} end=${record.end} seq=${seq} place=${place} />
      ${events.length === 1 && html`<${Event} event=${events[0]} />`}
      ${record.attempts.length > 0 && html`<${Attempts} attempts=${record.attempts} />`}
      ${events.length > 1 && events.slice(0, shown).map((event, at) => html`<${Event} key=${at} event=${event} />`)}
      ${events.length > shown && html`<p><button onClick=${() => setShown(shown + 5 * EVENTS_AT_FIRST)}>Show more of ${counted(events.length, "event")}</button></p>`}
    </div><div class="side">
      <section><h3>Body</h3>${record.size_bytes ? html`<${Body} text=${text} size=${bytes(record.size_bytes)} onDownload=${() => download(seq)} />`
        : html`<p class="quiet">${record.status === "refused" ? "okhook stores no body of a refused request." : "The body is empty."}</p>`}</section>
      <${Headers} record=${record} />
    </div></div>
  </section>`;
}

const WHERE = {
  forwarded: "Accepted by", waiting: "Waits for another attempt at", pending: "Waits to be forwarded to", failed: "Not accepted by",
  not_forwarded: "Not forwarded to any app", refused: "Refused by okhook", malformed: "Not a delivery",
};

/** How it ended at each app, of this delivery and of those that repeat it. */
function Story({ end, seq, place }) {
  if (!end.ends.length) return null;
  const more = (each) => [
    each.status ? `answered ${each.status}` : each.fault && plain(each.fault, 100),
    each.attempts && counted(each.attempts, "attempt"), each.next_at && `the next at ${time(each.next_at)}`,
  ].filter(Boolean).join(", ");
  return html`<section aria-label="Story" class="card"><h3>What happened</h3>
    ${end.ends.map((each) => html`<p>${each.seq !== seq && html`<a href=${hrefOf({ ...place, seq: each.seq })}>#${each.seq}</a> `}${WHERE[each.where] ?? each.where}${each.target && html` <bdi>${plain(each.target, 200)}</bdi>`}${more(each) && `: ${more(each)}`}</p>`)}
    ${end.next_steps.map((step) => html`<${Step} key=${step} command=${step} />`)}
  </section>`;
}

function Attempts({ attempts }) {
  return html`<section aria-label="Attempts" class="card"><h3>Attempts</h3><ol class="attempts">${attempts.map((each, at) => html`<li key=${at}>
    <details open=${at === attempts.length - 1}><summary><span class=${`mark ${each.status >= 200 && each.status < 300 ? "good" : "bad"}`}>${each.status ?? "no answer"}</span>
      <${At} iso=${each.began_at} /> ${each.purpose.replace("_", " ")} ${each.number} → <bdi>${plain(each.target, 200)}</bdi> · ${milliseconds(each.duration_ms)}</summary>
      ${each.error && html`<p>${plain(each.error, 500)}</p>`}
      ${each.answer ? html`<p class="quiet">${plain(each.answer_type ?? "no content type", 100)}</p><pre tabindex="0">${plain(each.answer, 20_000)}</pre>` : html`<p class="quiet">The answer has no body.</p>`}
    </details></li>`)}</ol></section>`;
}

function Headers({ record }) {
  const hidden = record.headers.some(([, value]) => value === "[hidden]") || record.path.includes("=[hidden]");
  return html`<section aria-label="Headers"><h3>Headers</h3>
    <p><code>${plain(record.method, 20)} ${plain(record.path, 500)}</code>${record.receiver ? html`<span class="quiet"> · received as ${plain(record.receiver, 100)}</span>` : ""}</p>
    ${hidden && html`<p class="quiet">okhook hides values that may be a secret, and does not store the hook's secret.</p>`}
    <dl class="headers">${record.headers.map(([name, value]) => html`<div><dt>${plain(name, 200)}</dt><dd><bdi>${plain(value, 2000)}</bdi></dd></div>`)}</dl></section>`;
}

function CodeCopies({ seq }) {
  const [tool, setTool] = useState("curl");
  const text = async () => (await getJson(`records/${seq}/code`)).code[tool];
  return html`<span class="copy-as"><${Copy} text=${text} name="Copy as" /><select aria-label="Copy as" value=${tool} onChange=${(event) => setTool(event.target.value)}>
    ${["curl", "HTTPie", "Python", "pytest", "okhook"].map((each) => html`<option value=${each}>${each}</option>`)}</select></span>`;
}

function CompareWith({ seq, place, suggested }) {
  const [other, setOther] = useState(String(suggested));
  const href = hrefOf({ ...place, view: "compare", seq, with: Number(other) });
  return html`<form class="bar panel" onSubmit=${(event) => event.preventDefault()}><label>Compare with delivery <input inputmode="numeric" pattern="[0-9]+" value=${other} onInput=${(event) => setOther(event.target.value)} /></label>
    <a class="button" href=${href}>Compare</a></form>`;
}

