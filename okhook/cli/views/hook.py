"""How an event hook looks: its name, and whether the org delivers to it."""

from rich.text import Text

from okhook.cli.views.lines import short
from okhook.okta.event_hooks import EventHook
from okhook.text import plain


def hook_heading(done: str, hook: EventHook, org: str) -> Text:
    """Return the line that names a hook, after what was done to it."""
    return Text.assemble(
        (done, "bold green"),
        f"{short(hook.name)}  ",
        (plain(hook.id), "bold"),
        (f"  in {plain(org)}", "dim"),
    )


def changed_parts(changed: tuple[str, ...]) -> str:
    """Return the parts of a hook that were replaced, in parentheses."""
    return f" ({', '.join(changed)})" if changed else ""


def hook_status(hook: EventHook) -> Text:
    """Return both kinds of status; red if the org delivers nothing to the hook."""
    both = f"{short(hook.status, 20)}, {short(hook.verification_status, 20)}"
    if hook.is_active and hook.is_verified:
        return Text(both, style="green")
    missing = "not verified" if hook.is_active else "not active"
    return Text.assemble((both, "bold red"), f": {missing}, so the org delivers nothing to it")
