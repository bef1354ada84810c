"""The admin port beside a receiver: for probes and metrics. It is off unless it is asked for."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from socket import socket
from urllib.parse import urlsplit

from rich.text import Text

from okhook.activity import Activity
from okhook.admin.health import Health, origin_of
from okhook.cli.context import Context
from okhook.cli.views.lines import labelled
from okhook.runtime.hub import ActivityHub


class AdminReady(Activity):
    """The admin port answers. Metrics call the ``targets`` by their numbers, from 1."""

    type = "admin"
    admin_url: str
    targets: tuple[str, ...]


@asynccontextmanager
async def admin_beside(
    ctx: Context,
    health: Health,
    targets: Sequence[str],
    *,
    command: str,
    hub: ActivityHub | None = None,
) -> AsyncIterator[AdminReady | None]:
    """Serve the admin port of ``command`` during the block, which gets None if it is off."""
    listener = _listener_of(ctx)
    if listener is None:
        yield None
        return
    from okhook.admin.metrics import INSTALL, has_metrics
    from okhook.admin.running import administered
    from okhook.runtime.run_files import AdminRun
    from okhook.runtime.sockets import port_of, url_of

    ready = AdminReady(url_of(listener), tuple(map(origin_of, targets)))
    if not has_metrics():
        ctx.console.note(f"/metrics is off; to turn it on, run: {INSTALL}")
    run = AdminRun(ready.admin_url, port_of(listener), command)
    with ctx.run_directory.noted(AdminRun.name(urlsplit(run.url).netloc), run):
        async with administered(health, listener, hub):
            yield ready


def _listener_of(ctx: Context) -> socket | None:
    """Return the socket of the service manager, else one on the address that was asked for."""
    asked, passed = ctx.settings.admin, ctx.service.listener(admin=True)
    if passed is not None or asked is None:
        return passed
    from okhook.runtime.sockets import listen

    address, runs = asked.value, ctx.run_directory
    return listen(address.host, address.port, flag="--admin", runs=runs)


def render_admin(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``. Other activities have none."""
    if isinstance(activity, AdminReady):
        yield Text.assemble(
            ("admin     ", "bold"),
            (activity.admin_url, "cyan"),
            ("  /healthz /readyz /metrics", "dim"),
        )
        for number, target in enumerate(activity.targets, 1):
            yield labelled(f"target {number}", target, width=10)
