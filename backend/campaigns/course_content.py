"""The courses that ship with the programme: lessons, words and quizzes, read once from the package's TOML files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

COURSE_LOCALES: Final = ("en", "nb")
"""The languages every version of every course is written in; the first is read when a reader's own is missing."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a reader of a new language may not know, and what it means."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson. `body` is Markdown with headings, lists and bold only; `key` is stable across languages."""

    key: str
    title: str
    minutes: int
    body: str
    try_it: str
    discuss: tuple[str, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen. `right` is never shown before the question was answered."""

    key: str
    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A quiz question about the lesson with the key `lesson`; `kind` is `single` or `multiple`."""

    key: str
    lesson: str
    kind: str
    prompt: str
    explanation: str
    options: tuple[Option, ...]

    @property
    def right_keys(self) -> frozenset[str]:
        """The keys of the options that are right."""
        return frozenset(option.key for option in self.options if option.right)

    def is_right(self, chosen: frozenset[str]) -> bool:
        """Whether exactly the right options were chosen, no fewer and no more."""
        return chosen == self.right_keys


@dataclass(frozen=True, slots=True)
class Course:
    """A course in one language. Who has `pass_mark` questions right has passed."""

    name: str
    version: int
    locale: str
    title: str
    summary: str
    pass_mark: int
    lessons: tuple[Lesson, ...]
    questions: tuple[Question, ...]

    def correct_count(self, answers: Mapping[str, frozenset[str]]) -> int:
        """How many questions are answered right. `answers` maps question keys to chosen option keys."""
        return sum(q.is_right(answers.get(q.key, frozenset())) for q in self.questions)

    def is_passed(self, answers: Mapping[str, frozenset[str]]) -> bool:
        """Whether these answers reach the pass mark."""
        return self.correct_count(answers) >= self.pass_mark


MAX_NAME_CHARS = 64  # the name becomes a folder's


@cache
def load_course(name: str, version: int, locale: str) -> Course:
    """The course as published. Raises `LookupError` when there is no such course, version or language."""
    if len(name) > MAX_NAME_CHARS or not name.isidentifier() or locale not in COURSE_LOCALES:
        raise LookupError(f"no course {name!r} in {locale!r}")
    source = files("backend.campaigns") / "content" / name / f"v{version:d}" / f"{locale}.toml"
    if not source.is_file():
        raise LookupError(f"no version {version} of the course {name!r}")
    return _course(tomllib.loads(source.read_text(encoding="utf-8")))


def _course(data: Mapping[str, Any]) -> Course:
    return Course(
        name=data["name"],
        version=data["version"],
        locale=data["locale"],
        title=data["title"],
        summary=data["summary"],
        pass_mark=data["pass_mark"],
        lessons=tuple(_lesson(item) for item in data["lessons"]),
        questions=tuple(_question(item) for item in data["questions"]),
    )


def _lesson(data: Mapping[str, Any]) -> Lesson:
    return Lesson(
        key=data["key"],
        title=data["title"],
        minutes=data["minutes"],
        body=data["body"].strip(),
        try_it=data["try_it"],
        discuss=tuple(data["discuss"]),
        words=tuple(Word(**item) for item in data["words"]),
    )


def _question(data: Mapping[str, Any]) -> Question:
    return Question(
        key=data["key"],
        lesson=data["lesson"],
        kind=data["kind"],
        prompt=data["prompt"],
        explanation=data["explanation"],
        options=tuple(Option(**item) for item in data["options"]),
    )
