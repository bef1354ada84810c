// The page: what stands where, the live stream, and the keyboard.

import { html, render, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { follow, removeServiceWorkers } from "./api.js";
import { Compare } from "./compare.js";
import { Delivery } from "./delivery.js";
import { Filters, useChoices } from "./filters.js";
import { Keys } from "./keys.js";
import { List } from "./list.js";
import { Overview, useOverview } from "./overview.js";
import { go, hrefOf, mayLeave, placeOf, usePlace } from "./place.js";
import { useRecords } from "./records.js";
import { Sample } from "./sample.js";

const THEMES = ["system", "light", "dark"];

function useTheme() {
  const [theme, setTheme] = useState(() => localStorage.getItem("okhook-theme") ?? "system");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("okhook-theme", theme);
  }, [theme]);
  return [theme, () => setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length])];
}

function App() {
  const place = usePlace();
  const choices = useChoices();
  const source = useRecords(place.filter);
  const overview = useOverview(place.view);
  const [theme, nextTheme] = useTheme();
  const [streamed, setStreamed] = useState("");
  const [acting, setActing] = useState(null);
  const [version, setVersion] = useState(0);
  const [keys, setKeys] = useState(false);
  const holds = useRef(false);
  const now = useRef({});
  // An action is one of a delivery: of another one nothing is open.
  const action = acting?.seq === place.seq ? acting.name : null;
  const setAction = (name) => mayLeave() && setActing(name && { seq: placeOf(location.search).seq, name });
  now.current = { place, source, action, keys };

  useEffect(() => {
    const stop = new AbortController();
    follow({
      signal: stop.signal,
      onState: setStreamed,
      onFrame: (event, records) => {
        const { place: at, source: list } = now.current;
        // A stream tells nothing of what changed before it began.
        if (event === "hello" || event === "behind") list.lookSoon(() => holds.current);
        if (event === "hello") setVersion((was) => was + 1);
        if (event !== "records") return;
        if (Object.keys(at.filter).length) list.lookSoon(() => holds.current);
        else list.receive(records.filter((each) => !["canary", "verification"].includes(each.kind)), holds.current);
        if (records.some((each) => each.seq === at.seq)) setVersion((was) => was + 1);
      },
    });
    return () => stop.abort();
  }, []);

  useEffect(() => setActing((was) => (was?.seq === place.seq ? was : null)), [place.seq]);
  useKeys(now, { setAction, setKeys });
  const hasDetail = place.seq !== null || place.view !== "deliveries";

  return html`<a class="skip" href="#main">Skip to the deliveries</a>
    <header class="top"><h1><a class="home" href=${hrefOf({})}>okhook <span>inspector</span></a></h1>
      <nav aria-label="Views"><a href=${hrefOf({ filter: place.filter })} aria-current=${place.view === "deliveries" ? "page" : undefined}>Deliveries</a>
        <a href=${hrefOf({ view: "sample", filter: place.filter })} aria-current=${place.view === "sample" ? "page" : undefined}>Send</a>
        <a href=${hrefOf({ view: "overview", filter: place.filter })} aria-current=${place.view === "overview" ? "page" : undefined}>Overview</a></nav>
      <button onClick=${nextTheme} aria-label=${`Colours: ${theme}`}>${{ system: "◐", light: "☀", dark: "☾" }[theme]}</button>
      <button onClick=${() => setKeys(true)} aria-label="Keyboard shortcuts">?</button></header>
    <${Filters} place=${place} choices=${choices} />
    <main id="main" class=${hasDetail ? "two" : "one"}>
      <${List} source=${source} place=${place} selected=${place.seq} streamed=${streamed} onHold=${(held) => (holds.current = held)} />
      ${place.view === "sample" && html`<${Sample} types=${choices.types} causable=${overview.running?.causable ?? []} onClose=${() => go({ filter: place.filter })} />`}
      ${place.view === "overview" && html`<${Overview} state=${overview} />`}
      ${place.view === "compare" && html`<${Compare} place=${place} />`}
      ${place.view === "deliveries" && place.seq !== null && html`<${Delivery} key=${place.seq} seq=${place.seq} place=${place} version=${version} action=${action} onAction=${setAction} />`}
    </main>
    ${keys && html`<${Keys} onClose=${() => setKeys(false)} />`}`;
}

/** Keys for people who use no mouse. They do nothing while someone types. */
function useKeys(now, { setAction, setKeys }) {
  useEffect(() => {
    const pressed = (event) => {
      const { place, source, action, keys } = now.current;
      if (event.ctrlKey || event.metaKey || event.altKey || keys) return;
      const types = event.target.closest?.("input, textarea, select");
      if (event.key === "Escape") {
        if (types) (types.closest(".detail")?.querySelector("h2") ?? document.querySelector(".scroller")).focus({ preventScroll: true });
        else if (action) setAction(null);
        else if (place.seq !== null || place.view !== "deliveries") go({ filter: place.filter });
        return;
      }
      if (types) return;
      const seqs = source.records.map((each) => each.seq);
      const at = seqs.indexOf(place.seq);
      const select = (seq) => seq !== undefined && go({ ...place, view: "deliveries", seq }, { replace: place.seq !== null });
      const deeds = {
        j: () => select(seqs[at + 1]),
        k: () => select(seqs[Math.max(0, at - 1)]),
        "/": () => document.getElementById("find").focus(),
        "?": () => setKeys(true),
        o: () => go({ view: "overview", filter: place.filter }),
        s: () => go({ view: "sample", filter: place.filter }),
        r: () => place.seq !== null && setAction("replay"),
        e: () => place.seq !== null && setAction("edit"),
        d: () => place.seq !== null && setAction("compare"),
        c: () => document.querySelector(".copy-as button")?.click(),
      };
      if (!deeds[event.key]) return;
      event.preventDefault();
      deeds[event.key]();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

if (await removeServiceWorkers()) location.reload();
else render(html`<${App} />`, document.getElementById("app"));
