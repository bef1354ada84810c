// Small parts that several views have.

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { hrefOf } from "./place.js";
import { milliseconds, plain, time } from "./words.js";

/** A button that says for a moment how its deed went. */
export function Deed({ name, label, deed, done, failed }) {
  const [said, setSaid] = useState("");
  const act = async () => {
    try {
      await deed();
      setSaid(done);
    } catch {
      setSaid(failed);
    }
    setTimeout(() => setSaid(""), 1500);
  };
  return html`<button type="button" onClick=${act} aria-label=${label}>${name}</button><span role="status" class="quiet">${said}</span>`;
}

/** A button that copies a text; `label` is its name for screen readers, if `name` alone says too little. */
export function Copy({ text, name, label }) {
  const copy = async () => navigator.clipboard.writeText(await text());
  return html`<${Deed} name=${name} label=${label} deed=${copy} done="copied" failed="could not copy" />`;
}

export function Fault({ error }) {
  return html`<div class="fault" role="alert"><p>${plain(error.message, 500)}</p>
    ${error.why && html`<p>${plain(error.why, 1000)}</p>`}
    ${error.nextStep && html`<p>→ ${plain(error.nextStep, 500)}</p>`}</div>`;
}

/**
 * Return the `ref` of a heading that gets the focus when `ready`, and when `changes` change, unless
 * something in sight has it: what had it is gone, or hidden.
 */
export function useHeading(ready, ...changes) {
  const heading = useRef(null);
  useEffect(() => {
    const { activeElement: focused, body } = document;
    if (ready && (focused === body || !focused?.checkVisibility({ visibilityProperty: true }))) heading.current?.focus({ preventScroll: true });
  }, [ready, ...changes]);
  return heading;
}

/** A command to paste. */
export const Step = ({ command }) => html`<p class="step"><code>${plain(command, 1000)}</code> <${Copy} text=${() => command} name="Copy" /></p>`;

/** A time in local form, with the exact one on hover. */
export const At = ({ iso }) => html`<time datetime=${iso} title=${plain(iso, 80)}>${time(iso)}</time>`;

/** A path in JSON, which may wrap before each of its parts. */
export const Path = ({ path }) => html`<code>${plain(path, 300).split(/(?=[.[])/).map((part) => html`${part}<wbr />`)}</code>`;

/** A word about something that goes on. It is not there for the first moment: most is done by then. */
export const Late = ({ text }) => html`<span class="late">${text}</span>`;

/** What an app, or the receiver, answered to what the page sent. */
export function Result({ state }) {
  if (state.error) return html`<${Fault} error=${state.error} />`;
  if (!state.result) return null;
  const { status, error, duration_ms, body, duplicate_of } = state.result;
  const isGood = status >= 200 && status < 300;
  return html`<div class="result" role="status"><p><span class=${`mark ${isGood ? "good" : "bad"}`}>${status ?? "no answer"}</span> ${milliseconds(duration_ms)} ${error ? plain(error, 300) : ""}</p>
    ${duplicate_of && html`<p>okhook knows it as a duplicate of <a href=${hrefOf({ seq: duplicate_of })}>#${duplicate_of}</a>.</p>`}
    ${body && html`<pre tabindex="0">${plain(body, 20_000)}</pre>`}</div>`;
}
