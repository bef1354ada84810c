"""What ``hooks apply`` does."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import anyio

from okhook.activity import Warned
from okhook.cli.context import Context
from okhook.cli.hooks.view import render_plan
from okhook.cli.org_session import OrgSession, opened_org
from okhook.cli.prompts import agree_to_write, confirmed
from okhook.config.hook_auth import header_secret, hook_auth
from okhook.config.paths import expanded
from okhook.config.plain_file import piped_text
from okhook.config.setting import Setting
from okhook.errors import AnswerIsNo, ConfigurationError, ExitCode, InvalidInput
from okhook.okta.activities import HookChanged, Registered
from okhook.okta.as_code.apply import apply_plan
from okhook.okta.as_code.checks import plan_faults
from okhook.okta.as_code.entry import GivenSecrets, HookEntry
from okhook.okta.as_code.hook_file import read_hook_file
from okhook.okta.as_code.matching import matched
from okhook.okta.as_code.plan import HookPlanned, Plan, plan_of
from okhook.okta.event_hooks import EventHook
from okhook.okta.hook_choice import hook_in_use
from okhook.okta.preflight import hook_warnings
from okhook.okta.probe import ProbeTarget
from okhook.okta.refusals import NotFound
from okhook.text import counted, first_of, plain
from okhook.wire.org import Org, is_loopback

_SHOWN = 5


def apply_and_show(
    ctx: Context, file: str, *, dry_run: bool, prune: bool, verify: bool, ask: bool
) -> None:
    """Show the plan, ask, and carry it out.

    Raises:
        ConfigurationError: the file is invalid or describes a hook that cannot work, a secret is
            not set, or a running ``okhook up`` uses a hook. Nothing was changed.
        AnswerIsNo: the answer was no.
        NotVerified: the hooks are as the file describes, but the org could not verify all.
        SystemExit: it was a dry run, and something would change.
    """
    with _naming(file):
        entries = _entries(file)
    given = _given(ctx, entries)
    org, plan = anyio.run(_planned, ctx, file, entries, given, prune, verify)
    ctx.console.show_all((*plan.hooks, plan.summary), render_plan)
    _note_others(ctx, plan)
    if not plan.to_do():
        return
    if dry_run:
        sys.exit(ExitCode.WOULD_CHANGE)
    _check_needs(plan)
    if ask:
        _agree(ctx, org, plan)
    anyio.run(_apply, ctx, plan, given)


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Name the file in an error about it, which has exit code 3: in a dry run, 2 is a result."""
    try:
        yield
    except (InvalidInput, ConfigurationError) as wrong:
        what = f"{plain(file)}: {wrong.what}"
        raise ConfigurationError(what, why=wrong.why, next_step=wrong.next_step) from None
    except NotFound as missing:
        missing.what = f"{plain(file)}: {missing.what}"
        raise


def _entries(file: str) -> list[HookEntry]:
    try:
        return read_hook_file(piped_text(expanded(file, file)))
    except OSError as error:
        raise ConfigurationError("could not be read", why=error.strerror) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError("it is not text", why=error.reason) from error


def _given(ctx: Context, entries: Sequence[HookEntry]) -> GivenSecrets:
    """Return the secrets of the settings and of the variables that the file names."""
    ctx.hook_auth()
    named = {variable for entry in entries for variable in entry.variables}
    found = {
        each: header_secret(Setting(ctx.environ[each], each)) for each in named & {*ctx.environ}
    }
    return GivenSecrets(hook_auth(ctx.settings), found)


async def _planned(
    ctx: Context,
    file: str,
    entries: Sequence[HookEntry],
    given: GivenSecrets,
    prune: bool,
    verify: bool,
) -> tuple[Org, Plan]:
    async with opened_org(ctx, secrets=given.all) as session:
        hooks = await session.api.all()

    with _naming(file):
        if prune and not entries:
            raise ConfigurationError(
                "it has no hooks, and --prune would delete every hook of the org",
                next_step="delete them one by one; to see them, run okhook hooks list",
            )
        recall = partial(session.registered_here.id_of, session.org)
        pairs = matched(
            entries, hooks, session.org, recall=recall, redact=session.api.client.redact
        )
        plan = plan_of(
            session.org.url,
            pairs,
            hooks,
            given=given,
            wrote=partial(session.registered_here.wrote, session.org),
            prune=prune,
            verify=verify,
        )
        _check(session, plan, hooks)
    for planned in plan.to_do():
        if planned.existing and (holder := session.holder_of(planned.existing)):
            named = plain(planned.name, limit=80)
            raise hook_in_use(session.org, holder, why=named, next_step="stop it, and try again")
    return session.org, plan


