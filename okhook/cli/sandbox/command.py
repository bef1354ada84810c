"""``okhook sandbox``: a local Okta org."""

from okhook.cli.command import Panel, SettingFlag, command, flag, switch
from okhook.cli.context import Context


def _flag(name: str) -> SettingFlag:
    """Return a setting's flag without the ``sandbox`` that it has in ``up``."""
    return flag(f"sandbox_{name}", name=f"--{name.replace('_', '-')}")


@command(
    flag("sandbox_port", name="--port", short="-p"),
    _flag("token"),
    _flag("data"),
    Panel("Containers", _flag("host"), "allow_remote"),
    Panel("Behaviour", *(_flag(n) for n in ("fault", "batch_window", "delay", "rate_limit"))),
    Panel("OAuth service apps", *(_flag(n) for n in ("service_app", "grant", "no_dpop"))),
)
def sandbox(
    ctx: Context,
    allow_remote: bool = switch(
        "Accept calls from other machines; only the token protects the org"
    ),
) -> None:
    """Run an Okta org on this machine, with real deliveries.

    okhook sandbox                             # an org on http://127.0.0.1:8137
    okhook sandbox --data org.json             # survive a restart
    okhook sandbox --fault 429=3@/api/v1/logs  # answer the next call with 429

    It has users, groups, event hooks and a System Log. An event hook filter that it does not
    understand matches every event. Errors that may not have Okta's own text have the header
    X-Okhook-Synthetic.
    """
    from okhook.cli.sandbox.run import run_and_show, sandbox_config, sandbox_host
    from okhook.runtime.shutdown import run_server

    host = sandbox_host(ctx, allow_remote=allow_remote)
    config = sandbox_config(ctx, host=host, port=ctx.settings.sandbox_port.value)
    run_server(lambda _: run_and_show(ctx, config))
