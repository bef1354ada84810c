"""The links of an answer (RFC 8288): ``Link: <…>; rel="next"``."""

import re

from okhook.http.client import Answer

_LINK = re.compile(r'<([^<>]*)>((?:"[^"]*"|[^",<])*)')
"""A target, which may contain commas, and its parameters."""

_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;"]*))')


def next_link(answer: Answer) -> str | None:
    """Return the target of the link to the next page; None if there is none.

    Proxies write ``rel=next`` without quotes.
    """
    for value in answer.header_values("link"):
        for target, parameters in _LINK.findall(value):
            found = _PARAMETER.findall(parameters)
            relations = (quoted or bare for name, quoted, bare in found if name.lower() == "rel")
            if "next" in next(relations, "").lower().split():
                return str(target).strip()
    return None
