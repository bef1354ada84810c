"""What the page reads and does, and what anybody else gets."""

import gzip
import json
import socket
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from okhook.config.paths import run_directory, store_file
from okhook.errors import InvalidInput
from okhook.inspector.access import Signer
from okhook.inspector.actions import Actions, lines_of
from okhook.inspector.code import code_for
from okhook.inspector.records import as_listed
from okhook.records.activities import RecordShown
from okhook.records.record import AuthOutcome, Found, Record, RecordFilter, RecordKind
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import ReceiverRun, RunDirectory, SandboxRun
from okhook.store.open import open_reader, open_store
from tests.cli.history import CREATED, FAILED, MALFORMED, PENDING, REFUSED, REPEATED, fill_store
from tests.cli.keeping import keep_attempt
from tests.inspector.conftest import PORT
from tests.support.found import APP, attempt, forward
from tests.support.in_process import run_okhook
from tests.support.records import delivery_body, event, post, stored

pytestmark = pytest.mark.anyio

EVERYTHING = (
    ("GET", ""),
    ("GET", "page/main.js"),
    ("GET", "api/records"),
    ("GET", f"api/records/{CREATED}"),
    ("GET", f"api/records/{CREATED}/body"),
    ("GET", f"api/records/{CREATED}/code"),
    ("GET", "api/choices"),
    ("GET", "api/stream"),
    ("GET", "api/running"),
    ("GET", "api/arrivals"),
    ("GET", "api/apps"),
    ("POST", "api/events"),
    ("POST", "api/checks"),
    ("POST", "api/hooks"),
    ("POST", f"api/records/{CREATED}/replay"),
    ("POST", "api/samples"),
)


async def test_without_the_cookie_there_is_nothing(page: httpx.AsyncClient) -> None:
    """Every path answers 403, and says how to get in."""
    del page.headers["cookie"]
    for method, path in EVERYTHING:
        answer = await page.request(method, path)
        assert answer.status_code == 403, path
        assert "okhook inspect" in answer.text


async def test_the_cookie_alone_reads_and_does_nothing(page: httpx.AsyncClient) -> None:
    """A server on another port can obtain it: it opens the page's files, and nothing else."""
    del page.headers["x-okhook-inspector"]
    for method, path in EVERYTHING:
        answer = await page.request(method, path)
        is_file = path in ("", "page/main.js")
        assert answer.status_code == (200 if is_file else 403), path
        assert "okhook inspect" in answer.text or is_file


async def test_another_host_is_refused_everywhere(page: httpx.AsyncClient) -> None:
    """Before anything else: a name that leads to this machine learns nothing, of no path."""
    for path in ("", "/", "/i-1338", "/i-1338/page", "/nowhere", "api/records", "page/main.js"):
        answer = await page.get(path, headers={"host": "evil.example:1338"})
        assert (answer.status_code, answer.headers.get("location")) == (403, None), path
        assert "names another server" in answer.text


async def test_a_link_leaves_the_page_key_behind_the_hash(page: httpx.AsyncClient) -> None:
    """A browser sends no server what stands there; the rest of the link leads to a delivery."""
    token = Signer(bytes(32), PORT).signed("link", utc_now())
    answer = await page.get(f"?token={token}&seq=3", headers={"sec-fetch-site": "none"})
    where, _, key = answer.headers["location"].partition("#key=")
    assert (answer.status_code, where) == (303, f"/i-{PORT}/?seq=3")
    page.headers["x-okhook-inspector"] = key
    assert (await page.get("api/records")).status_code == 200


