"""``okhook serve``: the local application that Okta calls."""

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
    auth_field: AuthFieldOption = None,
    auth_secret: AuthSecretOption = None,
    auth_secret_file: AuthSecretFileOption = None,
    basic_auth: BasicAuthOption = None,
    verbose: VerboseOption = False,
    output: OutputOption = None,
    quiet: QuietOption = None,
) -> None:
    """Receive deliveries on this machine: answer Okta's verification, keep and show each event."""
    from okhook.cli.receiving import receive_and_show, receiver_config
    from okhook.cli.start import start
    from okhook.runtime.shutdown import run_fast

    begun = start(
        {
            "host": host,
            "port": port,
            "path": path,
            "auth_field": auth_field,
            "auth_secret": auth_secret,
            "auth_secret_file": auth_secret_file,
            "basic_auth": basic_auth,
            "output": output,
            "quiet": quiet,
        }
    )
    config = receiver_config(begun, begun.hook_auth())
    run_fast(lambda _: receive_and_show(begun, config, verbose=verbose))
