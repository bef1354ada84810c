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
    from okhook.cli.forwarding import ForwardFlags, forward_config
    from okhook.cli.receiving import receive_and_show, receiver_config
    from okhook.cli.start import start
    from okhook.runtime.shutdown import run_fast

    begun = start(
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
    config = receiver_config(begun, begun.hook_auth())
    flags = ForwardFlags(duplicates=forward_duplicates, send_secret=send_secret)
    forward = forward_config(begun, flags, config)
    run_fast(lambda _: receive_and_show(begun, config, forward, verbose=verbose))
