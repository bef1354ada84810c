"""Redact a text: keep known words and punctuation, and replace the rest with stand-ins."""

import functools
import re
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Final

from okhook.export.stand_ins import NUMBERED, Kind, StandIns, kind_of, kind_of_word
from okhook.wire.event_types import eligible

_T: Final = r"[^\x00-/:-@\[-^`{-\x7f]"
"""A character of a word: a letter, a digit, the underscore, or any that is not ASCII."""

_STARTS: Final = rf"(?<!{_T})"
_ENDS: Final = rf"(?!{_T})"
_PORT: Final = r"(?::[0-9]{1,5}(?![0-9]))?"

_TOKEN: Final = re.compile(
    rf"""
      (?P<kept> {_STARTS} (?: [uU][tT][fF]-8 | HTTP/1\.1 | OAuth\ 2\.0 | com\.okta\.event_hook )
                {_ENDS} )
    | (?P<authority> (?<=://) [^\s/?\#"'<>\\,;()]{{1,300}} )
    | (?P<email> (?<![\w.+%~-]) [\w.+%~'-]{{1,64}} @ {_T} (?: [.-]? {_T} ){{0,250}} )
    | (?P<numbered> {_STARTS} {NUMBERED} {_ENDS} )
    | (?P<id> {_STARTS} [0-9a-fA-F]{{8}} (?: -[0-9a-fA-F]{{4}} ){{3}} -[0-9a-fA-F]{{12}} {_ENDS} )
    | (?P<ipv4> (?<![\w.]) [0-9]{{1,3}} (?: \.[0-9]{{1,3}} ){{3}} (?![\w]|\.[0-9]) {_PORT} )
    | (?P<ipv6> (?<![\w:.]) [0-9a-fA-F]{{0,4}} (?: :[0-9a-fA-F]{{0,4}} ){{2,7}}
                (?: (?<=:) [0-9]{{1,3}} (?: \.[0-9]{{1,3}} ){{3}} )? (?![\w:]) )
    | (?P<dotted> (?<![\w.-]) {_T}{{1,63}} (?: [.-]+{_T}{{1,63}} ){{0,10}} \.{_T}{{2,63}}
                  (?![\w.-]) {_PORT} )
    | (?P<word> {_T}+ )
    """,
    re.VERBOSE,
)
_WORD: Final = re.compile(rf"{_T}+")
_HOST_ENDS: Final = frozenset({
    "app", "biz", "cloud", "com", "dev", "edu", "events", "example", "gov", "internal", "io",
    "lan", "local", "mil", "net", "org", "test",
})  # fmt: skip
_HOST_AND_PORT: Final = re.compile(r"(?P<host>.*)(?P<port>:[0-9]{1,5})", re.DOTALL)


class TextRedactor:
    """Redacts texts of one record. ``phrases`` are originals to replace inside longer texts."""

    def __init__(self, stand_ins: StandIns, phrases: Iterable[str] = ()) -> None:
        self._stand_ins = stand_ins
        # One letter is in every text.
        searched = {each for each in phrases if len(each) > 1 and _WORD.search(each)}
        self._phrases = sorted(searched, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Replace phrases and unknown words."""
        return self._around_phrases(text, self.technical)

    def technical(self, text: str) -> str:
        """Replace unknown words only, in event types, enums and versions."""
        return _TOKEN.sub(self._token, text)

    def left_as_it_is(self, text: str) -> str:
        """Replace phrases, e-mail addresses and uuids only."""
        return self._around_phrases(text, lambda rest: _TOKEN.sub(self._identifier, rest))

    def whole(self, text: str, kind: Kind) -> str:
        """Return the stand-in for a whole text."""
        return self._stand_ins.of(text, kind_of(text, kind))

    def _around_phrases(self, text: str, redact: Callable[[str], str]) -> str:
        present = [_bounded(phrase) for phrase in self._phrases if phrase in text]
        if not present:
            return redact(text)
        parts = re.split(f"({'|'.join(present)})", text)
        return "".join(
            self._stand_ins.of(part, Kind.TEXT) if number % 2 else redact(part)
            for number, part in enumerate(parts)
        )

    def _identifier(self, found: re.Match[str]) -> str:
        if found.lastgroup not in ("email", "id"):
            return found[0]
        return self._stand_ins.of(found[0], kind_of(found[0], Kind.TEXT))

    def _token(self, found: re.Match[str]) -> str:
        text = found[0]
        match found.lastgroup:
            case "kept":
                return text
            case "authority":
                return self._authority(text)
            case "ipv4" | "ipv6":
                return self._address(text)
            case "dotted":
                return self._dotted(text)
            case "word" if is_vocabulary(text):
                return text
            case _:
                return self._word(text)

    def _authority(self, text: str) -> str:
        host, port = _host_and_port(text.rpartition("@")[2])
        if host.startswith("[") and host.endswith("]"):
            return f"[{self.whole(host[1:-1], Kind.HOST)}]{port}"
        return f"{host if host == 'localhost' else self.whole(host, Kind.HOST)}{port}"

    def _address(self, text: str) -> str:
        """Redact an IP address, or the words of a time that looks like one."""
        host, port = _host_and_port(text) if "." in text else (text, "")
        kind = kind_of(host, Kind.TEXT)
        if kind not in (Kind.IPV4, Kind.IPV6):
            return self._words(text)
        return self._stand_ins.of(host, kind) + port

    def _dotted(self, text: str) -> str:
        """Redact words with dots between them: a host name or an event type."""
        host, port = _host_and_port(text)
        is_host = host.rpartition(".")[2].lower() in _HOST_ENDS
        if is_host and not all(map(is_vocabulary, _WORD.findall(host))):
            return self._stand_ins.of(host, Kind.HOST) + port
        return self._words(text)

    def _words(self, text: str) -> str:
        return _WORD.sub(
            lambda found: found[0] if is_vocabulary(found[0]) else self._word(found[0]), text
        )

    def _word(self, text: str) -> str:
        return self._stand_ins.of(text, kind_of_word(text))


def _host_and_port(text: str) -> tuple[str, str]:
    found = _HOST_AND_PORT.fullmatch(text)
    return (text, "") if found is None else (found["host"], found["port"])


def _bounded(phrase: str) -> str:
    starts = _STARTS if _WORD.match(phrase) else ""
    ends = _ENDS if _WORD.match(phrase[-1]) else ""
    return f"{starts}{re.escape(phrase)}{ends}"


_HUMPS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@functools.cache
def known_words() -> frozenset[str]:
    """Return every known word, in lower case."""
    text = files("okhook.export").joinpath("vocabulary.txt").read_text(encoding="ascii")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    words = re.split(r"[\s._]+", "\n".join((*lines, *eligible())).casefold())
    return frozenset(filter(None, words))


def is_vocabulary(token: str) -> bool:
    """Return whether a token consists of known words: ``users``, ``RATE_LIMIT``, ``eventType``."""
    return all(_is_known(part) for part in token.split("_") if part)


def _is_known(part: str) -> bool:
    words = known_words()
    if part.casefold() in words:
        return True
    humps = _HUMPS.findall(part)
    return "".join(humps) == part and all(
        len(hump) > 1 and hump.casefold() in words for hump in humps
    )
