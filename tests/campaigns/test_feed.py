"""Who sees what, in every list and look-up; filters, replies, supports, steady pages, query counts, search."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from backend.campaigns import mine, reading, supporting
from backend.campaigns.drafting import TranslationDraft
from backend.campaigns.rules import Audience
from backend.campaigns.store import feed
from backend.campaigns.store.feed import FeedFilter
from backend.core.database import Connection, Database
from backend.core.errors import NotAllowed, NotFound, Unauthenticated, ValidationFailed
from backend.core.ids import Id, new_id
from backend.core.paging import PageRequest
from backend.core.viewer import ANONYMOUS, Viewer
from tests.campaigns.stage import DESK, Stage, together
from tests.places.town import make_town, viewer_of

CLASS, SCHOOL, CITY, SOCIAL = Audience.CLASS, Audience.SCHOOL, Audience.CITY, Audience.SOCIAL
PUBLIC = {CITY, SOCIAL}
MAY_SEE = {
    "anonymous": PUBLIC,
    "outsider": PUBLIC,
    "pending": PUBLIC,
    "classmate": {CLASS, SCHOOL, CITY, SOCIAL},
    "author": {CLASS, SCHOOL, CITY, SOCIAL},
    "schoolmate": {SCHOOL, CITY, SOCIAL},
    "other_school": PUBLIC,
    "teacher": {CLASS, SCHOOL, CITY, SOCIAL},
    "other_teacher": {SCHOOL, CITY, SOCIAL},
    "admin": {SCHOOL, CITY, SOCIAL},
    "official": PUBLIC,
    "moderator": PUBLIC,
}


async def people(stage: Stage) -> dict[str, Viewer]:
    town = stage.town
    elsewhere = await make_town(stage.db, secretariat=town.secretariat)
    far = await elsewhere.join("Far away")
    await elsewhere.confirm(far.seat.id)
    return {
        "anonymous": ANONYMOUS,
        "outsider": await stage.outsider(),
        "pending": await stage.student(confirmed=False, passed=False, consents=()),
        "classmate": await stage.student(passed=False, consents=()),
        "schoolmate": await stage.student(class_id=town.other_class.id, passed=False, consents=()),
        "other_school": await viewer_of(stage.db, far.seat.account_id),
        "teacher": stage.teacher,
        "other_teacher": town.other_teacher,
        "admin": town.admin,
        "official": town.official,
        "moderator": stage.moderator,
    }


async def visible(stage: Stage, viewer: Viewer, ids: dict[Audience, Id]) -> set[Audience]:
    """What the viewer sees in the list, page by page, in look-ups, in the search and for moderation: all the same."""
    names = {statement_id: audience for audience, statement_id in ids.items()}
    listed = {names[row.id] for row in await stage.shown(viewer)}
    found = {names[row.id] for row in await reading.find_statements(stage.db, viewer, list(names))}
    searched = {names[row.id] for row in await stage.shown(viewer, words="fellesord")}
    paged, after = set(), None
    while True:
        page = await reading.list_statements(stage.db, viewer, FeedFilter(), PageRequest(1, after=after))
        paged |= {names[row.id] for row in page.rows}
        if not page.has_next:
            break
        after = page.keys[-1]
    async with stage.db.reading() as conn:
        reported = {names[one] for one in await DESK.handler("statement").visible_ids(conn, viewer, list(names))}
    assert listed == found == searched == paged == reported
    return listed


async def test_visibility_matrix_of_people_audiences_and_states(stage: Stage) -> None:
    author = await stage.student()
    ids = {one: await stage.publish(author, f"Et fellesord {one}.", audience=one) for one in Audience}
    everybody = await people(stage) | {"author": author}
    for who, audiences in MAY_SEE.items():
        assert await visible(stage, everybody[who], ids) == audiences, who
    for state in ("HIDDEN", "WITHDRAWN", "REMOVED", "UNPUBLISHED"):
        async with stage.db.transaction() as tx:
            await tx.execute("update statement set visibility = $1", state)
        for who, viewer in everybody.items():
            assert await visible(stage, viewer, ids) == set(), (who, state)


async def test_seat_that_ended_sees_nothing_of_the_class(stage: Stage) -> None:
    author, leaver = await stage.student(), await stage.student()
    statement_id = await stage.publish(author, audience=CLASS)
    assert await stage.sees(leaver, statement_id)
    async with stage.db.transaction() as tx:
        await tx.execute("update seat set status = 'LEFT', ended_at = now() where account_id = $1", leaver.account_id)
    assert not await stage.sees(await viewer_of(stage.db, leaver.require_account()), statement_id)


async def test_filters_narrow_and_add_up(stage: Stage) -> None:
    author = await stage.student()
    topic_id = await stage.value("select id from topic where campaign_id = $1 limit 1", stage.campaign_id)
    with_topic = await stage.publish(author, audience=CITY, topic_id=topic_id)
    english = await stage.publish(author, "In English.", audience=CITY, language="en-GB")
    for wanted, expected in (
        ({"topic_id": topic_id}, {with_topic}),
        ({"language": "en"}, {english}),
        ({"language": "en", "topic_id": topic_id}, set()),
        ({"campaign_id": stage.campaign_id}, {with_topic, english}),
        ({"campaign_id": new_id()}, set()),
        ({"city_id": stage.town.city.id}, {with_topic, english}),
        ({"class_id": stage.town.school_class.id}, {with_topic, english}),
        ({"class_id": stage.town.other_class.id}, set()),
    ):
        assert {row.id for row in await stage.shown(ANONYMOUS, **wanted)} == expected, wanted


async def test_pages_are_stable_under_inserts_in_both_directions(stage: Stage) -> None:
    author = await stage.student()
    first = [await stage.publish(author, audience=CITY) for _ in range(4)]
    page = await reading.list_statements(stage.db, ANONYMOUS, FeedFilter(), PageRequest(2))
    assert [row.id for row in page.rows] == first[:1:-1]
    newer = await stage.publish(author, audience=CITY)
    rest = await reading.list_statements(stage.db, ANONYMOUS, FeedFilter(), PageRequest(2, after=page.keys[-1]))
    assert [row.id for row in rest.rows] == first[1::-1]
    assert (rest.has_next, rest.has_previous) == (False, True)
    back = await reading.list_statements(
        stage.db, ANONYMOUS, FeedFilter(), PageRequest(5, before=page.keys[0], backward=True)
    )
    assert [row.id for row in back.rows] == [newer]


# Replies.


async def test_reply_goes_through_the_same_gates_and_outlives_its_parent(stage: Stage) -> None:
    author, other = await stage.student(), await stage.student()
    parent = await stage.publish(author, audience=CITY)
    reply = await stage.publish(other, "Jeg er uenig.", audience=CITY, in_reply_to=parent)
    assert [row.id for row in await stage.shown(ANONYMOUS, in_reply_to=parent)] == [reply]
    await stage.withdraw(author, parent)
    assert await stage.sees(ANONYMOUS, reply)
    assert await stage.shown(ANONYMOUS, in_reply_to=parent) == []


async def test_reply_to_what_one_cannot_see_is_not_found(stage: Stage) -> None:
    author = await stage.student()
    schoolmate = await stage.student(class_id=stage.town.other_class.id)
    class_only, draft = await stage.publish(author, audience=CLASS), await stage.draft(author, audience=CITY)
    for parent in (class_only, draft, new_id()):
        with pytest.raises(NotFound):
            await stage.draft(schoolmate, audience=CITY, in_reply_to=parent)
    classmate = await stage.student()
    reply = await stage.publish(classmate, audience=CITY, in_reply_to=class_only)
    assert [row.id for row in await stage.shown(classmate, in_reply_to=class_only)] == [reply]
    assert await stage.shown(schoolmate, in_reply_to=class_only) == []


# Supports.


async def count(stage: Stage, author: Viewer, statement_id: Id) -> int:
    return (await stage.own(author, statement_id))[0].support_count


async def test_support_counts_once_however_often_and_only_the_author_learns_it(stage: Stage) -> None:
    author, fan = await stage.student(), await stage.student()
    statement_id = await stage.publish(author, audience=CITY)
    done, errors = await together(*(supporting.support_statement(stage.db, fan, statement_id) for _ in range(6)))
    assert (sum(done), errors) == (1, [])
    assert await count(stage, author, statement_id) == 1
    assert [row.viewer_has_supported for row in await stage.shown(fan)] == [True]
    assert [row.viewer_has_supported for row in await stage.shown(author)] == [False]
    assert "support_count" not in {one.name for one in dataclasses.fields(feed.Shown)}
    assert await supporting.unsupport_statement(stage.db, fan, statement_id)
    assert not await supporting.unsupport_statement(stage.db, fan, statement_id)
    assert await count(stage, author, statement_id) == 0


async def test_support_refused_for_own_unseen_pending_and_nobody(stage: Stage) -> None:
    author = await stage.student()
    public, class_only = await stage.publish(author, audience=CITY), await stage.publish(author, audience=CLASS)
    pending = await stage.student(confirmed=False)
    restricted = dataclasses.replace(await stage.student(), is_restricted=True)
    for viewer, statement_id, kind in (
        (author, public, NotAllowed),
        (pending, public, NotAllowed),
        (restricted, public, NotAllowed),
        (await stage.outsider(), class_only, NotFound),
        (author, new_id(), NotFound),
        (ANONYMOUS, public, Unauthenticated),
    ):
        with pytest.raises(kind):
            await supporting.support_statement(stage.db, viewer, statement_id)
    assert await stage.value("select count(*) from support") == 0


async def test_support_can_be_taken_back_from_what_is_hidden(stage: Stage) -> None:
    author, fan = await stage.student(), await stage.student()
    statement_id = await stage.publish(author, audience=CITY)
    await supporting.support_statement(stage.db, fan, statement_id)
    await stage.withdraw(author, statement_id)
    with pytest.raises(NotFound):
        await supporting.support_statement(stage.db, await stage.student(), statement_id)
    assert await supporting.unsupport_statement(stage.db, fan, statement_id)


# Search.

TEXTS = {
    "nb": "Skolegården trenger flere sykkelstativer og blåbærbusker.",
    "en": "Teachers should listen before they decide about our playgrounds.",
    "ar": "نريد حديقة أكبر للأطفال في المدينة",
    "ti": "ኣብ ከተማና ተወሳኺ መጻወቲ ቦታ ንደሊ",
    "uk": "Нам потрібна бібліотека, відкрита щовечора.",
    "fi": "Haluamme enemmän kirjastoja ja leikkipuistoja kaupunkiin.",
}
SEARCHES = [
    ("nb", "sykkelstativer"), ("nb", "sykkelstativ"), ("nb", "SKOLEGÅRDEN"), ("nb", "skolegarden"),
    ("nb", "sykelstativer"), ("en", "playground"), ("en", "listening"), ("en", "playgounds"), ("ar", "حديقة"),
    ("ar", "المدينة"), ("ti", "መጻወቲ"), ("ti", "ከተማና"), ("uk", "бібліотека"), ("uk", "БІБЛІОТЕКА"),
    ("uk", "щовечра"), ("fi", "kirjastoja"), ("fi", "leikkipuisto"), ("fi", "kirjastja"),
]  # fmt: skip


async def test_search_finds_words_in_many_languages_with_accents_endings_and_slips(stage: Stage) -> None:
    author = await stage.student()
    stage.moderator = dataclasses.replace(stage.moderator, languages=frozenset(TEXTS))
    stage.second = dataclasses.replace(stage.second, languages=frozenset(TEXTS))
    ids = {
        language: await stage.publish(author, text, audience=CITY, language=language)
        for language, text in TEXTS.items()
    }
    missed = []
    for language, words in SEARCHES:
        found = {row.id for row in await stage.shown(ANONYMOUS, words=words, language=language)}
        everywhere = {row.id for row in await stage.shown(ANONYMOUS, words=words)}
        if found != {ids[language]} or ids[language] not in everywhere:
            missed.append((language, words))
    assert missed == []
    assert await stage.shown(ANONYMOUS, words="romskip") == []


async def test_search_finds_short_words_of_scripts_without_spaces(stage: Stage) -> None:
    author = await stage.student()
    chinese = await stage.publish(author, "我们需要一个晚上开放的地方。", audience=CITY)
    japanese = await stage.publish(author, "若者の居場所が必要です", audience=CITY)
    await stage.publish(author, "Vi trenger et sted om kvelden.", audience=CITY)
    found = {words: {row.id for row in await stage.shown(ANONYMOUS, words=words)} for words in (
        "晚上", "地方", "上晚", "晚上 地方", "居場所", "ユース", '"晚上"', "-晚上 若者",
    )}  # fmt: skip
    assert found == {
        "晚上": {chinese}, "地方": {chinese}, "上晚": set(), "晚上 地方": {chinese}, "居場所": {japanese},
        "ユース": set(), '"晚上"': {chinese}, "-晚上 若者": {japanese},
    }  # fmt: skip


async def test_search_pages_of_exact_words_never_go_on_with_similar_ones(stage: Stage) -> None:
    author = await stage.student()
    exact = await stage.publish(author, "Åpent på kveldstid.", audience=CITY)
    later = await stage.publish(author, "Helst om kveldstib.", audience=CITY)
    words = FeedFilter(words="kveldstid")
    first = await reading.list_statements(stage.db, ANONYMOUS, words, PageRequest(5))
    assert [row.id for row in first.rows] == [exact]
    for bounds in ({"before": first.keys[0], "backward": True}, {"after": first.keys[0]}):
        page = await reading.list_statements(stage.db, ANONYMOUS, words, PageRequest(5, **bounds))
        assert [row.id for row in page.rows] == []
    similar = FeedFilter(words="kveldstidd")
    pages = [await reading.list_statements(stage.db, ANONYMOUS, similar, PageRequest(1))]
    pages.append(await reading.list_statements(stage.db, ANONYMOUS, similar, PageRequest(1, after=pages[0].keys[0])))
    assert [row.id for page in pages for row in page.rows] == [later, exact]


async def test_search_reads_translations_and_only_what_is_published(stage: Stage) -> None:
    author = await stage.student()
    statement_id = await stage.publish(
        author, "Vi vil ha stillhet.", audience=CITY, translations=[TranslationDraft("We want silence.", "en")]
    )
    await stage.hand_in(author, "Hemmelig stillhet.", audience=CITY)
    for words in ("silence", "stillhet"):
        assert [row.id for row in await stage.shown(ANONYMOUS, words=words)] == [statement_id]


@pytest.mark.parametrize("words", ["x" * 101, "x" * 100_000, "\x00", "\ud800", "   ", "\u202e"])
async def test_search_harmful_words_are_refused(stage: Stage, words: str) -> None:
    with pytest.raises(ValidationFailed):
        await stage.shown(ANONYMOUS, words=words)


@pytest.mark.parametrize("words", ["'", '"', "a & | !", "%", "_", "\\", "-skole", "((", ":*", "🙂"])
async def test_search_signs_are_only_words(stage: Stage, words: str) -> None:
    assert await stage.shown(ANONYMOUS, words=words) == []


# How many statements it takes.


class Watched(Database):
    """A database that notes what is asked of it."""

    def __init__(self, inner: Database) -> None:
        self.inner = inner
        self.asked: list[str] = []

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        async with self.inner.reading() as conn:
            with conn.raw.query_logger(lambda record: self.asked.append(record.query)):
                yield conn
                await asyncio.sleep(0)  # the log is written on the next turn of the loop


async def test_query_counts_do_not_grow_with_the_list(stage: Stage) -> None:
    author = await stage.student()
    counts = []
    for number in (1, 2):
        for _ in range(number):
            await stage.publish(author, audience=CITY)
        watched = Watched(stage.db)
        lists: list[Any] = [
            await reading.list_statements(watched, stage.teacher, FeedFilter(), PageRequest(20)),
            await mine.list_own(watched, author, PageRequest(20)),
        ]
        del lists
        counts.append(len(watched.asked))
    assert counts[0] == counts[1] > 2
