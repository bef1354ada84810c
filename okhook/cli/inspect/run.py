"""Run the inspector: for ``okhook inspect`` alone, and beside a receiver."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

import anyio
from rich.text import Text

from okhook.activity import Activity, Warned
from okhook.cli.context import Context
from okhook.cli.targets import login_for
from okhook.errors import PortInUse
from okhook.inspector.access import Signer, inspector_key, link_to, without_token
from okhook.runtime.detaching import DETACHED
from okhook.runtime.hub import ActivityHub
from okhook.runtime.ids import utc_now
from okhook.runtime.run_files import InspectorRun
from okhook.runtime.shutdown import run_fast
from okhook.secret import HookAuth, Secret


class InspectorReady(Activity):
    """The inspector can be opened. Only people see ``link``, which works once.

    In the background there is none: a log must not hold one.
    """

    type = "inspector"
    json_fields = "inspector_url"
    inspector_url: str
    link: Secret | None


def inspect_and_show(ctx: Context, *, open_: bool, seq: int | None = None) -> None:
    """Serve the inspector until Ctrl-C; if one of the store runs, give a new link to that one."""
    running = [run for run in ctx.run_directory.running(InspectorRun) if run.shows(ctx.store)]
    if running:
        signer = Signer(inspector_key(ctx.state), running[0].port)
        ctx.console.show(_ready(link_to(signer, utc_now()), seq, open_=open_), render_inspector)
        return

    async def serve() -> None:
        async with _inspector(ctx, ctx.hook_auth(), ActivityHub()) as link:
            ctx.console.show(_ready(link, seq, open_=open_), render_inspector)
            ctx.console.note("press Ctrl-C to stop")
            await anyio.sleep_forever()

    run_fast(lambda _: serve())


@asynccontextmanager
async def inspector_beside(
    ctx: Context, auth: HookAuth | None, hub: ActivityHub, *, open_: bool
) -> AsyncIterator[None]:
    """Serve the inspector beside a receiver with the secret ``auth``, unless it is switched off."""
    async with AsyncExitStack() as held:
        if not ctx.settings.no_inspector.value:
            try:
                link = await held.enter_async_context(_inspector(ctx, auth, hub))
            except PortInUse as error:
                hub.publish(Warned(f"no inspector: {error.what}"))
            else:
                ready = _ready(link, open_=open_)
                hub.publish(replace(ready, link=None) if DETACHED in ctx.environ else ready)
        yield


def _inspector(
    ctx: Context, auth: HookAuth | None, hub: ActivityHub
) -> AbstractAsyncContextManager[str]:
    """Serve the inspector during the block, which gets a link that works once."""
    from okhook.inspector.actions import Actions
    from okhook.inspector.running import inspecting

    settings = ctx.settings
    timeout_s = settings.forward_timeout.value
    actions = Actions(
        ctx.store, ctx.run_directory, utc_now, auth, timeout_s, partial(login_for, settings)
    )
    return inspecting(settings.inspector_port.value, actions, hub)


def _ready(link: str, seq: int | None = None, *, open_: bool) -> InspectorReady:
    """Return that the inspector can be opened, at a delivery; with ``open_``, open it."""
    if seq is not None:
        link = f"{link}&seq={seq}"
    if open_:
        import webbrowser

        webbrowser.open(link)
    return InspectorReady(without_token(link), Secret(link))


def render_inspector(activity: Activity) -> Iterable[Text]:
    """Return the lines of ``activity``. Other activities have none."""
    if isinstance(activity, InspectorReady):
        shown = activity.link.reveal() if activity.link else activity.inspector_url
        yield Text.assemble(("inspector ", "bold"), (shown, "cyan"))
