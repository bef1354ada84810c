"""The environment of the child: the user's own, without what is none of Hookdeck's business."""

from collections.abc import Mapping

_PRIVATE = ("OKHOOK_", "OKTA_")


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without our settings and secrets and without Okta's credentials."""
    return {name: value for name, value in environ.items() if not name.startswith(_PRIVATE)}