async def test_another_page_reads_and_does_nothing(page: httpx.AsyncClient) -> None:
    """A browser adds the cookie for a page on another port of this host; that is not enough."""
    foreign = {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:3000"}
    for method, path in EVERYTHING:
        answer = await page.request(method, path, headers=foreign)
        assert answer.status_code == 403, path


async def test_every_answer_has_the_security_headers(page: httpx.AsyncClient) -> None:
    """Errors and refusals too: nothing may be framed, sniffed, cached or shared."""
    paths = ["", "page/style.css", "api/records", "api/records/99", "nowhere", "/"]
    for path in paths:
        headers = (await page.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


async def test_only_files_of_the_page_are_served(page: httpx.AsyncClient) -> None:
    """A path that leads out of the folder finds nothing."""
    for path in ("page/../app.py", "page/%2e%2e/app.py", "page/vendor", "page/htm-LICENSE"):
        assert (await page.get(path)).status_code in (403, 404), path


def test_the_page_is_small() -> None:
    """It comes at once, also over an SSH tunnel: at most 60 kB, compressed."""
    page = files("okhook.inspector").joinpath("page")
    served = [*page.iterdir(), *page.joinpath("vendor").iterdir()]
    contents = [
        each.read_bytes() for each in served if each.name.endswith((".js", ".css", ".html", ".svg"))
    ]
    assert len(contents) > 15
    assert sum(len(gzip.compress(each)) for each in contents) <= 60_000


async def test_records_are_the_lines_of_deliveries_list(
    page: httpx.AsyncClient, history: Path
) -> None:
    """The page and the command show one form of a record."""
    done = run_okhook("deliveries", "list", "--output", "json", home=history)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    answer = (await page.get("api/records")).json()
    shown = [{name: each[name] for name in lines[0]} for each in answer["records"]]
    assert shown == lines
    assert answer["more"] is False
    (failed,) = [each for each in answer["records"] if each["seq"] == FAILED]
    assert [(each["status"], each["number"]) for each in failed["lasts"]] == [(500, 2)]
    assert "KeyError" not in json.dumps(answer)


async def test_a_list_has_no_more_events_than_it_shows(tmp_path: Path) -> None:
    """A delivery may have thousands, and its line is sent again whenever something changes."""
    many = stored("many", request=post(delivery_body("many", *map(event, "abcdefghijkl"))))
    async with open_store(tmp_path / "store.db") as store:
        await store.append(many)
        await store.settled()
        with open_reader(tmp_path / "store.db") as reader:
            (line,) = as_listed(reader, reader.find(RecordFilter(), limit=1))
    assert (line["event_count"], len(line["events"])) == (12, 10)


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        ("limit=2", [PENDING, REFUSED]),
        (f"before={FAILED}", [REPEATED, CREATED]),
        ("status=failed&status=refused", [REFUSED, FAILED]),
        ("event=group.*", [FAILED]),
        ("user=JANE.DOE@hookdeckexample.com&status=malformed", []),
        ("q=forged", [PENDING]),
        (f"target={APP}&status=forwarded", [CREATED]),
        ("receiver=nobody", []),
        ("since=2026-11-24T12:04:30Z&until=2026-11-24T12:06Z", [REFUSED]),
    ],
)
async def test_the_url_filters_the_list(
    page: httpx.AsyncClient, query: str, seqs: list[int]
) -> None:
    """Each filter of the URL means what the flag of the command means."""
    answer = (await page.get(f"api/records?{query}")).json()
    assert [each["seq"] for each in answer["records"]] == seqs


async def test_a_wrong_request_is_an_error_in_words(page: httpx.AsyncClient) -> None:
    """The page shows the error; nothing is a 500."""

    async def asked(query: str) -> dict[str, Any]:
        answer = await page.get(f"api/records?{query}")
        assert answer.status_code == 400, query
        return dict(answer.json())

    for query in ("limit=0", "limit=201", "limit=x", "before=-1", "status=nice", "since=soon"):
        assert (await asked(query))["what"]
    for seq in (99, 2**63 - 1, 2**63, 10**400):
        for path in ("", "/body", "/code"):
            answer = await page.get(f"api/records/{seq}{path}")
            assert answer.status_code == 404, seq
            assert len(answer.text) < 1000
    assert (await page.post("api/samples", content=b"[]")).status_code == 400


