"""Which org is meant, and which token goes with it.

A place that names an org beside its token (the SDKs' variables, Terraform's, ``okta.yaml``, our own
variables and files) speaks for that org alone. A token that is for another org is never used,
however many other places are empty. A place that names no org goes with any.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from okhook.config.layers import Layer
from okhook.config.okta_tools import OktaTool
from okhook.config.settings import Setting
from okhook.errors import ConfigurationError, CredentialsError, InvalidInput
from okhook.okta.credential import SswsCredential
from okhook.org import NotAnOrg, Org, parse_org
from okhook.runtime.run_files import RunRecord
from okhook.secret import Secret

SANDBOX = "sandbox"
"""The org that ``okhook sandbox`` runs on this machine."""


@dataclass(frozen=True, slots=True)
class TokenSource:
    """A token, where it stands, and the org that stands beside it, if one does."""

    token: Secret
    origin: str
    org: str | None
    org_origin: str | None = None


def choose_org(
    setting: Setting[str] | None, tools: Sequence[OktaTool], sandboxes: Sequence[RunRecord]
) -> Setting[Org]:
    """Return the org that is meant: by ``--org`` or its settings, else by Okta's own tools.

    Raises:
        InvalidInput: what the flag says is no org, or there is no sandbox, or there are several.
        ConfigurationError: the same from another place, or none is set anywhere.

    """
    if setting is None:
        setting = next(
            (Setting(tool.org, tool.org_origin or "") for tool in tools if tool.org), None
        )
    if setting is None:
        raise ConfigurationError(
            "no org is set",
            next_step="name it with --org, OKHOOK_ORG, or org in okhook.toml;"
            " `okhook up --sandbox` needs none",
        )
    fault = InvalidInput if setting.from_flag else ConfigurationError
    if setting.value.strip().lower() == SANDBOX:
        return Setting(_the_sandbox(sandboxes, fault), setting.origin)
    try:
        return Setting(parse_org(setting.value), setting.origin)
    except NotAnOrg as error:
        raise fault(f"{setting.origin} is not an Okta org", why=str(error)) from None


def token_sources(
    layers: Sequence[Layer], tools: Sequence[OktaTool], sandboxes: Sequence[RunRecord]
) -> list[TokenSource]:
    """Return every token there is, strongest first; a running sandbox knows its own best.

    Raises:
        ConfigurationError: a token that is not text.

    """
    return [*_of_sandboxes(sandboxes), *_of_layers(layers), *_of_tools(tools)]


def credential_for(
    org: Org, sources: Sequence[TokenSource], sandboxes: Sequence[RunRecord]
) -> SswsCredential:
    """Return the strongest token that is for ``org``, or for no org in particular.

    Raises:
        CredentialsError: there is none, or it cannot be one.

    """
    for source in sources:
        if source.org is None or _same_org(source.org, org, sandboxes):
            return SswsCredential(_checked(source), source.origin)
    others = [f"{source.origin} is for {source.org}" for source in sources]
    raise CredentialsError(
        f"there is no API token for {org.host}",
        why="\n".join(others) or None,
        next_step="set OKHOOK_TOKEN, with OKHOOK_ORG beside it; or OKTA_CLIENT_TOKEN with"
        " OKTA_CLIENT_ORGURL; or token and org in okhook.toml",
    )


def _the_sandbox(
    sandboxes: Sequence[RunRecord], fault: Callable[..., ConfigurationError | InvalidInput]
) -> Org:
    addresses = [url for url in map(_org_url, sandboxes) if url is not None]
    if not addresses:
        raise fault("no sandbox is running", next_step="start one: okhook sandbox")
    if len(addresses) > 1:
        raise fault(
            f"{len(addresses)} sandboxes are running",
            why="\n".join(addresses),
            next_step="name one by its URL: --org URL",
        )
    return parse_org(addresses[0])


def _of_sandboxes(sandboxes: Sequence[RunRecord]) -> Iterator[TokenSource]:
    for record in sandboxes:
        url, token = _org_url(record), record.facts.get("token")
        if url is not None and isinstance(token, str) and token:
            yield TokenSource(Secret(token), "the running sandbox", url)


def _of_layers(layers: Sequence[Layer]) -> Iterator[TokenSource]:
    for layer in layers:
        token, org = layer.values.get("token"), layer.values.get("org")
        if token is None:
            continue
        origin = layer.origins["token"]
        if not isinstance(token, str) or not token:
            raise ConfigurationError(f"{origin} must be text that is not empty")
        named = org if isinstance(org, str) and org else None
        yield TokenSource(Secret(token), origin, named, layer.origins.get("org"))


def _of_tools(tools: Sequence[OktaTool]) -> Iterator[TokenSource]:
    for tool in tools:
        if tool.token is not None:
            yield TokenSource(tool.token, tool.token_origin or "", tool.org, tool.org_origin)


def _same_org(named: str, org: Org, sandboxes: Sequence[RunRecord]) -> bool:
    if named.strip().lower() == SANDBOX:
        return any(_is_at(record, org) for record in sandboxes)
    try:
        return _same(parse_org(named), org)
    except NotAnOrg:
        return False


def _is_at(record: RunRecord, org: Org) -> bool:
    url = _org_url(record)
    return url is not None and _same(parse_org(url), org)


def _same(one: Org, other: Org) -> bool:
    """Tell whether two orgs are one; on this machine the port alone tells sandboxes apart."""
    if one.is_loopback and other.is_loopback:
        return urlsplit(one.url).port == urlsplit(other.url).port
    return one == other


def _org_url(record: RunRecord) -> str | None:
    """Return the address in a sandbox's run file, where it is one on this machine."""
    url = record.facts.get("org_url")
    try:
        return url if isinstance(url, str) and parse_org(url).is_loopback else None
    except NotAnOrg:
        return None


def _checked(source: TokenSource) -> Secret:
    """Return the token without the scheme that people paste with it."""
    text = source.token.reveal().strip()
    scheme, _, rest = text.partition(" ")
    if scheme.upper() == "SSWS":
        text = rest.strip()
    if not text or text.startswith(("{", "<")):
        raise CredentialsError(
            f"the token from {source.origin} is still a placeholder",
            next_step="make one in the Admin Console under Security → API → Tokens",
        )
    if not text.isascii() or not text.isprintable() or " " in text:
        raise CredentialsError(
            f"the token from {source.origin} holds characters that no token has",
            next_step="copy it again: it is letters, digits, - and _",
        )
    return Secret(text)
