"""Whether the receiver can have its port, and what is posted to the hook's URL arrives here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from anyio import to_thread

from okhook.config.setting import Setting
from okhook.doctor.canary import CanarySent
from okhook.doctor.check import Finding, failed, fault_found, ok, skipped, warning
from okhook.doctor.commands import Commands
from okhook.doctor.place import Place, place_of
from okhook.doctor.receivers import ReceiverHere
from okhook.doctor.tunnels import TunnelHere
from okhook.errors import InvalidInput, PortInUse
from okhook.okta.who_answered import is_hookdeck_url
from okhook.runtime.sockets import listen
from okhook.secret import HookAuth
from okhook.wire.canary import CANARY_REMARK


async def check_port(host: str, port: int, here: Sequence[ReceiverHere]) -> Finding:
    """Say who has the receiver's port: nobody, a receiver of ours, or somebody else."""
    own = next((each for each in here if each.port == port), None)
    if own is not None:
        return ok(f"our receiver has it: {own.url} (process {own.pid})")
    if here:
        return ok(*(f"our receiver runs at {each.url} (process {each.pid})" for each in here))
    try:
        await to_thread.run_sync(lambda: listen(host, port).close())
    except (PortInUse, InvalidInput) as fault:
        found = fault_found(fault)
        return replace(found, remedy=fault.next_step or "name an address of this machine: --host")
    return ok(f"{port} on {host} is free; no receiver is running")


@dataclass(frozen=True, slots=True)
class WayIn:
    """A URL that leads to this machine as far as is known here, and how that is known.

    ``place`` is where it ends; None where that is not known.
    """

    url: str
    why: str
    place: Place | None = None


def way_in(
    tunnels: Sequence[TunnelHere],
    named: Setting[str] | None,
    hook_url: str | None,
    receivers: Sequence[ReceiverHere],
) -> WayIn | None:
    """Return the URL that a canary is sent to; None where nothing leads here.

    A tunnel's goes first, that of a receiver which runs before others, then the URL that was
    ``named``, the hook's own where it is on this machine, and the receiver's own.
    """
    ports = {receiver.port for receiver in receivers}
    for tunnel in sorted(tunnels, key=lambda each: each.place.port not in ports):
        if tunnel.url is not None:
            return WayIn(tunnel.url, "the tunnel's webhook URL", tunnel.place)
    if named is not None:
        return WayIn(named.value, f"the URL from {named.origin}", place_of(named.value))
    place = None if hook_url is None else place_of(hook_url)
    if hook_url is not None and place is not None:
        return WayIn(hook_url, "the hook's URL, on this machine", place)
    for receiver in receivers:
        return WayIn(receiver.url, "the receiver's own URL", place_of(receiver.url))
    return None


async def check_path(
    way: WayIn | None,
    auth: Setting[HookAuth] | None,
    receivers: Sequence[ReceiverHere],
    sent: CanarySent | None,
    place: Place,
    commands: Commands,
) -> Finding:
    """Say what became of the canary. ``place`` is the receiver's, by the settings."""
    if way is None or sent is None:
        return skipped("no tunnel and no receiver is running, and no URL is set")
    where = f"{way.url}, {way.why}"
    if sent.was_refused:
        return _refused(sent, auth, receivers)
    if sent.record is not None:
        return ok(f"a canary came through in {sent.elapsed_s * 1000:.0f} ms", where)
    return _lost(sent, where, receivers, commands.serve(way.place or place))


def _refused(
    sent: CanarySent, auth: Setting[HookAuth] | None, receivers: Sequence[ReceiverHere]
) -> Finding:
    reached = f"a canary reached the receiver in {sent.elapsed_s * 1000:.0f} ms"
    reason = (sent.record and sent.record.reason) or ""
    why = reason.removesuffix(CANARY_REMARK)
    refused = ": ".join(filter(None, (f"{reached}, which refused it", why)))
    if auth is not None:
        return failed(
            f"the receiver does not accept the secret from {auth.origin}",
            refused,
            sent.url,
            remedy=f"correct {auth.origin}, or its header (--auth-field),"
            " or start the receiver again with that secret",
        )
    if any(receiver.is_up for receiver in receivers):
        return ok(
            f"{reached}; `okhook up` gave it a secret, which is not known here",
            sent.url,
        )
    return warning(
        "the receiver asks for a secret, and none is set here",
        refused,
        sent.url,
        remedy="set OKHOOK_AUTH_SECRET, or --auth-secret-file, as for the receiver",
    )


def _lost(sent: CanarySent, where: str, receivers: Sequence[ReceiverHere], begin: str) -> Finding:
    answer, error = sent.answered.answer, sent.answered.error
    remedy = "see that the URL leads to this receiver, with its path" if receivers else begin
    if answer is None:
        reason = error.reason if error is not None else "no answer"
        return failed(f"the webhook URL cannot be reached: {reason}", where, remedy=remedy)
    if not answer.is_success:
        return failed(
            f"the webhook URL answered a canary with HTTP {answer.status}", where, remedy=remedy
        )
    if not receivers:
        return failed("a canary was accepted, and no receiver is running here", where, remedy=begin)
    elsewhere = (
        "see that nobody else listens on the same source, or take one of your own: --source NAME"
        if is_hookdeck_url(sent.url)
        else "see that the URL leads to this receiver; OKHOOK_HOME must be the receiver's"
    )
    return failed(
        f"a canary was accepted, and did not arrive here within {sent.elapsed_s:.0f} s",
        where,
        remedy=elsewhere,
    )
