"""What ``serve`` and ``up`` are told of forwarding: their flags and settings become its config."""

from urllib.parse import urlsplit

from okhook.cli.context import Context
from okhook.cli.options import ForwardFlags
from okhook.cli.urls import checked_url
from okhook.config.setting import Setting
from okhook.errors import InvalidInput
from okhook.forward.forwarder import ForwardPolicy
from okhook.forward.request import may_have_secret
from okhook.forward.running import ForwardConfig
from okhook.receiver.running import ReceiverConfig
from okhook.wire.org import is_loopback

_EXAMPLE = "http://localhost:3000/hook"
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


def forward_config(
    ctx: Context, flags: ForwardFlags, receiver: ReceiverConfig
) -> ForwardConfig | None:
    """Return how deliveries are forwarded, None where they are not.

    Raises:
        InvalidInput, ConfigurationError: a target is no URL, or it is the receiver itself.

    """
    settings = ctx.settings
    named = settings.forward_to
    if not named.value:
        return None
    targets = tuple(
        checked_url(Setting(url, named.origin), example=_EXAMPLE) for url in named.value
    )
    for target in targets:
        _refuse_a_circle(target, receiver)
        if receiver.auth is not None:
            _warn_of_the_secret(ctx, target, send_secret=flags.send_secret)
    return ForwardConfig(
        targets=targets,
        policy=ForwardPolicy(
            settings.retries.value, settings.concurrency.value, duplicates=flags.forward_duplicates
        ),
        timeout_s=settings.forward_timeout.value,
        send_secret=flags.send_secret,
    )


def _refuse_a_circle(target: str, receiver: ReceiverConfig) -> None:
    parts = urlsplit(target)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    same_host = host == receiver.host or (
        is_loopback(host) and (is_loopback(receiver.host) or receiver.host in _EVERY_ADDRESS)
    )
    if port == receiver.port and same_host:
        raise InvalidInput(
            f"{target} is the receiver itself: every delivery would go round in a circle",
            next_step="name your app's own port with --forward-to",
        )


def _warn_of_the_secret(ctx: Context, target: str, *, send_secret: bool) -> None:
    parts = urlsplit(target)
    if is_loopback(parts.hostname or ""):
        return
    if not may_have_secret(target, send_secret=send_secret):
        ctx.console.note(
            f"the hook's secret does not go to {parts.netloc}; --send-secret sends it along"
        )
    elif parts.scheme == "http":
        ctx.console.warn(f"the secret goes to {parts.netloc} unencrypted: {target} is not https")
