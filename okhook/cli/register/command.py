"""``okhook register``: bring an event hook of the org into the wanted state, and verify it."""

from okhook.cli.command import Panel, command, flag, switch
from okhook.cli.context import Context
from okhook.cli.options import EVENTS_KEPT, SECRET, HookFlags, check_alone


@command(
    *(
        "org",
        flag("url", shown_default="the running tunnel's"),
        flag("event", shown_default=EVENTS_KEPT),
    ),
    Panel("Hook", ("name", "description", "header", "filter_", "hook_id")),
    Panel("Verification", ("verify_only", "no_verify", "wait")),
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
