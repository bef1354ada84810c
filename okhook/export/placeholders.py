"""Placeholders for names, ids and addresses: one for each original in an export."""

import ipaddress
import re
from collections import Counter
from enum import Enum
from typing import Final

_OKTA_PREFIXES: Final = (
    "00T 00g 00o 00p 00u 0oa 0pr 0ua aus aut bhv cal clf cr0 emf fuf guo iam idp idx irb lae mst"
    " nzo opf ost pfd prm rlb rul sms tfa tos trs ufs uft who wlp"
)

_IPV4_BLOCKS: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15")
"""Blocks for documentation and benchmarks (RFC 5737, RFC 2544)."""


class Kind(Enum):
    """What a text is. The value is the word in its placeholders."""

    NAME = "name"
    LOGIN = "user"
    EMAIL = "email"
    ID = "id"
    OKTA_ID = "okta-id"
    UUID = "uuid"
    HEX = "hex"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    HOST = "host"
    CITY = "city"
    STATE = "state"
    COUNTRY = "country"
    POSTAL_CODE = "postal"
    KEY = "key"
    HEADER = "x-header"
    TEXT = "text"


_SHAPED: Final = {
    Kind.UUID: "00000000-0000-4000-8000-{number:012}",
    Kind.OKTA_ID: "{prefix}REDACTED{number:09}",
    Kind.HEX: "{number:0{length}}",
    Kind.EMAIL: "user-{number}@example.com",
    Kind.HOST: "host-{number}.example.com",
}
"""The placeholders that have the shape of their original."""

_WORDS: Final = {kind.value: kind for kind in Kind if kind not in {*_SHAPED, Kind.IPV4, Kind.IPV6}}
NUMBERED: Final = f"(?:{'|'.join(_WORDS)})-[0-9]+"
"""The pattern of the placeholders that are a word and a number."""

_PATTERNS: Final = {
    Kind.UUID: re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    Kind.OKTA_ID: re.compile(f"(?:{'|'.join(_OKTA_PREFIXES.split())})[0-9A-Za-z]{{17}}"),
    Kind.HEX: re.compile(r"(?=.*[0-9])[0-9a-fA-F]{16,64}"),
    Kind.EMAIL: re.compile(r"[^\s@]+@[^\s@]+"),
}


def kind_of(text: str, otherwise: Kind) -> Kind:
    """Return what ``text`` is by its shape, else ``otherwise``."""
    for kind, pattern in _PATTERNS.items():
        if pattern.fullmatch(text):
            return kind
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return otherwise
    return Kind.IPV4 if address.version == 4 else Kind.IPV6


def kind_of_word(text: str) -> Kind:
    """Return what a word in a sentence is. A placeholder keeps its kind."""
    if re.fullmatch(NUMBERED, text):
        return _WORDS[text.rpartition("-")[0]]
    return kind_of(text, Kind.TEXT)


class Placeholders:
    """Numbers the placeholders of each kind in the order in which originals are first seen."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._numbers: dict[tuple[type, float], float] = {}
        self._counts: Counter[Kind] = Counter()

    def of(self, original: str, kind: Kind) -> str:
        """Return the placeholder for ``original``. Later calls ignore ``kind``."""
        known = self._texts.get(original)
        if known is None:
            self._counts[kind] += 1
            known = self._texts[original] = _made(kind, self._counts[kind], original)
        return known

    def of_number(self, original: float) -> float:
        """Return the placeholder for a number, of the same type."""
        key = (type(original), original)
        if key not in self._numbers:
            self._numbers[key] = type(original)(len(self._numbers) + 1)
        return self._numbers[key]


def _made(kind: Kind, number: int, original: str) -> str:
    if kind is Kind.IPV4:
        return placeholder_address(number)
    if kind is Kind.IPV6:
        return str(ipaddress.IPv6Network("2001:db8::/32")[number])
    if kind in _SHAPED:
        return _SHAPED[kind].format(number=number, prefix=original[:3], length=len(original))
    return f"{kind.value}-{number}"


def placeholder_address(number: int) -> str:
    """Return the ``number``-th IPv4 address for documentation, benchmarks or future use."""
    for block in map(ipaddress.IPv4Network, _IPV4_BLOCKS):
        usable = block.num_addresses - 2
        if number <= usable:
            return str(block[number])
        number -= usable
    return str(ipaddress.IPv4Network("240.0.0.0/4")[number])
