"""What the campaigns' mutations take."""

from datetime import datetime

import strawberry

from backend.campaigns.drafting import Draft, TranslationDraft
from backend.campaigns.rules import Audience, ShownAs
from backend.core.errors import ValidationFailed
from backend.core.ids import Id
from graphql_api.campaigns import enums as enums
from graphql_api.campaigns.enums import TeacherAnswer
from graphql_api.client_key import ClientKey, client_key
from graphql_api.node_ids import parse_id
from graphql_api.scalars import LanguageTag


@strawberry.input(description="A text in one of the staff languages.")
class LocalizedTextInput:
    locale: LanguageTag = strawberry.field(description="en, nb, nn, sv, da, fi or is.")
    text: str = strawberry.field(description="The text.")


def texts(given: list[LocalizedTextInput], field: str) -> dict[str, str]:
    """By locale. Raises ValidationFailed when a locale comes twice."""
    if len({one.locale for one in given}) != len(given):
        raise ValidationFailed("language_twice", path=(field,))
    return {one.locale: one.text for one in given}


@strawberry.input(description="A new campaign; it begins as a draft.")
class CampaignCreateInput:
    title: list[LocalizedTextInput] = strawberry.field(description="The title in one or more languages.")
    description: list[LocalizedTextInput] = strawberry.field(description="What it is about.")
    prompt: list[LocalizedTextInput] = strawberry.field(description="The question or sentence that invites to speak.")
    zone: str = strawberry.field(description="The IANA time zone in which its days are counted, e.g. Europe/Oslo.")
    city_id: strawberry.ID | None = strawberry.field(
        default=None, description="The city whose campaign it is; null for the whole network."
    )
    topics: list[list[LocalizedTextInput]] = strawberry.field(
        default_factory=list, description="Topics in order, each in one or more languages."
    )
    course: str = strawberry.field(default="my_voice_out", description="The course to pass before handing in.")
    course_version: int = strawberry.field(default=1, description="The version of the course.")
    least_age: int | None = strawberry.field(default=None, description="From which age; null: no limit.")
    greatest_age: int | None = strawberry.field(default=None, description="Up to which age; null: no limit.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="The colours of a campaign's share cards: contrast at least 4.5 to 1 (WCAG).")
class CardColoursInput:
    background: str = strawberry.field(description="Behind the words, as #rrggbb.")
    accent: str = strawberry.field(description="Of quotation marks and names, as #rrggbb.")


@strawberry.input(description="New texts of a campaign.")
class CampaignUpdateInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign.")
    title: list[LocalizedTextInput] = strawberry.field(description="The title in one or more languages.")
    description: list[LocalizedTextInput] = strawberry.field(description="What it is about.")
    prompt: list[LocalizedTextInput] = strawberry.field(description="The question or sentence that invites to speak.")
    new_topics: list[list[LocalizedTextInput]] = strawberry.field(
        default_factory=list, description="Topics to add after the existing ones."
    )
    card_colours: CardColoursInput | None = strawberry.field(
        default=None, description="The colours of its share cards; null leaves them."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="The campaign to open, and when.")
class CampaignOpenInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign.")
    opens_at: datetime | None = strawberry.field(default=None, description="From when; null: now.")
    closes_at: datetime | None = strawberry.field(default=None, description="Until when; null: until it is closed.")


@strawberry.input(description="The campaign to close.")
class CampaignCloseInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign.")


@strawberry.input(description="The lesson that was finished.")
class LessonCompleteInput:
    course: str = strawberry.field(description="The course's name.")
    version: int = strawberry.field(description="The course's version.")
    lesson: str = strawberry.field(description="The lesson's key.")


@strawberry.input(description="What was chosen for one question.")
class QuizAnswerInput:
    question: str = strawberry.field(description="The question's key.")
    options: list[str] = strawberry.field(description="The keys of the options that were chosen.")


@strawberry.input(description="A filled-in quiz.")
class QuizSubmitInput:
    course: str = strawberry.field(description="The course's name.")
    version: int = strawberry.field(description="The course's version.")
    answers: list[QuizAnswerInput] = strawberry.field(description="An answer to every question.")
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="The author's words in another language.")
class TranslationInput:
    language: LanguageTag = strawberry.field(description="The language.")
    text: str = strawberry.field(description="The words, at most 2,000 characters.")


