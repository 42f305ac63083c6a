"""The course that ships: the same in both languages, fair to answer, and short enough for a new reader."""

import re
from collections.abc import Iterator

import pytest

from backend.campaigns.course_content import COURSE_LOCALES, Course, Lesson, load_course

NAME, VERSION = "my_voice_out", 1
LONGEST_SENTENCE = 32
AVERAGE_SENTENCE = 11


@pytest.fixture(params=COURSE_LOCALES)
def course(request: pytest.FixtureRequest) -> Course:
    return load_course(NAME, VERSION, str(request.param))


def shape(course: Course) -> object:
    """All that must not differ between languages."""
    lessons = [(x.key, x.minutes, len(x.words), len(x.discuss), outline(x)) for x in course.lessons]
    questions = [(q.key, q.lesson, q.kind, [(o.key, o.right) for o in q.options]) for q in course.questions]
    return course.name, course.version, course.pass_mark, lessons, questions


def outline(lesson: Lesson) -> list[str]:
    """The kinds of lines of the body: headings, list items, paragraphs."""
    return [re.match(r"##|-|\d\.|", line).group() for line in lesson.body.splitlines() if line]  # type: ignore[union-attr]


def sentences(lesson: Lesson) -> Iterator[str]:
    plain = re.sub(r"\*\*|^(## |- |\d\. )", "", lesson.body, flags=re.MULTILINE)
    for line in plain.splitlines():
        yield from (s for s in re.split(r"(?<=[.!?:…])\s+", line) if len(s.split()) > 1)


def test_course_in_every_language_has_the_same_structure() -> None:
    first, *others = (load_course(NAME, VERSION, locale) for locale in COURSE_LOCALES)
    assert [shape(other) for other in others] == [shape(first)] * len(others)


def test_course_has_six_lessons_and_twelve_questions_two_for_each(course: Course) -> None:
    keys = [lesson.key for lesson in course.lessons]
    assert len(keys) == len(set(keys)) == 6
    assert [q.lesson for q in course.questions] == [key for key in keys for _ in range(2)]
    assert len({q.key for q in course.questions}) == 12
    assert course.pass_mark == 9


def test_question_always_has_a_right_and_a_wrong_option_as_its_kind_says(course: Course) -> None:
    for question in course.questions:
        right = sum(option.right for option in question.options)
        assert 3 <= len(question.options) <= 4, question.key
        assert len({option.key for option in question.options}) == len(question.options), question.key
        assert 0 < right < len(question.options), question.key
        assert (right == 1) == (question.kind == "single"), question.key
        assert question.explanation, question.key


def test_right_option_is_not_always_in_the_same_place(course: Course) -> None:
    places = {[o.right for o in q.options].index(True) for q in course.questions if q.kind == "single"}
    assert places == {0, 1, 2}


def test_lesson_is_short_enough_to_read_in_class(course: Course) -> None:
    for lesson in course.lessons:
        words = len(lesson.body.split())
        assert 200 <= words <= 560, (lesson.key, words)
        assert words / lesson.minutes <= 40, lesson.key
        assert 4 <= len(lesson.words) <= 8, lesson.key
        assert lesson.try_it, lesson.key
        assert len(lesson.discuss) == 3, lesson.key


def test_sentences_are_short_enough_for_a_new_reader(course: Course) -> None:
    for lesson in course.lessons:
        lengths = {sentence: len(sentence.split()) for sentence in sentences(lesson)}
        assert max(lengths.values()) <= LONGEST_SENTENCE, max(lengths, key=lambda s: lengths[s])
        assert sum(lengths.values()) / len(lengths) <= AVERAGE_SENTENCE, lesson.key


def test_body_uses_only_headings_lists_and_bold(course: Course) -> None:
    for lesson in course.lessons:
        assert not re.search(r"[<>`\[\]_|]|(?<!\*)\*(?!\*)|^#(?!# )|^ ", lesson.body, re.MULTILINE), lesson.key
        assert lesson.body.count("**") % 2 == 0, lesson.key


def test_quiz_with_nine_right_passes_and_with_eight_does_not(course: Course) -> None:
    answers = {q.key: q.right_keys for q in course.questions}
    nine = dict(list(answers.items())[:9])
    eight = dict(list(answers.items())[:8])
    assert course.correct_count(answers) == 12
    assert course.is_passed(nine)
    assert not course.is_passed(eight)


def test_question_with_a_right_and_a_wrong_choice_is_not_right(course: Course) -> None:
    question = next(q for q in course.questions if q.kind == "multiple")
    everything = frozenset(option.key for option in question.options)
    assert not question.is_right(everything)
    assert not question.is_right(frozenset())
    assert question.is_right(question.right_keys)


@pytest.mark.parametrize(
    ("name", "version", "locale"),
    [("no_such_course", 1, "en"), ("../v1", 1, "en"), (NAME, 2, "en"), (NAME, 1, "xx"), (NAME, 1, "../en")],
)
def test_course_that_does_not_exist_is_refused(name: str, version: int, locale: str) -> None:
    with pytest.raises(LookupError):
        load_course(name, version, locale)


def test_course_is_read_once() -> None:
    assert load_course(NAME, VERSION, "nb") is load_course(NAME, VERSION, "nb")
