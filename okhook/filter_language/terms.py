"""What a filter expression is made of, and what each part of it comes to for an event."""

from dataclasses import dataclass
from typing import Protocol

from okhook.filter_language.values import (
    WITH_ARGUMENT,
    WITHOUT_ARGUMENT,
    Comparison,
    NotUnderstood,
    kind_of,
    member,
    truth,
)


class Term(Protocol):
    """A part of an expression. ``scope`` is the object whose names it may use."""

    def value(self, scope: object) -> object:
        """Return what it comes to.

        Raises:
            NotUnderstood: it comes to nothing that we know how to get.

        """
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, true, false or null."""

    literal: str | float | bool | None

    def value(self, _: object) -> object:
        """Return it."""
        return self.literal


@dataclass(frozen=True, slots=True)
class Name:
    """A name that stands alone: a member of the scope."""

    name: str

    def value(self, scope: object) -> object:
        """Return that member."""
        return member(scope, self.name)


class Step(Protocol):
    """What is done with the value on its left: ``.name``, ``[0]``, ``.?[…]``, ``.size()``."""

    def taken(self, value: object, scope: object) -> object:
        """Return what ``value`` leads to; raises ``NotUnderstood`` as terms do."""
        ...


@dataclass(frozen=True, slots=True)
class Path:
    """A value and the steps from it, however many."""

    start: Term
    steps: tuple[Step, ...]

    def value(self, scope: object) -> object:
        """Return where the steps lead."""
        value = self.start.value(scope)
        for step in self.steps:
            value = step.taken(value, scope)
        return value


@dataclass(frozen=True, slots=True)
class Member:
    """``.name``."""

    name: str

    def taken(self, value: object, _: object) -> object:
        """Return the member, null where there is none."""
        return member(value, self.name)


@dataclass(frozen=True, slots=True)
class Element:
    """``[0]``."""

    index: int

    def taken(self, value: object, _: object) -> object:
        """Return the element of a list, null where there is none."""
        if value is None:
            return None
        if not isinstance(value, list):
            raise NotUnderstood(f"[{self.index}] of {kind_of(value)}")
        return value[self.index] if self.index < len(value) else None


@dataclass(frozen=True, slots=True)
class Selection:
    """``.?[…]``: the elements for which ``test`` is true; it sees the members of each."""

    test: Term

    def taken(self, value: object, _: object) -> object:
        """Return the list of them."""
        if value is None:
            return []
        if not isinstance(value, list):
            raise NotUnderstood(f".?[…] of {kind_of(value)}")
        return [element for element in value if truth(self.test.value(element))]


@dataclass(frozen=True, slots=True)
class Method:
    """``.size()``, ``.contains(…)`` and their like."""

    name: str
    argument: Term | None

    def taken(self, value: object, scope: object) -> object:
        """Return what the method answers."""
        if self.argument is None:
            return WITHOUT_ARGUMENT[self.name](value)
        return WITH_ARGUMENT[self.name](value, self.argument.value(scope))


@dataclass(frozen=True, slots=True)
class Compared:
    """Two values and how they are compared."""

    comparison: Comparison
    left: Term
    right: Term

    def value(self, scope: object) -> object:
        """Return whether the comparison holds."""
        return self.comparison(self.left.value(scope), self.right.value(scope))


@dataclass(frozen=True, slots=True)
class Negated:
    """``!`` and ``not``."""

    term: Term

    def value(self, scope: object) -> object:
        """Return the opposite."""
        return not truth(self.term.value(scope))


@dataclass(frozen=True, slots=True)
class Every:
    """``&&``: it ends with the first that is false."""

    terms: tuple[Term, ...]

    def value(self, scope: object) -> object:
        """Return whether all are true."""
        return all(truth(term.value(scope)) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Either:
    """``||``: it ends with the first that is true."""

    terms: tuple[Term, ...]

    def value(self, scope: object) -> object:
        """Return whether one is true."""
        return any(truth(term.value(scope)) for term in self.terms)
