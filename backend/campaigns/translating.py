"""A helper puts a wording that waits for review into another language, so that more people can judge and read it."""

from backend.campaigns import rules
from backend.campaigns.drafting import TranslationDraft, check_translation
from backend.campaigns.store import statements as store
from backend.campaigns.store.statements import Revision, Statement, Translation
from backend.core import audit, policy
from backend.core.database import Database, Transaction
from backend.core.errors import Conflict, NotAllowed, not_found
from backend.core.ids import Id
from backend.core.policy import Action
from backend.core.text import primary_language
from backend.core.viewer import Role, Viewer
from moderation.opening import add_language


async def translate_statement(
    db: Database, viewer: Viewer, *, statement_id: Id, revision_id: Id, version: int, draft: TranslationDraft
) -> Translation:
    """Attach a helper's translation to the wording in review; its maker is recorded. The same again is harmless.

    Raises NotFound, NotAllowed `language_not_declared`, ValidationFailed, and Conflict: `newer_version`,
    `translation_exists`, `too_many_translations`, `case_claimed`, or the state when nothing is in review.
    """
    made = check_translation(draft, maker="HELPER")
    async with db.transaction() as tx:
        helper_id = viewer.require_active()
        statement = await _require_sight(tx, viewer, statement_id)
        revision = await store.get_revision(tx, statement.latest_revision_id)
        _check_current(statement, revision, revision_id, version)
        existing = (await store.translations_of(tx, [revision_id])).get(revision_id, [])
        if made in existing:
            return made
        _check_language(viewer, revision, made, existing)
        await store.add_translation(tx, revision_id, made, made_by=helper_id)
        await add_language(
            tx, "statement", statement_id, revision_id, language=made.language, helper_id=helper_id
        )  # fmt: skip
        await audit.record(
            tx, helper_id, "helper:statement:translated", ("statement", statement_id), revision=revision_id,
            language=made.language,
        )  # fmt: skip
        return made


async def _require_sight(tx: Transaction, viewer: Viewer, statement_id: Id) -> Statement:
    """The statement, locked, for those who may turn a key on it. Raises NotFound for everybody else."""
    statement = await store.lock_statement(tx, statement_id)
    if statement is None or statement.author_id == viewer.account_id:
        raise not_found("statement", statement_id)
    teaches = statement.class_id is not None and policy.can(viewer, Action.TEACHER_KEY, statement.scope)
    is_of_school = teaches or statement.author_id in viewer.students or viewer.has(Role.SCHOOL_ADMIN, statement.scope)
    if not (teaches or policy.can(viewer, Action.MODERATE, statement.scope)):
        raise not_found("statement", statement_id)
    if statement.skips_teacher and is_of_school:
        raise not_found("statement", statement_id)
    return statement


def _check_current(statement: Statement, revision: Revision, revision_id: Id, version: int) -> None:
    if statement.visibility is rules.Visibility.WITHDRAWN or revision.review is rules.Review.DRAFT:
        raise not_found("statement", statement.id)
    if revision.review not in rules.WAITING_REVIEWS:
        raise Conflict(state=revision.review)
    if (revision.id, revision.version) != (revision_id, version):
        raise Conflict("newer_version", state=revision.review, path=("version",))


def _check_language(viewer: Viewer, revision: Revision, made: Translation, existing: list[Translation]) -> None:
    """Who translates reads the original; nobody writes over the author's words or another helper's."""
    if primary_language(revision.language) not in {primary_language(one) for one in viewer.languages}:
        raise NotAllowed("language_not_declared")
    if made.language in {revision.language, *(one.language for one in existing)}:
        raise Conflict("translation_exists", state=revision.review, path=("language",))
    if len(existing) >= rules.MAX_TRANSLATIONS:
        raise Conflict("too_many_translations", state=revision.review, path=("language",), max=rules.MAX_TRANSLATIONS)
