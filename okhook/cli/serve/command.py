"""``okhook serve``: the local application that Okta calls."""

from okhook.cli.command import command
from okhook.cli.context import Context
from okhook.cli.options import FORWARD, RECEIVER, SECRET, ForwardFlags, VerboseOption


@command(*RECEIVER, *FORWARD, *SECRET, "verbose")
def serve(ctx: Context, forward: ForwardFlags, verbose: VerboseOption = False) -> None:
    """Receive deliveries on this machine: keep and show each event, and forward it to your app."""
    from okhook.cli.serve.run import receive_and_show, serve_config
    from okhook.runtime.shutdown import run_fast

    config = serve_config(ctx, forward, ctx.hook_auth())
    run_fast(lambda _: receive_and_show(ctx, config, verbose=verbose))
