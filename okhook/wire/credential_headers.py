"""Which headers may carry a credential, told by their names."""

import re

_MAY_CARRY_ONE = re.compile(
    r"auth(?!or(?:ity|$))|cookie|credential|jwt|key(?:$|[-_])|passw|secret|session|sig(?:$|[-_])"
    r"|signature|token"
)


def may_carry_credential(name: str) -> bool:
    """Tell whether a header called ``name`` may carry a credential.

    ``Authorization``, cookies, and whatever calls itself a key, token, secret, password, session
    or signature. Rather one too many than one too few.
    """
    return _MAY_CARRY_ONE.search(name.lower()) is not None
