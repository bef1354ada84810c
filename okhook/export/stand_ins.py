"""Stand-ins: what is put in the place of what identifies somebody.

The same original has the same stand-in everywhere in one export, and two originals never share
one, so that what was equal stays equal and what was not does not become so.
"""

import ipaddress
import re
from collections import Counter
from enum import Enum
from typing import Final, final

_OKTA_PREFIXES: Final = (
    "00T 00g 00o 00p 00u 0oa 0pr 0ua aus aut bhv cal clf cr0 emf fuf guo iam idp idx irb lae mst"
    " nzo opf ost pfd prm rlb rul sms tfa tos trs ufs uft who wlp"
)

_OKTA_ID: Final = re.compile(f"(?:{'|'.join(_OKTA_PREFIXES.split())})[0-9A-Za-z]{{17}}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX: Final = re.compile(r"(?=.*[0-9])[0-9a-fA-F]{16,64}")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")

_IPV4_BLOCKS: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15")
"""Blocks for documentation and for benchmarks (RFC 5737, RFC 2544), which belong to nobody."""


class Kind(Enum):
    """What something is, which says what stands in for it. The value is its stand-ins' word."""

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


_WORDS: Final = {
    kind.value: kind
    for kind in Kind
    if kind not in (Kind.EMAIL, Kind.OKTA_ID, Kind.UUID, Kind.HEX, Kind.IPV4, Kind.IPV6, Kind.HOST)
}
NUMBERED: Final = f"(?:{'|'.join(_WORDS)})-[0-9]+"
"""The pattern of the stand-ins that are a word and a number."""


def kind_of(text: str, otherwise: Kind) -> Kind:
    """Return what ``text`` is by its shape, ``otherwise`` where that says nothing."""
    if _UUID.fullmatch(text):
        return Kind.UUID
    if _OKTA_ID.fullmatch(text):
        return Kind.OKTA_ID
    if _HEX.fullmatch(text):
        return Kind.HEX
    if _EMAIL.fullmatch(text):
        return Kind.EMAIL
    if address := _address(text):
        return Kind.IPV4 if address.version == 4 else Kind.IPV6
    return otherwise


def kind_of_word(text: str) -> Kind:
    """Return what a word out of a sentence is: by its shape, or the kind of stand-in that it is."""
    if re.fullmatch(NUMBERED, text):
        return _WORDS[text.rpartition("-")[0]]
    return kind_of(text, Kind.TEXT)


@final
class StandIns:
    """Gives stand-ins out, numbered by kind in the order in which originals are first seen."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._numbers: dict[tuple[type, float], float] = {}
        self._counts: Counter[Kind] = Counter()

    def of(self, original: str, kind: Kind) -> str:
        """Return what stands in for ``original``; it keeps the kind that it was first seen as."""
        known = self._texts.get(original)
        if known is None:
            self._counts[kind] += 1
            known = self._texts[original] = _made(kind, self._counts[kind], original)
        return known

    def of_number(self, original: float) -> float:
        """Return the number that stands in for a number of the same type."""
        key = (type(original), original)
        if key not in self._numbers:
            self._numbers[key] = type(original)(len(self._numbers) + 1)
        return self._numbers[key]


def _made(kind: Kind, number: int, original: str) -> str:
    match kind:
        case Kind.EMAIL:
            return f"user-{number}@example.com"
        case Kind.OKTA_ID:
            return f"{original[:3]}REDACTED{number:09}"
        case Kind.UUID:
            return f"00000000-0000-4000-8000-{number:012}"
        case Kind.HEX:
            return f"{number:0{len(original)}}"
        case Kind.IPV4:
            return stand_in_address(number)
        case Kind.IPV6:
            return str(ipaddress.IPv6Network("2001:db8::/32")[number])
        case Kind.HOST:
            return f"host-{number}.example.com"
        case _:
            return f"{kind.value}-{number}"


def stand_in_address(number: int) -> str:
    """Return the ``number``-th IPv4 address that belongs to nobody."""
    for block in map(ipaddress.IPv4Network, _IPV4_BLOCKS):
        usable = block.num_addresses - 2
        if number <= usable:
            return str(block[number])
        number -= usable
    return str(ipaddress.IPv4Network("240.0.0.0/4")[number])


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
