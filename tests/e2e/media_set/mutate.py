"""Damage as disks, networks and attackers do it: deterministic in the seed."""

from __future__ import annotations

import random
from collections.abc import Callable

#: Values that length, count and offset fields get wrong with.
_EDGES = (0, 1, 7, 8, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
_BOXES = (
    b"ftyp moov mvhd trak tkhd edts elst mdia mdhd hdlr minf stbl stsd avc1 avcC mp4a esds stts stss ctts stsc stsz "
    b"stco udta mdat"
).split()

Mutation = Callable[[bytearray, random.Random], None]


def _flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4, 16, 200))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _flip_header_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 8))):
        data[chance.randrange(min(len(data), 4096))] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(1, len(data)) :]


def _cut_out(data: bytearray, chance: random.Random) -> None:
    begin = chance.randrange(len(data))
    del data[begin : begin + chance.choice((1, 188, 4096))]


def _repeat(data: bytearray, chance: random.Random) -> None:
    begin, length = chance.randrange(len(data)), chance.choice((4, 188, 4096))
    data[begin:begin] = data[begin : begin + length]


def _blank(data: bytearray, chance: random.Random) -> None:
    begin, length = chance.randrange(len(data)), chance.choice((16, 512, 8192))
    data[begin : begin + length] = bytes([chance.choice((0, 0xFF))]) * len(data[begin : begin + length])


def _edge_values(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 3))):
        begin = chance.randrange(max(1, min(len(data), 4096) - 4))
        data[begin : begin + 4] = chance.choice(_EDGES).to_bytes(4, chance.choice(("big", "little")))


def _edit_box(data: bytearray, chance: random.Random) -> None:
    """The size of an ISO box, or one of the numbers in it; other containers get an edge value anywhere in the head."""
    places = [place for name in _BOXES if (place := data.find(name)) >= 4]
    if not places:
        _edge_values(data, chance)
        return
    begin = chance.choice(places) + chance.choice((-4, 4, 8, 12, 16, 20))
    data[begin : begin + 4] = chance.choice(_EDGES).to_bytes(4, "big")


MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits, _flip_header_bits, _cut, _cut_out, _repeat, _blank, _edge_values, _edit_box, _edit_box,
)  # fmt: skip


def mutant(good: bytes, seed: str) -> bytes:
    """`good` with one to three kinds of damage."""
    chance = random.Random(seed)
    data = bytearray(good)
    for change in chance.sample(MUTATIONS, chance.choice((1, 1, 2, 3))):
        if len(data) > 8:
            change(data, chance)
    return bytes(data)
