"""The published documents: each is valid, within the limits of strangers, tells problems, and is run by a test."""

import re
from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_union_type,
    parse,
    visit,
)

from graphql_api.documents import Documents
from graphql_api.limits import Limits
from graphql_api.schema import schema
from tests.api.client import OPERATIONS

FILES = sorted(OPERATIONS.glob("*.graphql"))
ROOT = Path(__file__).resolve().parents[2]
LARGEST_PAGE = 100


class Branches(Visitor):
    """Collects the fields that answer with a union, and what is asked of each."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.asked: dict[str, list[str]] = {}

    def enter_field(self, node: FieldNode, *_: object) -> None:
        kind = self.info.get_type()
        if kind is not None and is_union_type(get_named_type(kind)) and node.selection_set is not None:
            found: list[str] = []
            for one in node.selection_set.selections:
                if isinstance(one, FieldNode):
                    found.append(one.name.value)
                elif isinstance(one, InlineFragmentNode) and one.type_condition is not None:
                    below = [each.name.value for each in one.selection_set.selections if isinstance(each, FieldNode)]
                    found += [f"{one.type_condition.name.value}.{name}" for name in below]
            self.asked[node.name.value] = found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_document_is_valid_and_within_the_limits(file: Path) -> None:
    text = file.read_text("utf-8")
    prepared = Documents(schema(), Limits()).prepare(text)  # parses, validates, counts depth, aliases and tokens
    [(name, operation)] = prepared.operations.items()
    assert name == file.stem
    assert not prepared.introspects
    assert operation.cost.cost({"first": LARGEST_PAGE, "last": LARGEST_PAGE}) <= Limits().cost


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_document_asks_for_the_type_and_the_problem_of_every_union(file: Path) -> None:
    document = parse(file.read_text("utf-8"))
    info = TypeInfo(schema().core)
    branches = Branches(info)
    visit(document, TypeInfoVisitor(info, branches))
    [operation] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    assert branches.asked or operation.operation.value != "mutation"
    for name, asked in branches.asked.items():
        assert {"__typename", "Problem.code", "Problem.message", "Problem.path"} <= set(asked), name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_document_uses_all_its_fragments_by_name(file: Path) -> None:
    document = parse(file.read_text("utf-8"))
    names = [one.name.value for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    assert len(names) == len(set(names))


def test_every_root_field_of_the_schema_has_a_document() -> None:
    asked = {
        field.name.value
        for file in FILES
        for one in parse(file.read_text("utf-8")).definitions
        if isinstance(one, OperationDefinitionNode)
        for field in one.selection_set.selections
        if isinstance(field, FieldNode)
    }
    core = schema().core
    assert core.query_type is not None
    assert core.mutation_type is not None
    assert set(core.mutation_type.fields) - asked == set()
    assert set(core.query_type.fields) - asked == set()
    assert core.subscription_type is not None
    assert set(core.subscription_type.fields) - asked == set()


def test_every_document_is_run_by_a_test() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "tests").rglob("*.py")))
    walk = (ROOT / "README.md").read_text("utf-8")
    unused = [
        file.stem
        for file in FILES
        if not re.search(rf"[\"']{file.stem}[\"']", tests) and not re.search(rf"\b(ask|do_|look) {file.stem}\b", walk)
    ]
    assert unused == []
