"""The published result: anybody recounts it, and whatever was changed in it shows."""

from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from click.testing import CliRunner

from backend.cli import main
from backend.rounds import lot, publication
from backend.rounds.publication import FORMAT, FORMULA, Publication, PublishedClass, PublishedLine, PublishedWeights
from backend.rounds.rules import Unranked

SEED = bytes(range(32))
FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


def line(contender: UUID, name: str, **change: object) -> PublishedLine:
    known: dict[str, object] = {
        "id": contender, "classes": (PublishedClass(contender, name, "Kongsgård", "Kristiansand"),), "size": 20,
        "authors": 6, "slots": 10, "lot": tuple(lot.draw_slots(SEED, contender, 10, 5)), "participants": 15,
        "standing_entries": 6, "readable_entries": 6, "counted": 5,
        "marks": 7, "dealt_sixths": 60, "participation": "3/4", "voices": "2/3",
        "quality": "5/8", "score": "161/240", "rank": 1, "best": ("3/4", "1/2"),
    }  # fmt: skip
    return PublishedLine(**{**known, **change})  # type: ignore[arg-type]


SMALL = publication.withheld(line(THIRD, "7C", size=8, rank=None, unranked_for=Unranked.TOO_SMALL))
PUBLISHED = Publication(
    FORMAT, UUID(int=9), FORMULA, PublishedWeights(50, 30, 20), SEED.hex(), lot.seed_hash(SEED),
    (line(FIRST, "9A"), line(SECOND, "9B"), SMALL),
)  # fmt: skip


def test_untouched_publication_agrees_to_the_last_digit() -> None:
    scores, differences = publication.recount(publication.read(publication.written(PUBLISHED).encode()))
    assert differences == []
    assert [score and str(score.total) for score in scores] == ["161/240", "161/240", None]


def test_publication_without_the_medians_still_recounts() -> None:
    trimmed = [msgspec.structs.replace(one, best=None) for one in PUBLISHED.standings]
    assert publication.recount(msgspec.structs.replace(PUBLISHED, standings=tuple(trimmed)))[1] == []


@pytest.mark.parametrize(
    "change",
    [
        {"size": 21}, {"authors": 11}, {"slots": 9}, {"lot": (0, 1, 2, 3, 4)}, {"participants": 16}, {"marks": 8},
        {"dealt_sixths": 59}, {"participation": "4/5"}, {"voices": "1/2"}, {"quality": "1/2"}, {"score": "160/240"},
        {"rank": 2}, {"best": ("1", "1/2")}, {"best": ("3/4",)}, {"standing_entries": 5}, {"counted": 6},
        {"readable_entries": 7}, {"readable_entries": 2},
        {"unranked_for": Unranked.TOO_SMALL}, {"marks": 31}, {"participants": 21},
    ],
)  # fmt: skip
def test_change_in_a_line_is_found(change: dict[str, object]) -> None:
    first = msgspec.structs.replace(PUBLISHED.standings[0], **change)
    changed = msgspec.structs.replace(PUBLISHED, standings=(first, *PUBLISHED.standings[1:]))
    differences = publication.recount(changed)[1]
    assert differences
    assert all(one.where.startswith(("9A", "9B")) for one in differences)


def test_small_class_is_published_without_anything_that_tells_of_a_student() -> None:
    assert set(msgspec.to_builtins(SMALL)) == {"id", "classes", "size", "unrankedFor"}
    few = publication.withheld(line(THIRD, "7C", rank=None, unranked_for=Unranked.TOO_FEW_ENTRIES))
    assert set(msgspec.to_builtins(few)) == {"id", "classes", "size", "unrankedFor", "participants", "participation"}
    empty = publication.withheld(line(THIRD, "7C", standing_entries=0, readable_entries=0))
    assert (empty.authors, empty.participants) == (None, 15)
    assert publication.withheld(PUBLISHED.standings[0]) == PUBLISHED.standings[0]


@pytest.mark.parametrize("change", [{"size": 20}, {"participants": 3}, {"participation": "1/2"}, {"rank": 3}])
def test_change_in_an_unranked_line_is_found(change: dict[str, object]) -> None:
    changed = msgspec.structs.replace(SMALL, **change)
    assert publication.recount(msgspec.structs.replace(PUBLISHED, standings=(*PUBLISHED.standings[:2], changed)))[1]


def test_ranked_line_without_an_input_is_no_published_round() -> None:
    for name in ("participants", "standing_entries", "readable_entries", "counted", "marks", "dealt_sixths", "authors"):
        first = msgspec.structs.replace(PUBLISHED.standings[0], **{name: None})
        text = publication.written(msgspec.structs.replace(PUBLISHED, standings=(first,))).encode()
        with pytest.raises(ValueError, match="missing"):
            publication.read(text)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": bytes(32).hex()}, {"seed_hash": "0" * 64}, {"weights": PublishedWeights(40, 40, 20)},
        {"weights": PublishedWeights(50, 30, 30)},
    ],
)  # fmt: skip
def test_change_of_seed_or_weights_is_found(change: dict[str, object]) -> None:
    assert publication.recount(msgspec.structs.replace(PUBLISHED, **change))[1]


def test_digest_changes_with_any_input_and_not_with_order_or_names() -> None:
    lines = PUBLISHED.standings
    renamed = [msgspec.structs.replace(one, classes=()) for one in reversed(lines)]
    assert publication.digest(lines) == publication.digest(renamed)
    assert publication.digest(lines) != publication.digest([msgspec.structs.replace(lines[0], marks=8), *lines[1:]])


def recount_file(file: Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["recount-round", str(file)])
    return done.exit_code, done.output


def test_command_recounts_a_file(tmp_path: Path) -> None:
    file = tmp_path / "round.json"
    file.write_text(publication.written(PUBLISHED), "utf-8")
    code, said = recount_file(file)
    assert (code, said.splitlines()[-1]) == (0, "3 classes: the result agrees to the last digit.")
    assert "9A, Kongsgård: 0.670833 = 161/240" in said
    file.write_text(publication.written(PUBLISHED).replace('"marks": 7', '"marks": 6', 1), "utf-8")
    code, said = recount_file(file)
    assert code == 1
    assert "DIFFERS 9A: voices: published 2/3, recounted 7/12" in said


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "\x00", '{"format": "else"}', publication.written(PUBLISHED).replace("3/4", "3/0"),
     publication.written(PUBLISHED).replace(FORMAT, "stemme-round/9"),
     publication.written(PUBLISHED).replace(SEED.hex(), "zz")],
)  # fmt: skip
def test_command_refuses_what_is_no_published_round(tmp_path: Path, text: str) -> None:
    file = tmp_path / "round.json"
    file.write_text(text, "utf-8")
    code, said = recount_file(file)
    assert code == 1
    assert "this is no" in said
    assert "Traceback" not in said
