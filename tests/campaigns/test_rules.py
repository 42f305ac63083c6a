"""The two state machines and the guards, without I/O."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend.campaigns import rules
from backend.campaigns.rules import (
    REVIEW_MOVES,
    VISIBILITY_MOVES,
    CampaignStatus,
    CampaignTimes,
    NextStep,
    Readiness,
    Review,
    Visibility,
    effective_status,
    move_visibility,
    next_step,
    reviews_before,
)
from backend.core.errors import Closed, Conflict

# Of what an author needs, all but the campaign is there or not.
GUARDS = fields(Readiness)[1:]
TIMES = st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1))  # noqa: DTZ001


class StatementMachine(RuleBasedStateMachine):
    """Any steps in any order: what the rules refuse changes nothing, and what has ended stays ended."""

    def __init__(self) -> None:
        super().__init__()
        self.review, self.visibility = Review.DRAFT, Visibility.UNPUBLISHED
        self.was_withdrawn = self.was_approved = False

    @rule(to=st.sampled_from(Review))
    def review_step(self, to: Review) -> None:
        before = self.review
        if to in REVIEW_MOVES[before]:
            assert before is Review.DRAFT or before in reviews_before(to)
            self.review = to
        else:
            assert before not in reviews_before(to)
        self.was_approved |= self.review is Review.APPROVED

    @rule(to=st.sampled_from(Visibility))
    def visibility_step(self, to: Visibility) -> None:
        before = self.visibility
        if to in VISIBILITY_MOVES[before]:
            self.visibility = move_visibility(before, to)
        else:
            with pytest.raises(Conflict) as refused:
                move_visibility(before, to)
            assert refused.value.state == before
        self.was_withdrawn |= self.visibility is Visibility.WITHDRAWN

    @invariant()
    def withdrawn_is_for_ever(self) -> None:
        assert not self.was_withdrawn or self.visibility is Visibility.WITHDRAWN

    @invariant()
    def an_approved_wording_is_never_changed_again(self) -> None:
        assert not self.was_approved or self.review is Review.APPROVED


TestStatementMachine = StatementMachine.TestCase


def test_withdraw_is_possible_from_every_other_state() -> None:
    assert all(Visibility.WITHDRAWN in moves for state, moves in VISIBILITY_MOVES.items() if state != "WITHDRAWN")


def test_every_state_has_its_moves() -> None:
    assert set(REVIEW_MOVES) == set(Review)
    assert set(VISIBILITY_MOVES) == set(Visibility)


@given(st.sampled_from(CampaignStatus), st.none() | TIMES, st.none() | TIMES, TIMES)
def test_campaign_is_open_only_between_its_times(
    status: CampaignStatus, opens: datetime | None, closes: datetime | None, now: datetime
) -> None:
    times = CampaignTimes(status, opens, closes)
    is_open = status is CampaignStatus.OPEN and (opens is None or opens <= now) and (closes is None or now < closes)
    assert (effective_status(times, now) is CampaignStatus.OPEN) is is_open
    if is_open:
        rules.check_open(times, now)
    else:
        with pytest.raises(Closed):
            rules.check_open(times, now)


def test_campaign_closes_at_the_very_moment() -> None:
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    times = CampaignTimes(CampaignStatus.OPEN, None, moment)
    assert effective_status(times, moment - timedelta(microseconds=1)) is CampaignStatus.OPEN
    assert effective_status(times, moment) is CampaignStatus.CLOSED


@given(
    st.sampled_from(Visibility), st.sampled_from(Review), st.sampled_from(CampaignStatus),
    st.tuples(*[st.booleans()] * len(GUARDS)), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_next_step_is_always_one_that_can_be_taken(
    visibility: Visibility, review: Review, campaign: CampaignStatus, there: tuple[bool, ...], with_teacher: bool,
    hidden_for_now: bool, appealed: bool,
) -> None:  # fmt: skip
    ready = Readiness(campaign, *there)
    step = next_step(
        visibility=visibility, review=review, ready=ready, with_teacher=with_teacher, hidden_for_now=hidden_for_now,
        appealed=appealed,
    )  # fmt: skip
    if step in {NextStep.SUBMIT, NextStep.CHANGE_AND_SUBMIT}:
        assert all(there)
        assert campaign is CampaignStatus.OPEN
        assert visibility in {Visibility.UNPUBLISHED, Visibility.PUBLISHED}
    if step is NextStep.READ_REASON:
        assert not appealed
        assert not (hidden_for_now and visibility is Visibility.HIDDEN)
    assert (step is NextStep.NOTHING) is (visibility is Visibility.WITHDRAWN)


def test_first_obstacle_is_one_that_nobody_can_lift() -> None:
    nothing = Readiness(CampaignStatus.CLOSED, *[False] * len(GUARDS))
    assert nothing.obstacle is NextStep.CAMPAIGN_OVER
    assert Readiness(CampaignStatus.DRAFT, *[True] * len(GUARDS)).obstacle is NextStep.WAIT_FOR_CAMPAIGN
    assert Readiness(CampaignStatus.OPEN, *[True] * len(GUARDS)).obstacle is None
