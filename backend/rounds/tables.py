"""The class competition: rounds, who competes, what is judged and by whom, voices of other classes, results, awards.

What leads to a person goes 30 days after the announcement at the latest (`trimmed_at`); the result itself stays.
"""

from piccolo.columns import JSONB, UUID, Array, Boolean, Bytea, Date, ForeignKey, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class WeeklyPlan(Table, tablename="weekly_plan"):
    """When a campaign's weekly rounds open and close, in the campaign's zone; the rounds themselves are rows too."""

    campaign_id = UUID(primary_key=True, default=None, null=False)
    opens_day = SmallInt(default=None, null=False)  # 0 is Monday
    opens_time = Text(default=None, null=False)
    closes_day = SmallInt(default=None, null=False)
    closes_time = Text(default=None, null=False)
    first_day = Date(default=None, null=False)
    last_day = Date(default=None, null=False)
    holidays = JSONB(default=None, null=False)
    changed_at = Timestamptz(default=None, null=False)


class Round(Table, tablename="round"):
    """One competition between classes. Its state follows from its times; see `rules.effective_state`."""

    id = UUID(primary_key=True, default=None, null=False)
    campaign_id = UUID(default=None, null=False, index=True)
    origin = Text(default=None, null=False)
    prompt = JSONB(default=None, null=False)
    questions = JSONB(default=None, null=False)
    vocabulary = JSONB(default=None, null=False)
    topic_id = UUID(default=None, null=True)
    quality_weight = SmallInt(default=None, null=False)  # per cent, like the other two
    participation_weight = SmallInt(default=None, null=False)
    voices_weight = SmallInt(default=None, null=False)
    seed = Bytea(default=None, null=False)  # secret until the result is announced; its hash is public from the opening
    opens_at = Timestamptz(default=None, null=False)
    freezes_at = Timestamptz(default=None, null=False)
    closes_at = Timestamptz(default=None, null=False)
    judging_starts_at = Timestamptz(default=None, null=False)
    judging_ends_at = Timestamptz(default=None, null=False)
    paused_at = Timestamptz(default=None, null=True)
    frozen_at = Timestamptz(default=None, null=True)  # when the counts of `freezes_at` were written down
    drawn_at = Timestamptz(default=None, null=True)
    confirmed_at = Timestamptz(default=None, null=True)
    confirmed_by = UUID(default=None, null=True)  # personal: the editor's account id; kept as a record of the decision
    announces_at = Timestamptz(default=None, null=True)
    voided_at = Timestamptz(default=None, null=True)
    void_reason = Text(default=None, null=True)
    told_at = Timestamptz(default=None, null=True)
    editors_told_at = Timestamptz(default=None, null=True)  # that there is a result to confirm
    jury_short_told_at = Timestamptz(default=None, null=True)
    trimmed_at = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    round_times = Check(
        "opens_at < closes_at and freezes_at between opens_at and closes_at and closes_at <= judging_starts_at"
        " and judging_starts_at < judging_ends_at",
        name="round_times",
    )
    round_weights = Check(
        "least(quality_weight, participation_weight, voices_weight) >= 0"
        " and quality_weight + participation_weight + voices_weight = 100",
        name="round_weights",
    )


class ClassUnion(Table, tablename="class_union"):
    """Small classes of a campaign that compete as one in the rounds that open between `made_at` and `ended_at`."""

    id = UUID(primary_key=True, default=None, null=False)
    campaign_id = UUID(default=None, null=False, index=True)
    class_ids = Array(base_column=UUID(), default=None, null=False)
    made_by = UUID(default=None, null=False)  # personal: the teacher's account id; kept as a record of the decision
    made_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)


