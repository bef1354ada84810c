"""``okhook sandbox``: a local Okta org."""

from typing import TYPE_CHECKING

from okhook.cli.command import command, flag

if TYPE_CHECKING:
    from okhook.cli.context import Context


@command(
    # In `up` these flags have the names of the settings, and a panel of their own.
    flag("sandbox_port", "--port", short="-p", panel=None),
    flag("sandbox_token", "--token", panel=None),
    flag("sandbox_batch_window", "--batch-window", panel=None),
    flag("sandbox_delay", "--delay", panel=None),
    flag(
        "sandbox_data",
        "--data",
        help="File that keeps users, hooks and log across restarts; secrets are left out.",
        panel=None,
    ),
    flag("sandbox_rate_limit", "--rate-limit", panel=None),
    flag("sandbox_service_app", "--service-app"),
    flag("sandbox_grant", "--grant"),
    flag("sandbox_no_dpop", "--no-dpop"),
    flag("sandbox_fault", "--fault", panel=None),
)
def sandbox(ctx: "Context") -> None:
    """Run an Okta org on this machine: event hooks, users, System Log, and real deliveries.

    An event hook filter that it does not understand lets every event pass. Errors whose words are
    not Okta's carry the header X-Okhook-Synthetic.
    """
    import anyio

    from okhook.cli.sandbox.run import run_and_show, sandbox_config
    from okhook.runtime.shutdown import run_until_signal

    config = sandbox_config(ctx, port=ctx.settings.sandbox_port.value)
    anyio.run(run_until_signal, lambda _: run_and_show(ctx, config))
