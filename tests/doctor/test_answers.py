"""What several checks ask for: once, and of nobody who has no say in it."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from okhook.config.setting import Setting
from okhook.doctor.answers import Answers
from okhook.doctor.checks_hookdeck import HookdeckWanted
from okhook.doctor.finding_the_hook import HookMeant
from okhook.doctor.once import Once
from okhook.doctor.parts import LocalParts, OrgParts
from okhook.http.client import HttpClient
from okhook.okta.event_hooks import EventHook
from okhook.okta.remembered import RememberedHooks
from okhook.runtime.run_files import RunDirectory
from okhook.wire.org import Org
from tests.doctor.hooks import AUTH, COMMANDS, NOW, PLACE, hook

pytestmark = pytest.mark.anyio

LOCAL = "http://127.0.0.1:4000/somebody-elses"


async def way(state: Path, http: HttpClient, org: str) -> str | None:
    """Return the URL that a canary would go to, where the org has a hook of this machine."""
    local = LocalParts(
        store_file=state / "store.db",
        run_directory=RunDirectory(state / "run"),
        host="127.0.0.1",
        place=PLACE,
        auth=AUTH,
        url=None,
        hookdeck=HookdeckWanted(None, "", None),
        environ={},
        directory=state,
        http=http,
        before_hard_exit=lambda _: nullcontext(),
        commands=COMMANDS,
    )
    parts = OrgParts(
        org=Setting(Org(org), "--org"),
        proxy=None,
        credential=None,
        client=None,
        sandbox_runs=False,
        remembered=RememberedHooks(state),
        meant=HookMeant(None, "mine"),
    )
    answers = Answers(local, parts, timeout_s=1, now=lambda: NOW)

    async def found() -> EventHook:
        return hook(url=LOCAL)

    answers.hook = Once(found)
    leading_here = await answers.way.get()
    return None if leading_here is None else leading_here.url


async def test_an_org_elsewhere_does_not_say_where_on_this_machine_a_secret_goes(
    tmp_path: Path,
) -> None:
    """It cannot call such a URL; another program may listen there. A sandbox can."""
    async with HttpClient(user_agent="okhook/tests") as http:
        assert await way(tmp_path, http, "https://dev-1.okta.com") is None
        assert await way(tmp_path, http, "http://127.0.0.1:8137") == LOCAL
