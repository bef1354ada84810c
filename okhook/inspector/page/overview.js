// The overview: what runs on this machine, and the checks of `okhook doctor`.

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { getJson, postJson } from "./api.js";
import { At, Fault, Late, Step, useHeading } from "./parts.js";
import { hrefOf } from "./place.js";
import { milliseconds, plain } from "./words.js";

const AGAIN_MS = 5000;

// The store counts no further what was not attempted yet.
const MOST_COUNTED = 10_000;

/** Know what runs: looked at now and then, and at once in another `view`. */
export function useOverview(view) {
  const [state, setState] = useState({});
  useEffect(() => {
    const look = () => getJson("running").then((running) => setState({ running }), (error) => setState({ error }));
    look();
    const timer = setInterval(() => document.hidden || look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [view]);
  return state;
}

/** Read something again and again while it is shown. */
function useLatest(path) {
  const [value, setValue] = useState(null);
  useEffect(() => {
    const look = () => getJson(path).then(setValue, () => {});
    look();
    const timer = setInterval(() => document.hidden || look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return value;
}

export function Overview({ state }) {
  const { running, error } = state;
  const heading = useHeading(true);
  return html`<section class="detail" aria-label="Overview"><h2 tabindex="-1" ref=${heading}>Overview</h2>
    ${error && html`<${Fault} error=${error} />`}
    <div class="sides"><div class="side">${running && html`<${Running} running=${running} />`}
      <${Apps} />
      <${Checks} /></div>
    <div class="side"><${Arrivals} /></div></div></section>`;
}

function Arrivals() {
  const arrivals = useLatest("arrivals");
  if (!arrivals) return null;
  const { hours, days, types, statuses, latencies, most_a_day, warned_from } = arrivals;
  const today = days.at(-1)[1];
  const hour = (iso) => new Date(iso).toLocaleString(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return html`<section class="card"><h3>What arrived</h3>
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
  return html`<figure><figcaption>${title}: ${total.toLocaleString()}, at most ${Math.max(...bars.map(([, count]) => count)).toLocaleString()} in one</figcaption>
    <svg viewBox=${`0 0 ${bars.length * 10} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${text}>
      ${bars.map(([name, count], at) => {
        const height = count ? Math.max(2, (count / most) * HEIGHT) : 0;
        return html`<g key=${name}><title>${`${name}: ${count}`}</title><rect class="back" x=${at * 10} y="0" width="9" height=${HEIGHT} /><rect class="bar-of" x=${at * 10} y=${HEIGHT - height} width="9" height=${height} /></g>`;
      })}</svg><p class="ends quiet" aria-hidden="true"><span>${bars[0][0]}</span><span>${bars.at(-1)[0]}</span></p></figure>`;
}

function Running({ running }) {
  const { receivers, tunnels, hooks, left_over, sandboxes } = running;
  const isIdle = ![receivers, tunnels, hooks, sandboxes].some((each) => each.length);
  const fact = (key, name, what) => html`<div key=${key}><dt>${name}</dt><dd>${what}</dd></div>`;
  return html`<section class="card"><h3>What runs on this machine</h3>
    ${isIdle && html`<p>Nothing. Start a receiver:</p><${Step} command="okhook up --sandbox" />`}
    <dl>${receivers.map((each) => fact(each.url, "receiver", html`<bdi>${plain(each.url, 300)}</bdi>${each.asks_for_secret ? "" : " (requires no secret)"}`))}
      ${sandboxes.map((each) => fact(each, "sandbox org", html`<bdi>${plain(each, 200)}</bdi>`))}
      ${tunnels.map((each) => fact(each.port, "tunnel", html`<bdi>${plain(each.webhook_url ?? "not ready yet", 300)}</bdi>`))}
      ${hooks.map((each) => fact(each.org + each.hook_id, "hook", html`<${Hook} hook=${each} />`))}</dl>
    ${left_over.map((each) => html`<p key=${each.hook_id} class="warn">A killed okhook up left the hook ${plain(each.hook_id, 100)} active in ${plain(each.org, 200)}. The next okhook up there takes it over, or deactivate it:</p>
      <${Step} command=${`okhook hooks deactivate ${each.hook_id} --org ${each.org}`} />`)}
  </section>`;
}

function Hook({ hook }) {
  const [looked, setLooked] = useState({});
  const look = async () => {
    setLooked({ asks: true });
    try {
      setLooked({ state: await postJson("hooks", { org: hook.org, hook_id: hook.hook_id }) });
    } catch (error) {
      setLooked({ error });
    }
  };
  const isNewer = looked.state && looked.state.seen_at > (hook.seen_at ?? "");
  const { status, verification, seen_at, idle_because, next_step } = isNewer ? looked.state : hook;
  if (!hook.hook_id) return html`<bdi>${plain(hook.org, 200)}</bdi>: not registered yet`;
  return html`<p><bdi>${plain(hook.hook_id, 100)}</bdi> in <bdi>${plain(hook.org, 200)}</bdi></p>
    <p><span class=${`mark ${idle_because ? "bad" : "good"}`}>${plain(`${status} ${verification}`, 60)}</span> ${idle_because ? plain(idle_because, 200) : ""} <span class="quiet">the org said so at <${At} iso=${seen_at} /></span> <button onClick=${look} disabled=${looked.asks}>Ask again</button> <span class="quiet" role="status">${looked.asks && html`<${Late} text="asking…" />`}</span></p>
    <p>${hook.fault ? html`<span class="mark bad">path lost</span> ${plain(hook.fault, 300)} ` : html`<span class="mark good">path proved</span> `}${hook.proved_at ? html`<span class="quiet">a canary last arrived at <${At} iso=${hook.proved_at} /></span>` : ""}</p>
    ${hook.fault_step && html`<p>→ ${plain(hook.fault_step, 300)}</p>`}
    ${next_step && html`<${Step} command=${next_step} />`}
    ${looked.error && html`<${Fault} error=${looked.error} />`}`;
}

function Apps() {
  const apps = useLatest("apps");
  if (!apps) return null;
  if (!apps.length) return html`<section class="card"><h3>Apps</h3><p>No app gets deliveries. Forward them to yours:</p><${Step} command="okhook up --sandbox --forward-to http://localhost:3000/hook" /></section>`;
  const names = new Set(apps.map((each) => each.receiver));
  const link = (count, filter, isMore) => (count ? html`<a href=${hrefOf({ filter })}>${count.toLocaleString()}${isMore ? "+" : ""}</a>` : 0);
  return html`<section class="card"><h3>Apps</h3><div class="wide" tabindex="0" role="region" aria-label="Apps"><table class="apps"><thead><tr><th scope="col">App</th><th scope="col">State</th><th scope="col">Waiting</th><th scope="col">Failed</th></tr></thead>
    <tbody>${apps.map((each) => html`<tr key=${`${each.url} ${each.receiver}`}><th scope="row"><bdi>${plain(each.url, 300)}</bdi>${names.size > 1 && each.receiver ? html` <span class="quiet">of ${plain(each.receiver, 100)}</span>` : ""}</th>
      <td>${each.down ? html`<span class="mark bad">down</span> since <${At} iso=${each.down.since} />: ${plain(each.down.reason, 200)}` : each.served ? html`<span class="mark good">up</span>` : html`<span class="quiet">nothing forwards to it now</span>`}</td>
      <td data-name="waiting">${link(each.pending + each.waiting, { status: ["stored"], ...(each.receiver ? { receiver: each.receiver } : {}) }, each.pending >= MOST_COUNTED)}</td>
      <td data-name="failed">${link(each.failed, { status: ["failed"], target: each.url })}</td></tr>`)}</tbody></table></div></section>`;
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
  return html`<section class="card"><h3>Checks</h3>
    <div class="bar"><button class="primary" onClick=${examine} disabled=${state.runs}>Check everything</button>
      <span class="quiet" role="status">${state.runs && html`<${Late} text="checking…" />`}</span></div>
    ${state.error && html`<${Fault} error=${state.error} />`}
    <ul class="checks">${checks.map((each) => html`<li key=${each.name}>
      <p><span class=${`mark ${looks[each.outcome]}`}>${each.outcome}</span> <b>${each.name}</b> <bdi>${plain(each.detail, 500)}</bdi> <span class="quiet">${milliseconds(each.duration_ms)}</span></p>
      ${each.outcome !== "ok" && each.facts.map((fact) => html`<p class="quiet"><bdi>${plain(fact, 500)}</bdi></p>`)}
      ${each.remedy && html`<${Step} command=${each.remedy} />`}</li>`)}</ul>
  </section>`;
}
