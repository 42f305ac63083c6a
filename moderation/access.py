"""Who a viewer is to a case, and the one way to a case that they may see."""

from backend.core.database import Transaction
from backend.core.errors import DomainError, NotAllowed, NotFound, not_found
from backend.core.ids import Id
from backend.core.policy import Action, can, why_not
from backend.core.viewer import Role, Viewer
from moderation import store
from moderation.rules import Person, why_hidden_from
from moderation.store import CaseRow
from moderation.subjects import Desk, SubjectView

# Where a decision is refused although the case may be seen: codes of `rules.why_no_key` and `rules.why_no_verdict`.
_HIDING_CODES = frozenset({"own_subject", "about_the_school"})


def person_of(viewer: Viewer, row: CaseRow, *, is_reporter: bool = False) -> Person:
    """What the viewer is to the case. Roles count only where the grant covers the place."""
    account_id = viewer.require_account()
    teaches_class = row.class_id is not None and can(viewer, Action.TEACHER_KEY, row.place)
    return Person(
        account_id=account_id,
        languages=viewer.languages,
        is_moderator=can(viewer, Action.MODERATE, row.place),
        turns_teacher_key=teaches_class,
        is_authors_teacher=teaches_class or row.author_id in viewer.students,
        runs_school=viewer.has(Role.SCHOOL_ADMIN, row.place),
        is_author=row.author_id == account_id,
        is_reporter=is_reporter,
    )


def may_see(viewer: Viewer, row: CaseRow) -> bool:
    """Whether the case is shown to the viewer at all: moderators of the place, the class's teacher; never one's own."""
    return why_hidden_from(person_of(viewer, row), row.review) is None


def require_sight(viewer: Viewer, row: CaseRow | None) -> CaseRow:
    """The case, or NotFound; NotAllowed when only the second factor or a restriction stands in the way."""
    viewer.require_account()
    if row is None:
        raise not_found("Case")
    if may_see(viewer, row):
        return row
    reason = why_not(viewer, Action.MODERATE, row.place)
    if reason in ("second_factor_missing", "account_restricted") and viewer.grants:
        raise NotAllowed(reason)
    raise not_found("Case")


def refusal(code: str) -> DomainError:
    """The error for a code of the rules: what may not be seen is not found, all else is not allowed."""
    return NotFound(path=("id",), kind="Case") if code in _HIDING_CODES else NotAllowed(code)


async def lock_subject_and_case(tx: Transaction, desk: Desk, case_id: Id) -> tuple[SubjectView, CaseRow]:
    """Both rows, in the order that everybody keeps: subject, then case. Raises NotFound."""
    seen = (await store.find_cases(tx, [case_id])).get(case_id)
    if seen is None:
        raise not_found("Case")
    subject = await desk.handler(seen.subject_kind).lock(tx, seen.subject_id)
    row = await store.lock_case(tx, case_id)
    if subject is None or row is None:
        raise not_found("Case")
    return subject, row
