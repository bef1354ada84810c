// Calls of the server that this page came from. Every call carries our own header, which a page of
// another origin cannot send.

const OURS = { "X-Okhook-Inspector": "1" };
const base = new URL("api/", document.baseURI);

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
    answer = await fetch(new URL(path, base), { ...options, headers: { ...OURS, ...options?.headers } });
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

export const bodyUrl = (seq) => new URL(`records/${seq}/body`, base).href;

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
