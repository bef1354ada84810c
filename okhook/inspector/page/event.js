// One event of a delivery: who did what to whom, from where, and how it ended.

import { html, useState } from "./vendor/htm-preact.js";
import { At } from "./parts.js";
import { changedAttributes, plain, sentence, textOf } from "./words.js";

const MOST_DEBUG_DATA = 200;

export function Event({ event }) {
  const changed = changedAttributes(event);
  const client = event.client ?? {};
  const [isOpen, setOpen] = useState(false);
  const place = [client.geographicalContext?.city, client.geographicalContext?.country].filter((each) => typeof each === "string");
  const data = Object.entries(event.debugContext?.debugData ?? {}).filter(([, value]) => value !== null);
  const facts = [
    ["type", event.eventType],
    ["published", event.published && html`<${At} iso=${textOf(event.published)} />`],
    ["outcome", [event.outcome?.result, event.outcome?.reason].filter(Boolean).map(textOf).join(": ")],
    ["changed", changed.join(", ")],
    ["client", [client.ipAddress, client.userAgent?.rawUserAgent].filter(Boolean).map(textOf).join(" · ")],
    ["place", place.join(", ")],
    ["uuid", event.uuid],
  ];
  return html`<section class="card event"><h3><bdi>${sentence(event)}</bdi></h3>
    <dl>${facts.filter(([, value]) => value).map(([name, value]) => html`<div><dt>${name}</dt><dd><bdi>${value.type ? value : plain(textOf(value), 500)}</bdi></dd></div>`)}</dl>
    ${data.length > 0 && html`<details onToggle=${(event) => setOpen(event.target.open)}><summary>Debug data</summary>${isOpen && html`<dl>${data.slice(0, MOST_DEBUG_DATA).map(([name, value]) => html`<div><dt><bdi>${plain(name, 100)}</bdi></dt><dd><bdi>${plain(textOf(value), 1000)}</bdi></dd></div>`)}</dl>
      ${data.length > MOST_DEBUG_DATA && html`<p class="quiet">The body below has all ${data.length}.</p>`}`}</details>`}
  </section>`;
}
