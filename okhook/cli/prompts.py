"""Ask before a command deletes something, or changes an org with real people."""

from okhook.cli.context import Context
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.wire.org import NotAnOrg, Org, parse_org


def confirmed(ctx: Context, question: str, *, next_step: str = "pass --yes") -> bool:
    """Ask a yes-or-no question and return the answer."""
    if not ctx.console.asks:
        raise InvalidInput(_cannot_ask(ctx), why=question, next_step=next_step)
    return ctx.console.confirm(question)


def agree_to_write(ctx: Context, org: Org, question: str) -> None:
    """Ask whether to change ``org``, unless it is a sandbox or a test org."""
    if org.is_loopback or org in _test_orgs(ctx):
        return
    marking = f'test_orgs = ["{org.host}"] in okhook.toml'
    if not ctx.console.asks:
        raise InvalidInput(
            _cannot_ask(ctx),
            why=f"{question}? {org.host} is not marked as a test org",
            next_step=f"pass --yes, or mark it: {marking}",
        )
    ctx.console.note(f"{org.host} is not marked as a test org; mark it with {marking}")
    if not ctx.console.confirm(f"{question}?"):
        raise AnswerIsNo(f"nothing was changed in {org.host}")


def _cannot_ask(ctx: Context) -> str:
    reason = "the output is JSON" if ctx.console.is_json else "stdin or stderr is not a terminal"
    return f"cannot ask for confirmation: {reason}"


def _test_orgs(ctx: Context) -> list[Org]:
    listed = ctx.settings.test_orgs
    try:
        return [parse_org(text) for text in listed.value]
    except NotAnOrg as error:
        raise listed.fault(
            f"invalid {listed.origin}: expected a list of orgs", why=str(error)
        ) from None
