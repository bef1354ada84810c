"""The settings of the sandbox org."""

from okhook.config.in_project import InProject
from okhook.config.kinds import integer, names, optional_secret, optional_text, seconds, text
from okhook.config.setting import Flag, Layered


class SandboxSettings(Layered):
    """The settings of ``okhook sandbox``, which every command reads with the others."""

    sandbox_host = text(
        "address that `okhook sandbox` listens on",
        Flag("Address to listen on", metavar="ADDRESS"),
        default="127.0.0.1",
    )
    sandbox_port = integer(
        "port of the sandbox org", Flag(metavar="PORT"), default=8137, maximum=65535
    )
    sandbox_token = optional_secret(
        "API token of the sandbox org",
        Flag(
            "API token, visible in the process list; OKHOOK_SANDBOX_TOKEN is safer",
            metavar="TOKEN",
            shown_default="generated",
        ),
    )
    sandbox_batch_window = seconds(
        "seconds in which the sandbox collects events into one delivery",
        Flag("How long to collect events for a delivery", metavar="DURATION"),
        default=0.05,
    )
    sandbox_delay = seconds(
        "seconds that the sandbox waits before each delivery",
        Flag("How long to wait before each delivery", metavar="DURATION"),
        default=0,
    )
    sandbox_data = optional_text(
        "file that keeps the sandbox org across restarts",
        Flag(
            "Keep users, hooks and log in this file, without secrets",
            metavar="FILE",
            shown_default="memory only",
        ),
        in_project=InProject.ASKED_IF_OUTSIDE,
    )
    sandbox_rate_limit = integer(
        "calls per minute that the sandbox accepts at each endpoint",
        Flag("Calls per minute and endpoint before it returns 429", metavar="N"),
        default=600,
        minimum=1,
        maximum=1_000_000,
    )
    sandbox_service_app = names(
        "service apps of the sandbox: CLIENT_ID=PUBLIC_KEY_FILE",
        Flag(
            "OAuth service app and its public key (JWK or PEM); repeat for more",
            metavar="CLIENT_ID=FILE",
        ),
    )
    sandbox_grant = names(
        "scopes granted to a service app: CLIENT_ID=SCOPE; by default it has all",
        Flag(
            "Scope that an app may use; repeat for more",
            metavar="CLIENT_ID=SCOPE",
            shown_default="every scope",
        ),
    )
    sandbox_no_dpop = names(
        "client IDs of service apps that need no DPoP proof",
        Flag("App that needs no DPoP proof; repeat for more", metavar="CLIENT_ID"),
    )
    sandbox_fault = names(
        "faults in the sandbox's responses: KIND[=SECONDS][:COUNT][@[METHOD]PREFIX]",
        Flag(
            "Make calls fail on purpose: 429, 500, slow, cut or next-loop, such as slow=5:2@/api;"
            " repeat for more",
            metavar="FAULT",
        ),
    )
