"""Pictures of a high dynamic range for screens that have none: a table from the colours of a phone's HDR to plain ones.

A table is looked up in C; computing these formulas for each pixel would take a second a frame. Pure.
"""

from pathlib import Path

from media.hdr import HLG_GAMMA, HLG_NITS, WHITE_NITS, Transfer, hlg_scene, pq_light, pressed

SIZE = 33
# Up to this share of white nothing changes; what is brighter is pressed together below white.
_KNEE = 0.75
# BT.2087: linear light from the primaries of BT.2020 to those of BT.709.
_PRIMARIES = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))


def write_table(path: Path, transfer: Transfer) -> None:
    """A .cube file for the filter lut3d: R'G'B' of BT.2020 with this transfer in, R'G'B' of BT.709 out."""
    steps = [n / (SIZE - 1) for n in range(SIZE)]
    rows = (plain(transfer, r, g, b) for b in steps for g in steps for r in steps)
    lines = (" ".join(f"{value:.5f}" for value in row) for row in rows)
    path.write_text(f"LUT_3D_SIZE {SIZE}\n" + "\n".join(lines) + "\n", "ascii")


def plain(transfer: Transfer, red: float, green: float, blue: float) -> tuple[float, float, float]:
    """The colour, 0..1 each, as a plain screen shows it."""
    light = _hlg(red, green, blue) if transfer is Transfer.HLG else (pq_light(red), pq_light(green), pq_light(blue))
    linear = [max(0.0, sum(part * one for part, one in zip(row, light, strict=True))) for row in _PRIMARIES]
    peak = max(linear)
    scale = pressed(peak, knee=_KNEE) / peak if peak > 0 else 0.0
    red, green, blue = (min(1.0, one * scale) ** (1 / 2.4) for one in linear)  # BT.1886
    return red, green, blue


def _hlg(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """Light as a share of white on the screen that HLG is meant for."""
    r, g, b = (hlg_scene(one) for one in (red, green, blue))
    bright = (0.2627 * r + 0.678 * g + 0.0593 * b) ** (HLG_GAMMA - 1) * HLG_NITS / WHITE_NITS
    return r * bright, g * bright, b * bright
