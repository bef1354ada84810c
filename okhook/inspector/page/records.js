// The records that match a filter: pages from the server, and those that come in. Pages that are far
// from what is in sight are forgotten, but not their place, and come back when they are near again.

import { useEffect, useMemo, useRef, useState } from "./vendor/htm-preact.js";
import { getJson } from "./api.js";
import { filterQuery } from "./place.js";

const PAGE = 100;
const NEAR = 3;
const MOST_WAITING = 1000;

/**
 * Return a row for each event of the records; a record without events has one, too. Of many events
 * in one delivery the last row stands for the rest, so that the next delivery is in sight.
 */
export function rowsOf(records) {
  return records.flatMap((record) => {
    const { event_count: of } = record;
    const shown = of ? record.events : [null];
    const rest = of - shown.length + 1;
    return shown.map((event, at) => ({ record, event, at, of, stands: rest > 1 && at === shown.length - 1 ? rest : 1, key: `${record.seq}.${at}` }));
  });
}

export const eventsIn = (records) => records.reduce((sum, record) => sum + Math.max(1, record.event_count), 0);

/** A page knows its place without its records: how many they are, and what they come before. */
const pageOf = (records) => ({
  records, count: records.length, before: records[0].seq + 1, last: records.at(-1).seq,
  rows: rowsOf(records).length, events: eventsIn(records),
});

const pagesOf = (records) => {
  const pages = [];
  for (let at = 0; at < records.length; at += PAGE) pages.push(pageOf(records.slice(at, at + PAGE)));
  return pages;
};

/** Put records before the first page, which grows up to twice its size. */
function withNew(pages, records) {
  if (!records.length) return pages;
  const [first, ...others] = pages;
  if (first && !first.records) return [...pagesOf(records), ...pages];
  const all = [...records, ...(first?.records ?? [])];
  const fresh = all.length > 2 * PAGE ? [...pagesOf(all.slice(0, -PAGE)), pageOf(all.slice(-PAGE))] : [pageOf(all)];
  return [...fresh, ...others];
}

export function useRecords(filter) {
  const key = filterQuery(filter).toString();
  const [state, setState] = useState({ key, pages: [], more: false, waiting: [], isGap: false, error: null, loaded: false });
  const latest = useRef(state);
  const loading = useRef(null);
  const isStale = useRef(false);
  const meanwhile = useRef([]);
  const restoring = useRef(new Set());
  const again = useRef(0);
  const latestLook = useRef(null);

  const change = (next) => setState((was) => (latest.current = next(was)));

  const read = (before, limit, signal) => {
    const query = filterQuery(filter);
    query.set("limit", limit);
    if (before) query.set("before", before);
    return getJson(`records?${query}`, signal);
  };

  const load = async (before) => {
    if (loading.current) {
      isStale.current ||= !before;
      return;
    }
    const stop = new AbortController();
    loading.current = stop;
    isStale.current = false;
    meanwhile.current = [];
    try {
      const page = await read(before, PAGE, stop.signal);
      change((was) => ({
        ...was, key, error: null, loaded: true, more: page.more,
        pages: [...(before && was.key === key ? was.pages : []), ...pagesOf(page.records)],
        ...(before ? {} : { waiting: [], isGap: false }),
      }));
      if (!before) meanwhile.current.forEach((each) => take(...each));
    } catch (error) {
      if (!stop.signal.aborted) change((was) => ({ ...was, key, loaded: true, error }));
    } finally {
      if (loading.current === stop) {
        loading.current = null;
        if (isStale.current) load();
      }
    }
  };

  useEffect(() => {
    load();
    return () => {
      loading.current?.abort();
      loading.current = null;
    };
  }, [key]);

  /**
   * Take records, oldest first. With `hold`, new ones wait until they are asked for. There `isGap` if
   * some between the list and these are missing.
   */
  const receive = (...arrival) => {
    // A list that is being read may be older than these, and takes the place of the one that has them.
    if (loading.current) meanwhile.current.push(arrival);
    take(...arrival);
  };

  const take = (arrived, hold, isGap = false) =>
    change((was) => {
      if (was.key !== key) return was;
      const bySeq = new Map(arrived.map((each) => [each.seq, each]));
      const renew = (each) => bySeq.get(each.seq) ?? each;
      const isOf = (page) => page.records?.some((each) => bySeq.has(each.seq));
      const newest = Math.max((was.pages[0]?.before ?? 1) - 1, was.waiting[0]?.seq ?? 0);
      const added = arrived.filter((each) => each.seq > newest).reverse();
      const waiting = [...added, ...was.waiting.map(renew)];
      const pages = was.pages.map((page) => (isOf(page) ? { ...page, records: page.records.map(renew) } : page));
      if (hold) return { ...was, pages, waiting: waiting.slice(0, MOST_WAITING), isGap: was.isGap || isGap || waiting.length > MOST_WAITING };
      return { ...was, pages: withNew(pages, waiting), waiting: [] };
    });

  /** Look whether something came that matches the filter, or that the stream does not tell. */
  const look = async (isHeld) => {
    if (!isHeld()) return load();
    const page = await read(null, PAGE).catch(() => null);
    const newest = latest.current.waiting[0]?.seq ?? (latest.current.pages[0]?.before ?? 1) - 1;
    if (page) receive(page.records.reverse(), true, page.more && page.records[0].seq > newest);
  };
  latestLook.current = look;

  const restore = async (page) => {
    if (restoring.current.has(page.before)) return;
    restoring.current.add(page.before);
    try {
      const { records } = await read(page.before, page.count);
      const put = (each) => (each.before === page.before && !each.records ? pagesOf(records) : [each]);
      change((was) => (was.key === key ? { ...was, pages: was.pages.flatMap(put) } : was));
    } catch {
      // It is read again when something moves.
    } finally {
      restoring.current.delete(page.before);
    }
  };

  const current = state.key === key ? state : { ...state, pages: [], waiting: [], loaded: false };
  const records = useMemo(() => current.pages.flatMap((page) => page.records ?? []), [current.pages]);

  /** Say which rows are in sight: forget pages that are far from them, and bring back near ones. */
  const see = (first, last) => {
    let top = 0;
    const inSight = current.pages.flatMap((page, at) => {
      const from = top;
      top += page.rows;
      return from < last && top > first ? [at] : [];
    });
    if (!inSight.length) return;
    const isNear = (at, by) => at >= inSight[0] - by && at <= inSight.at(-1) + by;
    current.pages.forEach((page, at) => !page.records && isNear(at, 1) && restore(page));
    const far = new Set(current.pages.filter((page, at) => page.records && !isNear(at, NEAR)).map((page) => page.before));
    const forget = (page) => (far.has(page.before) ? { ...page, records: null } : page);
    if (far.size) change((was) => ({ ...was, pages: was.pages.map(forget) }));
  };

  return {
    ...current, records, receive, see,
    show: () => {
      if (current.isGap) load();
      else change((was) => ({ ...was, pages: withNew(was.pages, was.waiting), waiting: [] }));
    },
    lookSoon: (isHeld) => {
      clearTimeout(again.current);
      again.current = setTimeout(() => latestLook.current(isHeld), 300); // the filter may be another by then
    },
    // What was drawn may be older than the pages are: the list asks again when it has drawn them.
    loadMore: () => current.more && current.pages.length && latest.current.pages === current.pages && load(current.pages.at(-1).last),
  };
}
