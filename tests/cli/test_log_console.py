"""The log of a service: what each activity says in it, and what it never says."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import okhook
from okhook.activity import Activity, Warned
from okhook.cli.log_console import Level, LogConsole, log_line
from okhook.records.activities import DeliveryStored, Forwarded, RequestRefused, TargetDown
from okhook.records.attempt import Attempt, Forward, ForwardState, Purpose
from okhook.records.record import AuthOutcome, Record, RecordKind
from tests.support.markdown import rows
from tests.support.records import NOON, delivery_body, event, get, post
from tests.test_json_lines import samples

PERSONAL = (
    *("ann@example.com", "ben@example.com", "Ann", "Ben", "00a", "00b", "00g"),
    *("admin@example.com", "jane.doe", "Ada Admin", "Jane Doe", "00uadmin", "00ujane"),
)


def delivery(body: bytes, kind: RecordKind = RecordKind.DELIVERY) -> Record:
    return Record(7, kind, post(body), 204, None, AuthOutcome.NOT_ASKED, None)


def forwarded(state: ForwardState) -> Forwarded:
    attempt = Attempt(
        *(7, "https://u:pw@a.example/T0/secret?t=1", Purpose.FORWARD, 2, NOON, 0.1234, 500)
    )
    return Forwarded(attempt, Forward(7, attempt.target, state, 2, NOON + timedelta(seconds=9)))


def logged(capsys: pytest.CaptureFixture[str], *activities: Activity) -> list[dict[str, Any]]:
    """Return the records that a log has of activities."""
    LogConsole(quiet=False, events=False).show_all(activities, lambda _: ())
    out, err = capsys.readouterr()
    assert err == ""
    assert out.isascii()
    lines = out.splitlines()
    assert all(line.isprintable() for line in lines)
    return [json.loads(line) for line in lines]


def test_no_record_has_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever happens, also what no service publishes today: nobody's name, login or id."""
    records = logged(capsys, *samples(), DeliveryStored(delivery(delivery_body())))
    assert len(records) > 50
    for record in records:
        assert [*record][:4] == ["time", "level", "event", "message"]
        assert not [each for each in PERSONAL if each in json.dumps(record["message"])]
        for each in PERSONAL:
            assert f'"{each}' not in json.dumps(record)


def test_a_delivery_is_named_by_its_number_and_its_event_types() -> None:
    """Each type once; the events themselves only if they are asked for."""
    stored = DeliveryStored(
        delivery(delivery_body("e1", event("1"), event("2"), event("3", "user.session.start")))
    )
    level, message, fields = log_line(stored, events=False)
    assert (level, message) == (Level.INFO, "delivery stored")
    assert fields == {
        "seq": 7,
        "event_id": "e1",
        "hook_id": "who123",
        "event_types": ["user.lifecycle.create", "user.session.start"],
        "event_count": 3,
        "duplicate": False,
    }
    with_events = log_line(stored, events=True).fields
    assert "admin@example.com" in json.dumps(with_events["events"])


def test_a_refused_request_has_no_path() -> None:
    """A path or a query may hold anything, such as somebody's token."""
    request = get((b"Authorization", b"secret"))
    for status, level in ((401, Level.WARNING), (503, Level.ERROR)):
        line = log_line(RequestRefused(None, request, status, "no \x1b[2J"), events=False)
        assert line.level is level
        assert line.fields == {
            "seq": None,
            "status": status,
            "method": "GET",
            "reason": r"no \x1b[2J",
        }


def test_a_warning_names_an_app_by_its_origin(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence stays as it is; the URL's path or query may be a credential."""
    texts = {
        "http://a.example:3000/T0?key=1 gets deliveries from another okhook of this name": (
            "http://a.example:3000 gets deliveries from another okhook of this name"
        ),
        "tls://a:1,b:2/okta.events: no stream": "tls://a:1,b:2: no stream",
        "forwarding to 'HTTPS://[::1]/T0' waits (http://b/T0).": (
            "forwarding to 'https://[::1]' waits (http://b)."
        ),
        "stored in postgresql://okhook@db/okhook": "stored in postgresql://okhook@db/okhook",
    }
    records = logged(capsys, *(Warned(text) for text in texts))
    assert [record["message"] for record in records] == [*texts.values()]


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (ForwardState.DONE, Level.INFO),
        (ForwardState.WAITING, Level.WARNING),
        (ForwardState.FAILED, Level.ERROR),
    ],
)
def test_an_attempt_has_a_level_and_names_the_app_by_its_origin(
    state: ForwardState, level: Level
) -> None:
    """An alert stands on the level; the URL's path or query may be a credential."""
    line = log_line(forwarded(state), events=True)
    assert line.level is level
    assert line.fields["target"] == "https://a.example"
    assert (line.fields["seq"], line.fields["attempt"], line.fields["status"]) == (7, 2, 500)
    assert "secret" not in json.dumps(line.fields)


def test_hostile_text_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A record per line, whatever an app, a payload or a library says."""
    hostile = "x\n{}\x1b[2J\u202e\u2028"
    body = delivery_body(hostile, event("1", hostile))
    records = logged(
        capsys,
        Warned(hostile),
        TargetDown("http://a\x1b[2J/", hostile),
        DeliveryStored(delivery(body)),
    )
    assert len(records) == 3
    assert records[0]["message"] == r"x\n{}\x1b[2J\u202e\u2028"


def test_what_a_service_can_say_has_words_of_its_own() -> None:
    """A line of 'serve' that the manual has, and the log does not know, would say only its name."""
    page = Path(okhook.__file__).parent / "manual" / "json-lines.md"
    of_serve = {row[0].strip("`") for row in rows(page.read_text()) if "`serve`" in row[1]}
    assert len(of_serve) > 10
    said = {(each.type, log_line(each, events=False).message) for each in samples()}
    known = {name for name, message in said if message != name.replace("_", " ")}
    assert of_serve - known == set()
