// Long work in slices, so that the page stays alive: what is to be done is a generator, which yields
// now and then.

import { useEffect, useMemo, useState } from "./vendor/htm-preact.js";

const SLICE_MS = 12;

/** Run a generator to its end, and return what it returns. */
export function atOnce(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

async function inSlices(steps, signal) {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const { done, value } = steps.next();
      if (done) return value;
    } while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
}

/**
 * Return `{value}` or `{error}` of the generator that `begin` starts, for these inputs; `{}` until it
 * has ended. With `isShort` it runs at once, so that nothing flickers.
 */
export function useSlices(begin, inputs, isShort) {
  const quick = useMemo(() => {
    if (!isShort) return null;
    try {
      return { value: atOnce(begin()) };
    } catch (error) {
      return { error };
    }
  }, inputs);
  const [slow, setSlow] = useState({});
  useEffect(() => {
    setSlow({});
    if (isShort) return undefined;
    const stop = new AbortController();
    inSlices(begin(), stop.signal).then((value) => setSlow({ value }), (error) => stop.signal.aborted || setSlow({ error }));
    return () => stop.abort();
  }, inputs);
  return quick ?? slow;
}
