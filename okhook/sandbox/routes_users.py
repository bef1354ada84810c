"""The part of the Users API that makes events happen: ``/api/v1/users``."""

from typing import final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okhook.sandbox.exchange import (
    cause_of,
    json_answer,
    json_object,
    no_content,
    query_of,
    switch,
)
from okhook.sandbox.paging import link, without
from okhook.sandbox.user_operations import UserOperations
from okhook.sandbox.user_query import user_page
from okhook.sandbox.user_shape import listed_user_shape, user_shape
from okhook.sandbox.users import User

_USERS = "/api/v1/users"


@final
class UserRoutes:
    """Create, list, get and delete users, and their lifecycle."""

    def __init__(self, operations: UserOperations, org_url: str, user_type_id: str) -> None:
        self._operations = operations
        self._org_url = org_url
        self._user_type_id = user_type_id

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        user = f"{_USERS}/{{user}}"
        return [
            Route(_USERS, self._list, methods=["GET"]),
            Route(_USERS, self._create, methods=["POST"]),
            Route(user, self._get, methods=["GET"]),
            Route(user, self._delete, methods=["DELETE"]),
            Route(f"{user}/lifecycle/activate", self._activate, methods=["POST"]),
            Route(f"{user}/lifecycle/deactivate", self._deactivate, methods=["POST"]),
            Route(f"{user}/lifecycle/suspend", self._suspend, methods=["POST"]),
            Route(f"{user}/lifecycle/unsuspend", self._unsuspend, methods=["POST"]),
        ]

    async def _list(self, request: Request) -> Response:
        params = query_of(request)
        users = [
            listed_user_shape(user, self._org_url, self._user_type_id)
            for user in self._operations.all()
        ]
        page = user_page(params, users)
        url = f"{self._org_url}{_USERS}"
        links = [link(url, params, "self")]
        if page.next_cursor is not None:
            onward = [*without(params, "after"), ("after", page.next_cursor)]
            links.append(link(url, onward, "next"))
        return json_answer(page.users, links)

    async def _create(self, request: Request) -> Response:
        body = await json_object(request)
        cause = cause_of(request)
        if switch(request, "activate", default=True):
            return self._answer(self._operations.create_activated(body, cause))
        return self._answer(self._operations.create_staged(body, cause))

    async def _get(self, request: Request) -> Response:
        return self._answer(self._operations.get(_key(request)))

    async def _delete(self, request: Request) -> Response:
        self._operations.delete(_key(request), cause_of(request))
        return no_content()

    async def _activate(self, request: Request) -> Response:
        """Answer as Okta does: a link where no mail was asked for, and else an empty object."""
        self._operations.activate(_key(request), cause_of(request))
        if switch(request, "sendEmail", default=True):
            return json_answer({})
        token = self._operations.activation_token()
        return json_answer(
            {"activationUrl": f"{self._org_url}/welcome/{token}", "activationToken": token}
        )

    async def _deactivate(self, request: Request) -> Response:
        self._operations.deactivate(_key(request), cause_of(request))
        return json_answer({})

    async def _suspend(self, request: Request) -> Response:
        self._operations.suspend(_key(request), cause_of(request))
        return json_answer({})

    async def _unsuspend(self, request: Request) -> Response:
        self._operations.unsuspend(_key(request), cause_of(request))
        return json_answer({})

    def _answer(self, user: User) -> Response:
        return json_answer(user_shape(user, self._org_url, self._user_type_id))


def _key(request: Request) -> str:
    return str(request.path_params["user"])
