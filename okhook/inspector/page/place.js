// Where the page is: the view and the filter, both in the URL, so that they can be bookmarked and
// gone back from.

import { useEffect, useState } from "./vendor/htm-preact.js";

export const FILTERS = ["q", "event", "user", "status", "receiver", "target", "since", "until", "all"];
const VIEWS = ["sample", "overview", "compare"];
const MANY = new Set(["event", "status"]);

/** Return the place that the URL names: `view`, `seq`, `with`, and `filter` by name. */
export function placeOf(search) {
  const query = new URLSearchParams(search);
  const filter = {};
  for (const name of FILTERS) {
    const values = query.getAll(name).filter(Boolean);
    if (values.length) filter[name] = MANY.has(name) ? values : values[0];
  }
  const number = (name) => (/^\d{1,15}$/.test(query.get(name) ?? "") ? Number(query.get(name)) : null);
  const place = { view: query.get("view"), seq: number("seq"), with: number("with"), filter };
  const isWhole = place.view !== "compare" || (place.seq !== null && place.with !== null);
  return VIEWS.includes(place.view) && isWhole ? place : { ...place, view: "deliveries", with: null };
}

export function filterQuery(filter) {
  const query = new URLSearchParams();
  for (const name of FILTERS) for (const value of [filter[name] ?? []].flat()) query.append(name, value);
  return query;
}

export function hrefOf({ view = "deliveries", seq = null, with: other = null, filter = {} }) {
  const query = filterQuery(filter);
  if (view !== "deliveries") query.set("view", view);
  if (seq !== null) query.set("seq", seq);
  if (other !== null) query.set("with", other);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

// What somebody wrote and did not send yet: a question comes before it is thrown away.
const unsent = { isThere: false };

export const noteUnsent = (isThere) => (unsent.isThere = isThere);

export function mayLeave() {
  if (unsent.isThere && !confirm("Throw away your changes to the body?")) return false;
  unsent.isThere = false;
  return true;
}

export function go(place, { replace = false } = {}) {
  if (!mayLeave()) return;
  history[replace ? "replaceState" : "pushState"](null, "", hrefOf(place));
  dispatchEvent(new Event("popstate"));
}

export function usePlace() {
  const [place, setPlace] = useState(() => placeOf(location.search));
  useEffect(() => {
    const shown = { search: location.search };
    const moved = (event) => {
      // The browser's own buttons have moved already.
      if (event.isTrusted && location.search !== shown.search && !mayLeave()) history.pushState(null, "", shown.search || location.pathname);
      shown.search = location.search;
      setPlace(placeOf(location.search));
    };
    const leaves = (event) => unsent.isThere && event.preventDefault();
    const clicked = (event) => {
      const link = event.target.closest?.("a[href]");
      const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
      if (!link || !isPlain || link.target || link.hasAttribute("download")) return;
      const url = new URL(link.href);
      if (url.origin !== location.origin || url.pathname !== location.pathname || link.hash) return;
      event.preventDefault();
      go(placeOf(url.search));
    };
    addEventListener("popstate", moved);
    addEventListener("click", clicked);
    addEventListener("beforeunload", leaves);
    return () => {
      removeEventListener("popstate", moved);
      removeEventListener("click", clicked);
      removeEventListener("beforeunload", leaves);
    };
  }, []);
  return place;
}
