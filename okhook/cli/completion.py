"""What a shell completes: from files of this machine, never from the network."""

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from okhook.errors import ConfigurationError, StoreFailed

if TYPE_CHECKING:
    from okhook.okta.remembered import RememberedHooks
    from okhook.store.contract import Reader

_ONE_WORD = re.compile(r"[\w.@+,/-]+", re.ASCII)
_UNSAFE = re.compile(r"[^\w .@+,-]", re.ASCII)
"""What a shell might read as more than text: zsh evaluates what it is offered."""

_MOST_OFFERED = 50
_RECORDS_READ = 200


def hooks_starting_with(beginning: str) -> list[tuple[str, str]]:
    """Return ids and one-word names of hooks that this machine remembers, each with the other."""
    known: list[tuple[str, str]] = []
    with contextlib.suppress(ConfigurationError):
        known += _remembered_hooks().names_and_ids()
    offered = [
        *((hook_id, _UNSAFE.sub("_", name)) for name, hook_id in known),
        *((name, _UNSAFE.sub("_", hook_id)) for name, hook_id in known),
    ]
    return [
        (text, meaning)
        for text, meaning in offered
        if text.startswith(beginning) and _ONE_WORD.fullmatch(text)
    ]


def orgs_starting_with(beginning: str) -> list[str]:
    """Return ``sandbox``, and the hosts of Okta orgs in which this machine registered a hook."""
    urls: list[str] = []
    with contextlib.suppress(ConfigurationError):
        urls += _remembered_hooks().orgs()
    hosts = [url.removeprefix("https://") for url in urls if url.startswith("https://")]
    return [each for each in ("sandbox", *hosts) if each.startswith(beginning)]


def cases_starting_with(beginning: str) -> list[tuple[str, str]]:
    """Return the cases of ``okhook check``, each with its title, and their groups."""
    from okhook.check.case import Group
    from okhook.check.catalogue import CASES

    offered = [
        *((group.value, "all of this group") for group in Group),
        *((case.id, _UNSAFE.sub("_", case.title)) for case in CASES),
    ]
    return [(name, meaning) for name, meaning in offered if name.startswith(beginning)]


def _remembered_hooks() -> "RememberedHooks":
    from okhook.config.paths import state_directory
    from okhook.okta.remembered import RememberedHooks

    return RememberedHooks(state_directory(os.environ))


def ids_starting_with(beginning: str) -> list[str]:
    """Return ids of the latest deliveries that start so; none where the store cannot be read."""
    from okhook.records.record import RecordFilter

    def latest(reader: "Reader") -> Iterator[str]:
        for found in reader.find(RecordFilter(), limit=_RECORDS_READ):
            yield str(found.record.seq)
            yield found.record.delivery.event_id or ""

    return _from_store(latest, beginning)


def receivers_starting_with(beginning: str) -> list[str]:
    """Return one-word names of receivers that start so; none where the store cannot be read."""
    return _from_store(lambda reader: filter(_ONE_WORD.fullmatch, reader.receivers()), beginning)


def _from_store(read: "Callable[[Reader], Iterable[str]]", beginning: str) -> list[str]:
    from okhook.store.open import open_reader

    with (
        contextlib.suppress(StoreFailed, ConfigurationError, OSError),
        open_reader(_store_file()) as reader,
    ):
        names = filter(None, dict.fromkeys(read(reader)))
        return [name for name in names if name.startswith(beginning)][:_MOST_OFFERED]
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


def scenarios_starting_with(beginning: str) -> list[str]:
    """Return the names of the scenarios of ``trigger`` that start so."""
    from okhook.trigger.scenario_file import shipped_names

    return [name for name in shipped_names() if name.startswith(beginning)]


def triggers_starting_with(beginning: str) -> list[tuple[str, str]]:
    """Return the event types that ``trigger`` can make and that start so, with their meaning."""
    from okhook.trigger.scenario import ACTIONS

    matching = (each for each in ACTIONS.items() if each[0].startswith(beginning))
    return [(name, action.meaning) for name, action in matching]
