"""Share cards: readable in every script, never wider than their paper, and nothing that people wrote is a command."""

import asyncio
import io
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from backend.core.errors import ValidationFailed
from backend.core.ids import new_id
from media.cards.colours import LEAST_CONTRAST, PALETTE, check_colours, contrast, default_colours, ink_on
from media.cards.coverage import uncovered, with_plain_forms
from media.cards.draw import draw
from media.cards.drawer import draw_cards
from media.cards.orders import CARD_LIMITS, FRAMES, CardContent, CardOrder, CardShape
from media.cards.quoting import MAX_QUOTE_CHARS, excerpt_of, marks_of, occurs_in, set_for_card, words_apart
from media.processing.alone import DecoderDied

GROUND, ACCENT = PALETTE[0]
MARGIN = 80  # pixels that stay free at each side, a little less than the template leaves

SPOKEN = {
    "nb": "Vi må få snakke om det som er vanskelig, også når de voksne helst vil snakke om noe annet. Ærlig!",
    "fi": "Kaupunginvaltuustossakin pitäisi kuunnella nuorten mielipiteitä epäoikeudenmukaisuudesta 🙂.",
    "is": "Það skiptir máli að hlusta á okkur – líka þegar það er óþægilegt.",
    "se": "Mii háliidit ahte rávesolbmot guldalit min. Čáppa ŋuohta đ ŧ ž.",
    "ar": "أريد أن أتكلم بحرية في مدينتي، وأن يسمعني الكبار (Kristiansand 2026) دون خوف. نحن 25 في الصف ٩ب.",
    "fa": "می‌خواهم در شهرم آزادانه حرف بزنم و بزرگ‌ترها حرف‌های ما را بشنوند؛ نه فقط در روز ۲۰ نوامبر.",
    "ckb": "دەمەوێت لە شارەکەمدا بە ئازادی قسە بکەم، گەورەکان گوێمان لێ بگرن و ڕێزمان لێ بنێن.",
    "ps": "زه غواړم چې په خپل ښار کې په ازادۍ سره خبرې وکړم او مشران مو واوري.",
    "ur": "میں اپنے شہر میں کھل کر بات کرنا چاہتا ہوں، اور چاہتا ہوں کہ بڑے ہماری بات سنیں۔",
    "he": "אני רוצה לדבר בחופשיות בעיר שלי, ושהמבוגרים יקשיבו לנו באמת.",
    "ti": "ድምጸይ ክስማዕ ይደሊ። ኣብ ቤት ትምህርተይ ብነጻ ክዛረብ ይኽእል እየ። ዓበይቲ ክሰምዑና ኣለዎም።",
    "uk": "Я хочу, щоб у нашому місті дорослі слухали дітей, а не лише говорили про них. Ґанок, їжак, є!",
    "hi": "मैं अपने शहर में खुलकर बोलना चाहता हूँ, क्योंकि हर बच्चे की आवाज़ महत्त्वपूर्ण है।",
    "th": "ฉันอยากพูดได้อย่างอิสระในเมืองของฉัน และอยากให้ผู้ใหญ่รับฟังเสียงของพวกเราที่โรงเรียน",
    "my": "ကျွန်ုပ်တို့၏ မြို့တွင် လွတ်လပ်စွာ ပြောဆိုခွင့်ရှိပြီး လူကြီးများက ကလေးများ၏အသံကို နားထောင်စေချင်ပါသည်။",
    "zh": "我希望在我的城市里自由地说话，希望大人们认真听孩子们的声音，而不是只在儿童节那一天。",
    "vi": "Tôi muốn được nói tự do ở thành phố của mình, và người lớn lắng nghe chúng tôi.",
    "ta": "எங்கள் நகரத்தில் சுதந்திரமாகப் பேச விரும்புகிறேன்.",
}
RTL = {"ar", "fa", "ckb", "ps", "ur", "he"}
HOSTILE = {
    "one word without end": "a" * 300,
    "an address": "https://www.kristiansand.kommune.no/navigasjon/skole-og-barnehage/ungdomsraadet?x=1&y=2#frag " * 3,
    "the widest letters": "W" * MAX_QUOTE_CHARS,
    "the widest sign of all": "\ufdfd" * MAX_QUOTE_CHARS,
    "joined letters without end": "ب" * 300,
    "families": "👨‍👩‍👧‍👦👩🏽‍🚀🇳🇴1️⃣" * 20,
    "signs": "国" * MAX_QUOTE_CHARS,
    "stacked marks": "Z̃̂̃̄a̍̎̄̅l̈̇̆̍g̊̋̌̍o " * 30,
    "empty lines": "\n\n".join("a" * 100),
}


