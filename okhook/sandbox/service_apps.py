"""OAuth service apps of the org: their public keys, and the scopes that they were granted."""

from dataclasses import dataclass

from okhook.sandbox.public_keys import PublicJwk

ALL_SCOPES = (
    "okta.eventHooks.read",
    "okta.eventHooks.manage",
    "okta.logs.read",
    "okta.users.read",
    "okta.users.manage",
    "okta.groups.read",
    "okta.groups.manage",
)
"""The scopes of the endpoints that the sandbox has."""


@dataclass(frozen=True, slots=True)
class ServiceApp:
    """An app that may ask for tokens. One with ``needs_dpop`` gets none without a proof."""

    client_id: str
    keys: tuple[PublicJwk, ...]
    granted: tuple[str, ...] = ALL_SCOPES
    needs_dpop: bool = True


def scope_of_call(method: str, path: str) -> str | None:
    """Return the scope that a call needs; None for a path that no endpoint has."""
    resource = next(
        (
            name
            for name in ("eventHooks", "groups", "logs", "users")
            if path == f"/api/v1/{name}" or path.startswith(f"/api/v1/{name}/")
        ),
        None,
    )
    if resource is None:
        return None
    return f"okta.{resource}.{'read' if method in ('GET', 'HEAD') else 'manage'}"


def allows(scopes: tuple[str, ...], needed: str) -> bool:
    """Tell whether a token with ``scopes`` may do what ``needed`` allows: manage includes read."""
    return needed in scopes or needed.replace(".read", ".manage") in scopes
