"""The inspector runs beside a receiver and alone, and its link opens it once."""

import socket
import webbrowser
from pathlib import Path

import httpx
import pytest

from tests.support.in_process import run_okhook
from tests.support.inspector import inspector
from tests.support.okhook_process import running_okhook

WITH_INSPECTOR = {"OKHOOK_NO_INSPECTOR": ""}
A_BROWSER = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}


def link_in(text: str) -> str:
    return next(word for word in text.split() if word.startswith("http://") and "token=" in word)


def test_a_state_directory_that_cannot_be_made_is_no_bug(tmp_path: Path) -> None:
    """The key of the page's links is kept there."""
    (tmp_path / "file").write_text("not a directory")
    done = run_okhook("inspect", home=tmp_path, env={"OKHOOK_HOME": str(tmp_path / "file" / "x")})
    assert done.returncode == 3, done.stderr
    assert f"cannot write the state directory {tmp_path / 'file' / 'x'}" in done.stderr


def test_a_receiver_has_an_inspector_and_another_terminal_gets_a_link(tmp_path: Path) -> None:
    """JSON names the page without a link; ``okhook inspect`` gives one, which works once."""
    serve = running_okhook(
        *("serve", "--port", "0", "--inspector-port", "0", "--output", "json"),
        home=tmp_path,
        env=WITH_INSPECTOR,
    )
    with serve as running:
        url = running.wait_for_json("inspector")["inspector_url"]
        assert httpx.get(url, headers=A_BROWSER).status_code == 403
        link = link_in(run_okhook("inspect", home=tmp_path).stdout)
        assert link.startswith(url)
        opened = httpx.get(link, headers=A_BROWSER)
        assert opened.status_code == 303
        cookie = opened.headers["set-cookie"].partition(";")[0]
        page = httpx.get(url, headers=A_BROWSER | {"cookie": cookie})
        assert "<title>okhook inspector</title>" in page.text
        assert httpx.get(link, headers=A_BROWSER).status_code == 403
        written = "\n".join([*running.lines, *running.errors])
        assert "token=" not in written


def test_another_store_gets_an_inspector_of_its_own(tmp_path: Path) -> None:
    """A link to the one that runs would show the deliveries of the wrong store."""
    serve = running_okhook(
        *("serve", "--port", "0", "--inspector-port", "0", "--output", "json"),
        home=tmp_path,
        env=WITH_INSPECTOR,
    )
    with serve as running:
        url = running.wait_for_json("inspector")["inspector_url"]
        other = ("inspect", "--store", str(tmp_path / "other.db"), "--inspector-port", "0")
        with running_okhook(*other, "--output", "json", home=tmp_path) as inspecting:
            assert inspecting.wait_for_json("inspector")["inspector_url"] != url


def test_it_takes_the_next_free_port(tmp_path: Path) -> None:
    """Two receivers have two inspectors, and nobody chooses a port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        serve = running_okhook(
            *("serve", "--port", "0", "--inspector-port", str(port), "--output", "json"),
            home=tmp_path,
            env=WITH_INSPECTOR,
        )
        with serve as running:
            url = running.wait_for_json("inspector")["inspector_url"]
    assert httpx.URL(url).port not in (None, port)


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    """No port is opened, and nothing is said."""
    with running_okhook(
        *("serve", "--port", "0", "--no-inspector"), home=tmp_path, env=WITH_INSPECTOR
    ) as running:
        running.wait_for_error("Ctrl-C")
        assert not any("inspector" in line for line in [*running.lines, *running.errors])
    assert not list((tmp_path / "state" / "run").glob("inspector-*.json"))


def test_it_serves_alone_until_ctrl_c(tmp_path: Path) -> None:
    """Without a receiver it shows the store, also an empty one, and Ctrl-C ends it."""
    with running_okhook("inspect", "--inspector-port", "0", home=tmp_path) as running:
        link = link_in(running.wait_for_line(lambda line: "token=" in line))
        assert httpx.get(link, headers=A_BROWSER).status_code == 303


def test_one_delivery_opens_in_the_browser(
    looked_back_at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link leads to the delivery, through an inspector that runs already."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    with inspector(home=looked_back_at) as running:
        run_okhook("deliveries", "show", "event-3", "--web", home=looked_back_at)
        (link,) = opened
        answer = httpx.get(link, headers=A_BROWSER)
        assert running.partition("?")[0] == link.partition("?")[0]
    assert answer.headers["location"].partition("#")[0].endswith("/?seq=3")
