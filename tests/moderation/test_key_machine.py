"""Whatever teachers, moderators and authors try in any order, what opens has the keys it needs."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backend.core.ids import new_id
from moderation.rules import Hand, Key, Person, Review, is_approved, why_no_key

LANGUAGES = ("nb", "ar", "so", "fi")


class KeyMachine(RuleBasedStateMachine):
    """One review, six people with any mixture of roles, keys tried in any order; the author resubmits at times."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Person] = []
        self.given: list[tuple[Key, Person]] = []
        self.review = Review(1, "nb")

    @initialize(
        keys=st.integers(1, 2),
        flags=st.lists(st.tuples(*[st.booleans()] * 5), min_size=6, max_size=6),
        language=st.sampled_from(LANGUAGES),
        translations=st.lists(st.sampled_from(LANGUAGES), max_size=2),
        skip_teacher=st.booleans(),
        needs_moderator=st.booleans(),
    )
    def begin(
        self,
        keys: int,
        flags: list[tuple[bool, ...]],
        language: str,
        translations: list[str],
        skip_teacher: bool,
        needs_moderator: bool,
    ) -> None:
        self.review = Review(keys, language, translations, skip_teacher, needs_moderator)
        self.people = [
            Person(
                new_id(),
                frozenset(LANGUAGES[: 1 + reads_more * 3]),
                is_moderator=moderates,
                turns_teacher_key=teaches,
                is_authors_teacher=teaches or teaches_elsewhere,
                is_author=wrote,
            )
            for moderates, teaches, teaches_elsewhere, wrote, reads_more in flags
        ]

    @rule(who=st.integers(0, 5), hand=st.sampled_from([Hand.TEACHER, Hand.MODERATOR]))
    def turn(self, who: int, hand: Hand) -> None:
        person, keys = self.people[who], [key for key, _ in self.given]
        if is_approved(self.review, keys):
            return
        if why_no_key(self.review, keys, person, hand) is None:
            self.given.append((Key(person.account_id, hand, person.is_authors_teacher), person))

    @rule()
    def resubmit(self) -> None:
        self.given = []

    @invariant()
    def nobody_counts_twice_and_nobody_opens_their_own(self) -> None:
        accounts = [key.account_id for key, _ in self.given]
        assert len(set(accounts)) == len(accounts) <= self.review.keys
        readable = {self.review.language, *self.review.translations}
        for key, person in self.given:
            assert not person.is_author
            assert person.languages & readable
            assert person.is_moderator if key.hand is Hand.MODERATOR else person.turns_teacher_key
            assert not (self.review.skip_teacher and person.is_authors_teacher)

    @invariant()
    def what_is_open_has_its_keys(self) -> None:
        keys = [key for key, _ in self.given]
        if not is_approved(self.review, keys) or not keys:
            return
        if self.review.keys == 2:
            assert keys[1].hand is Hand.MODERATOR
            assert not all(key.is_authors_teacher for key in keys)
        elif self.review.needs_moderator:
            assert keys[0].hand is Hand.MODERATOR


TestKeys = KeyMachine.TestCase
TestKeys.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)
