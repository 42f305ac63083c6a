"""High dynamic range (HDR): the light that the numbers of a picture or movie mean, fitted to a plain screen. Pure."""

from enum import IntEnum
from math import exp

# BT.2408: paper in the sun is this bright in HDR, and plain white on an ordinary screen.
WHITE_NITS = 203.0
# BT.2100: the screen for which HLG is meant, and what it makes of the light of the scene.
HLG_NITS = 1000.0
HLG_GAMMA = 1.2


class Transfer(IntEnum):
    """How light was turned into numbers (ITU-T H.273, table 3)."""

    PQ = 16
    HLG = 18


def pq_light(signal: float) -> float:
    """Light as a share of white (SMPTE ST 2084)."""
    power: float = signal ** (1 / 78.84375)
    share: float = max(power - 0.8359375, 0.0) / (18.8515625 - 18.6875 * power)
    return float(10_000 / WHITE_NITS * share ** (1 / 0.1593017578125))


def hlg_scene(signal: float) -> float:
    """Light of the scene, 0..1 (BT.2100)."""
    if signal <= 0.5:
        return signal * signal / 3
    return (exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12


def pressed(light: float, *, knee: float) -> float:
    """A share of white: up to the knee it stays as it is; what is brighter comes ever closer to white."""
    above = light - knee
    return light if above <= 0 else knee + (1 - knee) * (1 - exp(-above / (1 - knee)))
