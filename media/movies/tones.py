"""Pictures of a high dynamic range for screens that have none: a table from the colours of a phone's HDR to plain ones.

A table is looked up in C; computing these formulas for each pixel would take a second a frame. Pure.
"""

import math
from enum import IntEnum
from pathlib import Path

SIZE = 33
# BT.2408: paper in the sun is this bright in HDR, and plain white on an ordinary screen.
_WHITE_NITS = 203.0
# Up to this share of white nothing changes; what is brighter is pressed together below white.
_KNEE = 0.75
# BT.2087: linear light from the primaries of BT.2020 to those of BT.709.
_PRIMARIES = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))


class Transfer(IntEnum):
    """How light was turned into numbers (ITU-T H.273, table 3)."""

    PQ = 16
    HLG = 18


def write_table(path: Path, transfer: Transfer) -> None:
    """A .cube file for the filter lut3d: R'G'B' of BT.2020 with this transfer in, R'G'B' of BT.709 out."""
    steps = [n / (SIZE - 1) for n in range(SIZE)]
    rows = (plain(transfer, r, g, b) for b in steps for g in steps for r in steps)
    lines = (" ".join(f"{value:.5f}" for value in row) for row in rows)
    path.write_text(f"LUT_3D_SIZE {SIZE}\n" + "\n".join(lines) + "\n", "ascii")


def plain(transfer: Transfer, red: float, green: float, blue: float) -> tuple[float, float, float]:
    """The colour, 0..1 each, as a plain screen shows it."""
    light = _hlg(red, green, blue) if transfer is Transfer.HLG else (_pq(red), _pq(green), _pq(blue))
    linear = [max(0.0, sum(part * one for part, one in zip(row, light, strict=True))) for row in _PRIMARIES]
    peak = max(linear)
    scale = _pressed(peak) / peak if peak > 0 else 0.0
    red, green, blue = (min(1.0, one * scale) ** (1 / 2.4) for one in linear)  # BT.1886
    return red, green, blue


def _pressed(light: float) -> float:
    if light <= _KNEE:
        return light
    return _KNEE + (1 - _KNEE) * (1 - math.exp(-(light - _KNEE) / (1 - _KNEE)))


def _pq(signal: float) -> float:
    """Light as a share of white (SMPTE ST 2084)."""
    power = signal ** (1 / 78.84375)
    share = max(power - 0.8359375, 0.0) / (18.8515625 - 18.6875 * power)
    return 10_000 / _WHITE_NITS * float(share ** (1 / 0.1593017578125))


def _hlg(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """Light as a share of white on a screen of 1000 nits (BT.2100)."""
    r, g, b = (_hlg_scene(one) for one in (red, green, blue))
    bright = (0.2627 * r + 0.678 * g + 0.0593 * b) ** 0.2 * 1000 / _WHITE_NITS
    return r * bright, g * bright, b * bright


def _hlg_scene(signal: float) -> float:
    if signal <= 0.5:
        return signal * signal / 3
    return (math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
