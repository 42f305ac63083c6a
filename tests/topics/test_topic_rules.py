"""The rules of proposed topics: which step leads where, what holds, and when an answer is late."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Conflict
from backend.core.ids import new_id
from backend.topics import rules
from backend.topics.rules import MOVES, OPEN_STATES, Answer, ProposalState, Reach

STORED = sorted(MOVES)
SHOWN_AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(days=-30), timedelta(days=60)).map(lambda after: SHOWN_AT + after)


def test_answers_are_not_stored_states() -> None:
    assert set(ProposalState) - set(MOVES) == {ProposalState(one) for one in Answer}
    assert all(to in MOVES for moves in MOVES.values() for to in moves)


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("answer", [None, *Answer])
def test_only_what_is_shown_is_seen_as_answered(stored: ProposalState, answer: Answer | None) -> None:
    state = rules.effective_state(stored, answer)
    if stored is ProposalState.SHOWN and answer is not None:
        assert state.value == answer.value
    else:
        assert state is stored
    assert (state in OPEN_STATES) is (stored is ProposalState.SHOWN)


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("to", STORED)
def test_step_happens_once_or_is_refused_with_the_state(stored: ProposalState, to: ProposalState) -> None:
    if stored is to or stored is ProposalState.WITHDRAWN:
        assert not rules.move(stored, to)
    elif to in MOVES[stored]:
        assert rules.move(stored, to)
    else:
        with pytest.raises(Conflict) as refused:
            rules.move(stored, to)
        assert refused.value.state == stored


@given(st.lists(st.sampled_from(STORED)))
def test_hidden_only_after_it_was_shown_and_withdrawn_for_ever(steps: list[ProposalState]) -> None:
    state, withdrawn = ProposalState.WAITING, False
    for to in steps:
        try:
            if rules.move(state, to):
                assert to is not ProposalState.HIDDEN or state in {ProposalState.SHOWN, ProposalState.REMOVED}
                state = to
        except Conflict:
            continue
        withdrawn = withdrawn or state is ProposalState.WITHDRAWN
        assert not withdrawn or state is ProposalState.WITHDRAWN


@given(MOMENTS, st.sampled_from(ProposalState))
def test_answer_is_late_from_its_moment_on_and_only_while_there_is_none(now: datetime, state: ProposalState) -> None:
    late = rules.is_overdue(state, SHOWN_AT, now)
    assert late is (state is ProposalState.SHOWN and now >= SHOWN_AT + timedelta(days=14))


def test_answer_is_late_to_the_second() -> None:
    due = rules.answer_due_at(SHOWN_AT)
    assert due == datetime(2026, 3, 16, 8, tzinfo=UTC)
    assert rules.is_overdue(ProposalState.SHOWN, SHOWN_AT, due)
    assert not rules.is_overdue(ProposalState.SHOWN, SHOWN_AT, due - timedelta(seconds=1))
    assert rules.answer_due_at(None) is None
    assert not rules.is_overdue(ProposalState.WAITING, None, due)


def test_reach_of_cities_campaigns_and_the_network() -> None:
    campaign, city, other = new_id(), new_id(), new_id()
    assert not Reach().includes(campaign, city)
    assert not Reach().includes(campaign, None)
    assert Reach(city_ids=frozenset({city})).includes(campaign, city)
    assert Reach(city_ids=frozenset({city})).includes(campaign, None)
    assert not Reach(city_ids=frozenset({city})).includes(campaign, other)
    assert Reach(campaign_ids=frozenset({campaign})).includes(campaign, other)
    assert not Reach(campaign_ids=frozenset({campaign})).includes(new_id(), other)
    assert Reach(everywhere=True).includes(campaign, other)
