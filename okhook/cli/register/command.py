"""``okhook register``: bring an event hook of the org into the wanted state, and verify it."""

from dataclasses import dataclass

from okhook.cli.command import Panel, command, flag, option, switch
from okhook.cli.completion import known_hooks
from okhook.cli.context import Context
from okhook.cli.options import SECRET, check_alone
from okhook.wire.event_types import DEFAULT_EVENT_TYPE

EVENTS_KEPT = f"unchanged; {DEFAULT_EVENT_TYPE} for a new hook"
"""What ``--event`` is without a value: of ``register`` and ``up``."""


@dataclass(frozen=True)
class HookFlags:
    """The flags that describe an event hook and are no settings: of ``register`` and ``up``."""

    header: list[str] | None = option(
        "Header that Okta sends with every call; repeat for more", metavar="'NAME: VALUE'"
    )
    filter_: list[str] | None = option(
        "Deliver events of TYPE only if the Okta expression is true; repeat for more",
        metavar="'TYPE=EXPRESSION'",
    )
    hook_id: str | None = option(
        "Existing hook to update, by id", metavar="ID", completion=known_hooks
    )


@command(
    "org",
    flag("url", shown_default="the running tunnel's"),
    flag("event", shown_default=EVENTS_KEPT),
    Panel("Hook", "name description header filter_ hook_id"),
    Panel("Verification", "verify_only no_verify wait"),
    SECRET,
)
async def register(
    ctx: Context,
    hook: HookFlags,
    no_verify: bool = switch("Do not verify the hook now"),
    verify_only: bool = switch("Verify the existing hook, and change nothing else"),
) -> None:
    """Create or update an event hook in an org, and verify it.

    okhook register --org dev-123.okta.com  # the URL of the running tunnel
    okhook register --org sandbox           # the receiver on this machine
    okhook register --event user.lifecycle.create --url https://example.com/okta
    """
    from okhook.cli.register.run import register_and_show, verify_and_show

    check_alone({"--no-verify": no_verify, "--verify-only": verify_only})
    if verify_only:
        await verify_and_show(ctx, hook.hook_id)
    else:
        await register_and_show(ctx, hook, verify=not no_verify)
