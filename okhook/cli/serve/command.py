"""``okhook serve``: the local application that Okta calls."""

from okhook.cli.forward_options import (
    ConcurrencyOption,
    ForwardDuplicatesOption,
    ForwardTimeoutOption,
    ForwardToOption,
    RetriesOption,
    SendSecretOption,
)
from okhook.cli.options import (
    AuthFieldOption,
    AuthSecretFileOption,
    AuthSecretOption,
    BasicAuthOption,
    HostOption,
    OutputOption,
    PathOption,
    PortOption,
    QuietOption,
    VerboseOption,
)


def serve(
    host: HostOption = None,
    port: PortOption = None,
    path: PathOption = None,
    forward_to: ForwardToOption = None,
    retries: RetriesOption = None,
    forward_timeout: ForwardTimeoutOption = None,
    concurrency: ConcurrencyOption = None,
    forward_duplicates: ForwardDuplicatesOption = False,
    send_secret: SendSecretOption = False,
    auth_field: AuthFieldOption = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    verbose: VerboseOption = False,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Receive deliveries on this machine: keep and show each event, and forward it to your app."""
    from okhook.cli.context import start
    from okhook.cli.serve.forwarding import ForwardFlags, forward_config
    from okhook.cli.serve.run import receive_and_show, receiver_config
    from okhook.runtime.shutdown import run_fast
    from okhook.serve.running import ServeConfig

    ctx = start(
        {
            "host": host,
            "port": port,
            "path": path,
            "forward_to": forward_to,
            "retries": retries,
            "forward_timeout": forward_timeout,
            "concurrency": concurrency,
            "auth_field": auth_field,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "output": output,
            "quiet": quiet,
        }
    )
    config = receiver_config(ctx, ctx.hook_auth())
    flags = ForwardFlags(duplicates=forward_duplicates, send_secret=send_secret)
    serve_config = ServeConfig(config, forward_config(ctx, flags, config))
    run_fast(lambda _: receive_and_show(ctx, serve_config, verbose=verbose))
