"""The subprocess: a hostile file ends it at worst, and its answer is checked."""

import asyncio
import os
import resource
import subprocess
import sys
import zlib
from base64 import b64decode
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from backend.core.errors import ValidationFailed
from media.images.sniff import ImageKind, sniff_image
from media.processing.alone import DecoderDied
from media.processing.decoder import decode_image
from media.processing.limits import Limits
from media.processing.orders import PICTURE_LIMITS, Decoded, Fingerprint, Look, RenditionFile
from tests.media.files import picture, png_chunk, png_claiming, saved
from tests.media.test_images import assert_bare

FIXTURES = Path(__file__).parent / "fixtures"
_PNG = saved(picture(30, 20), "PNG")
PHOTOS = sorted(path for path in FIXTURES.iterdir() if path.suffix in {".jpg", ".png", ".webp", ".heic"})


def decoded(source: Path, folder: Path, *, limits: Limits = PICTURE_LIMITS) -> Decoded:
    with source.open("rb") as file:
        kind = sniff_image(file, size=source.stat().st_size).kind
    return asyncio.run(decode_image(source, folder, kind=kind, limits=limits))


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


async def cut_off(working: Coroutine[Any, Any, object]) -> set[str]:
    """Begin the work and cancel it as soon as it has a child, however fast the machine; which child."""
    before, task = children(), asyncio.ensure_future(working)
    while not (begun := children() - before) and not task.done():  # noqa: ASYNC110 - the kernel tells no event
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return begun


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda path: path.name)
def test_decode_real_photo_is_upright_and_bare(photo: Path, tmp_path: Path) -> None:
    made = decoded(photo, tmp_path)
    with Image.open(photo) as original:
        turned = original.getexif().get(0x0112, 1) >= 5  # never for HEIC: the library has turned it already
        sides = original.size[::-1] if turned else original.size
    assert (made.width > made.height) == (sides[0] > sides[1])
    assert max(made.width, made.height) == min(1920, max(sides))
    assert made.width / made.height == pytest.approx(sides[0] / sides[1], rel=0.01)
    for rendition in made.renditions:
        assert_bare((tmp_path / rendition.file).read_bytes(), rendition.format)
    assert 10 <= len(b64decode(made.placeholder)) <= 30


