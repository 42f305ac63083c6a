"""Campaigns, course progress and statements."""

from piccolo.columns import JSONB, UUID, BigInt, Boolean, ForeignKey, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Campaign(Table, tablename="campaign"):
    """A campaign of the network or of one city: a theme, a prompt, a course to pass, a time in which to speak."""

    id = UUID(primary_key=True, default=None, null=False)
    city_id = UUID(default=None, null=True, index=True)  # null: the whole network
    title = JSONB(default=None, null=False)
    description = JSONB(default=None, null=False)
    prompt = JSONB(default=None, null=False)
    status = Text(default=None, null=False)
    zone = Text(default=None, null=False)
    course = Text(default=None, null=False)
    course_version = Integer(default=None, null=False)
    least_age = SmallInt(default=None, null=True)
    greatest_age = SmallInt(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    opens_at = Timestamptz(default=None, null=True)
    closes_at = Timestamptz(default=None, null=True)
    background = Text(default=None, null=True)  # of its share cards, #rrggbb; null: one of a small palette
    accent = Text(default=None, null=True)


class Topic(Table, tablename="topic"):
    """Something to speak about within a campaign; the feed can be narrowed to it."""

    id = UUID(primary_key=True, default=None, null=False)
    campaign = ForeignKey(Campaign, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="campaign_id")
    name = JSONB(default=None, null=False)
    position = SmallInt(default=None, null=False)
    topic_position = Unique([campaign, position], name="topic_position")


class LessonCompletion(Table, tablename="lesson_completion"):
    """A lesson that somebody finished. Personal: progress; kept until the account is erased."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = UUID(default=None, null=False)
    course = Text(default=None, null=False)
    course_version = Integer(default=None, null=False)
    lesson = Text(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    lesson_once = Unique([account_id, course, course_version, lesson], name="lesson_once")


class QuizAttempt(Table, tablename="quiz_attempt"):
    """A quiz that somebody handed in: the score only, not the answers. Personal; kept until the account is erased."""

    id = UUID(primary_key=True, default=None, null=False)
    account_id = UUID(default=None, null=False, index=True)
    course = Text(default=None, null=False)
    course_version = Integer(default=None, null=False)
    score = SmallInt(default=None, null=False)
    passed = Boolean(default=None, null=False)
    at = Timestamptz(default=None, null=False)


class Statement(Table, tablename="statement"):
    """What somebody says in a campaign. What is said stands in its revisions."""

    id = UUID(primary_key=True, default=None, null=False)
    campaign = ForeignKey(Campaign, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="campaign_id")
    topic = ForeignKey(Topic, default=None, null=True, on_delete=OnDelete.restrict, db_column_name="topic_id")
    author_id = UUID(default=None, null=True)  # personal: authorship; nulled at erasure
    shown_as = Text(default=None, null=False)
    class_id = UUID(default=None, null=True)
    school_id = UUID(default=None, null=True)
    city_id = UUID(default=None, null=True)
    audience = Text(default=None, null=False)
    skips_teacher = Boolean(default=None, null=False)
    in_reply_to = UUID(default=None, null=True, index=True)
    visibility = Text(default=None, null=False)
    latest_revision_id = UUID(default=None, null=False)
    published_revision_id = UUID(default=None, null=True)
    published_language = Text(default=None, null=True)
    search_text = Text(
        default=None, null=True
    )  # what fuzzy search reads; `search`, the tsvector, is added by migration
    created_at = Timestamptz(default=None, null=False)
    changed_at = Timestamptz(default=None, null=False)
    published_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    author_left_at = Timestamptz(default=None, null=True)  # the author asked for erasure: shown to nobody
    known_audience = Check("audience in ('CLASS', 'SCHOOL', 'CITY', 'SOCIAL')", name="statement_known_audience")
    published_has_revision = Check(
        "visibility <> 'PUBLISHED' or (published_revision_id is not null and published_at is not null)",
        name="statement_published_has_revision",
    )


class Revision(Table, tablename="revision"):
    """One wording of a statement. Personal: the text; removed at erasure unless the author lets it stand unnamed."""

    id = UUID(primary_key=True, default=None, null=False)
    statement = ForeignKey(
        Statement, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="statement_id"
    )
    number = Integer(default=None, null=False)
    version = Integer(default=None, null=False)
    text = Text(default=None, null=False)
    language = Text(default=None, null=False)
    direction = Text(default=None, null=False)
    audience = Text(default=None, null=False)  # what was judged is what it is shown to
    shown_as = Text(default="PSEUDONYM", null=False)  # like the topic, the statement's own once this is published
    topic_id = UUID(default=None, null=True)
    review = Text(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    changed_at = Timestamptz(default=None, null=False)
    submitted_at = Timestamptz(default=None, null=True)
    revision_number = Unique([statement, number], name="revision_number")


class RevisionTranslation(Table, tablename="revision_translation"):
    """A wording in another language, part of its revision. Personal: the text and its maker; as the revision."""

    id = UUID(primary_key=True, default=None, null=False)
    revision = ForeignKey(Revision, default=None, null=False, on_delete=OnDelete.cascade, db_column_name="revision_id")
    language = Text(default=None, null=False)
    direction = Text(default=None, null=False)
    text = Text(default=None, null=False)
    maker = Text(default=None, null=False)
    made_by = UUID(default=None, null=True)
    translation_language = Unique([revision, language], name="translation_language")


class RevisionAsset(Table, tablename="revision_asset"):
    """A picture in a revision; the picture itself belongs to media."""

    id = UUID(primary_key=True, default=None, null=False)
    revision = ForeignKey(Revision, default=None, null=False, on_delete=OnDelete.cascade, db_column_name="revision_id")
    asset_id = UUID(default=None, null=False, index=True)
    position = SmallInt(default=None, null=False)
    asset_position = Unique([revision, position], name="asset_position")


class Support(Table, tablename="support"):
    """Somebody stands behind a statement. Personal: who; never shown to others, removed at erasure."""

    id = UUID(primary_key=True, default=None, null=False)
    statement = ForeignKey(
        Statement, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="statement_id"
    )
    account_id = UUID(default=None, null=False, index=True)
    at = Timestamptz(default=None, null=False)
    support_once = Unique([statement, account_id], name="support_once")


class ShareCard(Table, tablename="share_card"):
    """A statement drawn as pictures for social media. Personal: the words and who asked; gone when the card ends."""

    id = UUID(primary_key=True, default=None, null=False)
    statement = ForeignKey(
        Statement, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="statement_id"
    )
    revision_id = UUID(default=None, null=False)
    asked_by = UUID(default=None, null=True, index=True)
    excerpt = Text(default=None, null=True)
    shape = Text(default=None, null=True)  # null: both
    status = Text(default=None, null=False)
    reason = Text(default=None, null=True)
    detail = Text(default=None, null=True)  # which characters no font has
    attempts = SmallInt(default=None, null=False)
    alt_text = Text(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    changed_at = Timestamptz(default=None, null=False)
    fetched_at = Timestamptz(default=None, null=True)  # by somebody of the campaign: it may have been posted
    takedown_id = UUID(default=None, null=True)
    share_card_status_known = Check("status in ('WAITING', 'READY', 'FAILED', 'GONE')", name="share_card_status_known")


class SocialExport(Table, tablename="social_export"):
    """A bundle that an editor took away to post. Personal: who; nulled at their erasure. Links go when taken down."""

    id = UUID(primary_key=True, default=None, null=False)
    statement = ForeignKey(
        Statement, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="statement_id"
    )
    campaign = ForeignKey(Campaign, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="campaign_id")
    revision_id = UUID(default=None, null=False)
    made_by = UUID(default=None, null=True, index=True)
    status = Text(default=None, null=False)
    reason = Text(default=None, null=True)
    attempts = SmallInt(default=None, null=False)
    links = JSONB(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    changed_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    takedown_id = UUID(default=None, null=True)
    social_export_status_known = Check(
        "status in ('WAITING', 'READY', 'FAILED', 'GONE')", name="social_export_status_known"
    )


class SharedFile(Table, tablename="shared_file"):
    """A file of a card or of a bundle, in the private store under its id and the SHA-256 (hex) of its bytes."""

    id = UUID(primary_key=True, default=None, null=False)
    card = ForeignKey(ShareCard, default=None, null=True, on_delete=OnDelete.restrict, db_column_name="card_id")
    export = ForeignKey(SocialExport, default=None, null=True, on_delete=OnDelete.restrict, db_column_name="export_id")
    format = Text(default=None, null=False)
    shape = Text(default=None, null=True)
    width = Integer(default=None, null=True)
    height = Integer(default=None, null=True)
    size = BigInt(default=None, null=False)
    sha256 = Text(default=None, null=False)
    shared_file_of_one = Check("(card_id is null) <> (export_id is null)", name="shared_file_of_one")


class Takedown(Table, tablename="takedown"):
    """The duty to take a statement down from social media within a day. Holds ids only, so it outlives its author.

    Personal: who confirmed, and their note on where it was, both nulled at their erasure.
    """

    id = UUID(primary_key=True, default=None, null=False)
    statement = ForeignKey(
        Statement, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="statement_id"
    )
    campaign = ForeignKey(Campaign, default=None, null=False, on_delete=OnDelete.restrict, db_column_name="campaign_id")
    reason = Text(default=None, null=False)
    opened_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    reminded_at = Timestamptz(default=None, null=True)
    overdue_told_at = Timestamptz(default=None, null=True)
    confirmed_at = Timestamptz(default=None, null=True)
    confirmed_by = UUID(default=None, null=True, index=True)
    note = Text(default=None, null=True)
    lapsed_at = Timestamptz(default=None, null=True)
