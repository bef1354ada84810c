"""Why an org did not do what it was asked for, as evidence on one line."""

from okhook.errors import OkhookError


def reason_of(error: OkhookError) -> str:
    """Return what happened and why, without what to do next."""
    return "; ".join([error.what, *(error.why or "").splitlines()])