async def test_one_record_has_its_story_but_no_secret(page: httpx.AsyncClient) -> None:
    """Attempts, duplicates and the next command stand there; a key stays hidden."""
    failed = (await page.get(f"api/records/{FAILED}")).json()
    assert [each["status"] for each in failed["attempts"]] == [None, 500]
    assert failed["end"]["ends"][0]["where"] == "failed"
    created = (await page.get(f"api/records/{CREATED}")).json()
    assert created["duplicates"] == [REPEATED]
    shown = json.dumps((await page.get(f"api/records/{PENDING}")).json())
    assert "k3y" not in shown
    code = (await page.get(f"api/records/{PENDING}/code")).json()["code"]
    assert [tool for tool, program in code.items() if "k3y" in program] == []
    assert "x-hookdeck-event-url" in code["curl"]


async def test_a_body_is_given_byte_for_byte(page: httpx.AsyncClient) -> None:
    """To download, never to be shown as a document."""
    answer = await page.get(f"api/records/{MALFORMED}/body")
    assert answer.content == b'{"login": "jane"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_code_repeats_the_request_in_five_tools(page: httpx.AsyncClient) -> None:
    """The programs are whole, and read the secret from the environment."""
    code = (await page.get(f"api/records/{CREATED}/code")).json()["code"]
    assert list(code) == ["curl", "HTTPie", "Python", "pytest", "okhook"]
    for tool in ("Python", "pytest"):
        compile(code[tool], tool, "exec")
    assert all("OKHOOK_AUTH_SECRET" in code[tool] for tool in ("curl", "HTTPie", "Python"))


async def test_code_repeats_the_query_without_its_token() -> None:
    """A webhook URL may have one; the app needs the rest of it, in every tool."""
    request = replace(post(b"{}"), path="/hook?env=dev&token=abc123")
    record = Record(1, RecordKind.DELIVERY, request, 204, None, AuthOutcome.NOT_ASKED, None)
    code = code_for(record, "http://localhost:3000/app")
    for tool in ("curl", "HTTPie", "Python", "pytest"):
        assert "http://localhost:3000/app?env=dev&token=[hidden]" in code[tool], tool
    assert "abc123" not in str(code)
    shown = RecordShown(Found(record), ()).to_json()
    assert shown["path"] == "/hook?env=dev&token=[hidden]"


async def test_a_replay_goes_to_this_machine_or_a_known_app_only(page: httpx.AsyncClient) -> None:
    """The page sends nothing to a stranger, and says which command does."""
    long = f"http://127.0.0.1/{'x' * 2000}"
    for to in ("https://example.com/", "http://u:p@127.0.0.1/", "ftp://127.0.0.1/", "x", long):
        answer = await page.post(f"api/records/{CREATED}/replay", json={"to": to})
        assert answer.status_code == 400, to
    for to in ("https://example.com/hook", "nats://127.0.0.1:4222/okta"):
        refused = await page.post(f"api/records/{CREATED}/replay", json={"to": to})
        assert f"okhook replay 1 --to {to}" in refused.json()["next_step"]


def test_a_program_to_copy_sends_to_an_app_that_takes_oktas_bytes(tmp_path: Path) -> None:
    """A stream, or an app that gets CloudEvents, could not read them."""
    fill_store(tmp_path)
    for number, target in enumerate((f"{APP}#cloudevents", "nats://127.0.0.1:4222/okta"), 1):
        tried = attempt(number, 200, seq=CREATED, target=target, after_s=600 + number)
        keep_attempt(tmp_path, tried, forward(CREATED, target=target))
    state = tmp_path / "state"
    actions = Actions(store_file(state), RunDirectory(run_directory(state)), utc_now)
    with open_reader(store_file(state)) as reader:
        (found,) = reader.identified(str(CREATED))
        code = actions.code_for(reader, found)["code"]
    assert APP in str(code)
    assert "nats" not in str(code)
    assert "cloudevents" not in str(code)


