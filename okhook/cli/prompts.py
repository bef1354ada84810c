"""Ask before a command does what cannot be taken back, or writes to an org with real people."""

from okhook.cli.context import Context
from okhook.errors import AnswerIsNo, InvalidInput
from okhook.wire.org import NotAnOrg, Org, parse_org


def confirmed(ctx: Context, question: str, *, next_step: str = "add --yes") -> bool:
    """Ask a yes-or-no question and return the answer.

    Raises:
        InvalidInput: nobody can be asked, because stdin is not a terminal.
    """
    if not ctx.console.asks:
        raise InvalidInput(
            f"{question.removesuffix('?')}: nobody can be asked here", next_step=next_step
        )
    return ctx.console.confirm(question)


def agree_to_write(ctx: Context, org: Org, question: str) -> None:
    """Ask whether ``org`` may be changed; a sandbox and a test org may be without asking.

    Raises:
        ConfigurationError: ``test_orgs`` has something that is not an org.
        InvalidInput: there is no terminal to ask on.
        AnswerIsNo: the answer was no.
    """
    if org.is_loopback or org in _test_orgs(ctx):
        return
    marking = f'test_orgs = ["{org.host}"] in okhook.toml'
    if not ctx.console.asks:
        raise InvalidInput(
            f"{question}: nobody can be asked here, and {org.host} is not marked as a test org",
            next_step=f"add --yes, or mark it: {marking}",
        )
    ctx.console.note(f"{org.host} is not marked as a test org; {marking} does it")
    if not ctx.console.confirm(f"{question}?"):
        raise AnswerIsNo(f"nothing was done in {org.host}")


def _test_orgs(ctx: Context) -> list[Org]:
    listed = ctx.settings.test_orgs
    try:
        return [parse_org(text) for text in listed.value]
    except NotAnOrg as error:
        raise listed.fault(f"{listed.origin} must be a list of orgs", why=str(error)) from None
