"""Lists of records: what stands in a line, and how it fits a terminal."""

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from okhook.cli.deliveries.view import RecordLines
from okhook.records.activities import RecordFound
from okhook.records.attempt import Attempt, ForwardState
from okhook.records.record import Found, Record, RecordKind
from okhook.text import plain
from tests.export.strategies import records
from tests.support.found import attempt, forward, found, record
from tests.support.records import delivery_body, event, post


def line(each: Found, last: Attempt | None = None, *, width: int | None = None) -> str:
    (text,) = RecordLines(width=width, id_width=4)(RecordFound(each, last))
    return text.plain


@pytest.mark.usefixtures("utc")
def test_columns_are_aligned() -> None:
    """Each line has id, local time, status and what happened."""
    body = delivery_body("e", event("uuid-1"), event("uuid-2", "group.user_membership.add"))
    narrow = functools.partial(line, width=84)
    lines = [
        narrow(found(record(9))),
        narrow(found(record(42, duplicate_of=9))),
        narrow(found(record(), forward(attempts=1)), attempt(1, 204)),
        narrow(found(record(), forward(state=ForwardState.FAILED, attempts=3)), attempt(3, None)),
        narrow(found(record(), forward(state=ForwardState.WAITING, attempts=2)), attempt(2, 503)),
        narrow(found(record(1234, request=post(body)))),
        narrow(
            found(
                record(kind=RecordKind.REFUSED, status=401, reason="no secret", request=post(b""))
            )
        ),
        narrow(
            found(
                record(kind=RecordKind.MALFORMED, status=400, reason="no JSON", request=post(b""))
            )
        ),
        narrow(found(record(kind=RecordKind.VERIFICATION, status=200))),
        narrow(found(record(kind=RecordKind.CANARY))),
    ]
    assert lines == snapshot(
        [
            "   9  2026-11-24 12:00:09  stored     user.lifecycle.create  jane.doe@hookdeckexamp…",
            "  42  2026-11-24 12:00:42  duplicate  user.lifecycle.create  jane.doe@hookdeck…  = 9",
            "  41  2026-11-24 12:00:41  forwarded  user.lifecycle.create  jane.doe@hookdeckexamp…",
            "  41  2026-11-24 12:00:41  failed     …create  jane.doe@h…  3 attempts, last timeout",
            "  41  2026-11-24 12:00:41  stored     …create  jane.doe@…  2 attempts, next 12:01:30",
            "1234  2026-11-24 12:00:00  stored     2 events: user.lifecycle.create  jane.doe@hoo…",
            "  41  2026-11-24 12:00:00  refused    401  POST /okta-webhooks-endpoint: no secret",
            "  41  2026-11-24 12:00:00  malformed  400  POST /okta-webhooks-endpoint: no JSON",
            "  41  2026-11-24 12:00:41  stored     verification challenge answered",
            "  41  2026-11-24 12:00:41  stored     canary",
        ]
    )


def test_an_event_type_keeps_as_many_last_words_as_have_room() -> None:
    """``…add`` alone would not tell a group from an application."""
    sent = post(
        delivery_body("e", event("uuid-1", "group.user_membership.add")), (b"x-okhook-sample", b"1")
    )
    assert "  …user_membership.add  jane.doe@" in line(found(record(request=sent)), width=80)
    assert "  …add  jane.doe@" in line(found(record(request=sent)), width=70)


def test_what_okta_did_not_send_is_marked() -> None:
    """A sample, and what okhook reconstructed: both look like deliveries of Okta otherwise."""
    body = delivery_body("e", event("uuid-1"))
    for name in ("sample", "reconstructed"):
        sent = record(request=post(body, (f"x-okhook-{name}".encode(), b"1")))
        assert line(found(sent)).endswith(f"  {name}")


def test_a_failure_is_red_and_a_success_is_green() -> None:
    """Colours help to skim a page."""
    failed = found(record(), forward(state=ForwardState.FAILED))
    for each, colour in ((failed, "bold red"), (found(record(), forward()), "green")):
        (text,) = RecordLines(width=None, id_width=1)(RecordFound(each))
        assert any(
            str(span.style) == colour and each.status.value in text.plain[span.start : span.end]
            for span in text.spans
        )


def test_the_description_is_cut_before_the_marks() -> None:
    """On eighty columns, the marks stay readable."""
    failed = found(record(), forward(state=ForwardState.FAILED, attempts=3))
    shown = line(failed, attempt(3, 500), width=80)
    assert len(shown) <= 80
    assert shown.endswith("…  3 attempts, last 500")


@pytest.mark.parametrize("width", [200, 90, 80, 70, 66])
@pytest.mark.usefixtures("utc")
def test_the_next_attempt_is_the_last_to_be_cut(width: int) -> None:
    """On a narrow terminal, how the last one ended goes first, then how many there were."""
    waiting = found(record(), forward(state=ForwardState.WAITING, attempts=7))
    shown = line(waiting, attempt(7, None), width=width)
    assert shown.endswith("next 12:01:30")
    assert len(shown) <= width


def test_several_events_without_room_are_counted() -> None:
    """Nothing but ellipses would say nothing."""
    several = record(duplicate_of=9, request=post(delivery_body("e", event(), event())))
    shown = line(found(several, forward(attempts=3)), attempt(3, 503), width=75)
    assert "  2 events  = 9  3 attempts, last 503" in shown


def test_why_a_request_was_refused_stays_before_what_it_asked() -> None:
    """The path is mostly the same, and the reason is what one looks for."""
    refused = record(
        kind=RecordKind.REFUSED, status=401, reason="the secret is missing", request=post(b"")
    )
    assert line(found(refused), width=80).endswith("  refused    401  the secret is missing")
    assert "401  POST /okta-webhooks-endpoint: the secret is" in line(found(refused), width=120)


@given(width=st.integers(1, 120), kept=records)
def test_no_line_is_wider_than_the_terminal(width: int, kept: Record) -> None:
    """One record is one line without control characters, and so is the head row."""
    failed = Found(kept, (forward(state=ForwardState.FAILED, attempts=3),))
    lines = RecordLines(width=width, id_width=4)
    (text,) = lines(RecordFound(failed, attempt(3, 500)))
    assert max(text.cell_len, lines.head().cell_len) <= width
    assert plain(text.plain) == text.plain


@pytest.mark.usefixtures("utc")
def test_targets_are_shown_before_the_actor() -> None:
    """In a narrow terminal, the actor is often the same on every line."""
    assert "admin@example.com" in line(found(record(9)), width=200)
    shown = line(found(record(9)), width=90)
    assert shown.endswith("user.lifecycle.create  jane.doe@hookdeckexample.com")


@pytest.mark.usefixtures("utc")
def test_several_events_show_whom_they_are_about_field_28() -> None:
    """In a narrow terminal, the login of the first event's target replaces outcome and actor."""
    several = found(record(9, request=post(delivery_body("event-1", event(), event()))))
    shown = line(several, width=90)
    assert "2 events: user.lifecycle.create  jane.doe@" in shown
