"""All settings: name, type, default, range, meaning and flag.

From strongest to weakest: flag, variable, ``./okhook.toml``, the user's file, default.
"""

from enum import StrEnum
from typing import Any

from okhook.config.declaration import Declaration
from okhook.config.in_project import InProject
from okhook.config.kinds import (
    free_text,
    integer,
    lines,
    names,
    one_of,
    optional_address,
    optional_secret,
    optional_text,
    seconds,
    store_location,
    switch,
    text,
    url_path,
    webhook_url,
)
from okhook.config.sandbox_settings import SandboxSettings
from okhook.config.setting import Flag
from okhook.wire.event_types import DEFAULT_EVENT_TYPE
from okhook.wire.target_url import without_logins


class Output(StrEnum):
    """How a command writes its results."""

    TEXT = "text"
    JSON = "json"


class ForwardFormat(StrEnum):
    """What an app gets. A stream always gets CloudEvents."""

    OKTA = "okta"
    CLOUDEVENTS = "cloudevents"


class LogFormat(StrEnum):
    """How a service writes what happens."""

    TEXT = "text"
    JSON = "json"


class Settings(SandboxSettings):
    """The settings of one command: ``settings.port`` has a value and its origin.

    Reading an invalid value raises ``InvalidInput`` for a flag, and ``ConfigurationError`` for a
    variable or a file.
    """

    output = one_of(
        "how results are written: text or json",
        Flag("Print text, or JSON lines"),
        default=Output.TEXT,
    )
    quiet = switch("do not print notes and progress", Flag(short="-q"))

    org = optional_text("the Okta org: dev-123.okta.com, a URL, or sandbox", Flag(metavar="ORG"))
    test_orgs = names(
        "orgs that `okhook trigger` may change without asking; environment or your own settings"
        " file only",
        in_project=InProject.IGNORED,
    )
    token = optional_secret("the org's SSWS API token; environment or settings file only")
    client_id = optional_text(
        "client ID of the org's OAuth service app, instead of a token; environment or settings"
        " file only"
    )
    private_key_file = optional_text(
        "file with the app's private key, a JWK or a PEM; environment or your own settings file"
        " only",
        in_project=InProject.IGNORED,
    )
    key_id = optional_text(
        "ID (kid) of that key, if the JWK does not have it; environment or settings file only"
    )
    scopes = names(
        "scopes to request, instead of those that each command needs; environment or settings file"
        " only"
    )

    host = text(
        "address that the receiver listens on",
        Flag(metavar="ADDRESS"),
        default="127.0.0.1",
        in_project=InProject.ASKED_IF_OPEN,
    )
    port = integer(
        "port that the receiver listens on",
        Flag(metavar="PORT", short="-p"),
        default=1337,
        maximum=65535,
    )
    path = url_path(
        "path of the webhook URL on the receiver",
        Flag(metavar="PATH"),
        default="/okta-webhooks-endpoint",
    )

    inspector_port = integer(
        "port of the inspector, the page that shows every delivery",
        Flag(metavar="PORT"),
        default=1338,
        maximum=65535,
    )
    no_inspector = switch("do not serve the inspector", Flag())

    store = store_location(
        "where deliveries are stored: a SQLite file, or a URL like"
        " postgresql://USER@HOST/DATABASE; not from a project's file",
        Flag(
            "Where deliveries are stored: a SQLite file, or postgresql://USER@HOST/DATABASE",
            metavar="FILE|URL",
            shown_default="store.db in OKHOOK_HOME",
        ),
    )

    admin = optional_address(
        "address and port for probes and metrics: /healthz, /readyz and /metrics",
        Flag(
            "Serve /healthz, /readyz and /metrics at this address",
            metavar="HOST:PORT",
            shown_default="off",
        ),
    )

    log_format = one_of(
        "how `okhook serve` writes what happens: text, or json for log collectors",
        Flag(
            "Write text, or one JSON record per line without personal data, for log collectors;"
            " scripts that need whole events use --output json"
        ),
        default=LogFormat.TEXT,
    )
    log_events = switch(
        "put the events into the JSON log, with names, logins and addresses", Flag()
    )

    receiver = optional_text(
        "name of the receiver; it shows and forwards only what was received under this name",
        Flag(metavar="NAME", shown_default="port and path"),
    )

    auth_field = text(
        "header that carries the hook's secret", Flag(metavar="NAME"), default="Authorization"
    )
    auth_secret = optional_secret(
        "the hook's secret: the value of that header",
        Flag(
            "The hook's secret, visible in the process list; OKHOOK_AUTH_SECRET is safer",
            metavar="VALUE",
        ),
    )
    auth_secret_file = optional_text(
        "file that holds the hook's secret; not from a project's file",
        Flag("File that holds the hook's secret", metavar="FILE"),
        in_project=InProject.IGNORED,
    )
    basic_auth = optional_secret(
        "USER:PASSWORD, for HTTP Basic in the Authorization header",
        Flag(
            "For HTTP Basic, visible in the process list; OKHOOK_BASIC_AUTH is safer",
            metavar="USER:PASSWORD",
        ),
    )

    url = webhook_url(
        "public URL of the hook, if okhook runs no tunnel for it",
        Flag("URL that Okta calls", metavar="URL"),
    )
    name = optional_text(
        "name of the event hook in the org", Flag(metavar="NAME", shown_default="okhook USER@HOST")
    )
    description = free_text("description of the event hook in the org", Flag(may_be_empty=True))
    event = names(
        "event types the hook subscribes to",
        Flag("Event types to subscribe to, separated by commas; repeat for more", metavar="TYPE"),
        default=(DEFAULT_EVENT_TYPE,),
    )
    wait = seconds(
        "seconds to keep retrying the verification",
        Flag("How long to keep retrying the verification", metavar="DURATION"),
        default=30,
    )

    hookdeck = optional_text(
        "path of the hookdeck program; not from a project's file",
        Flag(
            "Path of the hookdeck program", metavar="FILE", shown_default="from PATH, or else npx"
        ),
        in_project=InProject.IGNORED,
    )
    source = text("name of the Hookdeck source", Flag(metavar="NAME"), default="okta")
    timeout = seconds(
        "seconds to wait for the tunnel's webhook URL",
        Flag("How long to wait for the webhook URL", metavar="DURATION"),
        default=60,
    )
    prove_every = seconds(
        "seconds without a delivery after which `okhook up` sends a canary; 0 turns it off",
        Flag(
            "Send a test delivery (canary) after this long without a delivery", metavar="DURATION"
        ),
        default=1800,
    )
    public_url = webhook_url(
        "public URL for `okhook up` instead of a tunnel",
        Flag("Public URL of the receiver, instead of a tunnel", metavar="URL"),
    )

    forward_to = lines(
        "apps and streams that deliveries are forwarded to; a login in a NATS URL only from the"
        " environment or your own settings file",
        Flag("Your app or NATS stream: gets every delivery; repeat for more", metavar="URL"),
        redact=without_logins,
        in_project=InProject.ASKED_IF_ELSEWHERE,
    )
    forward_format = one_of(
        "what apps get: okta (the deliveries as Okta sent them) or cloudevents (one CloudEvents 1.0"
        " message per event)",
        Flag("Send Okta's deliveries, or one CloudEvent per event"),
        default=ForwardFormat.OKTA,
    )
    nats_credentials = optional_text(
        "file with the login for NATS: a .creds file or a seed; not from a project's file",
        Flag("Credentials file for NATS: .creds or seed", metavar="FILE"),
        in_project=InProject.IGNORED,
    )
    nats_certificate = optional_text(
        "PEM file with a client certificate and its key, for NATS servers that ask for one; not"
        " from a project's file",
        Flag("Client certificate and key for NATS: PEM", metavar="FILE"),
        in_project=InProject.IGNORED,
    )
    retries = integer(
        "how many times a failed forward is retried",
        Flag(metavar="N"),
        default=15,  # the last one comes about 50 minutes after the first
        maximum=10_000,
    )
    forward_timeout = seconds(
        "seconds that an app may take to respond",
        Flag("How long your app may take to respond", metavar="DURATION"),
        default=10,
    )
    concurrency = integer(
        "how many deliveries are sent to one app at the same time",
        Flag(metavar="N"),
        default=1,
        minimum=1,
        maximum=1000,
    )

    skip_duplicates = switch(
        "do not forward duplicates: deliveries that were received before", Flag()
    )

    to = optional_text(
        "URL that samples are sent to",
        Flag("Where to send it", metavar="URL", shown_default="the running receiver"),
        in_project=InProject.ASKED_IF_ELSEWHERE,
    )
    check_timeout = seconds(
        "seconds that each check of `okhook doctor` may take",
        Flag("How long each check may take", metavar="DURATION"),
        default=10,
    )


def declared_settings() -> dict[str, Declaration[Any]]:
    """Return all declarations by name, in the order of the manual."""
    return {
        name: declared
        for owner in (Settings, SandboxSettings)
        for name, declared in vars(owner).items()
        if isinstance(declared, Declaration)
    }
