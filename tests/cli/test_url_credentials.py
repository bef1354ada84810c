"""A URL may carry a credential in its query: okhook uses it, and shows ``[hidden]`` instead."""

import json
from pathlib import Path

import httpx
import pytest

from okhook.wire.target_url import targets_shown_as
from okhook.wire.url import without_credentials
from tests.support.answering import Asked, answer, answering_server
from tests.support.in_process import run_okhook
from tests.support.okhook_process import running_okhook
from tests.support.records import delivery_body
from tests.support.sandbox_org import sandbox_org
from tests.support.waiting import wait_until

TOKEN = "t0psecret"
HIDDEN = "?team=7&token=[hidden]"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://a/hook", "http://a/hook"),
        ("http://a/hook?x=1&api_key=k", "http://a/hook?x=1&api_key=[hidden]"),
        ("http://a/?token=k#cloudevents", "http://a/?token=[hidden]#cloudevents"),
        ("/hook?sig=", "/hook?sig="),
    ],
)
def test_the_rest_of_the_url_stays(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
    assert targets_shown_as(shown, ["http://b/", url]) == {url}


@pytest.mark.parametrize("output", [(), ("--output", "json"), ("--log-format", "json")])
def test_a_target_is_shown_without_it_everywhere(tmp_path: Path, output: tuple[str, ...]) -> None:
    """And what is shown can be pasted: it is taken for the target that it stands for."""
    asked: list[Asked] = []
    told: list[str] = []

    def app(request: Asked) -> bytes:
        asked.append(request)
        return answer(500)

    def run(*words: str) -> str:
        done = run_okhook(*words, home=tmp_path)
        told.extend((done.stdout, done.stderr))
        return done.stdout

    with answering_server(app) as server:
        url = f"{server.url}?team=7&token={TOKEN}"
        shown = f"{server.url}{HIDDEN}"
        command = ("serve", "--port", "0", "--admin", "127.0.0.1:0", "--forward-to", url)
        with running_okhook(*command, "--retries", "0", *output, home=tmp_path) as serve:
            wait_until(lambda: "receiver   " in run("status"))
            receiver = json.loads(run("status", "--output", "json"))["receiver_url"]
            httpx.post(receiver, content=delivery_body(), trust_env=False)
            wait_until(lambda: bool(asked))
            listed = run("status")
            wait_until(lambda: "failed" in run("deliveries", "list", "--all"), serve.transcript)
        told.append(serve.transcript())
        for words in (("deliveries", "show", "1"), ("trace", "1"), ("store", "show")):
            assert shown in run(*words), words
            assert shown in run(*words, "--output", "json"), words
        assert "--to" in run("trace", "1")
        run("replay", "1", "--to", shown, "--dry-run")
        run("replay", "1", "--to", shown)
        refused = run_okhook("replay", "1", "--to", f"{shown}&key=[hidden]", home=tmp_path)
        assert "cannot tell which app" in refused.stderr
    assert shown in listed
    assert asked[-1].target.endswith(f"?team=7&token={TOKEN}")
    assert len(asked) == 2
    assert TOKEN not in "".join(told)


def test_a_hook_is_shown_without_it(tmp_path: Path) -> None:
    """It is registered as it is. Only a command to paste repeats what the person typed."""
    url = f"https://hooks.example.com/hook?team=7&token={TOKEN}"
    with sandbox_org(home=tmp_path) as org:
        registered = ("register", "--url", url, "--wait", "0s", "--org", "sandbox")
        run_okhook(*registered, home=tmp_path)
        for output in ("text", "json"):
            for words in (
                ("register", "--url", url, "--wait", "0s"),
                ("hooks", "list"),
                ("hooks", "show", org.hooks()[0]["id"]),
            ):
                done = run_okhook(*words, "--org", "sandbox", "--output", output, home=tmp_path)
                lines = [each for each in done.stdout.splitlines() if "hooks verify" not in each]
                assert any(HIDDEN in line for line in lines), done
                assert not any(TOKEN in line for line in lines), lines
        assert org.hooks()[0]["channel"]["config"]["uri"] == url
