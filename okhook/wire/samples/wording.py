"""What an event says in words: its display message, and the name it had in Okta's older API.

The tables are ``messages.txt`` and ``legacy_names.txt``.
"""

from functools import cache

from okhook.wire.samples.families import family_of
from okhook.wire.samples.tables import table


def message_of(event_type: str) -> str:
    """Return the display message: verb, noun of the family, and what else the type names."""
    if message := _messages().get(event_type):
        return message[0]
    family = family_of(event_type)
    if family is None:
        return _capitalised(_words(event_type))
    beyond = event_type.removeprefix(family.name).strip(".") or event_type.rpartition(".")[2]
    *rest, verb = beyond.removeprefix("lifecycle.").split(".")
    spoken = " ".join(part for part in (_words(verb), family.noun, _words(".".join(rest))) if part)
    return _capitalised(spoken)


def legacy_type_of(event_type: str) -> str | None:
    """Return the event type's name in the Events API, where it is known to have had one."""
    (name,) = _legacy_names().get(event_type, [None])
    return name


@cache
def _messages() -> dict[str, list[str]]:
    return table("messages")


@cache
def _legacy_names() -> dict[str, list[str]]:
    return table("legacy_names")


def _words(name: str) -> str:
    return name.replace(".", " ").replace("_", " ").strip()


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
