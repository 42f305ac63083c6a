"""WebVTT: what is read, left out and refused, at which line; another reader finds the same in what is written."""

import re

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import ValidationFailed
from media.captions.cues import MAX_BYTES, MAX_CUES, MAX_LINE_CHARS, Cue, read_cues, words_in, words_of, write_cues

MOVIE_MS = 90_000
HELLO = "WEBVTT\n\n00:00.000 --> 00:02.000\nHei.\n"
EVERYTHING = (
    "\ufeffWEBVTT - made by Ola's editor\r\nKind: captions\r\nX-Author: Ola Nordmann\r\n\r\n"
    "NOTE Ola was here\r\nand here\r\n\r\nSTYLE\r\n::cue { background: url(http://example.org/x) }\r\n\r\n"
    "REGION\r\nid:fred width:40%\r\n\r\n"
    "scene-of-ola\r\n00:00.500 --> 00:02.000 region:fred line:0 align:start\r\n"
    "<v Ola>Vi <b>må</b> <i>få</i> <c.loud>snakke</c></v> <00:00:01.000>nå &amp; her\r\n<u>alle</u> &lt;3\r\n\r\n"
    "00:02.000 --> 01:30.900\r\n\u202bمرحبا\u202c بكم\r\n\r\nNOTE\r\nthe end\r\n"
)


def test_read_keeps_times_and_plain_words_of_everything_that_webvtt_has() -> None:
    cues = read_cues(EVERYTHING, movie_ms=MOVIE_MS)
    assert cues == [
        Cue(500, 2000, "Vi må få snakke nå & her\nalle <3"),
        Cue(2000, 90_900, "مرحبا بكم"),
    ]
    assert write_cues(cues) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nVi må få snakke nå &amp; her\nalle &lt;3\n\n"
        "00:00:02.000 --> 00:01:30.900\nمرحبا بكم\n"
    )
    assert words_in(write_cues(cues)) == words_of(cues) == "Vi må få snakke nå & her\nalle <3\nمرحبا بكم"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "captions_header", 1),
        ("\n" + HELLO, "captions_header", 1),
        ("webvtt\n", "captions_header", 1),
        ("WEBVTTX\n", "captions_header", 1),
        ("1\n00:00:00,000 --> 00:00:01,000\nSubRip\n", "captions_header", 1),
        ("WEBVTT\n00:00.000 --> 00:01.000\nno empty line\n", "captions_times", 2),
        ("WEBVTT", "captions_empty", 1),
        ("WEBVTT\n\nNOTE nothing\n", "captions_empty", 4),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n<b></b>\n", "captions_empty", 5),
        ("WEBVTT\n\nonly words\n", "captions_times", 3),
        ("WEBVTT\n\nname\nwords\n", "captions_times", 4),
        (HELLO + "\n00:00:02,000 --> 00:00:03,000\ncommas\n", "captions_times", 6),
        (HELLO + "\n00:02.00 --> 00:03.000\nshort\n", "captions_times", 6),
        (HELLO + "\n00:60.000 --> 01:03.000\nsixty\n", "captions_times", 6),
        (HELLO + "\n00:02.000 --> 00:03.0001\nlong\n", "captions_times", 6),
        (HELLO + "\n٠٠:٠٢.٠٠٠ --> 00:03.000\ndigits\n", "captions_times", 6),
        (HELLO + "\n00:02.000 -> 00:03.000\narrow\n", "captions_times", 7),
        (HELLO + "00:02.000 --> 00:03.000\nstuck together\n", "captions_times", 5),
        (HELLO + "\n00:02.000 --> 00:02.000\nnothing\n", "captions_end_first", 6),
        (HELLO + "\n00:03.000 --> 00:02.500\nbackwards\n", "captions_end_first", 6),
        (HELLO + "\n00:05.000 --> 00:06.000\na\n\n00:04.999 --> 00:07.000\nb\n", "captions_order", 9),
        (HELLO + "\n01:30.000 --> 01:31.001\nlate\n", "captions_after_movie", 6),
        (HELLO + "\n9999:00:00.000 --> 9999:00:01.000\nlate\n", "captions_after_movie", 6),
        (HELLO + f"\n00:02.000 --> 00:03.000\n{'x' * (MAX_LINE_CHARS + 1)}\n", "captions_line_too_long", 7),
        (HELLO + f"\n00:02.000 --> 00:03.000\nfine\n{'<' * 90_000}\n", "captions_line_too_long", 8),
        (HELLO + "\n00:02.000 --> 00:03.000\nnul \x00\n", "captions_character", 7),
        (HELLO + "\n00:02.000 --> 00:03.000\nturned \u202eround\n", "captions_character", 7),
        (HELLO + "\n00:02.000 --> 00:03.000\nturned &#x202e;round\n", "captions_character", 7),
        (HELLO + "\n00:02.000 --> 00:03.000\nhalf \ud800\n", "captions_character", 7),
        (HELLO + "x" * MAX_BYTES, "captions_too_large", 1),
        (HELLO + "å" * (MAX_BYTES // 2), "captions_too_large", 1),
        ("WEBVTT\n" + "\n00:00.000 --> 00:01.000\na\n" * (MAX_CUES + 1), "captions_too_many", 3 * MAX_CUES + 3),
    ],
)  # fmt: skip
def test_read_names_the_line_of_the_fault(text: str, code: str, line: int) -> None:
    with pytest.raises(ValidationFailed) as refused:
        read_cues(text, movie_ms=MOVIE_MS)
    assert (refused.value.code, refused.value.path, refused.value.params["line"]) == (code, ("text",), line)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_read_takes_any_line_breaks_bom_tabs_and_lines_of_spaces(ends: str) -> None:
    text = ends.join(
        ["\ufeffWEBVTT\tx", "", "00:01.000\t-->\t00:02.000\tposition:10%", "a", "  ", "00:01.000-->00:03.000", "b"]
    )
    assert read_cues(text, movie_ms=MOVIE_MS) == [Cue(1000, 2000, "a"), Cue(1000, 3000, "b")]


