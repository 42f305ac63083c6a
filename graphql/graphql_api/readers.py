"""Selections of plain fields as Python functions, which are written and compiled once a document.

For `{ id author { pseudonym } media { width } }` of a statement this makes

    def read(source, info):
        if not isinstance(source, a):
            raise TypeError
        return {
            "id": v if type(v := source.id) is str else b(v),
            "author": c(source.author, info),
            "media": [d(item, info) for item in listed(source.media)],
        }

where `a` is the class, `b` writes any other value, and `c` and `d` are such functions themselves. They raise when a
value is not what its field declares: the executor then goes the long way, which tells what is wrong. Of what a client
wrote only the names of fields stand in a function, as string literals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql_api.shapes import Branch, Leaf, Quick


@dataclass(frozen=True, slots=True)
class Glance:
    """All of `info` that a quick resolver looks at."""

    context: Any


@dataclass(frozen=True, slots=True)
class Below:
    """A branch with what is asked for of each of its objects, by response name."""

    branch: Branch
    fields: Mapping[str, "Plain"]


# A str is a constant: the type's name.
Plain: TypeAlias = str | Leaf | Quick | Below
# From an object to a field's value as it stands in the answer. Raises whatever when the field has to go the long way.
Reader: TypeAlias = Callable[[Any, Glance], Any]
# What a document's executions have compiled so far, by type and syntax nodes; None for what is not plain.
Readers: TypeAlias = dict[tuple[object, ...], Reader | None]

_INT_END = 2**31


def field_reader(field: Plain) -> Reader:
    """The function that reads one field of an object."""
    function = _Function()
    return function.compiled(f"return {function.value_of(field)}")


def _object_reader(below: Below) -> Reader:
    function = _Function()
    fields = "".join(f"{name!r}: {function.value_of(field)},\n" for name, field in below.fields.items())
    check = f"if not isinstance(source, {function.named(below.branch.classes)}):\n  raise TypeError"
    return function.compiled(f"{check}\n return {{{fields}}}")


class _Function:
    """A function in the making: the objects that its text names."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {"listed": _listed}

    def named(self, thing: object) -> str:
        """A name for the object."""
        name = f"a{len(self._names)}"
        self._names[name] = thing
        return name

    def value_of(self, field: Plain) -> str:
        """The expression that reads a field of `source`."""
        match field:
            case str():
                return repr(field)
            case Leaf():
                return self._leaf(field)
            case Quick(resolve, leaf):
                return f"{self.named(leaf.written)}({self.named(resolve)}(source, info=info))"
            case Below(branch):
                read, value = self.named(_object_reader(field)), f"source.{branch.name}"
                if branch.nullable:
                    maybe, value = f"None if (v := {value}) is None else ", "v"
                else:
                    maybe = ""
                one = (
                    f"[{read}(item, info) for item in listed({value})]" if branch.is_list else f"{read}({value}, info)"
                )
                return maybe + one

    def _leaf(self, leaf: Leaf) -> str:
        written = self.named(leaf.written)
        if leaf.as_it_is is None:
            return f"{written}(source.{leaf.name})"
        fits = f"type(v := source.{leaf.name}) is {leaf.as_it_is.__name__}"
        if leaf.as_it_is is int:
            fits += f" and {-_INT_END} <= v < {_INT_END}"
        return f"v if {fits} else {written}(v)"

    def compiled(self, body: str) -> Reader:
        """The function, made."""
        exec(f"def read(source, info):\n {body}", self._names)  # noqa: S102 (our own text, see above)
        reader: Reader = self._names["read"]
        return reader


def _listed(value: object) -> list[Any]:
    """The value, a list. Raises TypeError for anything else."""
    if type(value) is not list:
        raise TypeError
    return value
