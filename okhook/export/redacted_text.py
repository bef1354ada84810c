"""Redact a text: keep known words and punctuation, and replace the rest with placeholders."""

import functools
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from okhook.export.placeholders import NUMBERED, Kind, Placeholders, kind_of, kind_of_word
from okhook.wire.event_types import eligible

_T: Final = r"[^\x00-/:-@\[-^`{-\x7f]"
"""A character of a word: a letter, a digit, the underscore, or any that is not ASCII."""

_STARTS: Final = rf"(?<!{_T})"
_ENDS: Final = rf"(?!{_T})"
_PORT: Final = r"(?::[0-9]{1,5}(?![0-9]))?"
_EMAIL: Final = rf"(?<![\w.+%~-])[\w.+%~'-]{{1,64}}@{_T}(?:[.-]?{_T}){{0,250}}"
_NUMBER: Final = "[0-9]{1,4}"
_RELEASE: Final = rf"{_NUMBER}(?:\.{_NUMBER}){{0,2}}"
_AGENT: Final = rf"""
    (?: Chrome | CriOS | Edg | OPR ) / {_RELEASE} (?: \.{_NUMBER} )?
    | (?: AppleWebKit | Firefox | FxiOS | Mozilla | Safari | Version ) / {_RELEASE}
    | (?: curl | okhook | okta-sdk-(?:dotnet|golang|java|nodejs|python) | python | python-requests )
      / {_RELEASE}
    | Gecko/20100101 | Mobile/[0-9]{{2}}[A-Z][0-9]{{2,3}} | rv:{_RELEASE}
    | (?: (?: Intel\ )? Mac\ OS\ X | CPU\ (?: iPhone\ )? OS ) \ [0-9]{{1,2}}
      (?: [._][0-9]{{1,2}} ){{0,2}}
    | Windows\ NT\ {_RELEASE} | Win64 | x64 | x86_64 | Android\ [0-9]{{1,2}}
    | Okta\ Hook\ Service\ v1\.0\.0 | Okta-Integrations
"""
"""What the programs call themselves that many people use."""

_TOKEN: Final = re.compile(
    rf"""
      (?P<kept> {_STARTS} (?: [uU][tT][fF]-8 | HTTP/1\.1 | OAuth\ 2\.0 | com\.okta\.event_hook
                | {_AGENT} ) {_ENDS} (?!\.[0-9]) )
    | (?P<authority> (?<=://) [^\s/?\#"'<>\\,;()]{{1,300}} )
    | (?P<email> {_EMAIL} )
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

    def __init__(self, placeholders: Placeholders, phrases: Iterable[str] = ()) -> None:
        self._placeholders = placeholders
        # One letter is in every text.
        searched = {each for each in phrases if len(each) > 1 and _WORD.search(each)}
        self._phrases = sorted(searched, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Replace phrases and unknown words."""
        present = [phrase for phrase in self._phrases if phrase in text]
        if not present:
            return self.technical(text)
        # A phrase may be the domain of an address: the other half of the address would stay.
        longer = [_bounded(phrase) for phrase in present if "@" in phrase]
        shorter = [_bounded(phrase) for phrase in present if "@" not in phrase]
        parts = re.split(f"({'|'.join([*longer, _EMAIL, *shorter])})", text)
        return "".join(
            self.whole(part, Kind.TEXT) if number % 2 else self.technical(part)
            for number, part in enumerate(parts)
        )

    def technical(self, text: str) -> str:
        """Replace unknown words only, in event types, enums and versions."""
        return _TOKEN.sub(self._token, text)

    def whole(self, text: str, kind: Kind) -> str:
        """Return the placeholder for a whole text."""
        return self._placeholders.of(text, kind_of(text, kind))

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
        return self._placeholders.of(host, kind) + port

    def _dotted(self, text: str) -> str:
        """Redact words with dots between them: a host name or an event type."""
        host, port = _host_and_port(text)
        is_host = host.rpartition(".")[2].lower() in _HOST_ENDS
        if is_host and not all(map(is_vocabulary, _WORD.findall(host))):
            return self._placeholders.of(host, Kind.HOST) + port
        return self._words(text)

    def _words(self, text: str) -> str:
        return _WORD.sub(
            lambda found: found[0] if is_vocabulary(found[0]) else self._word(found[0]), text
        )

    def _word(self, text: str) -> str:
        return self._placeholders.of(text, kind_of_word(text))


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
