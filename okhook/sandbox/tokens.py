"""API tokens of the org, and whether a call carries one."""

from dataclasses import dataclass

from okhook.sandbox.refusals import invalid_token, no_permission, not_authenticated
from okhook.secret import Secret

_SCHEME = "ssws"
_OF_SUPER_ADMINS = "/api/v1/eventHooks"


@dataclass(frozen=True, slots=True)
class Tokens:
    """``full`` may do everything; the owner of ``restricted`` may not see event hooks."""

    full: Secret
    restricted: Secret | None = None

    def check(self, authorization: str | None, path: str) -> None:
        """Let a call of ``path`` pass that carries a token.

        ``SSWS<token>`` passes as ``SSWS <token>`` does: okta-sdk-python 3.4.6 sends it on writes.

        Raises:
            ApiRefusal: there is no token, it is not the org's, or its owner may not do this.

        """
        if authorization is None or not authorization.lower().startswith(_SCHEME):
            raise not_authenticated()
        candidate = authorization[len(_SCHEME) :].strip().encode("latin-1", "replace")
        if self.full.matches(candidate):
            return
        if self.restricted is None or not self.restricted.matches(candidate):
            raise invalid_token()
        if path.startswith(_OF_SUPER_ADMINS):
            raise no_permission()
