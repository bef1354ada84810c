"""Who gets a sample: the receiver on this machine, or a URL."""

import shlex

from okhook.cli.context import Context
from okhook.cli.targets import checked_url, warn_if_unencrypted
from okhook.errors import InvalidInput
from okhook.runtime.run_files import ReceiverRun, SandboxRun, UpRun
from okhook.runtime.running_here import running_here
from okhook.runtime.sockets import local_url
from okhook.send_sample.sender import Recipient
from okhook.wire.event_types import DEFAULT_EVENT_TYPE


def recipient_of(ctx: Context) -> Recipient:
    """Return ``--to``, else the running receiver, else the URL from the settings.

    Without a secret, a receiver of this machine is reached through its control socket, also if
    the URL is that of its tunnel.
    """
    to = ctx.settings.to
    url = _running_receiver(ctx) if to is None else checked_url(to)
    auth = ctx.hook_auth()
    if auth is not None:
        warn_if_unencrypted(ctx, url)
        return Recipient(url, auth)
    return Recipient(url, None, *(running_here(ctx.run_directory).control_socket_of(url) or ()))


def _running_receiver(ctx: Context) -> str:
    urls = [receiver.url for receiver in ctx.run_directory.running(ReceiverRun)]
    if len(urls) > 1:
        raise InvalidInput(
            f"found {len(urls)} running receivers",
            why="\n".join(urls),
            next_step="choose one with --to",
        )
    if urls:
        return urls[0]
    settings = ctx.settings
    return local_url(settings.host.value, settings.port.value, settings.path.value)


def how_to_reach(ctx: Context, recipient: Recipient) -> str | None:
    """Return the next step if the secret of a receiver on this machine is not known, else None.

    It may have generated its secret, and then only its org knows it.
    """
    url = recipient.url
    if (
        recipient.auth is not None
        and running_here(ctx.run_directory).control_socket_of(url) is not None
    ):
        return "unset the secret: a receiver on this machine then uses its own"
    running = ctx.run_directory.running
    owners = {receiver.pid for receiver in running(ReceiverRun) if receiver.url == url}
    org = next((up.org for up in running(UpRun) if up.pid in owners), None)
    if org is None:
        return None
    only_here = {sandbox.org_url for sandbox in running(SandboxRun)} == {org}
    named = "sandbox" if only_here else org
    return (
        "cause a real event with"
        f" `{shlex.join(('okhook', 'trigger', DEFAULT_EVENT_TYPE, '--org', named))}`,"
        " or set OKHOOK_AUTH_SECRET for okhook up and for this command:"
        " okhook up may have generated the secret of this receiver"
    )
