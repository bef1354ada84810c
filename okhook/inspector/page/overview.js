// The overview: what runs on this machine, and the checks of `okhook doctor`.

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { getJson, postJson } from "./api.js";
import { Fault } from "./list.js";
import { Copy } from "./tree.js";
import { milliseconds, plain } from "./words.js";

const AGAIN_MS = 5000;

export function useOverview() {
  const [state, setState] = useState({});
  useEffect(() => {
    const look = () => getJson("overview").then((running) => setState({ running }), (error) => setState({ error }));
    look();
    const timer = setInterval(() => document.hidden || look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return state;
}

export function Overview({ state }) {
  const { running, error } = state;
  return html`<section class="detail" aria-label="Overview"><h2>Overview</h2>
    ${error && html`<${Fault} error=${error} />`}
    ${running && html`<${Running} running=${running} />`}
    <${Checks} /></section>`;
}

function Running({ running }) {
  const { receivers, tunnels, hooks, sandboxes } = running;
  const none = (text, command) => html`<p>${text} <span class="step"><code>${command}</code> <${Copy} text=${() => command} name="Copy" /></span></p>`;
  return html`<section class="event"><h3>What runs here</h3>
    ${receivers.length ? html`<dl>${receivers.map((each) => html`<div key=${each.url}><dt>receiver</dt><dd><bdi>${plain(each.url, 300)}</bdi>${each.asks_for_secret ? "" : " (requires no secret)"}</dd></div>`)}
      ${tunnels.map((each) => html`<div key=${each.port}><dt>tunnel</dt><dd><bdi>${plain(each.webhook_url ?? "not ready yet", 300)}</bdi></dd></div>`)}
      ${hooks.map((each) => html`<div key=${each.hook_id}><dt>hook</dt><dd><bdi>${plain(each.hook_id ?? "not registered yet", 100)}</bdi> in <bdi>${plain(each.org, 200)}</bdi></dd></div>`)}
      ${sandboxes.map((each) => html`<div key=${each}><dt>sandbox org</dt><dd><bdi>${plain(each, 200)}</bdi></dd></div>`)}</dl>`
      : none("No receiver runs. Start one:", "okhook up --sandbox")}
  </section>`;
}

function Checks() {
  const [state, setState] = useState({});
  const examine = async () => {
    setState({ runs: true });
    try {
      setState({ lines: (await postJson("checks", {})).lines });
    } catch (error) {
      setState({ error });
    }
  };
  const looks = { ok: "good", warning: "warn", failed: "bad", skipped: "quiet" };
  const checks = (state.lines ?? []).filter((each) => each.type === "check");
  return html`<section class="event"><h3>Checks</h3>
    <div class="bar"><button class="primary" onClick=${examine} disabled=${state.runs}>Check everything</button>
      <span class="quiet" role="status">${state.runs ? "checking…" : ""}</span></div>
    ${state.error && html`<${Fault} error=${state.error} />`}
    <ul class="checks">${checks.map((each) => html`<li key=${each.name}>
      <p><span class=${`mark ${looks[each.outcome]}`}>${each.outcome}</span> <b>${each.name}</b> <bdi>${plain(each.detail, 500)}</bdi> <span class="quiet">${milliseconds(each.duration_ms)}</span></p>
      ${each.outcome !== "ok" && each.facts.map((fact) => html`<p class="quiet"><bdi>${plain(fact, 500)}</bdi></p>`)}
      ${each.remedy && html`<p class="step"><code>${plain(each.remedy, 1000)}</code> <${Copy} text=${() => each.remedy} name="Copy" /></p>`}</li>`)}</ul>
  </section>`;
}
