// The list of deliveries: a row for each event, newest first, of which only those in sight exist.

import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";
import { Fault } from "./parts.js";
import { hrefOf } from "./place.js";
import { eventsIn, rowsOf } from "./records.js";
import { alsoNamed, clockAndDay, counted, mark, milliseconds, person, plain } from "./words.js";

const BEYOND = 8;

const drawn = new WeakMap();

/** Return the rows of a page, which are the same until its records change. */
function rowsIn(page) {
  if (!drawn.has(page.records)) drawn.set(page.records, rowsOf(page.records));
  return drawn.get(page.records);
}

/** Return the rows from `first` to `last` with their places. Those of a forgotten page are missing. */
function rowsBetween(pages, first, last) {
  const found = [];
  let top = 0;
  for (const page of pages) {
    if (top >= last) break;
    if (page.records && top + page.rows > first) rowsIn(page).forEach((row, at) => top + at >= first && top + at < last && found.push([top + at, row]));
    top += page.rows;
  }
  return found;
}

/** Return the place of the first row that `isWanted`; -1 if there is none. */
function placeOfRow(pages, isWanted) {
  let top = 0;
  for (const page of pages) {
    const at = page.records ? rowsIn(page).findIndex(isWanted) : -1;
    if (at >= 0) return top + at;
    top += page.rows;
  }
  return -1;
}

/** Count the rows that are no event, such as those of refused requests; `known` keeps forgotten pages. */
function othersIn(pages, known) {
  for (const { records, last } of pages) {
    if (records) known.set(last, records.filter((record) => !record.event_count).length);
  }
  return pages.reduce((sum, page) => sum + (known.get(page.last) ?? 0), 0);
}

export function List({ source, place, selected, onHold, streamed }) {
  const { pages } = source;
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

  const total = pages.reduce((sum, page) => sum + page.rows, 0);
  const first = Math.max(0, Math.floor(view.top / view.row) - BEYOND);
  const last = Math.min(total, Math.ceil((view.top + view.height) / view.row) + BEYOND);
  const rows = rowsBetween(pages, first, last);
  // The row that has the focus stays, and keeps it, also when newer ones push it out of sight.
  const focused = useRef({ key: null });
  focused.current.isDrawing = true;
  const at = focused.current.key ? placeOfRow(pages, (row) => row.key === focused.current.key) : -1;
  if (at >= last) rows.push(...rowsBetween(pages, at, at + 1));
  if (at >= 0 && at < first) rows.unshift(...rowsBetween(pages, at, at + 1));
  useEffect(() => {
    source.see(first, last);
    if (last >= total - BEYOND) source.loadMore();
  }, [first, last, pages, source.more]);

  useLayoutEffect(() => {
    focused.current.isDrawing = false;
    if (at >= 0 && document.activeElement === document.body) box.current.querySelector(`[data-key="${focused.current.key}"]`)?.focus({ preventScroll: true });
  });

  // A page may come back with more or fewer rows than it had: what is being read does not move.
  const anchor = useRef(null);
  useLayoutEffect(() => {
    const was = anchor.current;
    const now = was && view.top > view.row ? placeOfRow(pages, (row) => row.key === was.key) : -1;
    if (now >= 0 && now !== was.at) box.current.scrollTop += (now - was.at) * view.row;
    const inSight = rows.find(([place]) => place * view.row >= view.top && place < last);
    anchor.current = inSight ? { at: inSight[0], key: inSight[1].key } : null;
  });

  // What was closed had the focus: the row that led there gets it, else the list.
  const left = useRef(undefined);
  useEffect(() => {
    const isBack = left.current !== undefined && place.view === "deliveries" && selected === null;
    if (isBack && document.activeElement === document.body) (box.current.querySelector(`[data-seq="${left.current}"]`) ?? box.current).focus({ preventScroll: true });
    left.current = selected;
  }, [selected, place.view]);

  useEffect(() => {
    const at = placeOfRow(pages, (row) => row.record.seq === selected);
    if (at < 0) return;
    const top = at * view.row;
    const list = box.current;
    const beyond = Math.max(list.scrollTop - top, top + view.row - list.scrollTop - list.clientHeight);
    if (beyond > list.clientHeight) list.scrollTop = top - list.clientHeight / 2;
    else if (beyond > 0) list.scrollTop += top < list.scrollTop ? -beyond : beyond;
  }, [selected, source.loaded]);

  const waiting = eventsIn(source.waiting);
  const others = othersIn(pages, useRef(new Map()).current);
  const events = pages.reduce((sum, page) => sum + page.events, -others);
  return html`<section class="list" aria-label="Deliveries">
    <div role="status">${waiting > 0 && html`<button class="news" onClick=${() => {
      source.show();
      box.current.scrollTop = 0;
    }}>${waiting.toLocaleString()}${source.isGap ? " or more" : ""} new</button>`}</div>
    <div class="scroller" ref=${box} tabindex="-1">
      ${source.error && html`<${Fault} error=${source.error} />`}
      ${source.loaded && !source.error && total === 0 && html`<${Nothing} filter=${place.filter} />`}
      <ol style=${{ height: `${total * view.row}px` }} 
        onfocusin=${(event) => (focused.current.key = event.target.dataset.key)}
        onfocusout=${() => focused.current.isDrawing || (focused.current.key = null)}>
        ${rows.map(([at, row]) => html`<${Row} key=${row.key} row=${row} place=${place}
          top=${at * view.row} position=${at + 1} total=${source.more ? -1 : total}
          isSelected=${row.record.seq === selected} />`)}
      </ol>
    </div>
    <p class="footer"><span>${source.loaded && !source.error && `${counted(events, "event")}${others ? `, ${counted(others, "other request")}` : ""}${source.more ? " and more" : ""}`}</span>
      <span role="status" class=${`stream ${streamed}`}>${{ live: "live", lost: "not connected, trying again", refused: "session expired: run okhook inspect" }[streamed] ?? ""}</span></p>
  </section>`;
}

