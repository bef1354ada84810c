"""The parts of a URL: of a webhook, its path and its query."""

import re
from string import punctuation
from typing import Final
from urllib.parse import quote, unquote_plus, unquote_to_bytes, urlsplit

from okhook.json_form import JsonForm
from okhook.secret import HIDDEN, may_carry_credential

_SAFE_IN_SEGMENTS = "!$&'()*+,;=:@"
_SAFE_IN_QUERIES = punctuation.replace("#", "")


def normal_path(path: str) -> str:
    """Return ``path`` in the form that all spellings of it share: ``/caf%c3%a9`` is ``/café``.

    A character is percent-encoded where a URL needs it. An encoded slash stays apart from a slash.
    """
    return "/".join(
        quote(unquote_to_bytes(segment.encode("utf-8", "surrogateescape")), safe=_SAFE_IN_SEGMENTS)
        for segment in path.split("/")
    )


def split_url(url: str) -> tuple[str, str, str]:
    """Return the scheme, the hosts with login and ports, and the rest of a URL, unchecked.

    The URL of a stream may have several hosts. ``urlsplit`` of newer Python versions raises
    ValueError for an IPv6 address after a comma.
    """
    scheme, _, rest = url.partition("://")
    hosts = re.split("[/?#]", rest, maxsplit=1)[0]
    return scheme.lower(), hosts, rest[len(hosts) :]


def with_query(url: str, query: str) -> str:
    """Return ``url`` with ``query`` after its own one; each character of ``query`` is a byte."""
    if not query:
        return url
    address, mark, fragment = url.partition("#")
    address, _, own = address.partition("?")
    added = quote(query.encode("latin-1", "replace"), safe=_SAFE_IN_QUERIES)
    return f"{address}?{'&'.join(filter(None, (own, added)))}{mark}{fragment}"


def without_credentials(url: str) -> str:
    """Return a URL, or its path and query, in which values such as that of ``token=`` are hidden.

    So it is shown, logged and written as JSON. Commands take it for the target that it stands for.
    """
    if "?" not in url:
        return url
    before, hash_, fragment = url.partition("#")
    address, mark, query = before.partition("?")
    pairs = "&".join(map(_without_credential, query.split("&")))
    return f"{address}{mark}{pairs}{hash_}{fragment}"


WITHOUT_CREDENTIALS: Final = JsonForm(form=without_credentials)
EACH_WITHOUT_CREDENTIALS: Final = JsonForm(form=lambda urls: [*map(without_credentials, urls)])


def _without_credential(pair: str) -> str:
    name, mark, value = pair.partition("=")
    hides = value and may_carry_credential(unquote_plus(name, "latin-1"))
    return f"{name}{mark}{HIDDEN.decode()}" if hides else pair


def host_of(url: str) -> str:
    """Return the host of a URL in lower case; of an invalid one, which an org may have, ``""``."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
