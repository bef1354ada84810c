"""The errors that a tunnel ends with, each with Hookdeck's own last words and a next step."""

from okhook.errors import TunnelFailed
from okhook.tunnel.find import INSTALL
from okhook.tunnel.last_words import Cause, LastWords

_TOLD: dict[Cause, tuple[str, str]] = {
    Cause.UNKNOWN_FLAG: (
        "Hookdeck does not accept its arguments",
        "look at what stands after `--`; `hookdeck listen --help` lists what it takes",
    ),
    Cause.REFUSED_KEY: (
        "Hookdeck refused the key",
        "sign in with `hookdeck login`, or set HOOKDECK_API_KEY to a project's API key",
    ),
    Cause.REJECTED: (
        "Hookdeck rejected what was asked of it",
        "look at --source and at what stands after `--`",
    ),
    Cause.NOT_A_PROGRAM: ("the Hookdeck CLI cannot be run", INSTALL),
}


def cannot_heal(cause: Cause, words: str) -> TunnelFailed:
    """Return the error for a child that ended for good."""
    what, next_step = _TOLD[cause]
    return TunnelFailed(what, why=words or None, next_step=next_step)


def no_url(waited_s: float, words: LastWords) -> TunnelFailed:
    """Return the error for a tunnel that had no webhook URL in all the time that it was given.

    Where Hookdeck said whom it could not reach, that comes first.
    """
    missing = f"Hookdeck gave no webhook URL within {round(waited_s, 1):g} s"
    outage, said = words.outage, words.text or "it said nothing"
    return TunnelFailed(
        missing if outage is None else f"Hookdeck cannot reach {outage}",
        why=said if outage is None else f"{missing}\n{said}",
        next_step="check the network (HTTPS_PROXY too) and https://status.hookdeck.com,"
        " or allow more time with --timeout",
    )
