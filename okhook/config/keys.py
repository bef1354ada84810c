"""The settings there are: one name for the flag, the variable and the line in a file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """A setting. ``port`` is ``--port``, ``OKHOOK_PORT`` and ``port = 1337`` in a settings file.

    The value of a ``secret`` one is never shown.
    """

    name: str
    meaning: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"OKHOOK_{self.name.upper()}"

    @property
    def flag(self) -> str:
        """The flag that sets it."""
        return f"--{self.name.replace('_', '-')}"


KEYS = (
    Key("output", "how results are written: text or json"),
    Key("quiet", "leave out notes and progress"),
    Key("org", "the Okta org: dev-123.okta.com, a URL, or sandbox"),
    Key("test_orgs", "orgs that `okhook trigger` may write to without asking; never a flag"),
    Key("token", "the org's SSWS API token; never a flag", secret=True),
    Key("client_id", "client id of the org's OAuth service app, instead of a token; never a flag"),
    Key("private_key_file", "file with the app's private key, a JWK or a PEM; never a flag"),
    Key("key_id", "id (kid) of that key, where the JWK does not have it; never a flag"),
    Key("scopes", "scopes that may be asked for, instead of any that is needed; never a flag"),
    Key("host", "address the receiver listens on"),
    Key("port", "port the receiver listens on"),
    Key("path", "path of the hook on the receiver"),
    Key("auth_field", "header that carries the hook's secret"),
    Key("auth_secret", "value of that header", secret=True),
    Key("auth_secret_file", "file that holds that value"),
    Key("basic_auth", "USER:PASSWORD, for HTTP Basic in the Authorization header", secret=True),
    Key("url", "public URL of the hook, when no tunnel of ours gives one"),
    Key("name", "name of the event hook in the org"),
    Key("description", "description of the event hook in the org"),
    Key("event", "event types the hook subscribes to"),
    Key("wait", "seconds to keep trying to verify"),
    Key("hookdeck", "path of the hookdeck binary"),
    Key("source", "name of the Hookdeck source"),
    Key("timeout", "seconds to wait for the tunnel's webhook URL"),
    Key("public_url", "public URL for `okhook up` instead of a tunnel"),
    Key("sandbox_port", "port of the sandbox org"),
    Key("sandbox_token", "API token of the sandbox org", secret=True),
    Key("sandbox_batch_window", "seconds in which the sandbox gathers events into one delivery"),
    Key("sandbox_delay", "seconds that pass before the sandbox sends a delivery"),
    Key("sandbox_data", "file that keeps the sandbox org across restarts"),
    Key("sandbox_rate_limit", "calls a minute that the sandbox takes of each endpoint"),
    Key("sandbox_service_app", "service apps of the sandbox: CLIENT_ID=PUBLIC_KEY_FILE"),
    Key("sandbox_grant", "scopes granted to them: CLIENT_ID=SCOPE; all of them where none is"),
    Key("sandbox_no_dpop", "client ids of service apps that need no DPoP proof"),
    Key(
        "sandbox_fault", "answers that the sandbox spoils: KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]"
    ),
    Key("forward_to", "apps that deliveries are forwarded to"),
    Key("retries", "how often a delivery that an app did not take is tried again"),
    Key("forward_timeout", "seconds that an app may take to answer"),
    Key("concurrency", "deliveries on their way to one app at a time"),
    Key("to", "URL that samples are sent to"),
    Key("check_timeout", "seconds that each check of `okhook doctor` may take"),
)

_BY_NAME = {key.name: key for key in KEYS}


def key_named(name: str) -> Key:
    """Return the key called ``name``; asking for one that is not declared is a bug of ours."""
    return _BY_NAME[name]


def is_key(name: str) -> bool:
    """Tell whether there is such a setting."""
    return name in _BY_NAME