class EntryChoice(Table, tablename="entry_choice"):
    """Which statement a student wants entered, or none of them. Personal: goes with the account, or 30 days after."""

    id = UUID(primary_key=True, default=None, null=False)
    round = ForeignKey(Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id")
    account_id = UUID(default=None, null=False, index=True)
    class_id = UUID(default=None, null=False)
    statement_id = UUID(default=None, null=True)  # null: opted out of being entered
    at = Timestamptz(default=None, null=False)
    entry_choice_once = Unique([round, account_id, class_id], name="entry_choice_once")


class Reflection(Table, tablename="reflection"):
    """Somebody thought about the prompt for themselves. Personal: that they did, no word of it; goes as the choice."""

    id = UUID(primary_key=True, default=None, null=False)
    round = ForeignKey(Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id")
    account_id = UUID(default=None, null=False, index=True)
    class_id = UUID(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    reflection_once = Unique([round, account_id, class_id], name="reflection_once")


class Contender(Table, tablename="contender"):
    """A class, or several small ones together, that competes in a round: written when the lot is drawn."""

    id = UUID(primary_key=True, default=None, null=False)
    round = ForeignKey(
        Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id", index=True
    )
    class_ids = Array(base_column=UUID(), default=None, null=False)
    size = SmallInt(default=None, null=False)  # confirmed seats at the opening
    authors = SmallInt(default=None, null=False)  # who said something in public, entered or not
    entered = SmallInt(default=None, null=False)  # the slots 0..entered-1 are filled, the others empty
    slots = SmallInt(default=None, null=False)
    lot = Array(base_column=SmallInt(), default=None, null=False)  # the slots that were drawn


class Entry(Table, tablename="entry"):
    """A statement that competes. Random id: a juror learns neither its age nor its class. Goes 30 days after."""

    id = UUID(primary_key=True, default=None, null=False)
    round = ForeignKey(Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id")
    contender = ForeignKey(
        Contender, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="contender_id", index=True
    )
    number = Integer(default=None, null=False)  # within the round; a hand names its cards by it
    slot = SmallInt(default=None, null=False)
    statement_id = UUID(default=None, null=False)
    is_drawn = Boolean(default=None, null=False)
    entry_number = Unique([round, number], name="entry_number")


class JuryDuty(Table, tablename="jury_duty"):
    """An entry that a juror was asked to score. Personal: who gave which score; goes 30 days after."""

    id = UUID(primary_key=True, default=None, null=False)
    round = ForeignKey(
        Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id", index=True
    )
    entry = ForeignKey(Entry, default=None, null=False, on_delete=OnDelete.cascade, db_column_name="entry_id")
    juror_id = UUID(default=None, null=False, index=True)
    assigned_at = Timestamptz(default=None, null=False)
    state = Text(default=None, null=False)
    revision_id = UUID(default=None, null=True)
    score = SmallInt(default=None, null=True)
    abstained_for = Text(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    jury_duty_once = Unique([entry, juror_id], name="jury_duty_once")
    jury_duty_score = Check(
        "(state = 'SCORED') = (score is not null and revision_id is not null)"
        " and (state = 'ABSTAINED') = (abstained_for is not null) and score between 1 and 5",
        name="jury_duty_score",
    )


class FrozenCount(Table, tablename="frozen_count"):
    """How many of a class had done the task at the freeze: shown to everybody until the result. Goes 30 days after."""

    id = UUID(primary_key=True, default=None, null=False)
    round = ForeignKey(Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id")
    class_id = UUID(default=None, null=False)
    participants = SmallInt(default=None, null=False)
    frozen_count_once = Unique([round, class_id], name="frozen_count_once")


class VoiceDeck(Table, tablename="voice_deck"):
    """What is dealt in a round: by contender the numbers of its cards and how many of them have been dealt."""

    round_id = UUID(primary_key=True, default=None, null=False)
    contender_ids = Array(base_column=UUID(), default=None, null=False)
    first_numbers = Array(base_column=Integer(), default=None, null=False)
    sizes = Array(base_column=Integer(), default=None, null=False)
    dealt = Array(base_column=Integer(), default=None, null=False)


class Hand(Table, tablename="hand"):
    """The cards dealt to a voter and those marked. Personal: whose voice; goes when the result is confirmed."""

    id = UUID(primary_key=True, default=None, null=False)
    round = ForeignKey(Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id")
    voter_id = UUID(default=None, null=False, index=True)
    numbers = Array(base_column=Integer(), default=None, null=False)
    marked = Array(base_column=Integer(), default=None, null=True)
    dealt_at = Timestamptz(default=None, null=False)
    marked_at = Timestamptz(default=None, null=True)
    hand_once = Unique([round, voter_id], name="hand_once")


class Standing(Table, tablename="standing"):
    """The confirmed result of a contender with all that it is worked out from. Fractions are text, `3/8`."""

    id = UUID(primary_key=True, default=None, null=False)  # the contender's
    round = ForeignKey(
        Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id", index=True
    )
    place = Integer(default=None, null=False)  # in the list: by rank, then by name; the unranked last
    rank = Integer(default=None, null=True)
    unranked_for = Text(default=None, null=True)
    participants = SmallInt(default=None, null=False)
    counted = SmallInt(default=None, null=False)  # drawn slots that counted: not those that could not be judged
    alive = Integer(default=None, null=False)  # entries that stood at the end
    readable = Integer(default=0, null=False)  # those of them that could be read before the judging ended
    best = Array(base_column=Text(), default=None, null=True)  # the two best medians; removed 30 days after
    marks = Integer(default=None, null=False)
    dealt_sixths = Integer(default=None, null=False)
    quality = Text(default=None, null=True)
    participation = Text(default=None, null=False)
    voices = Text(default=None, null=False)
    score = Text(default=None, null=True)
    standing_ranked = Check("(rank is null) = (unranked_for is not null)", name="standing_ranked")


class Award(Table, tablename="award"):
    """A distinction for a class, or with its author's consent for a single statement."""

    id = UUID(primary_key=True, default=None, null=False)
    round = ForeignKey(
        Round, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="round_id", index=True
    )
    title = JSONB(default=None, null=False)
    contender_id = UUID(default=None, null=True)
    statement_id = UUID(default=None, null=True, index=True)
    given_by = UUID(default=None, null=False)  # personal: the editor's account id; kept as a record of the decision
    given_at = Timestamptz(default=None, null=False)
    consent = Text(default=None, null=False)
    answered_at = Timestamptz(default=None, null=True)
    rescinded_at = Timestamptz(default=None, null=True)
    rescind_reason = Text(default=None, null=True)
    award_of_one = Check("(contender_id is null) <> (statement_id is null)", name="award_of_one")
