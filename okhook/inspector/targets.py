"""Which app the page means: it names one by its shown URL, without values such as a token's."""

from okhook.errors import InvalidInput
from okhook.secret import HIDDEN
from okhook.store.contract import Reader
from okhook.wire.target_url import targets_shown_as


def meant_target(reader: Reader, url: str, seq: int | None = None) -> str:
    """Return the app that the page means by ``url``: one of the store, or of a record.

    Raises:
        InvalidInput: a part of the URL is hidden, and not exactly one app has such a URL.
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
