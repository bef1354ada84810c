"""Check the path: whether a canary posted to the webhook URL arrives at the receiver."""

from http import HTTPStatus

from okhook.config.setting import Setting
from okhook.doctor.canary import CanaryRoute, CanarySent
from okhook.doctor.check import Finding, failed, ok, skipped, warning
from okhook.doctor.facts import Facts
from okhook.doctor.setup import Setup
from okhook.runtime.running_here import RunningHere
from okhook.secret import HookAuth
from okhook.wire.canary import CANARY_REMARK
from okhook.wire.hook_call import GONE_BECAUSE
from okhook.wire.webhook_url import is_hookdeck_url


async def check_path(facts: Facts) -> Finding:
    """Report what became of the canary."""
    route, sent, setup = await facts.canary_route.get(), await facts.canary.get(), facts.setup
    if route is None or sent is None:
        return skipped("no tunnel and no receiver is running, and no URL is set")
    where = f"{route.url}, {route.why}"
    if sent.was_refused:
        return _refused(sent, setup.auth, setup.running)
    if sent.record is not None:
        arrived = f"a canary arrived in {sent.elapsed_s * 1000:.0f} ms"
        return ok(f"{arrived}{_one_of_several(route, setup)}", where)
    return _lost(sent, where, setup.running, setup.commands.serve(route.endpoint or setup.endpoint))


def _one_of_several(route: CanaryRoute, setup: Setup) -> str:
    """Say which receiver it was, if several run and none was named."""
    count = len(setup.running.receivers)
    if count < 2 or setup.receiver_port is not None:
        return ""
    port = "" if route.endpoint is None else f" on port {route.endpoint.port}"
    return f" at the receiver{port}, one of {count}; to check another, pass --port"


def _refused(sent: CanarySent, auth: Setting[HookAuth] | None, running: RunningHere) -> Finding:
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
    if {up.pid for up in running.ups} & {each.pid for each in running.receivers}:
        return ok(
            f"{reached}; okhook doctor does not know the secret that `okhook up` generated",
            sent.url,
        )
    return warning(
        "the receiver requires a secret, but no secret is set for okhook doctor",
        refused,
        sent.url,
        remedy="set OKHOOK_AUTH_SECRET or --auth-secret-file to the receiver's secret",
    )


def _lost(sent: CanarySent, where: str, running: RunningHere, begin: str) -> Finding:
    answer, error = sent.answered.answer, sent.answered.error
    remedy = "point the URL to this receiver, with the same path" if running.receivers else begin
    if answer is None:
        reason = error.reason if error is not None else "no answer"
        return failed(f"cannot reach the webhook URL: {reason}", where, remedy=remedy)
    if answer.status == HTTPStatus.GONE:
        return failed(
            f"the webhook URL is gone (HTTP 410): {GONE_BECAUSE}",
            where,
            remedy="start the tunnel again, and register the hook with its new URL",
        )
    if not answer.is_success:
        return failed(
            f"the webhook URL returned HTTP {answer.status} for a canary", where, remedy=remedy
        )
    if not running.receivers:
        return failed(
            "a canary was accepted, but no receiver is running on this machine", where, remedy=begin
        )
    elsewhere = (
        "make sure that nobody else listens on the same source, or use another: --source NAME"
        if is_hookdeck_url(sent.url)
        else "point the URL to this receiver, and use the receiver's OKHOOK_HOME"
    )
    return failed(
        f"a canary was accepted, but did not arrive at this receiver within {sent.elapsed_s:.0f} s",
        where,
        remedy=elsewhere,
    )
