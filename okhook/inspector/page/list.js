// The list of deliveries: a row for each event, newest first, of which only those in sight exist.

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./vendor/htm-preact.js";
import { getJson } from "./api.js";
import { filterQuery, hrefOf } from "./place.js";
import { counted, mark, milliseconds, person, plain, time } from "./words.js";

const PAGE = 100;
const BEYOND = 8;
const MOST_ROWS = 10;
const MOST_LIVE = 1000;

/** Return the list with these records, without the oldest if they are many: scrolling brings them. */
const withRecords = (was, records) =>
  ({ ...was, waiting: [], records: records.slice(0, MOST_LIVE), more: was.more || records.length > MOST_LIVE });

/** Keep the records that match a filter: pages from the server, and those that come in. */
export function useRecords(filter) {
  const key = filterQuery(filter).toString();
  const [state, setState] = useState({ key, records: [], more: false, waiting: [], error: null, loaded: false });
  const loading = useRef(null);
  const again = useRef(0);

  const load = async (before) => {
    if (loading.current) return;
    const stop = new AbortController();
    loading.current = stop;
    const query = filterQuery(filter);
    query.set("limit", PAGE);
    if (before) query.set("before", before);
    try {
      const page = await getJson(`records?${query}`, stop.signal);
      setState((was) => ({
        key, error: null, loaded: true, more: page.more,
        records: before && was.key === key ? [...was.records, ...page.records] : page.records,
        waiting: before ? was.waiting : [],
      }));
    } catch (error) {
      if (!stop.signal.aborted) setState((was) => ({ ...was, key, loaded: true, error }));
    } finally {
      if (loading.current === stop) loading.current = null;
    }
  };

  useEffect(() => {
    load();
    return () => {
      loading.current?.abort();
      loading.current = null;
    };
  }, [key]);

  /** Take records from the stream. With `hold`, new ones wait until they are asked for. */
  const receive = (arrived, hold) =>
    setState((was) => {
      const bySeq = new Map(arrived.map((each) => [each.seq, each]));
      const renew = (each) => bySeq.get(each.seq) ?? each;
      const newest = Math.max(was.records[0]?.seq ?? 0, was.waiting[0]?.seq ?? 0);
      const added = arrived.filter((each) => each.seq > newest).reverse();
      const waiting = [...added, ...was.waiting.map(renew)];
      const records = was.records.map(renew);
      if (hold) return { ...was, records, waiting: waiting.slice(0, MOST_LIVE) };
      return withRecords(was, [...waiting, ...records]);
    });
  const show = () => {
    // If more wait than are kept, some between them and the list are missing.
    if (current.waiting.length === MOST_LIVE) load();
    else setState((was) => withRecords(was, [...was.waiting, ...was.records]));
  };

  const current = state.key === key ? state : { ...state, records: [], waiting: [], loaded: false };
  const last = current.records.at(-1);
  /** Read the first page again when something came that may match the filter. */
  const reloadSoon = () => {
    clearTimeout(again.current);
    again.current = setTimeout(() => load(), 300);
  };
  return { ...current, receive, show, reloadSoon, reload: () => load(), loadMore: () => current.more && last && load(last.seq) };
}

/**
 * Return a row for each event of the records; a record without events has one, too. Of many events
 * in one delivery the last row stands for the rest, so that the next delivery is in sight.
 */
export function rowsOf(records) {
  return records.flatMap((record) => {
    const events = record.events.length ? record.events : [null];
    const shown = events.length > MOST_ROWS ? events.slice(0, MOST_ROWS) : events;
    const rest = events.length - MOST_ROWS + 1;
    return shown.map((event, at) => ({ record, event, at, of: events.length, stands: rest > 1 && at === MOST_ROWS - 1 ? rest : 1, key: `${record.seq}.${at}` }));
  });
}

const eventsOf = (rows) => rows.reduce((sum, row) => sum + row.stands, 0);

