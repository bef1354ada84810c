"""Where samples go: to the URL of ``--to``, else to the receiver that runs here."""

import shlex

from okhook.cli.context import Context
from okhook.cli.urls import checked_url, on_loopback, warn_if_unencrypted
from okhook.errors import InvalidInput
from okhook.runtime.runs import ReceiverRun, SandboxRun, UpRun
from okhook.send_sample.sender import Recipient
from okhook.wire.event_types import DEFAULT_EVENT_TYPE

_EXAMPLE = "http://127.0.0.1:1337/okta-webhooks-endpoint"


def recipient_of(ctx: Context) -> Recipient:
    """Return where samples go: ``--to``, else the running receiver, else where one would run.

    Raises:
        InvalidInput, ConfigurationError: it is no URL that can be called, or several receivers run.
    """
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
            f"{len(urls)} receivers run here", why="\n".join(urls), next_step="choose one with --to"
        )
    settings, host = ctx.settings, ctx.settings.host.value
    bracketed = f"[{host}]" if ":" in host else host
    usual = f"http://{bracketed}:{settings.port.value}{settings.path.value}"
    return on_loopback(urls[0] if urls else usual)


def how_to_trigger(ctx: Context, url: str) -> str | None:
    """Return what to do instead if the receiver is that of a running ``okhook up``, else None.

    ``up`` may have made its secret itself, and then only its org knows it.
    """
    running = ctx.run_directory.running
    owners = {receiver.pid for receiver in running(ReceiverRun) if on_loopback(receiver.url) == url}
    org = next((up.org for up in running(UpRun) if up.pid in owners), None)
    if org is None:
        return None
    only_here = {sandbox.org_url for sandbox in running(SandboxRun)} == {org}
    named = "sandbox" if only_here else org
    return (
        "the receiver is that of okhook up, which made its secret itself if it was given none:"
        f" {shlex.join(('okhook', 'trigger', DEFAULT_EVENT_TYPE, '--org', named))} makes a real"
        " event, or start okhook up with OKHOOK_AUTH_SECRET set, and set it here too"
    )
