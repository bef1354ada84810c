"""What kind of JSON value something is, in words for an error."""


def json_kind(value: object) -> str:
    """Return ``a string``, ``an array`` and so on, as a sentence goes on with it."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
