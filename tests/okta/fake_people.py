"""An org with users and groups, written from Okta's contract; its faults are the fake org's."""

import json
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.responses import JSONResponse, Response

from tests.okta.fake_org import TOKEN, FakeOrg, JsonObject, error

_AFTER = {"activate": "ACTIVE", "suspend": "SUSPENDED", "unsuspend": "ACTIVE", "unlock": "ACTIVE"}


@dataclass
class FakePeople(FakeOrg):
    """``users`` and ``groups`` by id; ``members`` are pairs of a group's and a user's id."""

    users: dict[str, JsonObject] = field(default_factory=dict)
    groups: dict[str, JsonObject] = field(default_factory=dict)
    members: list[tuple[str, str]] = field(default_factory=list)
    wrong_passwords: int = 0
    locks_after: int = 10

    def only_user(self) -> JsonObject:
        [user] = self.users.values()
        return user

    def _answer(self, method: str, path: str, body: bytes) -> Response:
        if path == "/api/v1/authn":
            return self._sign_in(json.loads(body))
        if self.seen[-1].header("authorization") != f"SSWS {TOKEN}":
            return error(401, "E0000011", "Invalid token provided")
        parts = unquote(path).removeprefix("/api/v1/").split("/")
        if parts[0] == "users":
            return self._users(method, parts[1:], body)
        return self._groups(method, parts[1:], body)

    def _sign_in(self, body: JsonObject) -> Response:
        """Refuse every password, as every one is wrong, and lock the user in the end."""
        assert self.seen[-1].header("authorization") is None
        for user in self.users.values():
            if user["profile"]["login"] == body["username"]:
                self.wrong_passwords += 1
                if self.wrong_passwords == self.locks_after:
                    user["status"] = "LOCKED_OUT"
        return error(401, "E0000004", "Authentication failed")

    def _users(self, method: str, parts: list[str], body: bytes) -> Response:
        if not parts:
            user_id = f"00u{len(self.users):017d}"
            profile = json.loads(body)["profile"]
            self.users[user_id] = {"id": user_id, "status": "STAGED", "profile": profile}
            return JSONResponse(self.users[user_id])
        found = [u for u in self.users.values() if parts[0] in (u["id"], u["profile"]["login"])]
        if not found:
            return error(404, "E0000007", f"Not found: Resource not found: {parts[0]} (User)")
        [user] = found
        if method == "DELETE":
            if user["status"] == "DEPROVISIONED":
                del self.users[user["id"]]
            user["status"] = "DEPROVISIONED"
            return Response(status_code=204)
        if method == "POST" and len(parts) == 1:
            user["profile"] |= json.loads(body)["profile"]
        if parts[1:2] == ["lifecycle"]:
            after = _AFTER.get(parts[2], "DEPROVISIONED")
            if user["status"] == after:
                return error(403, "E0000016", "Activation failed")
            user["status"] = after
            return JSONResponse({})
        return JSONResponse(user)

    def _groups(self, method: str, parts: list[str], body: bytes) -> Response:
        if not parts and method == "GET":
            return JSONResponse(list(self.groups.values()))
        if not parts:
            group_id = f"00g{len(self.groups):017d}"
            self.groups[group_id] = {"id": group_id, **json.loads(body)}
            return JSONResponse(self.groups[group_id])
        if parts[0] not in self.groups:
            return error(404, "E0000007", f"Not found: Resource not found: {parts[0]} (UserGroup)")
        if len(parts) == 3 and method == "PUT":
            self.members.append((parts[0], parts[2]))
            return Response(status_code=204)
        if len(parts) == 3:
            self.members.remove((parts[0], parts[2]))
            return Response(status_code=204)
        if method == "DELETE":
            del self.groups[parts[0]]
            return Response(status_code=204)
        return JSONResponse(self.groups[parts[0]])