def test_fixtures_hold_what_must_not_leak() -> None:
    blob = b"".join(photo.read_bytes() for photo in PHOTOS)
    assert all(mark in blob for mark in (b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/", b"iCCP", b"tEXt", b"Apple"))


def test_decode_13_megapixel_photo_needs_little_memory(tmp_path: Path) -> None:
    made = decoded(FIXTURES / "phone_mi3_13mp.jpg", tmp_path, limits=replace(PICTURE_LIMITS, memory_mb=220))
    assert len(made.renditions) == 8


def test_decode_refused_file_tells_why(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(png_claiming(3_000, 3_000))
    with pytest.raises(ValidationFailed) as caught:
        decoded(source, tmp_path)
    assert caught.value.code == "image_damaged"


def test_decode_other_kind_than_sniffed_tells_why(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(saved(picture(30, 30), "PNG"))
    with pytest.raises(ValidationFailed) as caught:
        asyncio.run(decode_image(source, tmp_path, kind=ImageKind.WEBP))
    assert caught.value.code == "media_type_mismatch"


@pytest.fixture(scope="module")
def big_png(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 megapixels in a few kilobytes, complete and valid."""
    path = tmp_path_factory.mktemp("big") / "source"
    body = png_chunk(b"IDAT", zlib.compress(b"\0" * (8_000 * 4 + 1) * 5_000))
    head = png_chunk(b"IHDR", b"\0\0\x1f\x40\0\0\x13\x88\x08\x06\0\0\0")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + body + png_chunk(b"IEND", b""))
    return path


def test_decode_beyond_memory_is_refused_and_leaves_the_parent(big_png: Path, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValidationFailed) as caught:
        decoded(big_png, tmp_path, limits=replace(PICTURE_LIMITS, memory_mb=250))
    assert caught.value.code == "image_too_heavy"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_decode_cancelled_leaves_no_child(big_png: Path, tmp_path: Path) -> None:
    before = children()
    assert len(asyncio.run(cut_off(decode_image(big_png, tmp_path, kind=ImageKind.PNG)))) == 1
    assert children() == before


def test_decode_of_a_missing_file_dies_without_blame(tmp_path: Path) -> None:
    with pytest.raises(DecoderDied) as caught:
        asyncio.run(decode_image(tmp_path / "absent", tmp_path, kind=ImageKind.PNG))
    assert caught.value.reason == "exit_1"


def test_limits_end_a_process_that_spins_by_itself() -> None:
    code = "from media.processing.limits import *; limit_process(Limits(500, 9, 1))\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        assert process.wait(10) == -14


def test_limited_process_ends_with_the_one_that_started_it() -> None:
    code = "from media.processing.limits import *; limit_process(Limits(500, 9, 60))\nwhile True: signal.pause()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 1


def test_limits_bound_every_resource() -> None:
    code = """
import resource as r
from media.processing.limits import Limits, limit_process
limit_process(Limits(memory_mb=500, cpu_seconds=9, wall_seconds=5))
print(r.getrlimit(r.RLIMIT_AS)[0], r.getrlimit(r.RLIMIT_CPU)[0], r.getrlimit(r.RLIMIT_CORE)[0])
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        answer = process.stdout.read()
    assert answer.split() == ["500000000", "9", "0"]


def test_subprocess_inherits_no_environment(big_png: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMME_SECRET", "do-not-tell")

    async def seen() -> bytes:
        before = children()
        task = asyncio.create_task(decode_image(big_png, tmp_path, kind=ImageKind.PNG))
        while not (begun := children() - before):  # noqa: ASYNC110 - the kernel tells no event
            await asyncio.sleep(0.001)
        (child,) = begun
        environment = Path(f"/proc/{child}/environ").read_bytes()  # noqa: ASYNC240 - a test's own file
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return environment

    environment = asyncio.run(seen())
    assert b"PYTHONPATH" in environment
    assert b"do-not-tell" not in environment


@pytest.mark.parametrize(
    "lie",
    [
        {"file": "../x.webp"},
        {"file": "30.webp", "width": 31},
        {"file": "9.webp"},
        {"file": "30.jpeg"},
        {"file": "31.webp", "format": "png", "size": len(_PNG)},  # a picture, but of no kind that is served
    ],
)
def test_answer_that_lies_is_not_believed(lie: dict[str, object], tmp_path: Path) -> None:
    from media.processing.decoder import _verify

    data = saved(picture(30, 20), "WEBP")
    (tmp_path / "30.webp").write_bytes(data)
    (tmp_path / "30.jpeg").write_bytes(b"<html>")
    (tmp_path / "31.webp").write_bytes(_PNG)
    true = {"format": "webp", "width": 30, "height": 20, "size": len(data), "sha256": "", "file": "30.webp"}
    honest, lying = (RenditionFile(**values) for values in (true, true | lie))  # type: ignore[arg-type]
    print_ = Fingerprint(square=bytes(3 * 40 * 40))
    whole = {"kind": ImageKind.WEBP, "width": 30, "height": 20, "frames": 1, "placeholder": "", "fingerprint": print_}
    _verify(tmp_path, Decoded(**whole, renditions=(honest,)))  # type: ignore[arg-type]
    with pytest.raises(DecoderDied):
        _verify(tmp_path, Decoded(**whole, renditions=(honest, lying)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "lie",
    [
        Fingerprint(square=b"short"),
        Fingerprint((Look(2**63, 0, 0),), bytes(3 * 40 * 40)),
        Fingerprint((Look(0, 0, 0),) * 5, bytes(3 * 40 * 40)),
    ],
)
def test_fingerprint_that_cannot_be_is_not_believed(lie: Fingerprint) -> None:
    from media.processing.decoder import _verify_fingerprint

    with pytest.raises(DecoderDied):
        _verify_fingerprint(lie)
