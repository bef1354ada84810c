"""Ask before a command deletes something, changes a real org, or uses what a project's file says.

A project's settings file comes with a cloned repository, so it may be a stranger's.
"""

import shlex
from hashlib import sha256
from pathlib import Path

from okhook.cli.context import Context
from okhook.config.in_project import InProject
from okhook.config.paths import user_file
from okhook.config.plain_file import plain_text
from okhook.config.setting import PROJECT_FILE, Setting
from okhook.errors import AnswerIsNo, ConfigurationError, InvalidInput
from okhook.runtime.state_file import StateFile
from okhook.text import plain
from okhook.wire.org import NotAnOrg, Org, parse_org

_HOOKDECK_CONFIG = ".hookdeck/config.toml"
_WHY_ASKED = {
    InProject.ASKED_IF_ELSEWHERE: "which is not on this machine",
    InProject.ASKED_IF_OPEN: "which other machines can call",
    InProject.ASKED_IF_OUTSIDE: "which is not in this directory",
}


def confirmed(ctx: Context, question: str, *, next_step: str = "pass --yes") -> bool:
    """Ask a yes-or-no question and return the answer."""
    if not ctx.console.asks:
        raise InvalidInput(_cannot_ask(ctx), why=question, next_step=next_step)
    return ctx.console.confirm(question)


def agree_to_write(ctx: Context, org: Org, question: str) -> None:
    """Ask whether to change ``org``, unless it is a sandbox or a test org."""
    if org.is_loopback or org in _test_orgs(ctx):
        return
    own = user_file(ctx.environ)
    marking = f"OKHOOK_TEST_ORGS={org.host}"
    marking += f', or test_orgs = ["{org.host}"] in {own}' if own else ""
    if not ctx.console.asks:
        raise InvalidInput(
            _cannot_ask(ctx),
            why=f"{question}? {org.host} is not marked as a test org",
            next_step=f"pass --yes, or mark it: {marking}",
        )
    ctx.console.note(f"{org.host} is not marked as a test org; mark it with {marking}")
    if not ctx.console.confirm(f"{question}?"):
        raise AnswerIsNo(f"nothing was changed in {org.host}")


def agree_to_org(ctx: Context, org: Org, credential: str) -> None:
    """Ask whether the credential may go to the org that the project's file names."""
    _agree_to_project(
        ctx,
        f"{org.url} gets the credential from {credential}",
        f"{PROJECT_FILE} names the org {org.host}: send it the credential from {credential}?",
        next_step=f"if the org is yours, pass --org {org.host}, or set OKHOOK_ORG={org.host}",
    )


def agree_to_setting(ctx: Context, setting: Setting[str], kind: InProject) -> None:
    """Ask whether to use a value of the project's file."""
    name, value = setting.origin.partition(" ")[0], setting.value
    found = ctx.settings.found(name)
    whole = value if found is None or isinstance(found.value, str) else "\n".join(found.value)
    _agree_to_project(
        ctx,
        f"{name} {value}",
        f"{setting.origin} is {plain(value, limit=200)}, {_WHY_ASKED[kind]}: use it?",
        next_step=f"if it is yours, set OKHOOK_{name.upper()}={shlex.quote(whole)}",
    )


def agree_to_hookdeck_config(ctx: Context, file: Path) -> None:
    """Ask whether Hookdeck may use the configuration that lies in the project."""
    try:
        content = plain_text(file)
    except (OSError, UnicodeDecodeError):
        content = ""  # Hookdeck cannot read it either, or says what is wrong
    _agree_to_project(
        ctx,
        f"Hookdeck's configuration {file} {sha256(content.encode()).hexdigest()}",
        f"./{_HOOKDECK_CONFIG} chooses the Hookdeck account that gets every delivery: use it?",
        next_step=f"if it is yours, set HOOKDECK_CONFIG_FILE={_HOOKDECK_CONFIG};"
        " if not, set it to a file of your own",
    )


def _agree_to_project(ctx: Context, what: str, question: str, *, next_step: str) -> None:
    """Ask once: the state directory keeps the answer yes. A project's file may be a stranger's."""
    agreed = StateFile(ctx.state / "agreed.json", list[str])
    if what in (agreed.read() or []):
        return
    if not ctx.console.asks:
        raise ConfigurationError(_cannot_ask(ctx), why=question, next_step=next_step)
    if not ctx.console.confirm(question):
        raise AnswerIsNo("stopped: what the project's file says was not confirmed")
    try:
        agreed.change(lambda known: [*(known or []), what])
    except OSError as error:
        ctx.console.warn(f"could not save this answer: {error.strerror}")


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
