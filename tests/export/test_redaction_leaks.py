"""Nothing of anybody is left in a redacted line, wherever in a delivery it stood."""

import functools
import json
import re
import string
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from okhook.export.placeholders import Kind
from okhook.export.redacted_text import is_vocabulary, known_words
from okhook.export.redaction import Redactor
from tests.export.payloads import payload, record_of

EVENT_TYPES = (
    "user.session.start",
    "group.user_membership.add",
    "user.account.lock",
    "app.user_management",
)

letters = st.text(
    string.ascii_letters + "\u00e9\u00df\u6f22\u0416\U0001f600", min_size=2, max_size=12
)
names = st.lists(letters, min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from((" ", "-", "'", ".", ", ")).map(lambda glue: glue.join(words))
)
hosts = st.tuples(letters, st.sampled_from((".com", ".okta.com", ".internal", ".acme.de"))).map(
    "".join
)
logins = st.tuples(letters, hosts).map("@".join) | letters
alphanumeric = st.text(string.ascii_letters + string.digits, min_size=17, max_size=17)
ids = (
    st.tuples(st.sampled_from(("00u", "00g", "who", "0oa", "idx", "evt_")), alphanumeric).map(
        "".join
    )
    | st.uuids(version=4).map(str)
    | st.text("0123456789abcdef", min_size=32, max_size=32)
)
addresses = st.ip_addresses().map(str).filter(lambda address: len(address) > 3)
numbers = st.integers(min_value=10_000).map(str)
originals = st.one_of(names, logins, ids, hosts, addresses, numbers)

wrappings = st.sampled_from((
    "{}",
    "user {} was added",
    "/api/v1/users/{}/lifecycle",
    "https://acme.com/{}?q={}",
    "id={}&x=1",
    "<{}>",
    "[level=LOW, who={}]",
    '{"who": "{}"}',
    '["{}", 1]',
    "({}), [{}];{}",
))  # fmt: skip


def slots(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """Return the places of every leaf of a document."""
    entries = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else None
    )
    if entries is None:
        return [place]
    return [slot for key, entry in entries for slot in slots(entry, (*place, key))]


def put(document: Any, place: tuple[Any, ...], value: object) -> None:  # noqa: ANN401
    """Put a value at a place."""
    for key in place[:-1]:
        document = document[key]
    document[place[-1]] = value


def put_member(document: Any, place: tuple[Any, ...], name: str) -> None:  # noqa: ANN401
    """Put a member of that name beside what is at a place."""
    for key in place[:-1]:
        document = document[key]
    if isinstance(document, dict):
        document[name] = {"nested": name, "more": [name]}


def shown(line: dict[str, Any]) -> str:
    """Return all that stands in a line, as it is and as JSON spells it."""
    body = json.loads(line["body"])
    return "\n".join(
        json.dumps(part, ensure_ascii=ascii_alone)
        for part in ({**line, "body": body}, line)
        for ascii_alone in (True, False)
    )


def tells_something(original: str, event_type: str) -> bool:
    """Tell whether an original is made of more than known words, and is no part of what stays."""
    words = re.findall(r"[^\s.,'@-]+", original)
    if all(map(is_vocabulary, words)):
        return False
    return not any(original in text for text in what_stays(event_type))


@functools.cache
def what_stays(event_type: str) -> tuple[str, ...]:
    """Return the texts in which an original may stand by chance."""
    usual = shown(Redactor().exported(record_of(payload(event_type))))
    return (usual, *(kind.value for kind in Kind), "REDACTED", " ".join(known_words()))


@settings(max_examples=200, deadline=None)
@given(
    data=st.data(),
    event_type=st.sampled_from(EVENT_TYPES),
    chosen=st.lists(originals, min_size=1, max_size=4, unique=True),
)
def test_no_original_is_left(data: st.DataObject, event_type: str, chosen: list[str]) -> None:
    """Names, logins, ids, hosts, addresses: anywhere in a delivery, alone or within a text."""
    document = payload(event_type)
    assume(all(tells_something(original, event_type) for original in chosen))
    places = slots(document)
    for original in chosen:
        spelled = json.dumps(original, ensure_ascii=False)[1:-1]
        for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
            put(
                document,
                place,
                data.draw(wrappings).replace("{}", spelled),
            )
        put_member(document, data.draw(st.sampled_from(places)), original)
    header = " ".join(chosen).encode("latin-1", "ignore")
    names = (b"x-forwarded-for", b"x-acme", b"user-agent")
    record = record_of(document, *((name, header) for name in names), (header, b"1"))
    left = shown(Redactor().exported(record))
    assert [original for original in chosen if original in left] == []
