// Calls of the server that this page came from. Every call carries the page's key, which the link
// left behind the #, and which this origin keeps: a page on another port has no access to it.

const KEPT_AS = "okhook-page-key";
const base = new URL("api/", document.baseURI);

/** Keep the key that a link brought, and take it out of the address. */
function pageKey() {
  const brought = new URLSearchParams(location.hash.slice(1)).get("key");
  if (brought) {
    localStorage.setItem(KEPT_AS, brought);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return localStorage.getItem(KEPT_AS) ?? "";
}

pageKey();

/**
 * Remove the service workers of a program that had this port before: they would see every request
 * and its key. Return whether there was one; it sees what this page loads until it loads again.
 */
export async function removeServiceWorkers() {
  const left = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  return (await Promise.all(left.map((each) => each.unregister()))).some(Boolean);
}

/** An error in the server's three parts: what happened, why, and what to do next. */
export class Refused extends Error {
  constructor({ what, why, next_step }, status) {
    super(what);
    this.why = why;
    this.nextStep = next_step;
    this.status = status;
  }
}

async function checked(path, options) {
  let answer;
  try {
    answer = await fetch(new URL(path, base), { ...options, headers: { "X-Okhook-Inspector": pageKey(), ...options?.headers } });
  } catch {
    throw new Refused({ what: "okhook does not answer", next_step: "start it again: okhook inspect" }, 0);
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  try {
    throw new Refused(JSON.parse(text), answer.status);
  } catch (error) {
    throw error instanceof Refused ? error : new Refused({ what: text.trim() }, answer.status);
  }
}

export const getJson = async (path, signal) => (await checked(path, { signal })).json();

export const getText = async (path, signal) =>
  new TextDecoder().decode(await (await checked(path, { signal })).arrayBuffer());

export const postJson = async (path, value) =>
  (await checked(path, { method: "POST", body: JSON.stringify(value) })).json();

/** Have the browser save the body of a delivery, byte for byte. */
export async function download(seq) {
  const body = await (await checked(`records/${seq}/body`)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(body);
  link.download = `delivery-${seq}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Read the stream for ever, from the last number seen on, and connect again when it ends. */
export async function follow({ onFrame, onState, signal }) {
  let seen = null;
  for (let waits = 0; !signal.aborted; waits += 1) {
    try {
      const headers = seen === null ? {} : { "Last-Event-ID": String(seen) };
      const answer = await checked("stream", { headers, signal });
      onState("live");
      waits = 0;
      for await (const frame of framesOf(answer.body)) {
        if (frame.id !== undefined) seen = frame.id;
        onFrame(frame.event, frame.data);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 403) return onState("refused");
    }
    onState("lost");
    await new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** waits, 4000)));
  }
}

async function* framesOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const parts = text.split("\n\n");
    text = parts.pop();
    for (const part of parts) {
      const frame = {};
      for (const line of part.split("\n")) {
        if (line.startsWith("id: ")) frame.id = Number(line.slice(4));
        if (line.startsWith("event: ")) frame.event = line.slice(7);
        if (line.startsWith("data: ")) frame.data = JSON.parse(line.slice(6));
      }
      if (frame.event) yield frame;
    }
  }
}