async def test_the_overview_names_what_runs_but_no_token(
    page: httpx.AsyncClient, history: Path
) -> None:
    """With one sandbox here the page can cause its events; the sandbox's token stays here."""
    runs = RunDirectory(run_directory(history / "state"))
    assert (await page.get("api/running")).json()["causable"] == []
    with runs.own(SandboxRun.name(8137)) as run_file:
        run_file.write(SandboxRun("http://127.0.0.1:8137", "00t0ken"))
        answer = await page.get("api/running")
    assert answer.json()["sandboxes"] == ["http://127.0.0.1:8137"]
    assert "user.lifecycle.create" in answer.json()["causable"]
    assert "00t0ken" not in answer.text


async def test_no_event_is_caused_without_a_sandbox(page: httpx.AsyncClient) -> None:
    """The page changes no real org."""
    answer = await page.post("api/events", json={"event": "user.lifecycle.create"})
    assert answer.status_code == 400
    assert answer.json()["next_step"] == "start one with `okhook up --sandbox`"


async def test_only_the_hook_of_a_running_up_is_looked_at(page: httpx.AsyncClient) -> None:
    """The page cannot have okhook send a credential to another org."""
    asked = {"org": "https://other.okta.com", "hook_id": "who1"}
    answer = await page.post("api/hooks", json=asked)
    assert answer.status_code == 400
    assert "no okhook up" in answer.json()["what"]


async def test_a_command_runs_and_its_error_is_the_pages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The page shows the same lines, and the same errors in three parts, as a terminal."""
    monkeypatch.setenv("OKHOOK_HOME", str(tmp_path))
    lines = await lines_of(("types", "user.lifecycle.create"), tmp_path / "store.db")
    assert lines[0]["event_type"] == "user.lifecycle.create"
    with pytest.raises(InvalidInput, match="no event type"):
        await lines_of(("types", "nothing like this"), tmp_path / "store.db")


async def test_the_checks_name_no_setting_that_the_page_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A command that finds the store by itself is not told where it is; another one is."""
    monkeypatch.setenv("OKHOOK_HOME", str(tmp_path))
    monkeypatch.delenv("OKHOOK_STORE", raising=False)
    runs = RunDirectory(run_directory(tmp_path))
    own, other = store_file(tmp_path), tmp_path / "other.db"
    for store, said in ((own, "all settings have their defaults"), (other, "store from OKHOOK_S")):
        assert (await _findings(Actions(store, runs, utc_now)))["settings"].startswith(said)


async def test_a_check_that_fails_leaves_all_findings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """okhook doctor ends with an error that says how many failed: the page needs which, and why."""
    monkeypatch.setenv("OKHOOK_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("OKHOOK_PORT", str(taken.getsockname()[1]))
        actions = Actions(store_file(tmp_path), RunDirectory(run_directory(tmp_path)), utc_now)
        findings = await _findings(actions)
    assert "is in use" in findings["port"]
    assert "okhook" in findings["program"]


async def _findings(actions: Actions) -> dict[str, str]:
    """Return the sentence of each check that the page makes."""
    lines: Any = (await actions.examine())["lines"]
    return {line["name"]: line["detail"] for line in lines if line["type"] == "check"}


async def test_no_command_starts_what_runs_already(page: httpx.AsyncClient, history: Path) -> None:
    """While a receiver forwards to the app, what waits needs no other `okhook serve`."""
    runs = RunDirectory(run_directory(history / "state"))

    async def steps() -> list[str]:
        record = (await page.get(f"api/records/{PENDING}")).json()
        return list(record["end"]["next_steps"])

    assert [each.split()[1] for each in await steps()] == ["serve"]
    with runs.own(ReceiverRun.name(1337)) as run_file:
        run_file.write(ReceiverRun("http://127.0.0.1:1337/", 1337, forward_to=(APP,)))
        assert await steps() == []


async def test_a_record_is_given_without_its_body(
    page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page reads a body apart, as bytes, and does not wait for it to be written as JSON."""
    monkeypatch.setattr(RecordShown, "body", property(lambda _: pytest.fail("it was read")))
    record = (await page.get(f"api/records/{CREATED}")).json()
    assert (record["type"], record["seq"]) == ("record", CREATED)
    assert record["size_bytes"] > 0
    assert "body" not in record
