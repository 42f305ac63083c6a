"""Every code has a sentence in every language, and the files hold nothing else."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import graphql_api.messages
from backend.core import errors
from backend.core.locale import LOCALES
from graphql_api.messages import Entry, is_known, load, message

ROOT = Path(__file__).parents[2]
FOLDER = Path(graphql_api.messages.__file__).parent
ERROR_NAMES = {
    name for name, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, errors.DomainError)
}
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z0-9_]+)*")
KEY = re.compile(r"(notice|reason|next|card|page)\.[a-z0-9_.]*|(mail|consent)\.[a-z0-9_]+\.[a-z0-9_.]*")


@cache
def sources() -> list[tuple[Path, ast.Module]]:
    folders = ("backend", "moderation", "media", "graphql/graphql_api")
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return [(path, ast.parse(path.read_text("utf-8"))) for path in paths if "migrations" not in path.parts]


def literals(node: ast.AST | None) -> Iterator[str]:
    """The codes that an expression may be: a literal, or either side of a condition."""
    match node:
        case ast.Constant(value=str(text)) if CODE.fullmatch(text):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from literals(body)
            yield from literals(orelse)
        case ast.BoolOp(values=values):
            for value in values:
                yield from literals(value)


def codes_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords):
            given_code = next((word.value for word in keywords if word.arg == "code"), None)
            if name in ERROR_NAMES:
                yield from literals(given_code or (args[0] if args else None))
            if name == "message":
                yield from literals(given_code or (args[1] if len(args) > 1 else None))
        case (
            ast.AnnAssign(target=ast.Name(id="default_code"), value=value)
            | ast.Assign(targets=[ast.Name(id="default_code")], value=value)
        ):
            yield from literals(value)
        case ast.FunctionDef(name=name) if name.lstrip("_").startswith("why_no"):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return):
                    yield from literals(inner.value)


def codes_in_use() -> dict[str, str]:
    """Each code that the source raises, with where."""
    return {
        code: f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path, tree in sources()
        for node in ast.walk(tree)
        for code in codes_of(node)
    }


def keys_in_use() -> dict[str, str]:
    """Each prefixed key that stands in the source as a literal."""
    return {
        node.value: f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value)
        if not node.value.endswith((".", "_"))  # the beginning of a key that is put together
    }


def all_words() -> set[str]:
    return {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_messages_for_every_code_in_the_source_exist_in_every_language() -> None:
    used = codes_in_use() | keys_in_use()
    assert {"not_found", "second_factor_missing", "invalid_cursor"} <= set(used)
    for locale in LOCALES:
        missing = {code: place for code, place in used.items() if code not in load(locale).entries}
        assert not missing, f"{locale}.po lacks {missing}"


def test_messages_without_use_are_not_kept() -> None:
    words = all_words()
    stems = tuple(word for word in words if word in {"mail.", "consent."} or (word[-1:] == "." and KEY.fullmatch(word)))
    unused = {code for code in load("en").entries if code not in words and not (stems and code.startswith(stems))}
    assert not unused


@pytest.mark.parametrize("locale", LOCALES)
def test_messages_file_is_complete_sorted_and_finished(locale: str) -> None:
    with (FOLDER / f"{locale}.po").open("rb") as file:
        catalog = read_po(file, locale=locale)
    items = [item for item in catalog if item.id]
    assert catalog.locale_identifier == locale
    assert not catalog.obsolete
    assert not [item.id for item in items if item.fuzzy or "fuzzy" in item.flags]
    codes = [item.id if isinstance(item.id, str) else item.id[0] for item in items]
    assert codes == sorted(load("en").entries)
    assert all(CODE.fullmatch(code) for code in codes)


@pytest.mark.parametrize("locale", LOCALES)
def test_messages_in_a_language_match_the_english_ones(locale: str) -> None:
    for code, english in load("en").entries.items():
        entry = load(locale).entries[code]
        assert entry.number == english.number, code
        assert len(entry.forms) == (2 if entry.number else 1), code
        assert_form_is_sound(code, entry, english)


def assert_form_is_sound(code: str, entry: Entry, english: Entry) -> None:
    for form in entry.forms:
        assert form.strip() == form != "", code
        assert placeholders(form) <= placeholders(english.forms[-1]), code
        assert all(name.isidentifier() for name in placeholders(form)), code
        assert "." in code or form.endswith((".", "?", "!")), f"{code}: an error is a sentence"
    assert placeholders(entry.forms[-1]) == placeholders(english.forms[-1]), code
    assert entry.number is None or entry.number in placeholders(entry.forms[-1]), code
    if entry is not english and " " in english.forms[-1]:
        assert entry.forms[-1] != english.forms[-1], f"{code}: not translated"


def test_message_with_a_number_takes_the_right_form() -> None:
    assert message("en", "text_too_long", {"max": 1}) == "This is too long. At most 1 character."
    assert message("en", "text_too_long", {"max": 2000}) == "This is too long. At most 2000 characters."
    assert message("is", "text_too_long", {"max": 21}) == "Þetta er of langt. Mest 21 stafur."
    assert message("is", "text_too_long", {"max": 11}) == "Þetta er of langt. Mest 11 stafir."
    assert message("da", "text_too_long", {}) == "Det er for langt. Højst … tegn."


def test_message_with_seconds_says_the_wait_in_words() -> None:
    assert message("nb", "rate_limited", {"seconds": 900}) == "For mange forsøk. Prøv igjen om 15 minutter."
    assert message("fi", "rate_limited", {"seconds": 1}) == "Liian monta yritystä. Yritä uudelleen 1 sekunnin päästä."


def test_message_for_an_unknown_code_or_locale_still_says_something() -> None:
    assert message("sv", "no_such_code", {}) == message("sv", "not_possible", {})
    assert message("ti", "closed", {}) == message("en", "closed", {})
    assert message("no-NO", "closed", {}) == message("nb", "closed", {})
    assert is_known("closed")
    assert not is_known("no_such_code")


def test_message_with_braces_in_a_value_does_not_read_them() -> None:
    name = "{0.__class__} {max} %s"
    assert name in message("en", "text_forbidden_character", {"character": name})


@given(
    st.sampled_from(LOCALES),
    st.dictionaries(
        st.sampled_from(["max", "min", "seconds", "wait"]),
        st.none() | st.booleans() | st.text() | st.integers() | st.floats(),
    ),
)
def test_message_with_any_parameters_never_fails(locale: str, params: dict[str, object]) -> None:
    for code in load("en").entries:
        assert message(locale, code, params)
