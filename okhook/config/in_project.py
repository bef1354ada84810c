"""What becomes of a value in the project's file, which may be a stranger's."""

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from okhook.wire.org import is_loopback
from okhook.wire.target_url import is_on_this_machine

if TYPE_CHECKING:
    from okhook.config.setting import Setting


class InProject(Enum):
    """What becomes of a setting in the project's file.

    A person confirms once what reaches beyond this machine and the project.
    """

    USED = "used"
    ASKED_IF_ELSEWHERE = "URL"
    """A URL of another machine needs to be confirmed."""
    ASKED_IF_OPEN = "address"
    """An address to listen on needs to be confirmed if other machines can call it."""
    ASKED_IF_OUTSIDE = "file"
    """A file to write needs to be confirmed if it is not in the working directory."""
    IGNORED = "ignored"
    """It names a program, a file with a credential, or what may be done without asking."""


def to_confirm(kind: InProject, setting: "Setting[Any]") -> Iterable[str]:
    """Return what of a value in the project's file a person needs to confirm."""
    match kind:
        case InProject.ASKED_IF_ELSEWHERE:
            return _urls_elsewhere(setting)
        case InProject.ASKED_IF_OPEN:
            return _open_address(setting)
        case InProject.ASKED_IF_OUTSIDE:
            return _file_outside(setting)
    return ()


def _urls_elsewhere(setting: "Setting[str | tuple[str, ...]]") -> Iterable[str]:
    """Return the URLs that are not of this machine. An invalid one is an error where it is used."""
    urls = [setting.value] if isinstance(setting.value, str) else setting.value
    return [url for url in urls if not is_on_this_machine(url)]


def _open_address(setting: "Setting[Any]") -> Iterable[str]:
    """Return an address, with or without a port, if other machines can call it."""
    host = getattr(setting.value, "host", setting.value)
    return [] if is_loopback(host) else [str(setting.value)]


def _file_outside(setting: "Setting[str]") -> Iterable[str]:
    """Return a path if it leads out of the working directory, also through a symlink."""
    from okhook.config.paths import expanded, working_directory

    directory = working_directory()
    try:
        path = (directory / expanded(setting.value, setting.origin)).resolve()
        is_inside = path.is_relative_to(directory.resolve())
    except (OSError, RuntimeError):  # a loop of symlinks
        is_inside = False
    return [] if is_inside else [setting.value]
