"""Identities of NATS: nkeys, and an operator with an account and a user, as ``nsc`` makes them."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import nkeys


@dataclass
class Identity:
    """A key pair of a kind: an operator, an account or a user."""

    prefix: int
    seed: bytes = field(init=False)
    public: str = field(init=False)

    def __post_init__(self) -> None:
        self.seed = bytes(nkeys.encode_seed(os.urandom(32), self.prefix))
        self.public = nkeys.from_seed(bytearray(self.seed)).public_key.decode()

    def jwt(self, subject: "Identity", name: str, claims: dict[str, Any]) -> str:
        """Return what this identity says of ``subject``."""
        body = {"iat": 1, "iss": self.public, "name": name, "sub": subject.public}
        body["nats"] = {"version": 2, **claims}
        body["jti"] = base64.b32encode(hashlib.sha256(_json(body)).digest()).decode().strip("=")
        text = b".".join(map(_base64, (_json({"typ": "JWT", "alg": "ed25519-nkey"}), _json(body))))
        signature = nkeys.from_seed(bytearray(self.seed)).sign(text)
        return b".".join((text, _base64(signature))).decode()


def user() -> Identity:
    """Return a user's key pair."""
    return Identity(nkeys.PREFIX_BYTE_USER)


@dataclass
class Operator:
    """An operator with one account; ``config`` is for the server, ``creds`` a user's file."""

    config: str
    creds: str


def operator() -> Operator:
    """Return an operator whose only user may do everything."""
    root, account, system, person = (
        Identity(nkeys.PREFIX_BYTE_OPERATOR),
        Identity(nkeys.PREFIX_BYTE_ACCOUNT),
        Identity(nkeys.PREFIX_BYTE_ACCOUNT),
        user(),
    )
    unlimited = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)
    storage = dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), -1)
    limits = {**unlimited, **storage, "wildcards": True}
    own = root.jwt(root, "operator", {"type": "operator", "system_account": system.public})
    accounts = {
        account.public: root.jwt(account, "account", {"type": "account", "limits": limits}),
        system.public: root.jwt(system, "SYS", {"type": "account", "limits": unlimited}),
    }
    rights = {"pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1, "type": "user"}
    preload = "\n".join(f"  {public}: {jwt}" for public, jwt in accounts.items())
    return Operator(
        f"operator: {own}\nsystem_account: {system.public}\nresolver: MEMORY\n"
        f"resolver_preload: {{\n{preload}\n}}",
        "-----BEGIN NATS USER JWT-----\n"
        f"{account.jwt(person, 'okhook', rights)}\n"
        "------END NATS USER JWT------\n\n"
        "-----BEGIN USER NKEY SEED-----\n"
        f"{person.seed.decode()}\n"
        "------END USER NKEY SEED------\n",
    )


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _base64(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")
