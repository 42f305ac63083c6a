"""The topic page of a round: its prompt, questions for the lesson, and words in plain language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.campaigns.running import MAX_PROMPT_CHARS, check_texts
from backend.campaigns.store import campaigns as campaign_store
from backend.core.database import Connection
from backend.core.errors import ValidationFailed, not_found
from backend.core.ids import Id
from backend.rounds.config import MAX_MEANING_CHARS, MAX_QUESTION_CHARS, MAX_QUESTIONS, MAX_WORD_CHARS, MAX_WORDS
from backend.rounds.store.rounds import Word

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicPage:
    """What a class works with in a round. Texts by locale."""

    prompt: Texts
    questions: Sequence[Texts] = ()
    vocabulary: Sequence[Word] = ()
    topic_id: Id | None = None


def cleaned(page: TopicPage) -> TopicPage:
    """The page with its texts cleaned. Raises ValidationFailed for what is empty, too long or too much."""
    if len(page.questions) > MAX_QUESTIONS:
        raise ValidationFailed("too_many_questions", path=("questions",), max=MAX_QUESTIONS)
    if len(page.vocabulary) > MAX_WORDS:
        raise ValidationFailed("too_many_words", path=("vocabulary",), max=MAX_WORDS)
    return TopicPage(
        check_texts(page.prompt, "prompt", MAX_PROMPT_CHARS, multiline=True),
        [check_texts(one, "questions", MAX_QUESTION_CHARS) for one in page.questions],
        [
            Word(
                check_texts(one.word, "vocabulary", MAX_WORD_CHARS),
                check_texts(one.meaning, "vocabulary", MAX_MEANING_CHARS),
            )
            for one in page.vocabulary
        ],
        page.topic_id,
    )


async def check_topic(conn: Connection, campaign_id: Id, topic_id: Id | None) -> None:
    """Raises NotFound when the topic is none of the campaign's."""
    if topic_id is not None and not await campaign_store.topic_belongs(conn, topic_id, campaign_id):
        raise not_found("topic", topic_id)
