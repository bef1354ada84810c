"""Parse the address of an Okta org."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from okhook.text import REMOVE_QUOTES, is_quoted

ADMIN_HOST = re.compile(r"([^.]+)-admin(\.okta(?:(?:preview|-emea|-gov)?\.com|\.mil))")
"""The host of the Admin Console: ``x-admin.okta.com`` for ``x.okta.com``."""

_PLACEHOLDER = re.compile(r"[{}<>]|yourOktaDomain", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")


class NotAnOrg(ValueError):
    """The text is not the address of an org."""


@dataclass(frozen=True, slots=True)
class Org:
    """An Okta tenant, real or sandbox. ``url`` is its origin, without a final slash."""

    url: str

    @property
    def host(self) -> str:
        """The host, with the port unless it is the default."""
        return urlsplit(self.url).netloc

    @property
    def is_loopback(self) -> bool:
        """Whether the org runs on this machine, as a sandbox does."""
        return is_loopback(urlsplit(self.url).hostname or "")


def parse_org(text: str) -> Org:
    """Return the org of a domain, any URL in it or its Admin Console, or raise ``NotAnOrg``."""
    text = text.strip()
    if is_quoted(text):
        raise NotAnOrg(f"it is in quotes: {REMOVE_QUOTES}")
    if _PLACEHOLDER.search(text):
        raise NotAnOrg("it contains a placeholder: use your org's domain, like dev-123.okta.com")
    parts = _split(text)
    host = (parts.hostname or "").rstrip(".")
    if parts.username is not None or parts.password is not None:
        raise NotAnOrg("it contains a user name or a password: use only the host name")
    if not _is_host(host) or not text.isprintable():
        raise NotAnOrg("it has no valid host: use a name like dev-123.okta.com")
    loopback = is_loopback(host)
    if not loopback and not set(host) & set(".:"):
        raise NotAnOrg("it has no domain: use a name like dev-123.okta.com")
    if parts.scheme not in ("http", "https"):
        raise NotAnOrg(f"{parts.scheme}:// is not supported: use https://")
    if parts.scheme == "http" and not loopback:
        raise NotAnOrg("http:// would send the API token unencrypted: use https://")
    if admin := ADMIN_HOST.fullmatch(host):
        host = "".join(admin.groups())
    bracketed = f"[{host}]" if ":" in host else host
    default_port = 443 if parts.scheme == "https" else 80
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    return Org(f"{parts.scheme}://{bracketed}{port}")


def _is_host(host: str) -> bool:
    if ":" not in host:
        return _HOST.fullmatch(host) is not None
    try:
        return ipaddress.IPv6Address(host).scope_id is None
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Return whether ``host`` (no brackets, no port) is a loopback address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str) -> SplitResult:
    bare = "://" not in text
    try:
        parts = urlsplit(f"https://{text}" if bare else text)
        _ = parts.port  # raises ValueError if it is invalid
    except ValueError as error:
        raise NotAnOrg(f"it is not a valid address: {error}") from None
    return parts._replace(scheme="http") if bare and is_loopback(parts.hostname or "") else parts