function Row({ row, place, top, position, total, isSelected }) {
  const { record, at, of, stands } = row;
  const event = stands > 1 ? null : row.event;
  const [word, look] = mark(record);
  const continues = at > 0;
  const [clock, day] = clockAndDay(record.received_at);
  return html`<li style=${{ transform: `translateY(${top}px)` }} class=${`${isSelected ? "selected" : ""} ${continues ? "continues" : ""}`}
      aria-posinset=${position} aria-setsize=${total}>
    <a href=${hrefOf({ ...place, view: "deliveries", seq: record.seq })} aria-current=${isSelected ? "true" : undefined} data-seq=${record.seq} data-key=${row.key}>
      <span class="seq">${continues ? "" : `#${record.seq}`}</span>
      <time datetime=${record.received_at} title=${record.received_at}>${!continues && html`${clock}${day && html`<small>${day}</small>`}`}</time>
      ${event ? html`<span class="type"><span class="cut">${plain(event.event_type, 120)}</span>
          ${event.outcome && event.outcome !== "SUCCESS" && html`<span class="outcome">${plain(event.outcome, 20)}</span>`}</span>
        <${Who} event=${event} />`
        : html`<span class="alone">${stands > 1 ? `and ${counted(stands, "more event", "more events")}` : plain(record.reason ?? record.kind, 200)}</span>`}
      <span class="marks">${!continues && html`
        ${of > 1 && html`<span class="mark plain more">${counted(of, "event")}</span>`}
        ${record.sample && html`<span class="mark quiet more">sample</span>`}
        ${record.reconstructed && html`<span class="mark quiet more">reconstructed</span>`}
        ${record.duplicate_of && word !== "duplicate" && html`<span class="mark quiet">duplicate</span>`}
        <span class=${`mark ${look}`}>${word}</span>`}</span>
      <span class="answers">${!continues && html`<${Answers} record=${record} />`}</span>
    </a>
  </li>`;
}

const MOST_TARGETS = 2;

/** Who did it to whom: logins first, because names repeat. */
function Who({ event }) {
  const targets = (event.target ?? []).slice(0, MOST_TARGETS);
  const others = (event.target ?? []).length - targets.length;
  return html`<span class="who"><span><bdi>${person(event.actor)}</bdi></span>${targets.length > 0 && html`<span> → ${targets.map((each, at) => html`${at ? ", " : ""}<bdi>${person(each)}</bdi>${alsoNamed(each) && html`<i class="named"> <bdi>${alsoNamed(each)}</bdi></i>`}`)}${others > 0 && ` +${others}`}</span>`}${event.changed?.length > 0 && html`<i class="changed"> changed ${plain(event.changed.join(", "), 80)}</i>`}</span>`;
}

const MOST_ANSWERS = 2;

/** What each app answered at last; of many apps, those that did not accept it come first. */
function Answers({ record }) {
  if (!record.lasts.length) return `okhook ${record.answered}`;
  const looks = { failed: "bad", waiting: "warn" };
  const answers = record.lasts.map((last) => {
    const forward = record.forwards.find((each) => each.target === last.target);
    const tries = Math.max(last.number, forward?.attempts ?? 0);
    const isGood = last.status >= 200 && last.status < 300;
    return { last, tries, look: looks[forward?.state] ?? (isGood ? "" : "bad") };
  });
  answers.sort((one, other) => (one.look === "") - (other.look === ""));
  return html`<span>${answers.length > 1 ? "apps" : "app"}</span>${answers.slice(0, MOST_ANSWERS).map(({ last, tries, look }) => html`<span class=${look} title=${plain(`${last.target}: ${last.status ?? last.fault}, attempt ${last.number}`, 200)}>${last.status ?? "no answer"}${last.status && html`<span class="ms"> · ${milliseconds(last.duration_ms)}</span>`}${tries > 1 ? ` · ${tries}×` : ""}</span>`)}
    ${answers.length > MOST_ANSWERS && `+${answers.length - MOST_ANSWERS}`}`;
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
