"""Hooks as a TOML file, and back."""

import tomllib
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from okhook.okta.as_code.entry import entries_of
from okhook.okta.as_code.hook_file import read_hook_file
from okhook.okta.as_code.toml_text import toml_of_entries
from okhook.okta.event_hooks import EventHook, read_event_hook
from okhook.text import plain_lines
from tests.okta.as_code.hooks import event_hook, hostile_hooks


def distinct(hooks: Sequence[EventHook]) -> list[EventHook]:
    """Give each hook an id of its own."""
    return [event_hook_with(hook, id=f"who{number}") for number, hook in enumerate(hooks)]


def event_hook_with(hook: EventHook, **changes: Any) -> EventHook:  # noqa: ANN401 - JSON
    return read_event_hook({**hook.raw, **changes})


@settings(deadline=None, max_examples=50)
@given(st.lists(hostile_hooks(), max_size=3).map(distinct))
def test_what_is_written_is_read(hooks: list[EventHook]) -> None:
    """Whatever texts the hooks have; and no character in the file can deceive a reviewer."""
    entries = entries_of(hooks)
    text = toml_of_entries(entries)
    assert read_hook_file(text) == entries
    assert "\n".join(plain_lines(text)) == text


def test_how_it_looks() -> None:
    """What a hook does not have, the file does not mention; defaults neither."""
    hooks = [
        event_hook(auth_field="Authorization", headers=(("X-Stage", 'a "b"'),)),
        event_hook("off", "https://b.example.com/", status="INACTIVE"),
    ]
    text = toml_of_entries(entries_of(hooks))
    assert (
        text
        == """\
[[hook]]
name = "audit"
url = "https://hooks.example.com/okta"
secret = { header = "Authorization" }
events = [
    "user.lifecycle.create",
]

[hook.headers]
X-Stage = "a \\"b\\""

[[hook]]
name = "off"
url = "https://b.example.com/"
active = false
events = [
    "user.lifecycle.create",
]
"""
    )
    assert tomllib.loads(text)["hook"][1]["name"] == "off"