def _check(session: OrgSession, plan: Plan, hooks: Sequence[EventHook]) -> None:
    """Check the hooks that would be written; raise InvalidInput with every fault."""
    if faults := list(plan_faults(plan, hooks)):
        raise InvalidInput(faults[0], why="\n".join(faults[1:]) or None)
    for planned in plan.to_do():
        if planned.wanted is not None and planned.action != "verify":
            named = plain(planned.name, limit=80)
            for warning in hook_warnings(planned.wanted, session.org):
                session.publish(Warned(f"{named}: {warning}"))


def _note_others(ctx: Context, plan: Plan) -> None:
    if not plan.not_in_file:
        return
    named = first_of([plain(hook.name, limit=80) for hook in plan.not_in_file], _SHOWN)
    count = counted(len(plan.not_in_file), "hook")
    ctx.console.note(f"not in the file: {count} ({named}); --prune deletes what is not in the file")


def _check_needs(plan: Plan) -> None:
    lacking = [hook for hook in plan.to_do() if hook.needs]
    if not lacking:
        return
    variables = sorted({variable for hook in lacking for variable in hook.needs})
    why = [f"{plain(hook.name)} needs {', '.join(hook.needs)}" for hook in lacking]
    if any(hook.existing for hook in lacking):
        why.append("a change replaces the whole hook, and Okta does not return its secret")
    raise ConfigurationError(
        f"not set: {', '.join(variables)}",
        why="\n".join(why),
        next_step="set it to the value of the header that carries the secret",
    )


def _agree(ctx: Context, org: Org, plan: Plan) -> None:
    """Ask whether to carry out the plan; of a test org only about deletions and secrets."""
    question = f"apply this plan to {org.host}"
    extras = []
    if plan.summary.delete:
        extras.append(f"delete {counted(plan.summary.delete, 'event hook')} for good")
    if elsewhere := sorted(set(_hosts_of_secrets(plan))):
        extras.append(f"let the org send secrets to {first_of(elsewhere, _SHOWN)}")
    if not extras:
        agree_to_write(ctx, org, question)
    elif not confirmed(ctx, f"{', '.join([question, *extras[:-1]])}, and {extras[-1]}?"):
        raise AnswerIsNo(f"nothing was changed in {org.host}")


def _hosts_of_secrets(plan: Plan) -> Iterator[str]:
    """Yield the hosts on other machines that get a secret, and did not get it before."""
    for hook in plan.to_do():
        if hook.wanted is None or not hook.secrets:
            continue
        is_new = hook.existing is None or hook.existing.url != hook.wanted.url
        parts = urlsplit(hook.wanted.url)
        if is_new and not is_loopback(parts.hostname or ""):
            yield plain(parts.netloc, limit=80)


async def _apply(ctx: Context, plan: Plan, given: GivenSecrets) -> None:
    wait_s = ctx.settings.wait.value
    async with opened_org(ctx, secrets=given.all) as session:

        async def verify(registered: Registered, planned: HookPlanned) -> Registered:
            target = _target(session, registered.hook, planned)
            return await session.verified(registered, target, wait_s=wait_s, tell=session.publish)

        def publish(activity: Registered | HookChanged | Warned) -> None:
            session.publish(activity)
            if isinstance(activity, Registered):
                session.note_what_verified_proves(activity.hook)

        await apply_plan(plan, session.registration, verify=verify, publish=publish)
    ctx.console.note(f"{session.org.host} has the hooks of the file")


def _target(session: OrgSession, hook: EventHook, planned: HookPlanned) -> ProbeTarget:
    """Return what the org calls, with the secret if it was sent to the org just now."""
    wanted = planned.wanted
    if wanted is None or not planned.writes:
        return session.target_of(hook, wanted.auth if wanted else None)
    return ProbeTarget(wanted.url, wanted.headers, wanted.auth)
