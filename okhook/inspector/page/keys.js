// The dialog that lists every key.

import { html, useEffect, useRef } from "./vendor/htm-preact.js";

const KEYS = [
  ["j / k", "next or previous delivery"], ["Enter", "open the link that has the focus"], ["/", "search"], ["r", "replay"],
  ["e", "edit and replay"], ["d", "compare"], ["c", "copy as a command"], ["s", "send a sample"], ["o", "overview"], ["Esc", "close"], ["?", "this list"],
];

export function Keys({ onClose }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return html`<dialog ref=${dialog} onClose=${onClose} aria-labelledby="keys"><h2 id="keys">Keyboard</h2>
    <dl class="keys">${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
    <form method="dialog"><button class="primary" onClick=${() => dialog.current.close()} type="button">Close</button></form></dialog>`;
}
