"""Write event hooks as resources of Okta's Terraform provider.

Its documentation has these attributes: ``name``, ``status``, the set ``events``, the maps
``channel`` and ``auth``, and blocks ``headers``; none for a description or filters.
"""

import re
from collections.abc import Iterator, Sequence

from okhook.okta.as_code.entry import FromVariable, HookEntry, entries_of, labels
from okhook.okta.event_hooks import EventHook
from okhook.text import plain, quoted

_TEMPLATE = re.compile(r"([$%])\{")
"""What HCL reads as an expression; with the first character twice, it reads both as text."""


def terraform_of(hooks: Sequence[EventHook]) -> str:
    """Return the resources of the hooks, and a variable for each secret."""
    names = labels([hook.name for hook in hooks])
    entries = entries_of(hooks)
    blocks = [
        "\n".join(block)
        for label, hook, entry in zip(names, hooks, entries, strict=True)
        for block in _blocks(label, hook, entry)
    ]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _blocks(label: str, hook: EventHook, entry: HookEntry) -> Iterator[Iterator[str]]:
    yield _hook(label, hook, entry)
    if entry.is_active:  # Okta verifies no other
        yield _verification(label)
    if entry.secret is not None:
        yield _variable(f"{label}_secret", entry.secret.header, entry)
    for number, (header, value) in enumerate(entry.headers, start=1):
        if isinstance(value, FromVariable):
            yield _variable(f"{label}_header_{number}", header, entry)


def _hook(label: str, hook: EventHook, entry: HookEntry) -> Iterator[str]:
    yield f"# {plain(entry.name)}: without this command, Terraform creates another hook:"
    yield f"#   terraform import okta_event_hook.{label} {plain(hook.id)}"
    yield from _not_in_the_provider(entry)
    yield f'resource "okta_event_hook" "{label}" {{'
    yield f"  name   = {_quoted(entry.name)}"
    yield f'  status = "{"ACTIVE" if entry.is_active else "INACTIVE"}"'
    yield from ("", "  events = [")
    for event_type in entry.events:
        yield f"    {_quoted(event_type)},"
    yield from ("  ]", "", "  channel = {", '    type    = "HTTP"', '    version = "1.0.0"')
    yield from (f"    uri     = {_quoted(entry.url)}", "  }")
    if entry.secret is not None:
        named = _key_and_value(entry.secret.header, f"var.{label}_secret")
        yield from ("", "  auth = {", '    type  = "HEADER"', *named)
    for number, (header, value) in enumerate(entry.headers, start=1):
        shown = _quoted(value) if isinstance(value, str) else f"var.{label}_header_{number}"
        yield from ("", "  headers {", *_key_and_value(header, shown))
    yield "}"


def _key_and_value(key: str, value: str) -> Iterator[str]:
    yield f"    key   = {_quoted(key)}"
    yield f"    value = {value}"
    yield "  }"


def _not_in_the_provider(entry: HookEntry) -> Iterator[str]:
    if entry.description:
        yield f"# The provider cannot set the description: {plain(entry.description)}"
    if entry.filters:
        yield "# The provider cannot set filters, and removes them when it changes the hook:"
        for event_type, expression in entry.filters:
            yield f"#   {plain(event_type)} if {plain(expression)}"


def _verification(label: str) -> Iterator[str]:
    hook = f"okta_event_hook.{label}"
    yield f'resource "okta_event_hook_verification" "{label}" {{'
    yield f"  event_hook_id = {hook}.id"
    yield from ("", "  lifecycle {", "    # A change of one of these makes the hook unverified.")
    yield f"    replace_triggered_by = [{hook}.channel, {hook}.auth, {hook}.headers]"
    yield from ("  }", "}")


def _variable(name: str, header: str, entry: HookEntry) -> Iterator[str]:
    yield f'variable "{name}" {{'
    yield f"  description = {_quoted(f'Value of the header {header} of the hook {entry.name}')}"
    yield from ("  type        = string", "  sensitive   = true", "}")


def _quoted(text: str) -> str:
    return _TEMPLATE.sub(r"\1\1{", quoted(text))
