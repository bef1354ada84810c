"""Read the answers of an org, and redact secrets in them: it may repeat what it was sent."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from okhook.errors import Unavailable
from okhook.json_path import json_kind, json_object_in
from okhook.secret import SHORTEST_PART, Secret
from okhook.text import plain

if TYPE_CHECKING:
    from okhook.http.client import Answer

Redact = Callable[[str], str]
"""Redacts known secrets in a text. Call it before the text is cut, never after."""

_BLOT = "…"


def redacting(secrets: Iterable[Secret]) -> Redact:
    """Return a function that redacts ``secrets`` in a text."""
    kept = tuple(secrets)
    return lambda text: without_secrets(text, kept)


def without_secrets(text: str, secrets: Iterable[Secret]) -> str:
    """Return ``text`` with each secret redacted. A very short one stays: it may be a word."""
    for secret in secrets:
        if len(secret.reveal()) >= SHORTEST_PART:
            text = secret.hidden_in(text, _BLOT)
    return text


def object_without_secrets(value: Any, secrets: Iterable[Secret]) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON value with the secrets redacted in every string and key."""
    kept = tuple(secrets)
    match value:
        case str():
            return without_secrets(value, kept)
        case list():
            return [object_without_secrets(item, kept) for item in value]
        case dict():
            return {
                without_secrets(key, kept): object_without_secrets(item, kept)
                for key, item in value.items()
            }
        case _:
            return value


_LINK = re.compile(r'<([^<>]*)>((?:"[^"]*"|[^",<])*)')
"""A target, which may contain commas, and its parameters (RFC 8288)."""

_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;"]*))')
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,2000})", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TEXT_LIMIT = 300
_CAUSES_SHOWN = 20


class UnexpectedAnswer(Unavailable):
    """The answer did not come from Okta's API, or has a value of a wrong type."""


@dataclass(frozen=True, slots=True)
class ErrorEnvelope:
    """Okta's error answer. Programs may rely on ``code`` alone."""

    code: str
    summary: str
    causes: tuple[str, ...]
    error_id: str | None

    @property
    def why(self) -> str:
        """Code, summary and causes, one per line."""
        lines = [f"{self.code}: {self.summary}", *self.causes]
        if self.error_id:
            lines.append(f"Okta's error id: {self.error_id}")
        return "\n".join(lines)


def envelope_of(answer: "Answer", redact: Redact) -> ErrorEnvelope | None:
    """Return the error envelope in ``answer``; None if it has none."""
    body = json_object_in(answer.body)
    code = _text(body.get("errorCode"), redact, limit=40)
    if code is None:
        return None
    return ErrorEnvelope(
        code=code,
        summary=_text(body.get("errorSummary"), redact) or "(no summary)",
        causes=_causes(body.get("errorCauses"), redact),
        error_id=_text(body.get("errorId"), redact),
    )


def json_object(answer: "Answer", what: str, redact: Redact) -> Mapping[str, Any]:
    """Return the JSON object in ``answer``; raise UnexpectedAnswer, which names it ``what``."""
    return as_object(_json_value(answer, what, redact), what)


def json_array(answer: "Answer", what: str, redact: Redact) -> list[Any]:
    """Return the JSON array in ``answer``; raise UnexpectedAnswer, which names it ``what``."""
    return as_array(_json_value(answer, what, redact), what)


def _json_value(answer: "Answer", what: str, redact: Redact) -> object:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise not_okta(answer, what, redact) from None


def next_link(answer: "Answer") -> str | None:
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


def as_object(value: object, what: str) -> Mapping[str, Any]:
    """Return a JSON object, or raise UnexpectedAnswer."""
    if not isinstance(value, dict):
        raise wrong_type(what, "an object", value)
    return value


def as_array(value: object, what: str) -> list[Any]:
    """Return a JSON array, or raise UnexpectedAnswer."""
    if not isinstance(value, list):
        raise wrong_type(what, "an array", value)
    return value


def text_of(entry: Mapping[str, Any], key: str) -> str:
    """Return the string under ``key``, or raise UnexpectedAnswer."""
    return as_text(entry.get(key), key)


def as_text(value: object, what: str) -> str:
    """Return a string, or raise UnexpectedAnswer.

    JSON can contain half a surrogate pair, which UTF-8 cannot encode: it is replaced.
    """
    if not isinstance(value, str):
        raise wrong_type(what, "a string", value)
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def is_id(text: str) -> bool:
    """Return whether a text has the form of an id, which cannot change the path it stands in."""
    return _ID.fullmatch(text) is not None


def id_of(entry: Mapping[str, Any], what: str) -> str:
    """Return the id of ``what``, or raise UnexpectedAnswer."""
    found = text_of(entry, "id")
    if not is_id(found):
        raise UnexpectedAnswer(f"the org's response is invalid: the id of {what} is invalid")
    return found


def wrong_type(what: str, expected: str, value: object) -> UnexpectedAnswer:
    """Return the error for a value of another type than Okta documents."""
    found = f"is missing: expected {expected}"
    if value is not None:
        found = f"must be {expected}, not {json_kind(value)}"
    return UnexpectedAnswer(
        f"the org's response is invalid: {what} {found}",
        next_step="check that the address is that of an Okta org",
    )


def not_okta(answer: "Answer", asked: str, redact: Redact) -> UnexpectedAnswer:
    """Return the error for an answer from a proxy or a sign-in page."""
    kind = plain(redact(answer.header("content-type") or "no content type"), limit=80)
    empty = "" if answer.body.strip() else " and an empty body"
    lines = [f"the response is HTTP {answer.status} with {kind}{empty}"]
    if server := answer.header("server"):
        lines.append(f"the server is: {plain(redact(server), limit=80)}")
    if title := page_title(answer, redact):
        lines.append(f"the page's title is: {title}")
    return UnexpectedAnswer(
        f"the response to {asked} did not come from Okta's API",
        why="\n".join(lines),
        next_step=("try again later; if it lasts, " if answer.status >= 500 else "")
        + "check the org's address; check for a proxy (HTTPS_PROXY), a VPN or a sign-in"
        " page between this machine and the org",
    )


def page_title(answer: "Answer", redact: Redact) -> str | None:
    """Return the title of an HTML page."""
    found = _TITLE.search(redact(answer.body[:20_000].decode("utf-8", "replace")))
    return plain(found[1].strip(), limit=_TEXT_LIMIT) if found else None


def _causes(value: object, redact: Redact) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    causes = (
        _text(cause.get("errorSummary"), redact) for cause in value if isinstance(cause, dict)
    )
    return tuple(cause for cause in causes if cause)[:_CAUSES_SHOWN]


def _text(value: object, redact: Redact, limit: int = _TEXT_LIMIT) -> str | None:
    return plain(redact(value), limit=limit) if isinstance(value, str) and value else None
