"""Remove test users and groups: after a run of ``trigger``, or what earlier runs left."""

from collections.abc import Sequence

from okhook.cli.context import Context
from okhook.cli.org_access import access_of, command_line
from okhook.cli.org_session import OrgSession, opened_org, publisher
from okhook.cli.prompts import agree_to_write
from okhook.cli.trigger.view import TriggerRenderer
from okhook.errors import AnswerIsNo
from okhook.okta.client import Publish
from okhook.okta.users_and_groups import GroupsApi, UsersApi
from okhook.runtime.shutdown import run_until_done
from okhook.text import counted, first_of
from okhook.trigger.activities import CleanedUp, Created
from okhook.trigger.created import Cleanup, CreatedThings, left_by_ended_runs

UNDONE = "interrupted before it finished"

_NAMED = 3
"""How many of what is to be removed a question names."""


def clean_up_and_show(ctx: Context, *, asks: bool) -> None:
    """Remove what earlier runs left in the org."""
    org = access_of(ctx).org
    created = CreatedThings(ctx.state, org).all()
    left = left_by_ended_runs(created, ctx.run_directory)
    if len(left) < len(created):
        ctx.console.note(
            f"skipping {len(created) - len(left)} of {len(created)}:"
            " the okhook trigger that created them still runs"
        )
    if left and asks:
        named = first_of([each.name for each in left], _NAMED)
        agree_to_write(ctx, org, f"remove test users and groups in {org.host}: {named}")
    run_until_done(lambda _: _clean_up(ctx, left), interrupted=UNDONE)


async def _clean_up(ctx: Context, left: Sequence[Created]) -> None:
    async with opened_org(ctx) as org:
        cleanup = begun_cleanup(org, left)
        try:
            await cleanup.finish()
        finally:
            ctx.console.stop_waiting()
            cleaned = cleanup.outcome("interrupted before it was removed")
            trigger_publisher(ctx)(cleaned)
    check_all_removed(cleaned)


def begun_cleanup(
    org: OrgSession, created: Sequence[Created], in_doubt: frozenset[Created] = frozenset()
) -> Cleanup:
    """Return the cleanup that removes ``created`` from an open org, and show that it runs."""
    org.ctx.console.wait_for(f"removing {counted(len(created), 'thing')} from {org.org.host}")
    return Cleanup(
        created,
        in_doubt=in_doubt,
        users=UsersApi(org.client),
        groups=GroupsApi(org.client),
        things=CreatedThings(org.ctx.state, org.org),
        removing=removing_command(org.ctx),
    )


def check_all_removed(cleaned: CleanedUp | None) -> None:
    """Raise if something could not be removed. ``cleaned`` is None if nothing was to be removed."""
    if cleaned is not None and cleaned.left:
        raise AnswerIsNo(f"could not remove {len(cleaned.left)} of the test users and groups")


def trigger_publisher(ctx: Context) -> Publish:
    """Return a function that shows activities, in lines that fit the terminal."""
    return publisher(ctx.console, TriggerRenderer(ctx.console.width))


def removing_command(ctx: Context) -> str:
    """Return the command that removes what is left."""
    return command_line(ctx, "trigger", "--cleanup-only")
