"""``okhook sandbox``: a local Okta org."""

from okhook.cli.command import command, flag
from okhook.cli.context import Context


@command(
    # In `up` these flags have the names of the settings, and a panel of their own.
    flag("sandbox_port", name="--port", short="-p", panel=None),
    flag("sandbox_token", name="--token", panel=None),
    flag("sandbox_batch_window", name="--batch-window", panel=None),
    flag("sandbox_delay", name="--delay", panel=None),
    flag(
        "sandbox_data",
        name="--data",
        help="File that keeps users, hooks and log across restarts; secrets are left out.",
        panel=None,
    ),
    flag("sandbox_rate_limit", name="--rate-limit", panel=None),
    flag("sandbox_service_app", name="--service-app"),
    flag("sandbox_grant", name="--grant"),
    flag("sandbox_no_dpop", name="--no-dpop"),
    flag("sandbox_fault", name="--fault", panel=None),
)
def sandbox(ctx: Context) -> None:
    """Run an Okta org on this machine: event hooks, users, System Log, and real deliveries.

    An event hook filter that it does not understand lets every event pass. Errors whose words are
    not Okta's carry the header X-Okhook-Synthetic.
    """
    import anyio

    from okhook.cli.sandbox.run import run_and_show, sandbox_config
    from okhook.runtime.shutdown import run_until_signal

    config = sandbox_config(ctx, port=ctx.settings.sandbox_port.value)
    anyio.run(run_until_signal, lambda _: run_and_show(ctx, config))