export function List({ source, place, selected, onHold, streamed }) {
  const rows = useMemo(() => rowsOf(source.records), [source.records]);
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 800, row: 44 });

  useLayoutEffect(() => {
    const measure = () => {
      const row = parseFloat(getComputedStyle(box.current).getPropertyValue("--row")) || 44;
      setView({ top: box.current.scrollTop, height: box.current.clientHeight, row });
      onHold(box.current.scrollTop > row);
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(box.current);
    box.current.addEventListener("scroll", measure, { passive: true });
    return () => sizes.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(view.top / view.row) - BEYOND);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / view.row) + BEYOND);
  useEffect(() => {
    if (last >= rows.length - BEYOND) source.loadMore();
  }, [last, rows.length, source.more]);

  const left = useRef(null);
  useEffect(() => {
    if (selected === null && document.activeElement === document.body) box.current.querySelector(`[data-seq="${left.current}"]`)?.focus();
    left.current = selected;
    const at = rows.findIndex((row) => row.record.seq === selected);
    if (at < 0) return;
    const top = at * view.row;
    const list = box.current;
    if (top < list.scrollTop) list.scrollTop = top;
    if (top + view.row > list.scrollTop + list.clientHeight) list.scrollTop = top + view.row - list.clientHeight;
  }, [selected]);

  const waiting = eventsOf(rowsOf(source.waiting));
  return html`<section class="list" aria-label="Deliveries">
    ${waiting > 0 && html`<button class="news" onClick=${() => {
      source.show();
      box.current.scrollTop = 0;
    }}>${waiting}${source.waiting.length < MOST_LIVE ? "" : " or more"} new</button>`}
    <div class="scroller" ref=${box} tabindex="-1">
      ${source.error && html`<${Fault} error=${source.error} />`}
      ${source.loaded && !source.error && rows.length === 0 && html`<${Nothing} filter=${place.filter} />`}
      <ol style=${{ height: `${rows.length * view.row}px` }}>
        ${rows.slice(first, last).map((row, at) => html`<${Row} key=${row.key} row=${row} place=${place}
          top=${(first + at) * view.row} position=${first + at + 1} total=${source.more ? -1 : rows.length}
          isSelected=${row.record.seq === selected} />`)}
      </ol>
    </div>
    <p class="footer" role="status">${source.loaded && `${counted(eventsOf(rows), "event")}${source.more ? " and more" : ""}`}
      <span class=${`stream ${streamed}`}>${{ live: "live", lost: "not connected", refused: "link expired" }[streamed] ?? ""}</span></p>
  </section>`;
}

function Row({ row, place, top, position, total, isSelected }) {
  const { record, at, of, stands } = row;
  const event = stands > 1 ? null : row.event;
  const [word, look] = mark(record);
  const continues = at > 0;
  const targets = event?.target ?? [];
  return html`<li style=${{ transform: `translateY(${top}px)` }} class=${`${isSelected ? "selected" : ""} ${continues ? "continues" : ""}`}
      aria-posinset=${position} aria-setsize=${total}>
    <a href=${hrefOf({ ...place, view: "deliveries", seq: record.seq })} aria-current=${isSelected ? "true" : undefined} data-seq=${record.seq}>
      <span class="seq">${continues ? "" : `#${record.seq}`}</span>
      <time datetime=${record.received_at} title=${record.received_at}>${continues ? "" : time(record.received_at)}</time>
      <span class=${`type ${row.event ? "" : "alone"}`}>${stands > 1 ? `${stands} more events` : event ? plain(event.event_type, 120) : record.reason ? plain(record.reason, 200) : record.kind}</span>
      <span class="who">${event && html`<bdi>${person(event.actor)}</bdi>${targets.slice(0, 2).map((each, number) => html`${number ? ", " : " → "}<bdi>${person(each)}</bdi>`)}${targets.length > 2 && ` +${targets.length - 2}`}${event.changed?.length > 0 && html` <span class="changed">changed ${plain(event.changed.join(", "), 80)}</span>`}`}</span>
      <span class="outcome">${event?.outcome && event.outcome !== "SUCCESS" ? plain(event.outcome, 20) : ""}</span>
      <span class="marks">${!continues && html`
        ${of > 1 && html`<span class="mark plain">${of} events</span>`}
        ${record.reconstructed && html`<span class="mark quiet">reconstructed</span>`}
        ${record.sample && html`<span class="mark quiet">sample</span>`}
        ${record.duplicate_of && word !== "duplicate" && html`<span class="mark quiet">duplicate</span>`}
        <span class=${`mark ${look}`}>${word}</span>
        <${Forwards} record=${record} />`}</span>
    </a>
  </li>`;
}

function Forwards({ record }) {
  const last = record.last;
  if (!last) return html`<span class="answer">${record.answered ?? ""}</span>`;
  const tries = Math.max(last.number, ...record.forwards.map((each) => each.attempts));
  const title = `${last.target}: ${last.status ?? last.fault}, attempt ${last.number}`;
  return html`<span class="answer" title=${plain(title, 200)}>${last.status ?? "no answer"} · ${milliseconds(last.duration_ms)}${tries > 1 ? ` · ${tries}×` : ""}</span>`;
}

export function Fault({ error }) {
  return html`<div class="fault" role="alert"><p>${plain(error.message, 500)}</p>
    ${error.why && html`<p>${plain(error.why, 1000)}</p>`}
    ${error.nextStep && html`<p>→ ${plain(error.nextStep, 500)}</p>`}</div>`;
}

function Nothing({ filter }) {
  if (Object.keys(filter).length) {
    return html`<div class="empty"><p>No delivery matches.</p>
      ${filter.user && html`<p>A person is found by the whole login or id. <a href=${hrefOf({ filter: { ...filter, user: undefined, q: filter.user } })}>Search all payloads for ${plain(filter.user, 60)}</a></p>`}
      ${filter.status?.includes("failed") && html`<p>A delivery that okhook tries again is waiting, not failed. <a href=${hrefOf({ filter: { ...filter, status: ["stored"] } })}>Show those that wait</a></p>`}<p><a href=${location.pathname}>Show all deliveries</a></p></div>`;
  }
  return html`<div class="empty"><p>Nothing has arrived yet.</p>
    <p>Send a sample with <kbd>s</kbd>, or paste this into a terminal:</p><pre>okhook send-sample</pre></div>`;
}
