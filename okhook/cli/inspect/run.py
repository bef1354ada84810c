"""Run the inspector: for ``okhook inspect`` alone, and beside a receiver."""

import webbrowser
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import anyio
from rich.text import Text

from okhook.activity import Activity
from okhook.cli.context import Context
from okhook.inspector.access import Signer, inspector_key, link_to
from okhook.inspector.actions import Actions
from okhook.inspector.running import HOST, InspectorConfig, inspecting
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import InspectorRun, ReceiverRun
from okhook.runtime.shutdown import run_fast
from okhook.secret import HookAuth, Secret


class InspectorReady(Activity):
    """The inspector can be opened. Only people see ``link``, which works once."""

    type = "inspector"
    json_fields = "inspector_url"
    inspector_url: str
    link: Secret


def inspect_and_show(ctx: Context, *, open_: bool) -> None:
    """Serve the inspector until Ctrl-C; if one runs already, give a new link to that one."""
    running = ctx.run_directory.running(InspectorRun)
    if running:
        signer = Signer(inspector_key(ctx.state), running[0].port)
        _show(ctx, link_to(HOST, signer, utc_now()), open_=open_)
        return

    async def serve() -> None:
        async with inspector_of(ctx, ctx.hook_auth()) as link:
            _show(ctx, link, open_=open_)
            ctx.console.note("press Ctrl-C to stop")
            await anyio.sleep_forever()

    run_fast(lambda _: serve())


@asynccontextmanager
async def inspector_of(ctx: Context, auth: HookAuth | None) -> AsyncIterator[str]:
    """Serve the inspector during the block, which gets a link that works once."""

    def receiver_url() -> str | None:
        receivers = ctx.run_directory.running(ReceiverRun)
        return receivers[0].url if receivers else None

    settings = ctx.settings
    actions = Actions(ctx.store_file, receiver_url, utc_now, auth, settings.forward_timeout.value)
    config = InspectorConfig(settings.inspector_port.value)
    async with inspecting(config, actions, ctx.run_directory) as link:
        yield link


def _show(ctx: Context, link: str, *, open_: bool) -> None:
    parts = urlsplit(link)
    ready = InspectorReady(f"{parts.scheme}://{parts.netloc}{parts.path}", Secret(link))
    ctx.console.show(ready, render_inspector)
    if open_ and not webbrowser.open(link):
        ctx.console.warn("could not open a browser: paste the link into the address bar")


def render_inspector(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``. Other activities have none."""
    if isinstance(activity, InspectorReady):
        yield Text.assemble(("inspector ", "bold"), (activity.link.reveal(), "cyan"))