def content(quote: str, language: str = "nb", **changed: str) -> CardContent:
    given = {
        "quote": quote,
        "language": language,
        "direction": "rtl" if language in RTL else "ltr",
        "who": "Stille Elv",
        "place": "Kristiansand",
        "title": "Min stemme ut",
        "background": GROUND,
        "accent": ACCENT,
    }
    return CardContent(**{**given, **changed})


def drawn(folder: Path, given: CardContent, shape: CardShape = CardShape.POST) -> Image.Image:
    """The card, drawn here and not in a process of its own."""
    [file] = draw(CardOrder(given, str(folder), (shape,), CARD_LIMITS))
    return Image.open(io.BytesIO((folder / file.file).read_bytes())).convert("RGB")


def ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge of what is not background."""
    box = ImageChops.difference(image, Image.new("RGB", image.size, GROUND)).getbbox()
    assert box is not None
    return box


def assert_inside(image: Image.Image, shape: CardShape = CardShape.POST) -> None:
    """Nothing stands in the margins; in a story nothing where the apps lay their buttons."""
    left, upper, right, lower = ink_box(image)
    frame = FRAMES[shape]
    assert (image.width, image.height) == (frame.width, frame.height)
    assert left >= MARGIN
    assert right <= frame.width - MARGIN
    assert upper >= (250 if shape is CardShape.STORY else MARGIN)
    assert lower <= frame.height - (340 if shape is CardShape.STORY else MARGIN)


@pytest.mark.parametrize("language", SPOKEN)
def test_card_in_every_script_has_all_its_letters_and_keeps_its_margins(language: str, tmp_path: Path) -> None:
    assert uncovered(SPOKEN[language]) == []
    image = drawn(tmp_path, content(SPOKEN[language], language))
    assert_inside(image)
    left, _, right, _ = ink_box(image)
    assert right - left > 600, "the quotation is too small to read on a phone"


@pytest.mark.parametrize("quote", HOSTILE.values(), ids=HOSTILE)
def test_card_of_any_text_keeps_its_margins(quote: str, tmp_path: Path) -> None:
    assert_inside(drawn(tmp_path, content(excerpt_of(quote))))


def test_card_for_a_story_leaves_room_for_the_buttons_of_the_apps(tmp_path: Path) -> None:
    long = excerpt_of(SPOKEN["nb"] * 20)
    assert_inside(drawn(tmp_path, content(long, title="Min stemme ut " * 9), CardShape.STORY), CardShape.STORY)


def test_card_long_names_get_smaller_instead_of_wider(tmp_path: Path) -> None:
    assert_inside(drawn(tmp_path, content("Hør!", who="Et svært langt pseudonym " * 3, place="Kristiansand " * 8)))


@pytest.mark.parametrize(
    ("written", "read_as_markup"),
    [
        ("*b*", "b"),
        ("#sys.inputs.who", "Stille Elv"),
        (r"\u{41}", "A"),
        ("$x$", "x"),
        ("// a", "a"),
        ('#panic("now")', "now"),
        ('#import "@preview/cetz:0.3.0"', "cetz"),
        ('#read("/etc/passwd")', "root"),
    ],
)
def test_card_shows_commands_as_they_were_typed(written: str, read_as_markup: str, tmp_path: Path) -> None:
    assert drawn(tmp_path, content(written)).tobytes() != drawn(tmp_path, content(read_as_markup)).tobytes()
    hidden = drawn(tmp_path, content("a", who=written)).tobytes()
    assert hidden != drawn(tmp_path, content("a", who=read_as_markup)).tobytes()


@pytest.mark.parametrize(("text", "one", "other"), [("骨直", "zh", "ja"), ("۴۷", "ur", "fa"), ("骨", "zh-Hant", "zh")])
def test_card_letters_take_the_form_of_their_language(text: str, one: str, other: str, tmp_path: Path) -> None:
    def plain(language: str) -> bytes:
        return drawn(tmp_path, content(f"«{text}»", language, direction="ltr")).tobytes()

    assert plain(one) != plain(other)


def test_card_right_to_left_begins_at_the_right(tmp_path: Path) -> None:
    arabic = ink_box(drawn(tmp_path, content("نعم", "ar", who="نهر", place="", title="صوتي")))
    latin = ink_box(drawn(tmp_path, content("Ja", "nb", who="Elv", place="", title="Min")))
    assert arabic[0] > 540 > latin[2]


def chunks(png: bytes) -> list[bytes]:
    names, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        assert zlib.crc32(png[at + 4 : at + 8 + length]) == int.from_bytes(
            png[at + 8 + length : at + 12 + length], "big"
        )
        names.append(png[at + 4 : at + 8])
        at += 12 + length
    return names


def test_draw_cards_in_a_process_of_its_own_makes_both_sizes_without_metadata(tmp_path: Path) -> None:
    files = asyncio.run(draw_cards(content(SPOKEN["ar"], "ar"), tmp_path))
    assert [(file.shape, file.width, file.height) for file in files] == [("POST", 1080, 1350), ("STORY", 1080, 1920)]
    for file in files:
        assert set(chunks((tmp_path / file.file).read_bytes())) == {b"IHDR", b"IDAT", b"IEND"}


def test_draw_cards_without_letters_for_a_script_says_which(tmp_path: Path) -> None:
    with pytest.raises(ValidationFailed) as refused:
        asyncio.run(draw_cards(content("ᏣᎳᎩ"), tmp_path))
    assert (refused.value.code, refused.value.params["characters"]) == ("script_unsupported", "Ꭹ Ꮃ Ꮳ")
    assert list(tmp_path.iterdir()) == []


def test_draw_cards_beyond_its_memory_ends_the_process_alone(tmp_path: Path) -> None:
    with pytest.raises(DecoderDied):
        asyncio.run(draw_cards(content("Hei"), tmp_path, limits=replace(CARD_LIMITS, memory_mb=60)))


def test_plain_forms_keep_what_fonts_have_and_undo_decoration() -> None:
    assert with_plain_forms("𝓗𝓮𝓵𝓵𝓸 ½ ﬁ é 🙂") == "Hello ½ ﬁ é 🙂"


@pytest.mark.parametrize(
    ("language", "text", "marks"),
    [
        ("nb", "Hei", ("«", "»")), ("fi", "Hei", ("”", "”")), ("is", "Hæ", ("„", "“")), ("en", "Hi", ("“", "”")),
        ("ar-SY", "نعم", ("«", "»")), ("zh-Hant", "好", ("「", "」")), ("zh-TW", "好", ("「", "」")),
        ("zh", "好", ("“", "”")), ("nb", "«Hei»", ("", "")), ("xx", "?", ("“", "”")),
    ],
)  # fmt: skip
def test_marks_are_those_of_the_language_and_never_doubled(language: str, text: str, marks: tuple[str, str]) -> None:
    assert marks_of(language, text) == marks


def test_excerpt_ends_with_a_sentence_where_it_can() -> None:
    text = "Først en setning. " + "Så en til som er lengre! " * 30
    cut = excerpt_of(text)
    assert len(cut) <= MAX_QUOTE_CHARS
    assert cut.endswith("lengre! …")
    assert excerpt_of("kort") == "kort"
    assert len(excerpt_of("ord " * 500)) <= MAX_QUOTE_CHARS
    assert excerpt_of("好。" * 500).endswith("。 …")


def test_occurs_in_forgives_nothing_but_spaces() -> None:
    text = "En linje\nog en til, med ord."
    assert occurs_in("linje og en  til", text)
    assert not occurs_in("linje og to til", text)
    assert not occurs_in("Linje", text)


def test_set_for_card_breaks_only_what_no_line_could_hold() -> None:
    assert set_for_card("Kaupunginvaltuustossakin") == "Kaupunginvaltuustossakin"
    assert max(map(len, words_apart(set_for_card("x" * 300)))) == 20
    family = "👨‍👩‍👧‍👦"
    assert set(set_for_card(family * 40).replace(family, "").split("\u200b")) == {""}
    assert set_for_card("a\n\nb") == "a\nb"
    assert set_for_card("\n".join("abcdefghij")) == "a b c d e f g h i j"


def test_palette_and_inks_can_be_read() -> None:
    for background, accent in PALETTE:
        assert check_colours(background, accent) == (background, accent)
        assert contrast(ink_on(background), background) >= 7
    assert default_colours(new_id()) in PALETTE
    greys = [f"#{grey:02x}{grey:02x}{grey:02x}" for grey in range(256)]
    assert min(contrast(ink_on(grey), grey) for grey in greys) >= LEAST_CONTRAST


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the textbook case that just fails
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert check_colours("#FFFFFF", " #767676 ") == ("#ffffff", "#767676")


@pytest.mark.parametrize(
    ("background", "accent", "code"),
    [
        ("#ffffff", "#777777", "colour_contrast"), ("white", "#000000", "colour_unknown"),
        ("#fff", "#000000", "colour_unknown"), ("#00000000", "#ffffff", "colour_unknown"),
        ("#000000", "#fffffg", "colour_unknown"), ("#000000\n", '#ffffff"', "colour_unknown"),
    ],
)  # fmt: skip
def test_colours_that_cannot_be_read_are_refused(background: str, accent: str, code: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check_colours(background, accent)
    assert refused.value.code == code
    assert LEAST_CONTRAST == 4.5
