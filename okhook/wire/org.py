"""An Okta org's address, normalised from what people paste."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_OKTA_DOMAINS = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil")
_PLACEHOLDER = re.compile(r"[{}<>]|yourOktaDomain", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")


class NotAnOrg(ValueError):
    """The text is not the address of an org; the message says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Org:
    """An Okta tenant, real or sandbox. ``url`` is its origin: scheme, host, port, no slash."""

    url: str

    @property
    def host(self) -> str:
        """Host with the port where it is not the scheme's own."""
        return urlsplit(self.url).netloc

    @property
    def is_loopback(self) -> bool:
        """Whether the org lives on this machine, as a sandbox does."""
        return is_loopback(urlsplit(self.url).hostname or "")


def parse_org(text: str) -> Org:
    """Return the org that ``text`` names.

    Takes ``dev-123.okta.com``, a full URL with any path, and ``dev-123-admin.okta.com``, which is
    the address of the Admin Console, not of the API, and is normalised to the org's own.

    Raises:
        NotAnOrg: a placeholder was left in, the scheme is not https (http is for loopback alone),
            there is a user name in it, or it has no host.
    """
    text = text.strip()
    if _PLACEHOLDER.search(text):
        raise NotAnOrg(
            "it still holds a placeholder: write your org's own domain, as in dev-123.okta.com"
        )
    parts = _split(text)
    host = (parts.hostname or "").rstrip(".")
    if parts.username is not None or parts.password is not None:
        raise NotAnOrg("it holds a user name or a password: write the host alone")
    if not _is_host(host) or not text.isprintable():
        raise NotAnOrg("there is no host in it: write it like dev-123.okta.com")
    loopback = is_loopback(host)
    if not loopback and not set(host) & set(".:"):
        raise NotAnOrg("its domain is missing: write it like dev-123.okta.com")
    if parts.scheme not in ("http", "https"):
        raise NotAnOrg(f"{parts.scheme}:// is not https://")
    if parts.scheme == "http" and not loopback:
        raise NotAnOrg("http:// would send the API token in the clear: write https://")
    host = _without_admin(host)
    bracketed = f"[{host}]" if ":" in host else host
    default_port = 443 if parts.scheme == "https" else 80
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    return Org(f"{parts.scheme}://{bracketed}{port}")


def _is_host(host: str) -> bool:
    """Tell whether ``host`` is a name in ASCII (``xn--`` for others) or an address."""
    if ":" not in host:
        return _HOST.fullmatch(host) is not None
    try:
        return bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` (no brackets, no port) is this machine's loopback."""
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
        _ = parts.port  # raises for one that is out of range
    except ValueError as error:
        raise NotAnOrg(f"it is not an address: {error}") from None
    return parts._replace(scheme="http") if bare and is_loopback(parts.hostname or "") else parts


def _without_admin(host: str) -> str:
    """Turn the Admin Console's host into the org's: ``x-admin.okta.com`` → ``x.okta.com``."""
    name, _, domain = host.partition(".")
    if domain in _OKTA_DOMAINS and name.endswith("-admin"):
        return f"{name.removesuffix('-admin')}.{domain}"
    return host
