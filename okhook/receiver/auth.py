"""Whether a request carries the hook's secret, and how its headers are kept without it."""

from okhook.records.record import AuthOutcome
from okhook.secret import HIDDEN, HookAuth

_ALWAYS_HIDDEN = frozenset({b"authorization", b"proxy-authorization", b"cookie"})

HeaderPairs = tuple[tuple[bytes, bytes], ...]


def check(headers: HeaderPairs, auth: HookAuth | None) -> AuthOutcome:
    """Tell whether ``headers`` carry the secret; every value is compared in constant time."""
    if auth is None:
        return AuthOutcome.NOT_ASKED
    field = auth.field.lower().encode()
    values = [value for name, value in headers if name.lower() == field]
    matches = [auth.secret.matches(value) for value in values]
    return AuthOutcome.MATCHED if True in matches else AuthOutcome.DID_NOT_MATCH


def refusal(headers: HeaderPairs, auth: HookAuth) -> str:
    """Return why the secret was refused, without giving any of it away."""
    field = auth.field.lower().encode()
    if any(name.lower() == field for name, _ in headers):
        return f"the secret in the {auth.field} header is not the one that this receiver expects"
    return f"the {auth.field} header, which carries the secret, is missing"


def masked(headers: HeaderPairs, auth: HookAuth | None) -> HeaderPairs:
    """Return ``headers`` with every value hidden that is, or may be, a credential."""
    field = None if auth is None else auth.field.lower().encode()
    kept = []
    for pair in headers:
        name = pair[0].lower()
        hidden = name in _ALWAYS_HIDDEN or name == field or _holds_secret(pair[1], auth)
        kept.append((pair[0], HIDDEN) if hidden else pair)
    return tuple(kept)


def _holds_secret(value: bytes, auth: HookAuth | None) -> bool:
    return auth is not None and auth.secret.occurs_in(value)
