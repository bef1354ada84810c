"""The URL that a hook gets when none is named: the running tunnel's."""

from collections.abc import Sequence

from okhook.display import plain
from okhook.errors import InvalidInput
from okhook.runtime.run_files import RunRecord


def tunnel_urls(tunnels: Sequence[RunRecord]) -> list[str]:
    """Return the webhook URLs that the running tunnels have written down."""
    urls = (tunnel.facts.get("webhook_url") for tunnel in tunnels)
    return [url for url in urls if isinstance(url, str) and url]


def the_tunnels_url(tunnels: Sequence[RunRecord]) -> str:
    """Return the webhook URL of the one tunnel that runs.

    Raises:
        InvalidInput: there is none, or there are several.

    """
    urls = tunnel_urls(tunnels)
    if len(urls) == 1:
        return urls[0]
    if urls:
        raise InvalidInput(
            f"{len(urls)} tunnels are running",
            why="\n".join(plain(url, limit=200) for url in urls),
            next_step="name the one that is meant with --url",
        )
    raise InvalidInput(
        "no URL is given, and no tunnel is running",
        next_step="name one with --url, or start a tunnel in another terminal: okhook tunnel",
    )
