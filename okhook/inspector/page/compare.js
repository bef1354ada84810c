// Two deliveries, or a body before and after an edit: what differs between them.

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { getText } from "./api.js";
import { SHORT, comparing, isFoldable, parsing, written } from "./json.js";
import { Fault, Late, Path, useHeading } from "./parts.js";
import { go, hrefOf } from "./place.js";
import { useSlices } from "./slices.js";
import { counted, plain } from "./words.js";

export function Differences({ before, after, names = ["Before", "After"] }) {
  function* both() {
    return yield* comparing(yield* parsing(before), yield* parsing(after));
  }
  const { value: found, error } = useSlices(both, [before, after], before.length + after.length <= SHORT);
  if (error) return html`<p class="quiet">${before === after ? "The bodies are the same." : `They cannot be compared: ${error instanceof SyntaxError ? `one is ${error.message}` : `one ${error.message}`}.`}</p>`;
  if (!found) return html`<p class="quiet" role="status"><${Late} text="comparing…" /></p>`;
  if (!found.length) return html`<p class="quiet">Nothing differs.</p>`;
  return html`<p role="status">${counted(found.length, "difference")}</p>
    <div class="wide" tabindex="0" role="region" aria-label="Differences"><table class="differences"><thead><tr><th scope="col">Path</th>${names.map((each) => html`<th scope="col">${each}</th>`)}</tr></thead>
    <tbody>${found.map((each) => html`<tr key=${each.path}><th scope="row"><${Path} path=${each.path || "(the body)"} /></th>
      <td class="before"><${Value} node=${each.before} /></td><td class="after"><${Value} node=${each.after} /></td></tr>`)}</tbody></table></div>`;
}

function Value({ node }) {
  if (!node) return html`<span class="quiet">absent</span>`;
  return html`<code>${plain(isFoldable(node) ? written(node) : node.kind === "string" ? JSON.stringify(node.text) : node.text, 500)}</code>`;
}

export function Compare({ place }) {
  const [state, setState] = useState({});
  const heading = useHeading(true);
  useEffect(() => {
    setState({});
    Promise.all([place.with, place.seq].map((seq) => getText(`records/${seq}/body`)))
      .then(([before, after]) => setState({ before, after }), (error) => setState({ error }));
  }, [place.seq, place.with]);
  const one = (seq) => html`<a href=${hrefOf({ ...place, view: "deliveries", seq, with: null })}>#${seq}</a>`;
  return html`<section class="detail" aria-label="Comparison"><div class="title"><h2 tabindex="-1" ref=${heading}>Delivery ${one(place.with)} and ${one(place.seq)}</h2>
      <button onClick=${() => go({ seq: place.seq, filter: place.filter })} title="Esc">Close</button></div>
    ${state.error && html`<${Fault} error=${state.error} />`}
    ${state.before !== undefined && html`<${Differences} before=${state.before} after=${state.after} names=${[`#${place.with}`, `#${place.seq}`]} />`}</section>`;
}