@strawberry.input(description="What a statement says, to whom, and under which name.")
class WordingInput:
    text: str = strawberry.field(description="The words, at most 2,000 characters. Line breaks are kept.")
    language: LanguageTag = strawberry.field(description="The language they are written in.")
    audience: Audience = strawberry.field(description="Who may see it once it is published.")
    shown_as: ShownAs = strawberry.field(default=ShownAs.PSEUDONYM, description="Under which name it stands.")
    skips_teacher: bool = strawberry.field(
        default=False, description="True when it is about the school or a teacher: moderators read it instead."
    )
    topic_id: strawberry.ID | None = strawberry.field(default=None, description="A topic of the campaign.")
    asset_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="At most four pictures of the viewer's own, in order."
    )
    translations: list[TranslationInput] = strawberry.field(
        default_factory=list, description="The same in other languages."
    )

    def draft(self) -> Draft:
        """As the domain takes it."""
        return Draft(
            text=self.text,
            language=self.language,
            audience=self.audience,
            shown_as=self.shown_as,
            skips_teacher=self.skips_teacher,
            topic_id=optional_id(self.topic_id, "Topic", "topic_id"),
            asset_ids=[parse_id(one, "Asset", path=("asset_ids",)) for one in self.asset_ids],
            translations=[TranslationDraft(one.text, one.language) for one in self.translations],
        )


def optional_id(value: strawberry.ID | None, kind: str, field: str) -> Id | None:
    """The row id, if one was given. Raises NotFound."""
    return None if value is None else parse_id(value, kind, path=(field,))


@strawberry.input(description="A new draft.")
class StatementDraftInput:
    campaign_id: strawberry.ID = strawberry.field(description="The campaign to speak in.")
    wording: WordingInput = strawberry.field(description="What it says.")
    class_id: strawberry.ID | None = strawberry.field(
        default=None, description="The class to speak from; needed only by those who are in several."
    )
    in_reply_to: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the `Statement` that it answers."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="New words for an own statement.")
class StatementReviseInput:
    statement_id: strawberry.ID = strawberry.field(description="The id of an `OwnStatement`.")
    wording: WordingInput = strawberry.field(description="What it says now, complete.")
    seen_version: int | None = strawberry.field(
        default=None, description="The version that was looked at: a newer one from another device is not overwritten."
    )
    client_mutation_key: ClientKey = client_key()


@strawberry.input(description="The wording to hand in, exactly as it was looked at.")
class StatementSubmitInput:
    statement_id: strawberry.ID = strawberry.field(description="The id of an `OwnStatement`.")
    revision_id: strawberry.ID = strawberry.field(description="The wording: its `revisionId`.")
    version: int = strawberry.field(description="The wording's version.")


@strawberry.input(description="The statement to take back.")
class StatementWithdrawInput:
    statement_id: strawberry.ID = strawberry.field(description="The id of an `OwnStatement`.")


@strawberry.input(description="The draft to throw away.")
class StatementDiscardInput:
    statement_id: strawberry.ID = strawberry.field(description="The id of an `OwnStatement` that was never handed in.")


@strawberry.input(description="A wording in review, in another language.")
class StatementTranslateInput:
    statement_id: strawberry.ID = strawberry.field(
        description="The id of the `Statement`: the `subjectId` of its case."
    )
    revision_id: strawberry.ID = strawberry.field(description="The wording that was translated: its `revisionId`.")
    version: int = strawberry.field(description="The wording's version.")
    language: LanguageTag = strawberry.field(description="The language of the translation.")
    text: str = strawberry.field(description="The words, at most 2,000 characters.")


@strawberry.input(description="The statement to stand behind.")
class StatementSupportInput:
    statement_id: strawberry.ID = strawberry.field(description="The id of a published `Statement`.")


@strawberry.input(description="The statement to stand behind no longer.")
class StatementUnsupportInput:
    statement_id: strawberry.ID = strawberry.field(description="The id of a published `Statement`.")


@strawberry.input(description="A wording in front of a teacher, exactly as it was looked at.")
class StatementApprovalInput:
    statement_id: strawberry.ID = strawberry.field(
        description="The id of the `Statement`: the `subjectId` of its case."
    )
    revision_id: strawberry.ID = strawberry.field(description="The wording: its `revisionId`.")
    version: int = strawberry.field(description="The wording's version.")


@strawberry.input(description="A teacher's decision on up to 50 statements at once.")
class StatementsApproveInput:
    items: list[StatementApprovalInput] = strawberry.field(description="The wordings that were read, at most 50.")
    answer: TeacherAnswer = strawberry.field(default=TeacherAnswer.APPROVE, description="What to do with all of them.")
    concern: str | None = strawberry.field(
        default=None, description="With PASS_ON: what the moderators should look at, at most 1,000 characters."
    )
