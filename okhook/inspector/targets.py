"""The URLs of apps on the page: what it shows of them, and which app it means.

A value such as that of ``?token=`` never goes to the page. So the page names an app by its shown
URL, when it filters the list or sends something.
"""

from dataclasses import replace

from okhook.errors import InvalidInput
from okhook.records.attempt import Attempt
from okhook.records.record import Found
from okhook.secret import HIDDEN
from okhook.store.contract import Reader
from okhook.trace.story import TraceEnd
from okhook.wire.target_url import shown_target, targets_shown_as


def shown_attempt(attempt: Attempt) -> Attempt:
    """Return an attempt with the shown URL of its app."""
    return replace(attempt, target=shown_target(attempt.target))


def shown_found(found: Found) -> Found:
    """Return a record with the shown URLs of its apps."""
    forwards = (replace(each, target=shown_target(each.target)) for each in found.forwards)
    return replace(found, forwards=tuple(forwards))


def shown_end(end: TraceEnd) -> TraceEnd:
    """Return the end of a story with the shown URLs of its apps."""
    ends = (
        each if each.target is None else replace(each, target=shown_target(each.target))
        for each in end.ends
    )
    return replace(end, ends=tuple(ends))


def meant_target(reader: Reader, url: str, seq: int | None = None) -> str:
    """Return the app that the page means by ``url``: one of the store, or of a record.

    Raises:
        InvalidInput: a part of the URL is hidden, and it is not clear which app is meant.
    """
    if HIDDEN.decode() not in url:
        return url
    known = [target.url for target in reader.targets()]
    tried = [] if seq is None else [attempt.target for attempt in reader.attempts(seq)]
    found = targets_shown_as(url, (*known, *tried))
    if len(found) == 1:
        return found.pop()
    raise InvalidInput(
        f"cannot tell which app {url} is",
        why=f"a part of it is hidden, and okhook sent to {len(found)} apps with such a URL",
        next_step="use the terminal, with the whole URL: `okhook replay ID --to URL`",
    )
