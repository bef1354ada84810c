"""The part of the Users API that makes events happen, typed and checked."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, final
from urllib.parse import quote

import anyio

from okhook.errors import Unavailable
from okhook.http.client import Answer
from okhook.okta.answers import as_object, json_object
from okhook.okta.client import Call, OktaClient
from okhook.okta.once import Once
from okhook.okta.people import id_of, in_path, text_of
from okhook.okta.refusals import NotFound
from okhook.secret import Secret

_PATH = "/api/v1/users"
_SETTLING_S = 1.0
_SETTLING_TRIES = 30
_REMOVALS = 5


@dataclass(frozen=True, slots=True)
class OktaUser:
    """A user as the org has it. ``status`` is Okta's word."""

    id: str
    login: str
    status: str


@final
class UsersApi:
    """The users of one org. Each step is taken once; where its answer is lost, it is looked for.

    Methods raise ``CredentialsError``, ``OktaRefused`` and ``Unavailable`` with what the org said.
    """

    def __init__(
        self, client: OktaClient, *, sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._once = Once(client, sleep)

    async def create(self, profile: dict[str, Any], password: Secret) -> OktaUser:
        """Create a user that is yet to be activated; nobody is written to.

        Raises:
            ValidationFailed: the org does not take the profile.
            OutcomeUnknown: it may have been created.

        """
        login = str(profile["login"])
        body = {"profile": profile, "credentials": {"password": {"value": password.reveal()}}}
        call = Call("POST", f"{_PATH}?activate=false", body)

        async def created() -> OktaUser | None:
            return await self.find(login)

        return await self._once.made(call, self._user, created)

    async def find(self, login_or_id: str) -> OktaUser | None:
        """Return the user with that login or id; None where the org has none."""
        path = f"{_PATH}/{quote(login_or_id, safe='')}"
        try:
            return self._user(await self._client.call(Call("GET", path)))
        except NotFound:
            return None

    async def activate(self, user_id: str) -> None:
        """Activate a user that is STAGED, without a mail to anybody."""
        await self._step(user_id, "activate?sendEmail=false", ("ACTIVE", "PROVISIONED"))

    async def suspend(self, user_id: str) -> None:
        """Suspend a user that is ACTIVE."""
        await self._step(user_id, "suspend", ("SUSPENDED",))

    async def unsuspend(self, user_id: str) -> None:
        """Let a user back in that is SUSPENDED."""
        await self._step(user_id, "unsuspend", ("ACTIVE",))

    async def deactivate(self, user_id: str) -> None:
        """Deactivate a user: it is DEPROVISIONED then."""
        await self._step(user_id, "deactivate?sendEmail=false", ("DEPROVISIONED",))

    async def delete(self, user_id: str) -> None:
        """Delete a user that is DEPROVISIONED, for good."""

        async def deleted() -> bool:
            return await self.find(user_id) is None

        await self._once.done(_deletion(user_id), deleted)

    async def remove(self, user_id: str) -> None:
        """Deactivate a user and delete it, as far as it is still there; may be cancelled.

        A first deletion deactivates a user, in Okta's own time; the one after that deletes it.

        Raises:
            Unavailable: the user is still there after some tries.

        """
        for _ in range(_REMOVALS):
            with suppress(NotFound):
                await self._client.call(_deletion(user_id))
                await self._client.call(_deletion(user_id))
            if await self.find(user_id) is None:
                return
            await self._sleep(_SETTLING_S)
        raise Unavailable(f"the user {user_id} is still there")

    async def settled(self, user_id: str, status: str) -> None:
        """Wait until a user has a status: Okta answers some steps before they are through.

        Raises:
            Unavailable: it has another one all the time.

        """
        user: OktaUser | None = None
        for _ in range(_SETTLING_TRIES):
            user = await self.find(user_id)
            if user is None or user.status == status:
                return
            await self._sleep(_SETTLING_S)
        raise Unavailable(
            f"the user {user_id} does not become {status}",
            why=None if user is None else f"the org has it as {user.status} all the time",
        )

    async def _step(self, user_id: str, step: str, afterwards: tuple[str, ...]) -> None:
        async def taken() -> bool:
            user = await self.find(user_id)
            return user is not None and user.status in afterwards

        call = Call("POST", f"{_path(user_id)}/lifecycle/{step}")
        await self._once.done(call, taken)

    def _user(self, answer: Answer) -> OktaUser:
        user = json_object(answer, "the user", self._client.hush)
        profile = as_object(user.get("profile"), "profile")
        return OktaUser(id_of(user, "user"), text_of(profile, "login"), text_of(user, "status"))


def _deletion(user_id: str) -> Call:
    return Call("DELETE", f"{_path(user_id)}?sendEmail=false")


def _path(user_id: str) -> str:
    return f"{_PATH}/{in_path(user_id, 'user')}"
