"""`python -m media.cards.draw ORDER` (JSON): draw one statement's cards under hard limits and print one line of JSON.

It runs alone, like the decoding of pictures, so that a text that the typesetter cannot bear ends this process at worst.
"""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from backend.core.errors import ValidationFailed
from backend.core.text import primary_language
from media.cards.colours import ink_on
from media.cards.coverage import font_folders, uncovered, with_plain_forms
from media.cards.orders import FRAMES, CardContent, CardFile, CardOrder, CardReport, CardShape
from media.cards.quoting import leading_of, marks_of, set_for_card, words_apart
from media.processing.limits import limit_process

_TEMPLATE = Path(__file__).with_name("card").with_suffix(".typ")
_PIXELS_PER_INCH = 72.0
_CJK = {"SC": "Noto Sans CJK SC", "TC": "Noto Sans CJK TC", "HK": "Noto Sans CJK HK", "JP": "Noto Sans CJK JP",
        "KR": "Noto Sans CJK KR"}  # fmt: skip
_LAST = ("Noto Sans Symbols", "Noto Emoji")
_SHOWN_CHARACTERS = 3


def main(order: CardOrder) -> int:
    """Draw, print the report, return 0; a refusal is a report too. Whatever else goes wrong ends the process."""
    limit_process(order.limits)
    try:
        report = CardReport(files=draw(order))
    except ValidationFailed as refusal:
        report = CardReport(refused=refusal.code, params={key: str(value) for key, value in refusal.params.items()})
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    return 0


def draw(order: CardOrder) -> tuple[CardFile, ...]:
    """Draw each shape into the folder. Raises ValidationFailed `script_unsupported`; TypstError is a fault of ours."""
    import typst  # only now: the typesetter loads under the limits

    inputs = inputs_of(order.content)
    written = "".join(inputs[key] for key in ("quote", "who", "place", "title", "opening", "closing"))
    if missing := uncovered(written):
        raise ValidationFailed("script_unsupported", characters=" ".join(missing[:_SHOWN_CHARACTERS]))
    folders = font_folders() if uncovered(written, but_signs=True) else font_folders()[:1]
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(one) for one in folders]
    )
    inputs["fonts"] = "\n".join(_font_order(fonts.families(), order.content.language))
    # Packages could only be asked for by markup, and none is read; were it read, there is nothing and nobody to ask.
    compiler = typst.Compiler(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=fonts,
        ignore_system_fonts=True,
        package_path=order.folder,
        package_cache_path=order.folder,
    )
    return tuple(_draw_one(compiler, inputs, Path(order.folder), shape) for shape in order.shapes)


def inputs_of(content: CardContent) -> dict[str, str]:
    """What the template is given: strings, all of them."""
    quote = set_for_card(with_plain_forms(content.quote))
    opening, closing = marks_of(content.language, quote)
    return {
        "quote": quote,
        "opening": opening,
        "closing": closing,
        "apart": "\n".join(words_apart(f"{opening}{quote}{closing}")),
        "leading": str(leading_of(quote)),
        "who": with_plain_forms(content.who),
        "place": with_plain_forms(content.place),
        "title": with_plain_forms(content.title),
        "title-size": "42" if len(content.title) <= 60 else "34",
        "direction": content.direction,
        "lang": primary_language(content.language),
        "region": _region_of(content.language),
        "ground": content.background,
        "accent": content.accent,
        "ink": ink_on(content.background),
    }


def _region_of(language: str) -> str:
    # By the region the font tells traditional Chinese from simplified.
    fallback = "TW" if "-Hant" in language else ""
    return next((part for part in language.split("-")[1:] if len(part) == 2 and part.isalpha()), fallback)


def _font_order(families: Sequence[str], language: str) -> list[str]:
    """Latin first, Chinese in the forms that the language writes, pictures last; where signs are the script, first."""
    name = primary_language(language)
    variant = {"ja": "JP", "ko": "KR"}.get(name, "SC")
    if name in {"zh", "yue"} and _region_of(language) in {"TW", "HK", "MO"}:
        variant = "HK" if name == "yue" or _region_of(language) in {"HK", "MO"} else "TC"
    signs = [one for one in families if one == _CJK[variant]]
    plain = [one for one in families if one not in _CJK.values() and one not in (*_LAST, "Noto Sans")]
    last = [one for one in _LAST if one in families]
    is_signs = name in {"zh", "yue", "ja", "ko"}
    return [*(signs if is_signs else []), "Noto Sans", *plain, *(signs if not is_signs else []), *last]


def _draw_one(compiler: object, inputs: Mapping[str, str], folder: Path, shape: CardShape) -> CardFile:
    frame = FRAMES[shape]
    sides = {name: str(getattr(frame, name)) for name in ("width", "height", "top", "bottom")}
    drawn: bytes = compiler.compile(  # type: ignore[attr-defined]
        format="png", ppi=_PIXELS_PER_INCH, sys_inputs={**inputs, **sides}
    )
    name = f"{shape.lower()}.png"
    (folder / name).write_bytes(drawn)
    return CardFile(shape, frame.width, frame.height, len(drawn), hashlib.sha256(drawn).hexdigest(), name)


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=CardOrder)))
