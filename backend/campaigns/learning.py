"""The course: finish lessons, hand the quiz in, pass. What was answered is not kept, only how many were right."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.campaigns.course_content import COURSE_LOCALES, Course, Question, load_course
from backend.campaigns.store import progress
from backend.campaigns.store.progress import Attempt
from backend.core import audit, repeats
from backend.core.database import Connection, Database
from backend.core.errors import Conflict, NotFound, ValidationFailed, not_found
from backend.core.ids import Id, new_id
from backend.core.ratelimit import Limit, take
from backend.core.viewer import Viewer

# Enough for an eager learner, too few to find the right answers by trying.
_ATTEMPTS = Limit("quiz", burst=6, per_seconds=3600)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where somebody stands in a course."""

    lessons_done: frozenset[str]
    best: Attempt | None

    @property
    def passed(self) -> bool:
        """Whether the quiz was passed."""
        return self.best is not None and self.best.passed


@dataclass(frozen=True, slots=True)
class QuizResult:
    """What an attempt led to. `wrong` are the questions to look at again."""

    score: int
    of: int
    pass_mark: int
    passed: bool
    wrong: tuple[Question, ...]


def find_course(name: str, version: int, locale: str) -> Course:
    """The course in the locale, or in English when it is not written in it. Raises NotFound."""
    fallback = "nb" if locale in {"nn", "da"} else "en"
    try:
        return load_course(name, version, locale if locale in COURSE_LOCALES else fallback)
    except LookupError:
        raise not_found("course") from None


async def complete_lesson(db: Database, viewer: Viewer, *, name: str, version: int, lesson: str) -> None:
    """Note a lesson as finished; again is harmless. Raises NotFound."""
    course = find_course(name, version, "en")
    if lesson not in {one.key for one in course.lessons}:
        raise NotFound(path=("lesson",), kind="lesson")
    async with db.transaction() as tx:
        account_id = viewer.require_active()
        await progress.add_lesson(tx, account_id, name, version, lesson)


async def submit_quiz(
    db: Database,
    viewer: Viewer,
    *,
    name: str,
    version: int,
    answers: Mapping[str, frozenset[str]],
    locale: str,
    secret: bytes,
    client_key: str | None = None,
) -> QuizResult:
    """Hand the quiz in. `answers` maps each question's key to the chosen options' keys.

    Raises NotFound, ValidationFailed (not all questions answered, or options that do not exist), Conflict when lessons
    are still missing, RateLimited.
    """
    course = find_course(name, version, locale)
    _check_answers(course, answers)
    account_id = viewer.require_account()
    async with db.reading() as conn:
        is_repeat = await repeats.known_result(conn, viewer, "quizSubmit", client_key) is not None
    if not is_repeat:
        await take(db, _ATTEMPTS, f"{account_id}:{name}:{version}", secret=secret)
    async with db.transaction() as tx:
        viewer.require_active()
        attempt_id = new_id()
        first = await repeats.first_result(tx, viewer, "quizSubmit", client_key, attempt_id)
        if first is None:
            missing = {one.key for one in course.lessons} - await progress.lessons_done(tx, account_id, name, version)
            if missing:
                raise Conflict("lessons_missing", state="LESSONS_MISSING", count=len(missing))
            score = course.correct_count(answers)
            passed = course.is_passed(answers)
            await progress.add_attempt(tx, attempt_id, account_id, name, version, score=score, passed=passed)
            if passed:
                await audit.record(tx, account_id, "learner:course:passed", ("account", account_id), version=version)
            first = attempt_id
        attempt = await progress.get_attempt(tx, first)
    if attempt is None:
        raise LookupError("the quiz attempt of a repeat is missing")
    wrong = tuple(q for q in course.questions if not q.is_right(answers.get(q.key, frozenset())))
    return QuizResult(attempt.score, len(course.questions), course.pass_mark, attempt.passed, wrong)


def _check_answers(course: Course, answers: Mapping[str, frozenset[str]]) -> None:
    known = {question.key: {option.key for option in question.options} for question in course.questions}
    for key, chosen in answers.items():
        if not chosen <= known.get(key, set()):
            raise ValidationFailed("quiz_unknown_option", path=("answers",))
    unanswered = sum(1 for key in known if not answers.get(key))
    if unanswered:
        raise ValidationFailed("quiz_incomplete", path=("answers",), count=unanswered)


async def get_progress(conn: Connection, account_id: Id, name: str, version: int) -> Progress:
    """Where the account stands."""
    done = await progress.lessons_done(conn, account_id, name, version)
    return Progress(frozenset(done), await progress.best_attempt(conn, account_id, name, version))
