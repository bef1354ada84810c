"""What a shell offers: from files of this machine, never from the network.

Typer leaves out what does not begin as the word on the command line does.
"""

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from okhook.errors import ConfigurationError, StoreFailed
from okhook.wire.event_types import eligible

if TYPE_CHECKING:
    from okhook.okta.registered_here import RegisteredHere
    from okhook.store.contract import Reader

_ONE_WORD = re.compile(r"[\w.@+,/-]+", re.ASCII)
_UNSAFE = re.compile(r"[^\w .@+,-]", re.ASCII)
"""What a shell might read as more than text: zsh evaluates what it is offered."""

_MOST_OFFERED = 50
_RECORDS_READ = 200


def known_hooks() -> list[tuple[str, str]]:
    """Return ids and one-word names of hooks that this machine remembers, each with the other."""
    known: list[tuple[str, str]] = []
    with contextlib.suppress(ConfigurationError):
        known += _registered_here().names_and_ids()
    offered = [
        *((hook_id, _UNSAFE.sub("_", name)) for name, hook_id in known),
        *((name, _UNSAFE.sub("_", hook_id)) for name, hook_id in known),
    ]
    return [(text, meaning) for text, meaning in offered if _ONE_WORD.fullmatch(text)]


def known_orgs() -> list[str]:
    """Return ``sandbox``, and the hosts of Okta orgs in which this machine registered a hook."""
    urls: list[str] = []
    with contextlib.suppress(ConfigurationError):
        urls += _registered_here().orgs()
    hosts = [url.removeprefix("https://") for url in urls if url.startswith("https://")]
    return ["sandbox", *hosts]


def check_cases() -> list[tuple[str, str]]:
    """Return the cases of ``okhook check``, each with its title, and their groups."""
    from okhook.check.case import Group
    from okhook.check.catalogue import CASES

    return [
        *((group.value, "all of this group") for group in Group),
        *((case.id, _UNSAFE.sub("_", case.title)) for case in CASES),
    ]


def event_types() -> list[str]:
    """Return the event types that a hook can subscribe to."""
    return sorted(eligible())


def _registered_here() -> "RegisteredHere":
    from okhook.config.paths import state_directory
    from okhook.okta.registered_here import RegisteredHere

    return RegisteredHere(state_directory(os.environ))


def latest_ids(incomplete: str) -> list[str]:
    """Return ids of the latest deliveries that start so; none where the store cannot be read."""
    from okhook.records.record import RecordFilter

    def latest(reader: "Reader") -> Iterator[str]:
        for found in reader.find(RecordFilter(), limit=_RECORDS_READ):
            yield str(found.record.seq)
            yield found.record.delivery.event_id or ""

    ids = _from_store(latest)
    return [each for each in ids if each.startswith(incomplete)][:_MOST_OFFERED]


def known_receivers() -> list[str]:
    """Return one-word names of receivers; none where the store cannot be read."""
    return _from_store(lambda reader: filter(_ONE_WORD.fullmatch, reader.receivers()))


def _from_store(read: "Callable[[Reader], Iterable[str]]") -> list[str]:
    from okhook.store.open import open_reader

    with (
        contextlib.suppress(StoreFailed, ConfigurationError, OSError),
        open_reader(_store_file()) as reader,
    ):
        return list(filter(None, dict.fromkeys(read(reader))))
    return []


def _store_file() -> Path:
    """Return the file of the store; raise ``StoreFailed`` for a database, which may be far away."""
    from okhook.config.layers import load_settings
    from okhook.config.paths import state_directory, store_file, working_directory
    from okhook.config.setting import Layer

    named = load_settings(Layer({}, {}), os.environ, working_directory()).store
    if named is None:
        return store_file(state_directory(os.environ))
    if not isinstance(named.value, Path):
        raise StoreFailed("a database is not asked for completions")
    return named.value


def scenarios() -> list[str]:
    """Return the names of the scenarios of ``trigger``."""
    from okhook.trigger.scenario_file import shipped_names

    return shipped_names()


def triggers() -> list[tuple[str, str]]:
    """Return the event types that ``trigger`` can cause, with their meaning."""
    from okhook.trigger.scenario import ACTIONS

    return [(name, action.meaning) for name, action in ACTIONS.items()]


def manual_topics() -> list[str]:
    """Return the names of the pages of the manual."""
    from okhook.cli.help.pages import topics

    return [each.topic for each in topics()]
