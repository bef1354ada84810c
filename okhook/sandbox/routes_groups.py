"""The part of the Groups API that makes events happen: ``/api/v1/groups``."""

from typing import final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okhook.sandbox.exchange import cause_of, json_answer, json_object, no_content, query_of
from okhook.sandbox.group_operations import GroupOperations
from okhook.sandbox.group_query import ListPage, group_page, member_page
from okhook.sandbox.group_shape import group_shape
from okhook.sandbox.groups import Group
from okhook.sandbox.paging import link, without
from okhook.sandbox.user_shape import listed_user_shape

_GROUPS = "/api/v1/groups"


@final
class GroupRoutes:
    """Create, list, get, replace and delete groups, and who is in them."""

    def __init__(self, operations: GroupOperations, org_url: str, user_type_id: str) -> None:
        self._operations = operations
        self._org_url = org_url
        self._user_type_id = user_type_id

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        group = f"{_GROUPS}/{{group}}"
        member = f"{group}/users/{{user}}"
        return [
            Route(_GROUPS, self._list, methods=["GET"]),
            Route(_GROUPS, self._create, methods=["POST"]),
            Route(group, self._get, methods=["GET"]),
            Route(group, self._replace, methods=["PUT"]),
            Route(group, self._delete, methods=["DELETE"]),
            Route(f"{group}/users", self._members, methods=["GET"]),
            Route(member, self._add, methods=["PUT"]),
            Route(member, self._remove, methods=["DELETE"]),
        ]

    async def _list(self, request: Request) -> Response:
        groups = [group_shape(group, self._org_url) for group in self._operations.all()]
        return self._paged(request, group_page(query_of(request), groups))

    async def _create(self, request: Request) -> Response:
        body = await json_object(request)
        return self._answer(self._operations.create(body, cause_of(request)))

    async def _get(self, request: Request) -> Response:
        return self._answer(self._operations.get(_id(request)))

    async def _replace(self, request: Request) -> Response:
        body = await json_object(request)
        return self._answer(self._operations.replace(_id(request), body, cause_of(request)))

    async def _delete(self, request: Request) -> Response:
        self._operations.delete(_id(request), cause_of(request))
        return no_content()

    async def _members(self, request: Request) -> Response:
        users = [
            listed_user_shape(user, self._org_url, self._user_type_id)
            for user in self._operations.members(_id(request))
        ]
        return self._paged(request, member_page(query_of(request), users))

    async def _add(self, request: Request) -> Response:
        self._operations.add(_id(request), _user(request), cause_of(request))
        return no_content()

    async def _remove(self, request: Request) -> Response:
        self._operations.remove(_id(request), _user(request), cause_of(request))
        return no_content()

    def _paged(self, request: Request, page: ListPage) -> Response:
        params = query_of(request)
        url = f"{self._org_url}{request.url.path}"
        links = [link(url, params, "self")]
        if page.next_cursor is not None:
            onward = [*without(params, "after"), ("after", page.next_cursor)]
            links.append(link(url, onward, "next"))
        return json_answer(page.shapes, links)

    def _answer(self, group: Group) -> Response:
        return json_answer(group_shape(group, self._org_url))


def _id(request: Request) -> str:
    return str(request.path_params["group"])


def _user(request: Request) -> str:
    return str(request.path_params["user"])
