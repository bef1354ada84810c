"""Check the hook's secret, and remove it from the headers."""

from okhook.records.record import AuthOutcome
from okhook.secret import HIDDEN, HookAuth

_ALWAYS_HIDDEN = frozenset({b"authorization", b"proxy-authorization", b"cookie"})

HeaderPairs = tuple[tuple[bytes, bytes], ...]


def check(headers: HeaderPairs, auth: HookAuth | None) -> AuthOutcome:
    """Return whether ``headers`` contain the secret; compare every value in constant time."""
    if auth is None:
        return AuthOutcome.NOT_ASKED
    field = auth.field.lower().encode()
    values = [value for name, value in headers if name.lower() == field]
    matches = [auth.secret.matches(value) for value in values]
    return AuthOutcome.MATCHED if True in matches else AuthOutcome.DID_NOT_MATCH


def refusal(headers: HeaderPairs, auth: HookAuth) -> str:
    """Return why the request was refused, without any part of the secret."""
    field = auth.field.lower().encode()
    if any(name.lower() == field for name, _ in headers):
        return f"the secret in the {auth.field} header is not the one that the receiver expects"
    return f"the {auth.field} header with the secret is missing"


def masked(headers: HeaderPairs, auth: HookAuth | None) -> HeaderPairs:
    """Return ``headers`` with every value hidden that may contain a credential."""
    if auth is None:
        return tuple((n, HIDDEN if n.lower() in _ALWAYS_HIDDEN else v) for n, v in headers)
    hidden = _ALWAYS_HIDDEN | {auth.field.lower().encode()}
    return tuple(
        (name, HIDDEN if name.lower() in hidden or auth.secret.occurs_in(value) else value)
        for name, value in headers
    )