def test_comment_with_times_is_none_since_players_show_it() -> None:
    shown = read_cues(HELLO + "\nNOTE to self\n00:00.000 --> 00:01.000\nwords\n", movie_ms=MOVIE_MS)
    assert shown == [Cue(0, 2000, "Hei."), Cue(0, 1000, "words")]


def test_limits_are_exact() -> None:
    most = "WEBVTT\n" + "\n00:00.000 --> 01:31.000\n" + "x" * MAX_LINE_CHARS + "\n"
    assert read_cues(most, movie_ms=MOVIE_MS)[0].text == "x" * MAX_LINE_CHARS
    assert len(read_cues("WEBVTT\n" + "\n00:00.000 --> 00:01.000\na\n" * MAX_CUES, movie_ms=MOVIE_MS)) == MAX_CUES
    full = HELLO + "\nNOTE " + "x" * (MAX_BYTES - len(HELLO) - 6)
    assert len(full.encode()) == MAX_BYTES
    assert len(read_cues(full, movie_ms=MOVIE_MS)) == 1


cue_texts = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    [
        "a --> b",
        "<v Ola>hei",
        "&lt;b&gt;",
        "WEBVTT",
        "NOTE x",
        "00:00.000 --> 00:01.000",
        "&amp;amp;",
        "STYLE",
        "<",
        ">",
    ]
)


@given(st.lists(st.tuples(st.integers(0, 80_000), st.integers(1, 9_000), cue_texts), min_size=1, max_size=5))
def test_what_is_written_is_read_back_the_same_here_and_by_another_reader(given: list[tuple[int, int, str]]) -> None:
    pieces = [f"{_stamp(start)} --> {_stamp(start + length)}\n{text}\n" for start, length, text in sorted(given)]
    try:
        cues = read_cues("WEBVTT\n\n" + "\n".join(pieces), movie_ms=MOVIE_MS)
    except ValidationFailed:
        return
    written = write_cues(cues)
    assert read_cues(written, movie_ms=MOVIE_MS) == cues
    assert words_in(written) == words_of(cues)
    read = webvtt.from_string(written, strict=True)
    assert [one.start_time.in_milliseconds() for one in read.captions] == [one.start for one in cues]
    assert [one.raw_text for one in read.captions] == [_escaped(one.text) for one in cues]
    assert [*read.styles, *read.regions, *read.metadata, *read.header_comments, *read.footer_comments] == []


@given(st.text(max_size=300) | st.text(st.sampled_from("WEBVT \n\r-->0:.5<&aNOTE"), max_size=300))
def test_read_of_anything_is_an_answer(text: str) -> None:
    for file in (text, f"WEBVTT\n\n{text}", f"{HELLO}{text}"):
        lines = range(1, len(re.split(r"\r\n|\r|\n", file)) + 1)
        assert _answer(file) in {None, *lines}


def _answer(file: str) -> int | None:
    """None when it is read, else the line of the fault."""
    try:
        cues = read_cues(file, movie_ms=MOVIE_MS)
    except ValidationFailed as refused:
        line = refused.params["line"]
        assert isinstance(line, int)
        return line
    assert all(cue.text and cue.start < cue.end for cue in cues)
    return None


def _stamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
