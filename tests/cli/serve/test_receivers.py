"""Two ``okhook serve`` with names of their own beside each other, on one store."""

from pathlib import Path

import httpx

from tests.support.answering import answer, answering_server
from tests.support.okhook_process import running_okhook
from tests.support.records import delivery_body, event

SERVE = ("serve", "--port", "0", "--output", "json")


def post(url: str, name: str) -> None:
    body = delivery_body(name, event(f"uuid-{name}"))
    assert httpx.post(url, content=body, trust_env=False).status_code == 204


def test_two_receivers_share_nothing_but_the_store_field_03(tmp_path: Path) -> None:
    """Each shows and forwards its own deliveries, and one event at both is no duplicate."""
    with (
        answering_server(lambda _: answer(204)) as app,
        answering_server(lambda _: answer(204)) as other_app,
        running_okhook(*SERVE, "--path", "/one", "--forward-to", app.url, home=tmp_path) as one,
        running_okhook(
            *SERVE, "--receiver", "two", "--forward-to", other_app.url, home=tmp_path
        ) as two,
    ):
        urls = [str(serve.wait_for_json("ready")["url"]) for serve in (one, two)]
        for url, name in zip([*urls, *urls], ["a", "a", "b", "c"], strict=True):
            post(url, name)
        one.wait_for_json("forward", lambda line: line["seq"] == 3)
        two.wait_for_json("forward", lambda line: line["seq"] == 4)
        shown = [
            [(line["seq"], line["duplicate"]) for line in serve.json_lines()
             if line["type"] == "delivery"]
            for serve in (one, two)
        ]  # fmt: skip
    assert shown == [[(1, False), (3, False)], [(2, False), (4, False)]]
    assert [asked.header("x-okhook-delivery") for asked in app.asked] == ["1", "3"]
    assert [asked.header("x-okhook-delivery") for asked in other_app.asked] == ["2", "4"]


def test_another_name_is_told_where_deliveries_wait_field_03(tmp_path: Path) -> None:
    """With a command that sends them; the same name on another free port continues."""
    to = ("--forward-to", "http://127.0.0.1:9/hook")
    with running_okhook(*SERVE, *to, home=tmp_path) as serve:
        post(str(serve.wait_for_json("ready")["url"]), "a")
        serve.wait_for_json("target_down")
    with running_okhook(*SERVE, *to, home=tmp_path) as again:
        assert again.wait_for_json("forward_backlog")["waiting"] == 1
    named = ("--path", "/other", *to)
    with running_okhook(*SERVE, *named, home=tmp_path) as other:
        line = other.wait_for_json("forward_backlog_elsewhere")
        assert (line["receiver"], line["count"]) == ("0/okta-webhooks-endpoint", 1)
    with running_okhook("serve", "--port", "0", *named, home=tmp_path) as text:
        command = text.wait_for_line(lambda line: "--receiver" in line).split()
    with running_okhook(*command[1:], "--output", "json", home=tmp_path) as continued:
        assert continued.wait_for_json("forward_backlog")["waiting"] == 1
