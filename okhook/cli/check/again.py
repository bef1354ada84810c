"""Write the command that runs a case again."""

import re
import shlex
from collections.abc import Iterator
from typing import Final

from okhook.check.case import Case, Group, Need
from okhook.check.results import Again, CaseResult
from okhook.check.target import Target
from okhook.cli.check.command import CheckFlags
from okhook.cli.context import Context
from okhook.cli.remedies import with_flags
from okhook.okta.answers import without_secrets
from okhook.secret import HIDDEN
from okhook.wire.url import without_credentials

_PASSWORD: Final = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")


def case_again(ctx: Context, target: Target, flags: CheckFlags) -> Again:
    """Return a function that writes the command, with the flags that the case needs.

    It has no secret: not the hook's, and none in a URL.
    """
    secrets = () if target.traffic.auth is None else (target.traffic.auth.secret,)

    def again(result: CaseResult) -> str | None:
        case = result.case
        if result.shown is None:
            return None
        words = ("okhook", "check", target.url, "--only", case.id, *_flags(case, flags))
        shown = (without_secrets(_without_credentials(word), secrets) for word in words)
        return shlex.join(with_flags(shown, ctx.settings.layers[0]))

    return again


def _flags(case: Case, flags: CheckFlags) -> Iterator[str]:
    if case.group is Group.PAYLOAD and flags.all_types:
        yield "--all-types"
    if case.needs & {Need.CLASSIC, Need.IDENTITY} and flags.engine is not None:
        yield from ("--engine", flags.engine.value)
    if case.group in (Group.DELIVERY, Group.PAYLOAD) and flags.observe is not None:
        yield from ("--observe", flags.observe)
        if flags.observe_wait != CheckFlags().observe_wait:
            yield from ("--observe-wait", flags.observe_wait)
    if Need.RESTART in case.needs and flags.restart is not None:
        yield from ("--restart", flags.restart)


def _without_credentials(word: str) -> str:
    address = without_credentials(word) if re.match(r"https?://", word) else word
    return _PASSWORD.sub(HIDDEN.decode(), address)
