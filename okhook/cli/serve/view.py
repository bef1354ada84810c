"""How ``okhook serve`` looks: what comes in, and what goes on to the app."""

from collections.abc import Iterable
from typing import final

from rich.text import Text

from okhook.activity import Activity
from okhook.cli.console import Console
from okhook.cli.views.event import ReceiverRenderer
from okhook.cli.views.forward import ForwardRenderer


@final
class ServeRenderer:
    """Turns the activities of receiver and forwarders into lines."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._receiver = ReceiverRenderer(verbose=verbose)
        self._forward = ForwardRenderer(console)

    def __call__(self, activity: Activity) -> Iterable[Text]:
        """Return the lines of ``activity``."""
        yield from self._receiver(activity)
        yield from self._forward(activity)
