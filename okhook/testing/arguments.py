"""Read the arguments of a test, and say in words what is wrong with them."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, cast
from urllib.parse import urlsplit

from okhook.http.client import Headers
from okhook.secret import HookAuth, Secret
from okhook.testing.asgi import AsgiApp
from okhook.testing.exchange import HOST
from okhook.testing.wsgi import WsgiApp
from okhook.text import is_header_name
from okhook.wire.delivery import body_of
from okhook.wire.event_types import is_eligible, meant, not_eligible
from okhook.wire.hook_call import TIMEOUT_S


def event_type_fault(event_type: str) -> str | None:
    """Return why no event hook can have the event type; None if one can."""
    if is_eligible(event_type):
        return None
    if event_type in not_eligible():
        return f"event hooks cannot subscribe to {event_type!r}: only the System Log has it"
    question = meant(event_type)
    return f"unknown event type {event_type!r}" + (f": {question}" if question else "")


def delivery_body(delivery: object) -> bytes:
    """Return the bytes of a delivery: those given, or a JSON object as Okta writes it."""
    if isinstance(delivery, bytes):
        return delivery
    if not isinstance(delivery, Mapping):
        raise TypeError(
            "the delivery must be what okta_delivery returns, another JSON object, or the bytes of"
            f" a body; not {type(delivery).__name__}"
        )
    if "data" not in delivery and {"uuid", "published"} <= delivery.keys():
        raise TypeError("this is an event: pass okta_delivery(event)")
    return body_of(dict(delivery))


class CallOptions(TypedDict, total=False):
    """How Okta calls a hook.

    ``secret`` is the whole value of the header ``secret_header`` (``Authorization``), such as
    ``Basic …``. ``headers`` are more headers, and ``timeout`` is in seconds (3).
    """

    secret: str | None
    secret_header: str
    headers: Mapping[str, str]
    timeout: float


def read_options(
    *,
    secret: str | None = None,
    secret_header: str = "Authorization",  # noqa: S107 - the name of a header
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_S,
) -> tuple[HookAuth | None, Headers, float]:
    """Return the header with the secret, more headers, and the timeout in seconds."""
    pairs = tuple((headers or {}).items())
    for name, value in (*pairs, (secret_header, "" if secret is None else secret)):
        _check_header(name, value)
    if secret == "":
        raise ValueError("the secret is empty")
    if timeout <= 0:
        raise ValueError(f"timeout={timeout!r}: expected seconds, more than 0")
    auth = None if secret is None else HookAuth(secret_header, Secret(secret))
    return auth, pairs, timeout


def _check_header(name: object, value: object) -> None:
    if not isinstance(name, str) or not is_header_name(name):
        raise ValueError(f"{name!r} is not the name of a header")
    if not isinstance(value, str):
        raise TypeError(f"the header {name} must be a string, not {type(value).__name__}")
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError(
            f"the header {name} cannot have this value: it must be printable ASCII, without spaces"
            " at its start or end"
        )


def check_count(name: str, value: object) -> None:
    """Raise ``ValueError`` unless the value is a number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name}={value!r}: expected a number from 1, such as {name}=5")


_ACCEPTED = (
    "a URL, or an ASGI or WSGI application object, such as those of FastAPI, Starlette, Django and"
    " Flask"
)
_DEFAULT_PATH = "/hook"


@dataclass(frozen=True, slots=True)
class Target:
    """A ``url``, and the app that answers for it unless a server does."""

    url: str
    asgi: AsgiApp | None = None
    wsgi: WsgiApp | None = None


def read_target(given: object, path: str | None) -> Target:
    """Return the target. Raises ``TypeError`` or ``ValueError``, which say what is accepted."""
    if path is not None and not path.startswith("/"):
        raise ValueError(f"path={path!r}: a path begins with /")
    if isinstance(given, str):
        return Target(_url(given, path))
    url = f"https://{HOST}{path or _DEFAULT_PATH}"
    if _is_asgi(given):
        return Target(url, asgi=cast("AsgiApp", given))
    if _takes(given, 2):
        return Target(url, wsgi=cast("WsgiApp", given))
    raise TypeError(f"the target must be {_ACCEPTED}; not {_described(given)}")


def _url(given: str, path: str | None) -> str:
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{given!r} is not a URL; the target must be {_ACCEPTED}")
    if parts.path in ("", "/"):
        return parts._replace(path=path or _DEFAULT_PATH).geturl()
    if path is not None:
        raise ValueError(f"{given!r} has a path already: leave out path={path!r}")
    return given


def _is_asgi(given: object) -> bool:
    if not _takes(given, 3) or not callable(given):
        return False
    is_async = inspect.iscoroutinefunction(given) or inspect.iscoroutinefunction(given.__call__)
    return is_async or not _takes(given, 2)


def _takes(given: object, count: int) -> bool:
    """Return whether an instance or a function can be called with ``count`` arguments."""
    if not callable(given) or inspect.isclass(given):
        return False
    try:
        inspect.signature(given).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _described(given: object) -> str:
    if inspect.isclass(given):
        return f"the class {given.__name__}: pass an instance of it"
    if inspect.isroutine(given):
        return f"the function {given.__name__}: if it makes the application, call it"
    for name in ("app", "application"):
        if hasattr(given, name):
            return f"{type(given).__name__}: pass its .{name}"
    return type(given).__name__
