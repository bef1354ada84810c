"""Call the org without a credential, and explain why it does not answer."""

from urllib.parse import urlsplit

from okhook.errors import Unavailable
from okhook.http.client import (
    Answer,
    EnvironmentFault,
    HttpClient,
    HttpError,
    NameNotFound,
    TlsFailed,
)
from okhook.okta.answers import envelope_of, not_okta
from okhook.wire.org import Org

_PATH = "/api/v1/eventHooks"


async def call_org(http: HttpClient, org: Org, proxy: str | None, *, timeout_s: float) -> Answer:
    """Call the org without a credential, and return its answer: the refusal that Okta gives.

    Raises:
        Unavailable: no answer, with the cause (DNS, TLS, connection), or an answer not from Okta.
    """
    try:
        answer = await http.send("GET", f"{org.url}{_PATH}", timeout_s=timeout_s)
    except HttpError as error:
        through = f"through the proxy {proxy}" if proxy else "without a proxy"
        raise Unavailable(
            f"{org.host} cannot be reached {through}: {error.fault}",
            why=error.reason,
            next_step=_what_to_do(org, error, proxy),
        ) from error
    if answer.header("x-okta-request-id") is None and envelope_of(answer, str) is None:
        raise not_okta(answer, f"GET {_PATH}", str)
    return answer


def _what_to_do(org: Org, error: HttpError, proxy: str | None) -> str:
    if isinstance(error, EnvironmentFault):
        return "correct or unset it"
    if isinstance(error, TlsFailed):
        return "set SSL_CERT_FILE to the file of your company's certificate authority"
    if proxy is not None:
        return f"check the proxy {proxy}, set by HTTPS_PROXY or ALL_PROXY; NO_PROXY bypasses it"
    if org.is_loopback:
        return f"start it with `okhook sandbox --port {urlsplit(org.url).port or 80}`"
    if isinstance(error, NameNotFound):
        return "check the org's address, and whether a VPN or a proxy (HTTPS_PROXY) is needed"
    return "check the network, and whether a VPN or a proxy (HTTPS_PROXY) is needed"
