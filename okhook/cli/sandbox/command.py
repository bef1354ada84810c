"""``okhook sandbox``: a local Okta org."""

from okhook.cli.command import command, flag
from okhook.cli.context import Context

_TESTING = "Behaviour"


@command(
    # In `up` these flags have the names of the settings, and a panel of their own.
    flag("sandbox_port", name="--port", short="-p", panel=None),
    flag("sandbox_token", name="--token", panel=None),
    flag("sandbox_data", name="--data", panel=None),
    flag("sandbox_fault", name="--fault", panel=_TESTING),
    flag("sandbox_batch_window", name="--batch-window", panel=_TESTING),
    flag("sandbox_delay", name="--delay", panel=_TESTING),
    flag("sandbox_rate_limit", name="--rate-limit", panel=_TESTING),
    flag("sandbox_service_app", name="--service-app"),
    flag("sandbox_grant", name="--grant"),
    flag("sandbox_no_dpop", name="--no-dpop"),
    examples=(
        ("okhook sandbox", "an org on http://127.0.0.1:8137"),
        ("okhook sandbox --data org.json", "survive a restart"),
        ("okhook sandbox --fault 429=3@/api/v1/logs", "answer the next call with 429"),
    ),
)
def sandbox(ctx: Context) -> None:
    """Run an Okta org on this machine, with real deliveries.

    It has users, groups, event hooks and a System Log. An event hook filter that it does not
    understand matches every event. Errors that Okta does not word this way carry the header
    X-Okhook-Synthetic.
    """
    import anyio

    from okhook.cli.sandbox.run import run_and_show, sandbox_config
    from okhook.runtime.shutdown import run_until_signal

    config = sandbox_config(ctx, port=ctx.settings.sandbox_port.value)
    anyio.run(run_until_signal, lambda _: run_and_show(ctx, config))
