"""Draw the README's picture of a terminal, from a real run: ``python -m tests.picture``.

It runs ``okhook up --sandbox`` with an app of its own in tmux, waits for the first event to be
forwarded, and writes what the terminal shows as ``okhook/manual/up.svg``.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.support.waiting import wait_until

PICTURE = Path(__file__).parent.parent / "okhook" / "manual" / "up.svg"
COMMAND = "okhook up --sandbox --forward-to http://localhost:3000/hook"
COLUMNS, ROWS = 100, 30

Tmux = Callable[..., str]


class App(BaseHTTPRequestHandler):
    """Accepts whatever it gets."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    """Run okhook in a terminal, and write the picture."""
    with app_on(3000), tempfile.TemporaryDirectory(prefix="okhook-") as home, tmux_server() as tmux:
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "OKHOOK_HOME": home,
            "PS1": "$ ",
        }
        exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
        tmux("send-keys", f"export {exports}; clear; {COMMAND}", "Enter")
        wait_until(lambda: "200 OK" in tmux("capture-pane", "-p"))
        screen = tmux("capture-pane", "-p", "-e")
        tmux("send-keys", "C-c")
        wait_until(lambda: "deactivate" in tmux("capture-pane", "-p"))
    draw(f"$ {COMMAND}\n{screen.rstrip()}".replace(home, "~/.local/state/okhook"))


def draw(screen: str) -> None:
    """Write a screen with its ANSI colours as a picture."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere)
        console.print(Text.from_ansi(screen))
        picture = console.export_svg(title="okhook", unique_id="okhook")
    # Rich names fonts on a server; a picture in a README cannot load them.
    picture = re.sub(r"\s*@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    PICTURE.write_text(picture, encoding="utf-8")


@contextmanager
def app_on(port: int, app: type[BaseHTTPRequestHandler] = App) -> Iterator[None]:
    """Run an app on a port."""
    server = HTTPServer(("127.0.0.1", port), app)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def tmux_server() -> Iterator[Tmux]:
    """Run a tmux server of our own with one terminal."""

    def tmux(*arguments: str) -> str:
        command = ["tmux", "-L", "okhook-picture", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    tmux("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "sh")
    try:
        yield tmux
    finally:
        tmux("kill-server")


if __name__ == "__main__":
    main()
