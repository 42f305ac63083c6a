"""Cleaning participants' text: every script survives, nothing that deceives does."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import ValidationFailed
from backend.core.text import (
    clean_text,
    direction_of,
    language_tag,
    plain_excerpt,
    primary_language,
    search_config,
    signs_apart,
    signs_as_phrases,
)

PERSIAN = "می\u200cخواهم حرف بزنم"
REAL_TEXTS = [
    "Jeg vil at alle skal høres, også på Ålesund skole.",
    "أريد أن يُسمَع صوتي في المدينة.",
    PERSIAN,
    "ድምፀይ ክስማዕ እደሊ ኣለኹ።",
    "मैं चाहता हूँ कि मेरी आवाज़ सुनी जाए",
    "क्\u200dष और क्\u200cष",
    "Я хочу, щоб мій голос почули в їхньому місті.",
    "ผมอยากให้ทุกคนได้ยินเสียงของผม",
    "Tôi muốn tiếng nói của mình được lắng nghe",
    "ខ្ញុំចង់និយាយ",
    "མི་ཐམས་ཅད་ཀྱི་རྒྱ་མཚོ་",
    "ကျွန်ုပ်တို့ မြွှေ",
    "אֲנִי רוֹצֶה לְדַבֵּר",
    "زۆرجار دەنگم نابیسترێت",
    "我想說話 葛\U000e0100城",
    "👨‍👩‍👧‍👦 👩🏾‍🎓 🏳️‍🌈 ❤️‍🔥 1️⃣ 🇳🇴 🇮🇸 🧏🏿‍♀️",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "Čállinprográmma sámegillii, Norgga Sámi",
    "\U0001fae8 \U0001fadf",  # newer emoji than this Python's tables
]


def clean(text: str, *, max_chars: int = 2000, min_chars: int = 0, multiline: bool = True) -> str:
    return clean_text(text, path=("text",), max_chars=max_chars, min_chars=min_chars, multiline=multiline)


def refusal(text: str, *, max_chars: int = 2000, min_chars: int = 1) -> ValidationFailed:
    with pytest.raises(ValidationFailed) as caught:
        clean(text, max_chars=max_chars, min_chars=min_chars)
    return caught.value


@pytest.mark.parametrize("text", REAL_TEXTS)
def test_clean_text_in_a_real_language_keeps_every_character(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)
    assert clean(text, multiline=False) == unicodedata.normalize("NFC", text)


def test_clean_text_decomposed_becomes_composed() -> None:
    assert clean(unicodedata.normalize("NFD", "Tôi muốn tiếng nói")) == "Tôi muốn tiếng nói"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  a \t b\u00a0c\u3000d  ", "a b c d"),
        ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"),
        ("a  \n \n\n\n  b", "a\n\nb"),
        ("pass\u200bword\u2060s\ufeff", "passwords"),
        ("\u2067hei\u2069 \u202bdu\u202c", "hei du"),
        ("so\u00adft", "soft"),
        ("a\u200db\u200cc", "abc"),
        ("Z\ufe0e\U000e0101x\U000e0041", "Zx"),
        ("\u200fhei\u200e", "hei"),
        ("سلام!\u200f\u200f\u200f", "سلام!\u200f"),
        ("👩\u200d", "👩"),
        ("ب\u200c\u200c\u200cت", "ب\u200cت"),
        ("\u3164\u2800 \u200b", ""),
        ("🏴\U000e0068\U000e0069\U000e007f", "🏴"),
    ],
)
def test_clean_text_with_invisible_characters_loses_only_these(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_clean_text_on_one_line_turns_line_breaks_into_spaces() -> None:
    assert clean(" a\n\tb\u2029c ", multiline=False) == "a b c"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a\x00b", "U+0000"),
        ("a\x1b[31m", "U+001B"),
        ("a\x9fb", "U+009F"),
        ("\u202egpj.exe", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u202dabc", "U+202D LEFT-TO-RIGHT OVERRIDE"),
        ("\ud83d", "U+D83D"),
        ("\ue000", "U+E000"),
        ("\U00100000", "U+100000"),
        ("\ufffe", "U+FFFE"),
        ("\U0001ffff", "U+1FFFF"),
    ],
)
def test_clean_text_with_a_forbidden_character_names_it(text: str, name: str) -> None:
    problem = refusal(text)
    assert (problem.code, problem.params, problem.path) == ("text_forbidden_character", {"character": name}, ("text",))


def test_clean_text_with_stacked_marks_is_refused() -> None:
    assert refusal("Z" + "\u0335\u0301\u0316\u0323\u0330" * 6).code == "text_too_many_marks"
    assert refusal("ก" + "\u0e48" * 9).code == "text_too_many_marks"


def test_clean_text_out_of_bounds_says_the_bound() -> None:
    too_long = refusal("a" * 11, max_chars=10)
    assert (too_long.code, too_long.params) == ("text_too_long", {"max": 10})
    too_short = refusal("a", min_chars=2)
    assert (too_short.code, too_short.params) == ("text_too_short", {"min": 2})
    assert refusal(" \u200b\n").code == "text_missing"
    assert clean("", min_chars=0) == ""
    assert clean("a\u0301" * 10, max_chars=10) == "á" * 10


def test_clean_text_of_great_length_is_refused_before_any_work() -> None:
    assert refusal("a" + "\u0301" * 5_000_000, max_chars=10).code == "text_too_long"


ODD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("\u200b\u200c\u200d\u200e\u200f\u061c\u034f\ufe0f\ufe0e\ufe00\U000e0100\U000e0067\U000e007f"),
        st.sampled_from("اबक्ि가\u1100\u1161\u115f葛👩🏾🏴❤1\u20e3 \n\t\u2800\u2028\u0301\u0327e\u180b\u1820\u00ad"),
    ),
    max_size=60,
)


@given(ODD, st.booleans())
def test_clean_text_on_anything_is_idempotent_encodable_and_harmless(text: str, multiline: bool) -> None:
    try:
        once = clean(text, multiline=multiline)
    except ValidationFailed:
        return
    assert clean(once, multiline=multiline) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")
    assert once == once.strip()
    assert not set(once) & set("\x00\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u00ad")
    assert {c for c in once if unicodedata.category(c) in {"Cc", "Cs", "Co"}} <= ({"\n"} if multiline else set())


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Hei", "ltr"),
        ("123 !?", "ltr"),
        ("", "ltr"),
        ("سلام", "rtl"),
        ("«123» שלום", "rtl"),
        ("#MyVoiceOut @stemme https://stemme.example أريد أن أتكلم", "rtl"),
        ("Facebook هو المكان الذي نتحدث فيه كل يوم", "rtl"),
        ("سلام means peace, says my grandmother", "ltr"),
        ("Oslo مدينة", "ltr"),
        ("#stemme", "ltr"),
        ("ކިހިނެއް", "rtl"),
    ],
)
def test_direction_of_mixed_text_follows_its_language(text: str, direction: str) -> None:
    assert direction_of(text) == direction


@pytest.mark.parametrize(
    ("tag", "canonical"),
    [
        ("nb", "nb"),
        ("NO", "nb"),
        ("no_NO", "nb-NO"),
        ("iw", "he"),
        ("prs", "fa-AF"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("en-Latn", "en"),
        ("sr-latn", "sr-Latn"),
        ("sh", "sr-Latn"),
        ("i-klingon", "tlh"),
        ("sgn-NO", "nsi"),
        ("ti", "ti"),
        (" se ", "se"),
        ("ckb", "ckb"),
        ("de-1996", "de"),
        ("ar-EG-u-nu-latn", "ar-EG"),
        ("es-419", "es-419"),
    ],
)
def test_language_tag_valid_becomes_canonical(tag: str, canonical: str) -> None:
    assert language_tag(tag, path=("language",)) == canonical
    assert language_tag(canonical, path=()) == canonical


@pytest.mark.parametrize(
    "tag",
    ["", "norsk", "english", "zzz", "qaa", "und", "mul", "zxx", "root", "x-me", "en-x-me", "en-ZZ", "aa-Zzzz", "en-XX",
     "nb\x00", "nb-", "-", "\u0627\u0631", "ｎｂ", "\ud800", "en" * 40, "en-" + "a" * 40, "nb; drop", "*", "art-x-a"],
)  # fmt: skip
def test_language_tag_invalid_is_refused(tag: str) -> None:
    with pytest.raises(ValidationFailed, match="language_unknown"):
        language_tag(tag, path=("language",))


@given(st.text(max_size=40) | st.from_regex(r"[a-z]{2,3}(-[A-Za-z]{4})?(-[A-Z]{2})?(-[a-z0-9]{1,8})*", fullmatch=True))
def test_language_tag_on_anything_is_canonical_or_refused(text: str) -> None:
    try:
        tag = language_tag(text, path=())
    except ValidationFailed:
        return
    assert len(tag) <= 35
    assert language_tag(tag, path=()) == tag


def test_search_config_knows_the_nordic_languages_and_falls_back_to_simple() -> None:
    assert [search_config(tag) for tag in ("nb-NO", "nn", "sv", "da", "fi", "en-GB", "ar")] == [
        "norwegian", "norwegian", "swedish", "danish", "finnish", "english", "arabic",
    ]  # fmt: skip
    assert [search_config(tag) for tag in ("is", "ti", "fa-AF", "uk", "")] == ["simple"] * 5


@given(st.text(alphabet='晚上ユー一a -"é', max_size=20))
def test_signs_apart_changes_nothing_but_spaces(text: str) -> None:
    assert signs_apart(text).replace(" ", "") == text.replace(" ", "")
    assert signs_as_phrases(text).replace(" ", "").replace('"', "") == text.replace(" ", "").replace('"', "")


def test_signs_that_stand_together_become_a_phrase() -> None:
    assert signs_apart("vi 晚上 ok").split() == ["vi", "晚", "上", "ok"]
    assert signs_as_phrases("-晚上 møte").split() == ['-"晚', '上"', "møte"]


def test_primary_language_drops_script_and_region() -> None:
    assert [primary_language(tag) for tag in ("nb", "nb-NO", "sr-Latn")] == ["nb", "nb", "sr"]


def test_plain_excerpt_cuts_between_words_and_never_inside_a_character() -> None:
    assert plain_excerpt("kort", 10) == "kort"
    assert plain_excerpt("en lang\n\nsetning her", 12) == "en lang…"
    assert plain_excerpt("aaa👨‍👩‍👧‍👦", 7) == "aaa…"
    assert plain_excerpt("ab👩🏾x", 4) == "ab…"


@given(st.text(max_size=80), st.integers(min_value=1, max_value=40))
def test_plain_excerpt_of_anything_stays_within_its_length(text: str, chars: int) -> None:
    assert len(plain_excerpt(text, chars)) <= chars
