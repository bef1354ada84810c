"""Every setting: its name, type, default and range, its meaning in the manual, and its flag.

A flag beats a variable, a variable beats ``./okhook.toml``, that beats the user's own file, and
that beats the default.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, final

from okhook.config.declaration import (
    Declaration,
    integer,
    one_of,
    optional_secret,
    optional_text,
    seconds,
    switch,
    text,
    texts,
    url_path,
)
from okhook.config.setting import DEFAULT, Flag, Layered, Setting
from okhook.wire.event_types import DEFAULT_EVENT_TYPE

_SECRET = "Secret"  # noqa: S105 - a panel of --help
_HOOK = "Hook"
_TUNNEL = "Tunnel"
_FORWARD = "Forward"
_SANDBOX = "Sandbox"
_APPS = "OAuth service apps"


class Output(StrEnum):
    """How a command writes its results."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting as a person may see it. ``value`` is None for a secret."""

    name: str
    value: str | None
    origin: str


@final
class Settings(Layered):
    """The settings of one command: ``settings.port`` has the value and where it came from.

    Reading a value of the wrong type or out of range raises ``InvalidInput`` for a flag and
    ``ConfigurationError`` for a variable or a file.
    """

    output = one_of(
        "how results are written: text or json",
        Flag("Write results as text, or as JSON lines."),
        default=Output.TEXT,
    )
    quiet = switch("leave out notes and progress", Flag(short="-q"))

    org = optional_text(
        "the Okta org: dev-123.okta.com, a URL, or sandbox",
        Flag("The org: dev-123.okta.com, a URL, or sandbox."),
    )
    test_orgs = texts("orgs that `okhook trigger` may write to without asking; never a flag")
    token = optional_secret("the org's SSWS API token; never a flag")
    client_id = optional_text(
        "client id of the org's OAuth service app, instead of a token; never a flag"
    )
    private_key_file = optional_text(
        "file with the app's private key, a JWK or a PEM; never a flag"
    )
    key_id = optional_text("id (kid) of that key, where the JWK does not have it; never a flag")
    scopes = texts("scopes that may be asked for, instead of any that is needed; never a flag")

    host = text(
        "address the receiver listens on", Flag("Address to listen on."), default="127.0.0.1"
    )
    port = integer(
        "port the receiver listens on",
        Flag("Port of the receiver.", short="-p"),
        default=1337,
        maximum=65535,
    )
    path = url_path(
        "path of the hook on the receiver",
        Flag("Path of the hook."),
        default="/okta-webhooks-endpoint",
    )

    auth_field = text(
        "header that carries the hook's secret", Flag(panel=_SECRET), default="Authorization"
    )
    auth_secret = optional_secret(
        "value of that header",
        Flag(
            "Value of that header. Others on this machine can read it in the process list:"
            " prefer OKHOOK_AUTH_SECRET or --auth-secret-file.",
            panel=_SECRET,
        ),
    )
    auth_secret_file = optional_text("file that holds that value", Flag(panel=_SECRET))
    basic_auth = optional_secret(
        "USER:PASSWORD, for HTTP Basic in the Authorization header",
        Flag(
            "HTTP Basic in the Authorization header; better set as OKHOOK_BASIC_AUTH.",
            metavar="USER:PASSWORD",
            panel=_SECRET,
        ),
    )

    url = optional_text(
        "public URL of the hook, when no tunnel of ours gives one", Flag("URL that the org calls.")
    )
    name = optional_text(
        "name of the event hook in the org",
        Flag("Name of the hook in the org.", panel=_HOOK, shown_default="okhook USER@HOST"),
    )
    description = optional_text(
        "description of the event hook in the org",
        Flag("Description of the hook in the org.", panel=_HOOK),
    )
    event = texts(
        "event types the hook subscribes to",
        Flag("Event type to subscribe to; repeat it for more.", metavar="TYPE", panel=_HOOK),
        default=(DEFAULT_EVENT_TYPE,),
    )
    wait = seconds(
        "seconds to keep trying to verify",
        Flag(
            "How long to keep trying to verify, while the endpoint comes up.",
            metavar="TIME",
            panel=_HOOK,
        ),
        default=30,
    )

    hookdeck = optional_text(
        "path of the hookdeck binary", Flag(panel=_TUNNEL, shown_default="on PATH, else by npx")
    )
    source = text("name of the Hookdeck source", Flag(panel=_TUNNEL), default="okta")
    timeout = seconds(
        "seconds to wait for the tunnel's webhook URL",
        Flag("How long to wait for the webhook URL.", metavar="TIME", panel=_TUNNEL),
        default=60,
    )
    public_url = optional_text(
        "public URL for `okhook up` instead of a tunnel",
        Flag("URL that leads to the receiver: no tunnel is started.", metavar="URL", panel=_TUNNEL),
    )

    sandbox_port = integer(
        "port of the sandbox org",
        Flag("Port of the org.", panel=_SANDBOX),
        default=8137,
        maximum=65535,
    )
    sandbox_token = optional_secret(
        "API token of the sandbox org",
        Flag(
            "API token of the org. Others on this machine can read it in the process list:"
            " prefer OKHOOK_SANDBOX_TOKEN.",
            panel=_SANDBOX,
            shown_default="generated",
        ),
    )
    sandbox_batch_window = seconds(
        "seconds in which the sandbox gathers events into one delivery",
        Flag("How long events are gathered into one delivery.", metavar="TIME", panel=_SANDBOX),
        default=0.05,
    )
    sandbox_delay = seconds(
        "seconds that pass before the sandbox sends a delivery",
        Flag("How long it takes until a delivery is sent.", metavar="TIME", panel=_SANDBOX),
        default=0,
    )
    sandbox_data = optional_text(
        "file that keeps the sandbox org across restarts",
        Flag(
            "File that keeps the org across restarts; secrets are left out.",
            panel=_SANDBOX,
            shown_default="kept in memory",
        ),
    )
    sandbox_rate_limit = integer(
        "calls a minute that the sandbox takes of each endpoint",
        Flag("Calls a minute of each endpoint before 429.", panel=_SANDBOX),
        default=600,
        minimum=1,
    )
    sandbox_service_app = texts(
        "service apps of the sandbox: CLIENT_ID=PUBLIC_KEY_FILE",
        Flag(
            "OAuth service app, with the file of its public key (JWK or PEM); repeat it for more.",
            metavar="CLIENT_ID=FILE",
            panel=_APPS,
        ),
    )
    sandbox_grant = texts(
        "scopes granted to them: CLIENT_ID=SCOPE; all of them where none is",
        Flag(
            "Scope that the app was granted; repeat it for more.",
            metavar="CLIENT_ID=SCOPE",
            panel=_APPS,
            shown_default="all that there are",
        ),
    )
    sandbox_no_dpop = texts(
        "client ids of service apps that need no DPoP proof",
        Flag(
            "Let the app do without DPoP: its token is a bearer token.",
            metavar="CLIENT_ID",
            panel=_APPS,
        ),
    )
    sandbox_fault = texts(
        "answers that the sandbox spoils: KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]",
        Flag(
            "Spoil the next answers: 429, 500, slow, cut or next-loop; repeat it for more.",
            metavar="KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]",
            panel=_SANDBOX,
            shown_default="none",
        ),
    )

    forward_to = texts(
        "apps that deliveries are forwarded to",
        Flag(
            "App that gets every delivery, from the store; repeat it for more.",
            metavar="URL",
            panel=_FORWARD,
        ),
    )
    retries = integer(
        "how often a delivery that an app did not take is tried again",
        Flag(
            "How often a delivery that failed is tried again, before it is kept as failed.",
            panel=_FORWARD,
        ),
        default=15,  # the last one comes about 50 minutes after the first
        maximum=10_000,
    )
    forward_timeout = seconds(
        "seconds that an app may take to answer",
        Flag("How long the app may take to answer.", metavar="TIME", panel=_FORWARD),
        default=10,
    )
    concurrency = integer(
        "deliveries on their way to one app at a time",
        Flag(panel=_FORWARD),
        default=1,
        minimum=1,
        maximum=1000,
    )

    to = optional_text(
        "URL that samples are sent to",
        Flag("Where to send it.", metavar="URL", shown_default="the running receiver"),
    )
    check_timeout = seconds(
        "seconds that each check of `okhook doctor` may take",
        Flag("How long each check may take.", metavar="TIME"),
        default=10,
    )

    @property
    def hook_name(self) -> Setting[str]:
        """The setting ``name``, or a name made of this user and this machine."""
        return self.name or Setting(own_hook_name(), DEFAULT)

    def shown(self) -> list[ShownSetting]:
        """Return every setting that is set somewhere, to be shown."""
        found = [(declared, self.found(name)) for name, declared in declared_settings().items()]
        return [
            ShownSetting(
                declared.name,
                None if declared.is_secret else _as_text(setting.value),
                setting.origin,
            )
            for declared, setting in found
            if setting is not None
        ]


def declared_settings() -> dict[str, Declaration[Any]]:
    """Return what is declared, by name, in the order of the manual."""
    return {
        name: declared
        for name, declared in vars(Settings).items()
        if isinstance(declared, Declaration)
    }


def own_hook_name() -> str:
    """Return the name that a hook gets by itself, so that colleagues in one org keep apart."""
    import getpass
    import os
    import socket

    from okhook.text import plain

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return plain(f"okhook {user}@{socket.gethostname()}", limit=200)


def _as_text(value: object) -> str:
    """Return a value as it is spelled in a settings file, but for quotes and brackets."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
