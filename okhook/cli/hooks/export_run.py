"""Write event hooks as TOML or Terraform, and say what that cannot hold."""

import sys
from collections.abc import Iterator, Sequence

from okhook.cli.context import Context
from okhook.cli.hooks.export import Format
from okhook.cli.options import write_faults_named
from okhook.cli.org_session import opened_org
from okhook.config.paths import file_to_write
from okhook.okta.activities import HooksExported
from okhook.okta.as_code.checks import faults_to_create
from okhook.okta.as_code.entry import entries_of
from okhook.okta.as_code.terraform_text import terraform_of
from okhook.okta.as_code.toml_text import toml_of_entries
from okhook.okta.event_hooks import EventHook
from okhook.okta.hook_choice import chosen
from okhook.runtime.atomic_write import atomic_write
from okhook.text import counted, plain
from okhook.wire.url import without_credentials


async def export_and_show(
    ctx: Context, named: Sequence[str], wanted: Format, to_file: str | None
) -> None:
    """Write the hooks that are ``named``, or all, to a file or to stdout."""
    target = None if to_file is None else file_to_write(to_file, "--to-file")
    async with opened_org(ctx) as session:
        hooks = await session.api.all()
    if named:
        redact = session.api.client.redact
        picked = {
            hook.id: hook for hook in (chosen(each, hooks, session.org, redact) for each in named)
        }
        hooks = list(picked.values())
    for warning in _warnings(hooks, wanted):
        ctx.console.warn(warning)
    text = f"# Event hooks of {plain(session.org.host)}\n\n{_text(hooks, wanted)}".rstrip() + "\n"
    if target is not None:
        with write_faults_named(str(target)), atomic_write(target) as stream:
            stream.write(text)
    elif not ctx.console.is_json:
        sys.stdout.write(text)
        sys.stdout.flush()
    exported = HooksExported(
        session.org.url, wanted, len(hooks), to_file, None if to_file else text
    )
    ctx.console.show(exported, lambda _: ())
    where = f" to {to_file}" if to_file else ""
    ctx.console.note(f"exported {counted(len(hooks), 'event hook')}{where}")


def _text(hooks: Sequence[EventHook], wanted: Format) -> str:
    return terraform_of(hooks) if wanted is Format.TERRAFORM else toml_of_entries(entries_of(hooks))


def _warnings(hooks: Sequence[EventHook], wanted: Format) -> Iterator[str]:
    """Yield what the file cannot say about the hooks."""
    for hook in hooks:
        if len(dict(hook.headers)) < len(hook.headers):
            yield f"{plain(hook.name)} has a header twice; the file has only the last one"
        if without_credentials(hook.url) != hook.url:
            yield (
                f"{plain(hook.name)}: the query of its URL, which may contain a credential, is"
                " in the file"
            )
        if wanted is Format.TERRAFORM and not hook.url.startswith("https://"):
            yield f"{plain(hook.name)}: Okta's Terraform provider accepts only https:// URLs"
    if wanted is Format.TOML:
        for entry in entries_of(hooks):
            if faults := "; ".join(faults_to_create(entry)):
                yield (
                    f"{plain(entry.name)}: `okhook hooks apply` can keep this hook, but not create"
                    f" it elsewhere: {faults}"
                )
