"""Every notice that the source tells has a sentence, and leads to a type that its owner can ask for."""

import ast
from collections.abc import Iterator
from pathlib import Path

from graphql_api.accounts.types import _SUBJECT_TYPES
from graphql_api.messages import is_known
from graphql_api.schema import schema

ROOT = Path(__file__).parents[2]
TELLING = {"tell", "tell_all"}


def told() -> Iterator[tuple[str, ast.Call, ast.Module]]:
    """Each call that puts something into an inbox."""
    for folder in ("backend", "moderation", "media"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = ast.parse(path.read_text("utf-8"))
            for node in ast.walk(module):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TELLING:
                    yield path.name, node, module


def subject_kinds(module: ast.Module) -> Iterator[str]:
    """What stands first in the pairs that a module names as `subject`."""
    for node in ast.walk(module):
        pair = node.value if isinstance(node, ast.keyword) and node.arg == "subject" else None
        if isinstance(pair, ast.Tuple) and isinstance(pair.elts[0], ast.Constant):
            yield str(pair.elts[0].value)


def test_every_kind_of_subject_has_a_type_that_is_a_node() -> None:
    kinds = {kind for _, _, module in told() for kind in subject_kinds(module)}
    assert {"round", "statement", "role_grant"} <= kinds
    assert kinds - set(_SUBJECT_TYPES) == set()
    node = schema().core.type_map["Node"]
    types = {kind.name for kind in schema().core.get_possible_types(node)}  # type: ignore[arg-type]
    assert set(_SUBJECT_TYPES.values()) <= types


def test_every_kind_of_notice_that_is_written_out_has_a_sentence() -> None:
    kinds = {
        one.value
        for _, call, _ in told()
        for one in call.args[2:3]
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }
    assert {"round_announced", "topic_answer_overdue", "seat_confirmed"} <= kinds
    assert [kind for kind in sorted(kinds) if not is_known(f"notice.{kind}")] == []
