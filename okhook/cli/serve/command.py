"""``okhook serve``: the local application that Okta calls."""

from dataclasses import dataclass
from functools import partial

from okhook.cli.command import Panel, command, switch
from okhook.cli.context import Context, open_context
from okhook.cli.options import RECEIVER, SECRET, STORE, open_switch, send_secret_switch

INSPECTOR = Panel("Inspector", "open_ inspector_port no_inspector")
FORWARDING = Panel(
    "Forwarding",
    "forward_format retries forward_timeout concurrency skip_backlog skip_duplicates send_secret",
    "nats_credentials nats_certificate",
)


@dataclass(frozen=True)
class ServeFlags:
    """The flags of a receiver that are no settings: of ``serve`` and ``up``."""

    skip_backlog: bool = switch(
        "Forward only new deliveries, not those that wait from earlier runs"
    )
    send_secret: bool = send_secret_switch()
    verbose: bool = switch("Print the ids and the body of each delivery", short="-v")
    open_: bool = open_switch()


@command(
    "forward_to",
    RECEIVER,
    "receiver verbose",
    FORWARDING,
    INSPECTOR,
    SECRET,
    STORE,
    Panel("Operation", "admin log_format log_events"),
    opens=partial(open_context, logs=True),
)
def serve(ctx: Context, flags: ServeFlags) -> None:
    """Receive deliveries, show each event, forward it to your app.

    okhook serve                                          # receive on port 1337
    okhook serve --forward-to http://localhost:3000/hook  # with your app
    okhook serve --port 8080 --path /hooks/okta -v        # print each body
    """
    from okhook.cli.log_console import all_logged
    from okhook.cli.serve.run import receive_and_show, serve_config
    from okhook.runtime.shutdown import run_fast

    with all_logged(ctx.console):
        config = serve_config(ctx, flags, ctx.hook_auth(), ctx.service.listener(admin=False))
        run_fast(lambda shutdown: receive_and_show(ctx, config, flags, shutdown))
