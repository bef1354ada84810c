"""A plan that is carried out: the org becomes what the file describes, with no needless call."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from okhook.activity import Activity, Warned
from okhook.errors import NotVerified, OktaRefused
from okhook.okta.activities import HookChanged, Registered
from okhook.okta.as_code.apply import apply_plan
from okhook.okta.as_code.entry import FromVariable, GivenSecrets, HookEntry, SecretEntry, entries_of
from okhook.okta.as_code.matching import matched
from okhook.okta.as_code.plan import HookPlanned, Plan, plan_of
from okhook.okta.event_hooks_api import EventHooksApi
from okhook.okta.refusals import ValidationFailed
from okhook.okta.registered_here import RegisteredHere
from okhook.okta.registration import Registration
from okhook.secret import Secret
from tests.okta.fake_org import FakeOrg, error
from tests.okta.setup import ORG, Watched, client_of

GIVEN = GivenSecrets(None, {f"OKHOOK_AUTH_SECRET_{n}": Secret(f"secret-{n}") for n in "AB"})
TYPES = ("user.lifecycle.create", "user.session.start", "user.session.end")


def entries() -> st.SearchStrategy[list[HookEntry]]:
    """Return a strategy of files: few names, so that a hook is in several of them."""
    secrets = st.sampled_from("AB").map(lambda n: SecretEntry("X-S", f"OKHOOK_AUTH_SECRET_{n}"))
    one = st.builds(
        HookEntry,
        name=st.sampled_from(["a", "b", "c", "d"]),
        url=st.sampled_from(["https://a.example.com/", "https://b.example.com/"]),
        events=st.lists(st.sampled_from(TYPES), min_size=1, unique=True).map(tuple),
        description=st.sampled_from(["", "new"]),
        is_active=st.booleans(),
        headers=st.sampled_from(
            [(), (("X-A", "1"),), (("X-K", FromVariable("OKHOOK_AUTH_SECRET_A")),)]
        ),
        secret=secrets,
    )
    return st.lists(one, unique_by=lambda entry: entry.name, max_size=4)


@dataclass
class FailingOrg(FakeOrg):
    """Refuses one write, after ``writes_left`` others."""

    writes_left: int | None = None

    async def _faulty(self, request: Request) -> Response | None:
        if request.method == "GET" or self.writes_left is None:
            return None
        if self.writes_left == 0:
            self.writes_left = None
            return error(403, "E0000006", "You do not have permission")
        self.writes_left -= 1
        return None


class Applying:
    """An org, and the files that are applied to it, each as by a command of its own."""

    def __init__(self, org: FakeOrg, state: Path) -> None:
        self.org = org
        self.state = state
        self.told: list[Activity] = []

    async def plan(self, file: Sequence[HookEntry]) -> Plan:
        async with client_of(self.org, Watched()) as client:
            hooks = await EventHooksApi(client).all()
        registered_here = RegisteredHere(self.state)
        pairs = matched(file, hooks, ORG, recall=lambda _: None, redact=str)
        return plan_of(
            ORG.url, pairs, hooks, given=GIVEN, wrote=partial(registered_here.wrote, ORG),
            prune=True, verify=True,
        )  # fmt: skip

    async def apply(self, file: Sequence[HookEntry]) -> None:
        plan = await self.plan(file)
        async with client_of(self.org, Watched()) as client:
            api, registered_here = EventHooksApi(client), RegisteredHere(self.state)
            registration = Registration(api, registered_here, publish=self.told.append)

            async def verify(registered: Registered, planned: HookPlanned) -> Registered:
                try:
                    return await registration.verify(registered)
                except ValidationFailed as refused:
                    raise NotVerified(f"{planned.name} is not verified", why="deaf") from refused

            def publish(done: Registered | HookChanged | Warned) -> None:
                self.told.append(done)

            await apply_plan(plan, registration, verify=verify, publish=publish)

    async def hooks(self) -> list[HookEntry]:
        async with client_of(self.org, Watched()) as client:
            return entries_of(await EventHooksApi(client).all())


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=st.lists(entries(), min_size=1, max_size=3))
def test_from_any_file_to_any_other(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[HookEntry]]
) -> None:
    """The org has the hooks of the last file and no others, and there is nothing left to do."""
    applying = Applying(FakeOrg(), tmp_path_factory.mktemp("state"))

    async def check() -> None:
        for file in files:
            await applying.apply(file)
            assert not (await applying.plan(file)).to_do()
            writes = len(applying.org.writes)
            await applying.apply(file)
            assert len(applying.org.writes) == writes

    anyio.run(check)
    wanted = {entry.name: entry for entry in files[-1]}
    hooks = {hook["name"]: hook for hook in applying.org.hooks.values()}
    assert hooks.keys() == wanted.keys()
    for name, hook in hooks.items():
        entry = wanted[name]
        assert (hook["status"] == "ACTIVE") is entry.is_active
        assert not entry.is_active or hook["verificationStatus"] == "VERIFIED"
        assert entry.secret is not None
        scheme = hook["channel"]["config"]["authScheme"]
        assert scheme["value"] == f"secret-{(entry.secret.variable or '')[-1]}"
        assert sorted(hook["events"]["items"]) == sorted(entry.events)
        assert (hook["description"] or "") == entry.description


@pytest.mark.anyio
@pytest.mark.parametrize("fails_at", range(6))
async def test_wherever_it_fails_the_next_run_does_the_rest(tmp_path: Path, fails_at: int) -> None:
    """After each write in turn: nothing is done twice, and nothing is left out."""
    org = FailingOrg()
    applying = Applying(org, tmp_path)
    secret = SecretEntry("X-S", "OKHOOK_AUTH_SECRET_A")
    before = [HookEntry(name, "https://a.example.com/", TYPES[:1], secret=secret) for name in "ab"]
    after = [
        HookEntry("b", "https://b.example.com/", TYPES[:2], secret=secret),
        HookEntry("c", "https://a.example.com/", TYPES[:1], secret=secret),
    ]
    await applying.apply(before)
    done = len(org.writes)
    org.writes_left = fails_at
    with pytest.raises(OktaRefused) as caught:
        await applying.apply(after)
    assert "failed: " in (caught.value.why or "")
    await applying.apply(after)
    assert not (await applying.plan(after)).to_do()
    assert sorted(hook["name"] for hook in org.hooks.values()) == ["b", "c"]
    needed = 6  # create and verify c; change and verify b; deactivate and delete a
    refused = 1
    assert len(org.writes) - done == needed + refused
