"""Choose the receiver of samples: ``--to``, else the one that runs on this machine."""

import shlex

from okhook.cli.context import Context
from okhook.cli.urls import checked_url, on_loopback, warn_if_unencrypted
from okhook.errors import InvalidInput
from okhook.runtime.run_files import ReceiverRun, SandboxRun, UpRun
from okhook.send_sample.sender import Recipient
from okhook.wire.event_types import DEFAULT_EVENT_TYPE

_EXAMPLE = "http://127.0.0.1:1337/okta-webhooks-endpoint"


def recipient_of(ctx: Context) -> Recipient:
    """Return ``--to``, else the running receiver, else the URL from the settings."""
    to = ctx.settings.to
    url = _running_receiver(ctx) if to is None else checked_url(to, example=_EXAMPLE)
    auth = ctx.hook_auth()
    if auth is not None:
        warn_if_unencrypted(ctx, url)
    return Recipient(url, auth)


def _running_receiver(ctx: Context) -> str:
    urls = [receiver.url for receiver in ctx.run_directory.running(ReceiverRun)]
    if len(urls) > 1:
        raise InvalidInput(
            f"found {len(urls)} running receivers",
            why="\n".join(urls),
            next_step="choose one with --to",
        )
    settings, host = ctx.settings, ctx.settings.host.value
    bracketed = f"[{host}]" if ":" in host else host
    usual = f"http://{bracketed}:{settings.port.value}{settings.path.value}"
    return on_loopback(urls[0] if urls else usual)


def how_to_trigger(ctx: Context, url: str) -> str | None:
    """Return the next step if the receiver belongs to ``okhook up``, else None.

    ``up`` may have generated its secret, and then only its org knows it.
    """
    running = ctx.run_directory.running
    owners = {receiver.pid for receiver in running(ReceiverRun) if on_loopback(receiver.url) == url}
    org = next((up.org for up in running(UpRun) if up.pid in owners), None)
    if org is None:
        return None
    only_here = {sandbox.org_url for sandbox in running(SandboxRun)} == {org}
    named = "sandbox" if only_here else org
    return (
        "cause a real event with"
        f" `{shlex.join(('okhook', 'trigger', DEFAULT_EVENT_TYPE, '--org', named))}`,"
        " or set OKHOOK_AUTH_SECRET both for okhook up and here:"
        " okhook up may have generated the secret of this receiver"
    )
