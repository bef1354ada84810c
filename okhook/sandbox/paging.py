"""Pages: Okta's ``Link`` headers, and the cursor in ``after``."""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from okhook.sandbox.refusals import invalid

_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")


def link(url: str, params: Sequence[tuple[str, str]], rel: str) -> str:
    """Return the value of a ``Link`` header; nothing in ``params`` can break out of it."""
    query = urlencode(list(params), quote_via=quote)
    return f'<{url}?{query}>; rel="{rel}"' if query else f'<{url}>; rel="{rel}"'


def without(params: Sequence[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    """Return the query parameters but those called ``name``."""
    return [(key, value) for key, value in params if key != name]


def first(params: Sequence[tuple[str, str]], name: str) -> str | None:
    """Return the first query parameter called ``name``; an empty one counts as not given."""
    return next((value for key, value in params if key == name and value), None)


def limit_of(params: Sequence[tuple[str, str]], *, default: int, maximum: int) -> int:
    """Return ``limit``.

    Raises:
        ApiRefusal: it is not a whole number from 0 to ``maximum``.

    """
    text = first(params, "limit")
    if text is None:
        return default
    if not _WHOLE_NUMBER.fullmatch(text) or int(text) > maximum:
        raise invalid("limit", f"limit: must be a whole number from 0 to {maximum}")
    return int(text)


def log_cursor(published_ms: int, seq: int) -> str:
    """Return the cursor that stands behind the log entry ``seq``."""
    return f"{published_ms}_{seq}"


def seq_of_cursor(cursor: str) -> int:
    """Return the number of the log entry that ``cursor`` stands behind.

    Raises:
        ApiRefusal: no page of the log gave such a cursor.

    """
    published, _, seq = cursor.partition("_")
    if not _WHOLE_NUMBER.fullmatch(published) or not _WHOLE_NUMBER.fullmatch(seq):
        raise invalid("after", "after: not a cursor of this API")
    return int(seq)
