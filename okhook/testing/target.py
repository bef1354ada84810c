"""What a test can deliver to: a URL, or an application object."""

import inspect
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from okhook.testing.asgi import AsgiApp
from okhook.testing.exchange import HOST
from okhook.testing.wsgi import WsgiApp

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
