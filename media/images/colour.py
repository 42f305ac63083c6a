"""Colours that a file names by numbers (ITU-T H.273) instead of a profile: the ICC profile that means the same.

A phone that writes no profile says `12, 13` for Display P3. Wide and bright (HDR) values are mapped into what sRGB has.
"""

import struct

from media.hdr import HLG_GAMMA, HLG_NITS, WHITE_NITS, Transfer, hlg_scene, pq_light, pressed

# Red, green, blue and white as CIE xy.
_BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), (0.3127, 0.3290))
_PRIMARIES = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290)),  # BT.2020
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),  # DCI-P3
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290)),  # Display P3
}
_STEPS = 1024
_KNEE = 0.6
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]


def profile_of(primaries: int, transfer: int) -> bytes | None:
    """The profile for these numbers; None when they mean sRGB as good as exactly, or are not known."""
    if transfer not in set(Transfer) and primaries not in _PRIMARIES:
        return None
    columns = _to_d50(_PRIMARIES.get(primaries, _BT709))
    curve = _curve([_light(step / (_STEPS - 1), transfer) for step in range(_STEPS)])
    tags = [
        (b"desc", b"desc\0\0\0\0" + struct.pack(">I", 1) + b"\0" + bytes(78)),
        (b"cprt", b"text\0\0\0\0\0"),
        (b"wtpt", _xyz(_D50)),
        (b"rXYZ", _xyz(columns[0])),
        (b"gXYZ", _xyz(columns[1])),
        (b"bXYZ", _xyz(columns[2])),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    return _assembled(tags)


def _light(value: float, transfer: int) -> float:
    """Linear light 0..1 of a code value 0..1."""
    if transfer == Transfer.PQ:
        return pressed(pq_light(value), knee=_KNEE)
    if transfer == Transfer.HLG:
        return pressed(HLG_NITS / WHITE_NITS * hlg_scene(value) ** HLG_GAMMA, knee=_KNEE)
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _to_d50(named: tuple[tuple[float, float], ...]) -> tuple[Vector, Vector, Vector]:
    """The XYZ of full red, green and blue, adapted from the named white to the one of profiles (Bradford)."""
    red, green, blue, white = ((x / y, 1.0, (1 - x - y) / y) for x, y in named)
    amounts = _solved((red, green, blue), white)
    here, there = _times(_BRADFORD, white), _times(_BRADFORD, _D50)

    def adapted(colour: Vector, amount: float) -> Vector:
        cones = _times(_BRADFORD, colour)
        scaled = (
            cones[0] * amount * there[0] / here[0],
            cones[1] * amount * there[1] / here[1],
            cones[2] * amount * there[2] / here[2],
        )
        return _solved(_columns(_BRADFORD), scaled)

    return adapted(red, amounts[0]), adapted(green, amounts[1]), adapted(blue, amounts[2])


def _columns(matrix: Matrix) -> Matrix:
    first, second, third = zip(*matrix, strict=True)
    return first, second, third


def _times(matrix: Matrix, vector: Vector) -> Vector:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def _solved(columns: Matrix, wanted: Vector) -> Vector:
    """How much of each column makes the wanted vector (Cramer's rule)."""
    a, b, c = columns
    whole = _determinant(a, b, c)
    return _determinant(wanted, b, c) / whole, _determinant(a, wanted, c) / whole, _determinant(a, b, wanted) / whole


def _determinant(a: Vector, b: Vector, c: Vector) -> float:
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0] * (a[1] * b[2] - a[2] * b[1])


def _xyz(colour: Vector) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in colour))


def _curve(values: list[float]) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *(round(v * 65535) for v in values))


def _assembled(tags: list[tuple[bytes, bytes]]) -> bytes:
    """A display profile of version 2 with these tags."""
    table, body = struct.pack(">I", len(tags)), b""
    offset = 128 + 4 + 12 * len(tags)
    for name, data in tags:
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s12s4s", offset + len(body), b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ",
                       bytes(12), b"acsp")  # fmt: skip
    head += bytes(28) + struct.pack(">3i", *(round(value * 65536) for value in _D50))
    return head.ljust(128, b"\0") + table + body
