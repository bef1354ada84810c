"""What a shell offers: from files of this machine, never from a network."""

import re
from collections.abc import Mapping

from okhook.config.paths import state_directory
from okhook.okta.remembered import RememberedHooks

_ONE_WORD = re.compile(r"[\w.@+,-]+", re.ASCII)
_UNSAFE = re.compile(r"[^\w .@+,-]", re.ASCII)
"""What a shell might read as more than text: zsh evaluates what it is offered."""


def hooks_starting_with(beginning: str, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return ids, each with its hook's name, and names, each with its hook's id.

    A name that a shell would take apart is offered by its id alone.
    """
    known = RememberedHooks(state_directory(environ)).names_and_ids()
    offered = [
        *((hook_id, _UNSAFE.sub("_", name)) for name, hook_id in known),
        *((name, _UNSAFE.sub("_", hook_id)) for name, hook_id in known),
    ]
    return [
        (text, meaning)
        for text, meaning in offered
        if text.startswith(beginning) and _ONE_WORD.fullmatch(text)
    ]
