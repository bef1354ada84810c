"""All cases, and the choice among them."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

from okhook.check.case import Case, Group
from okhook.check.cases_authentication import AUTHENTICATION
from okhook.check.cases_challenge import CHALLENGE
from okhook.check.cases_connection import CONNECTION
from okhook.check.cases_delivery import DELIVERIES
from okhook.check.cases_payload import PAYLOAD
from okhook.check.cases_transport import TRANSPORT
from okhook.errors import InvalidInput
from okhook.text import plain

CASES: Final[tuple[Case, ...]] = (
    *TRANSPORT,
    *CONNECTION,
    *CHALLENGE,
    *AUTHENTICATION,
    *DELIVERIES,
    *PAYLOAD,
)
"""In the order in which they run: the first ones tell whether the others say anything."""

_BY_ID = {case.id: case for case in CASES}


def case_named(name: str, option: str) -> Case:
    """Return the case with an id, or raise ``InvalidInput`` with the most similar id."""
    if name in _BY_ID:
        return _BY_ID[name]
    raise _unknown(name, option, _BY_ID)


def selected(only: Sequence[str] = (), skip: Sequence[str] = ()) -> list[Case]:
    """Return the cases of the given ids or groups, all by default, without those to ``skip``."""
    wanted, unwanted = _ids(only, "--only"), _ids(skip, "--skip")
    return [case for case in CASES if (not only or case.id in wanted) and case.id not in unwanted]


def _ids(names: Iterable[str], option: str) -> set[str]:
    ids: set[str] = set()
    for name in names:
        if name in _BY_ID:
            ids.add(name)
        elif name in list(Group):
            ids |= {case.id for case in CASES if case.group == name}
        else:
            raise _unknown(name, option, [*_BY_ID, *Group])
    return ids


def _unknown(name: str, option: str, known: Iterable[str]) -> InvalidInput:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return InvalidInput(
        f"unknown {option} value '{plain(name, limit=80)}'",
        next_step=f"did you mean {near[0]}?" if near else "run okhook check --list",
    )
