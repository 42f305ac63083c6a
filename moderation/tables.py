"""Tables of cases, decisions, statements of reasons, reports and appeals."""

from piccolo.columns import UUID, Array, Boolean, Bytea, ForeignKey, Integer, OnDelete, Text, Timestamptz
from piccolo.constraints import Unique
from piccolo.table import Table


class ModerationCase(Table, tablename="moderation_case"):
    """Everything that is to be decided about one subject: a revision under review, reports on what is visible, or both.

    A subject has one case for ever, which closes and opens again. Partial indexes for the queue: see the migration.
    """

    id = UUID(primary_key=True, default=None, null=False)
    subject_kind = Text(default=None, null=False)
    subject_id = UUID(default=None, null=False)
    author_id = UUID(default=None, null=True, index=True)  # personal: own cases, notices, appeal; nulled after erasure
    city_id = UUID(default=None, null=True)
    school_id = UUID(default=None, null=True)
    class_id = UUID(default=None, null=True)
    campaign_id = UUID(default=None, null=True)
    zone = Text(default=None, null=False)
    cycle = Integer(default=None, null=False)
    revision_id = UUID(default=None, null=False)
    version = Integer(default=None, null=False)
    review_open = Boolean(default=None, null=False)
    keys = Integer(default=None, null=False)
    language = Text(default=None, null=False)
    translations = Array(base_column=Text(), default=None, null=False)
    skip_teacher = Boolean(default=None, null=False)
    is_held = Boolean(default=None, null=False)
    tags = Array(base_column=Text(), default=None, null=False)
    reported_revision_id = UUID(default=None, null=True)
    reported_version = Integer(default=None, null=True)
    is_hidden = Boolean(default=None, null=False)
    reopened = Boolean(default=None, null=False)
    state = Text(default=None, null=False)
    severity = Integer(default=None, null=False)
    reports = Integer(default=None, null=False)
    opened_at = Timestamptz(default=None, null=False)
    rank_at = Timestamptz(default=None, null=False)
    queue_from = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    concern = Text(default=None, null=True)  # personal: a teacher's words about a statement; nulled a month after close
    passed_on_at = Timestamptz(default=None, null=True)
    claimed_by = UUID(default=None, null=True)  # personal: who works on it; nulled with the claim
    claim_hash = Bytea(default=None, null=True)
    claim_until = Timestamptz(default=None, null=True)
    closed_at = Timestamptz(default=None, null=True)
    sealed_at = Timestamptz(default=None, null=True)
    one_case_a_subject = Unique([subject_kind, subject_id], name="one_case_a_subject")


class CaseHand(Table, tablename="case_hand"):
    """Who ever had a hand in a case: such a person never answers an appeal in it."""

    id = UUID(primary_key=True, default=None, null=False)
    case_id = ForeignKey(references=ModerationCase, default=None, null=False, on_delete=OnDelete.restrict)
    account_id = UUID(default=None, null=False)  # personal: neutrality of appeals; removed with erasure of staff
    one_hand_a_person = Unique([case_id, account_id], name="one_hand_a_person")


class ModerationDecision(Table, tablename="moderation_decision"):
    """One decision, bound to the revision and version it saw. A key that waits for the second is not final."""

    id = UUID(primary_key=True, default=None, null=False)
    case_id = ForeignKey(references=ModerationCase, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    cycle = Integer(default=None, null=False)
    revision_id = UUID(default=None, null=False)
    version = Integer(default=None, null=False)
    verdict = Text(default=None, null=False)
    is_final = Boolean(default=None, null=False)
    hand = Text(default=None, null=False)
    decided_by = UUID(default=None, null=True)  # personal: responsibility of staff; nulled when the account is erased
    is_authors_teacher = Boolean(default=None, null=False)
    language_read = Text(default=None, null=True)
    reason = Text(default=None, null=True)
    words = Text(default=None, null=True)  # personal: words to the author; nulled when the author is erased
    words_language = Text(default=None, null=True)
    appeal_id = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)


class StatementOfReasons(Table, tablename="statement_of_reasons"):
    """Why something was restricted, for the person concerned: facts, reason, redress, whether a person decided."""

    id = UUID(primary_key=True, default=None, null=False)
    decision_id = ForeignKey(
        references=ModerationDecision, default=None, null=False, on_delete=OnDelete.restrict, unique=True
    )
    account_id = UUID(default=None, null=True, index=True)  # personal: whom it concerns; nulled at the window's end
    restriction = Text(default=None, null=False)
    reason = Text(default=None, null=False)
    facts = Text(default=None, null=True)  # personal: words about the content; nulled when the author is erased
    facts_language = Text(default=None, null=True)
    automated = Boolean(default=None, null=False)
    appeal_until = Timestamptz(default=None, null=True)
    at = Timestamptz(default=None, null=False)


class SubjectReport(Table, tablename="subject_report"):
    """Somebody says that visible content breaks a rule. One a person and revision."""

    id = UUID(primary_key=True, default=None, null=False)
    subject_kind = Text(default=None, null=False)
    subject_id = UUID(default=None, null=False)
    revision_id = UUID(default=None, null=False)
    reporter_id = UUID(default=None, null=True, index=True)  # personal: outcome, appeal; nulled at erasure
    class_id = UUID(default=None, null=True)
    hand = Text(default=None, null=True)
    category = Text(default=None, null=False)
    note = Text(default=None, null=True)  # personal: the reporter's words; nulled 6 months after the decision
    at = Timestamptz(default=None, null=False)
    outcome = Text(default=None, null=True)
    decision_id = UUID(default=None, null=True, index=True)
    decided_at = Timestamptz(default=None, null=True)
    one_report_a_person = Unique([subject_kind, subject_id, revision_id, reporter_id], name="one_report_a_person")


class Appeal(Table, tablename="appeal"):
    """Somebody contests a decision; another person answers, always. A guardian's hangs on the child's account."""

    id = UUID(primary_key=True, default=None, null=False)
    decision_id = ForeignKey(
        references=ModerationDecision, default=None, null=False, on_delete=OnDelete.restrict, unique=True
    )
    case_id = ForeignKey(references=ModerationCase, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    city_id = UUID(default=None, null=True)
    account_id = UUID(default=None, null=True, index=True)  # personal: who asked and is answered; nulled at erasure
    side = Text(default=None, null=False)
    text = Text(default=None, null=True)  # personal: the appellant's words; nulled at erasure once decided
    state = Text(default=None, null=False)
    filed_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    decided_by = UUID(default=None, null=True)  # personal: responsibility of staff; nulled when the account is erased
    decided_at = Timestamptz(default=None, null=True)
    answer = Text(default=None, null=True)  # personal: words to the appellant; nulled at erasure
    answer_language = Text(default=None, null=True)
