"""The Event Hooks Management API: ``/api/v1/eventHooks``."""

from typing import final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okhook.sandbox.exchange import cause_of, json_answer, json_object, no_content
from okhook.sandbox.hook_filters import is_readable
from okhook.sandbox.hook_operations import HookOperations
from okhook.sandbox.hook_shape import hook_shape
from okhook.sandbox.hooks import EventHook

FILTER_HEADER = "X-Okhook-Filter"
"""On answers with a hook that has a filter which the sandbox cannot read."""

_HOOKS = "/api/v1/eventHooks"


@final
class HookRoutes:
    """All eight operations."""

    def __init__(self, operations: HookOperations, org_url: str) -> None:
        self._operations = operations
        self._org_url = org_url

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        hook = f"{_HOOKS}/{{hook_id}}"
        return [
            Route(_HOOKS, self._list, methods=["GET"]),
            Route(_HOOKS, self._create, methods=["POST"]),
            Route(hook, self._get, methods=["GET"]),
            Route(hook, self._replace, methods=["PUT"]),
            Route(hook, self._delete, methods=["DELETE"]),
            Route(f"{hook}/lifecycle/activate", self._activate, methods=["POST"]),
            Route(f"{hook}/lifecycle/deactivate", self._deactivate, methods=["POST"]),
            Route(f"{hook}/lifecycle/verify", self._verify, methods=["POST"]),
        ]

    async def _list(self, _: Request) -> Response:
        hooks = self._operations.all()
        return json_answer([hook_shape(hook, self._org_url) for hook in hooks])

    async def _create(self, request: Request) -> Response:
        body = await json_object(request)
        return self._answer(self._operations.create(body, cause_of(request)))

    async def _get(self, request: Request) -> Response:
        return self._answer(self._operations.get(_hook_id(request)))

    async def _replace(self, request: Request) -> Response:
        body = await json_object(request)
        hook = self._operations.replace(_hook_id(request), body, cause_of(request))
        return self._answer(hook)

    async def _delete(self, request: Request) -> Response:
        self._operations.delete(_hook_id(request), cause_of(request))
        return no_content()

    async def _activate(self, request: Request) -> Response:
        return self._answer(self._operations.activate(_hook_id(request), cause_of(request)))

    async def _deactivate(self, request: Request) -> Response:
        return self._answer(self._operations.deactivate(_hook_id(request), cause_of(request)))

    async def _verify(self, request: Request) -> Response:
        return self._answer(await self._operations.verify(_hook_id(request), cause_of(request)))

    def _answer(self, hook: EventHook) -> Response:
        """Answer with the hook: 200, also for a create, as Okta does."""
        response = json_answer(hook_shape(hook, self._org_url))
        if not all(is_readable(each) for each in hook.draft.filters):
            response.headers[FILTER_HEADER] = "not understood: every event passes"
        return response


def _hook_id(request: Request) -> str:
    return str(request.path_params["hook_id"])
