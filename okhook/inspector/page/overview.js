// The overview: what runs on this machine, and the checks of `okhook doctor`.

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { getJson, postJson } from "./api.js";
import { Fault } from "./list.js";
import { hrefOf } from "./place.js";
import { Copy } from "./tree.js";
import { milliseconds, plain } from "./words.js";

const AGAIN_MS = 5000;

export function useOverview() {
  const [state, setState] = useState({});
  useEffect(() => {
    const look = () => getJson("running").then((running) => setState({ running }), (error) => setState({ error }));
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
    <${Arrivals} />
    <${Checks} /></section>`;
}

function Arrivals() {
  const [arrivals, setArrivals] = useState(null);
  useEffect(() => {
    const look = () => getJson("arrivals").then(setArrivals, () => {});
    look();
    const timer = setInterval(() => document.hidden || look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  if (!arrivals) return null;
  const { hours, days, types, statuses, latencies, most_a_day, warned_from } = arrivals;
  const today = days.at(-1)[1];
  const hour = (iso) => new Date(iso).toLocaleString(undefined, { weekday: "short", hour: "2-digit", hourCycle: "h23" });
  return html`<section class="event"><h3>What arrived</h3>
    <p>${today.toLocaleString()} today, of the ${most_a_day.toLocaleString()} that Okta sends an org's hooks in a day${today >= warned_from ? html`: <span class="bad">Okta warns from ${warned_from.toLocaleString()} on</span>` : ""}.</p>
    <${Bars} title="Deliveries by hour" bars=${hours.map(([iso, count]) => [hour(iso), count])} />
    <${Bars} title="Deliveries by day (UTC)" bars=${days} />
    <${Latency} what="From reception to the commit on disk" latency=${latencies.commit} />
    <${Latency} what="From reception to your app's answer" latency=${latencies.forward} />
    <div class="two-tables">
      <table><caption>By status, 30 days</caption><tbody>${Object.entries(statuses).map(([name, count]) => html`<tr key=${name}><th scope="row">${
        ["delivery", "waiting"].includes(name) ? { delivery: "accepted by okhook", waiting: "waiting for an app" }[name] : html`<a href=${hrefOf({ filter: { status: [name] } })}>${name}</a>`}</th><td>${count.toLocaleString()}</td></tr>`)}</tbody></table>
      <table><caption>By event type, 30 days</caption><tbody>${types.map(([name, count]) => html`<tr key=${name}><th scope="row"><a href=${hrefOf({ filter: { event: [name] } })}>${plain(name, 100)}</a></th><td>${count.toLocaleString()}</td></tr>`)}</tbody></table>
    </div></section>`;
}

function Latency({ what, latency }) {
  if (!latency) return null;
  return html`<p>${what}: half within ${milliseconds(latency.p50_ms)}, 99 % within ${milliseconds(latency.p99_ms)} <span class="quiet">(the newest ${latency.count.toLocaleString()})</span></p>`;
}

const HEIGHT = 60;

function Bars({ title, bars }) {
  const most = Math.max(1, ...bars.map(([, count]) => count));
  const total = bars.reduce((sum, [, count]) => sum + count, 0);
  const text = `${title}: ${total} in all, at most ${most} in one, from ${bars[0][0]} to ${bars.at(-1)[0]}`;
  return html`<figure><figcaption>${title}</figcaption>
    <svg viewBox=${`0 0 ${bars.length * 10} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${text}>
      ${bars.map(([name, count], at) => {
        const height = count ? Math.max(2, (count / most) * HEIGHT) : 0;
        return html`<g key=${name}><title>${`${name}: ${count}`}</title><rect class="back" x=${at * 10} y="0" width="9" height=${HEIGHT} /><rect class="bar-of" x=${at * 10} y=${HEIGHT - height} width="9" height=${height} /></g>`;
      })}</svg></figure>`;
}

function Running({ running }) {
  const { receivers, tunnels, hooks, sandboxes } = running;
  const none = (text, command) => html`<p>${text} <span class="step"><code>${command}</code> <${Copy} text=${() => command} name="Copy" /></span></p>`;
  return html`<section class="event"><h3>What runs on this machine</h3>
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
