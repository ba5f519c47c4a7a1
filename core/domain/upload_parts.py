"""How a file is cut into the parts of an S3 multipart upload (Amazon S3 User Guide, "multipart upload limits")."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024**2
SMALLEST_PART = 8 * MEBIBYTE
"""S3 asks for 5 MiB except in the last part; larger parts mean fewer requests."""

MOST_PARTS = 10_000


@dataclass(frozen=True)
class PartPlan:
    """`part_size` bytes each, the last one shorter. An empty file is one empty part."""

    size: int
    part_size: int

    @property
    def count(self) -> int:
        return max(1, -(-self.size // self.part_size))

    def size_of(self, number: int) -> int:
        """Bytes of part `number`, counted from 1."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)


def plan_parts(size: int) -> PartPlan:
    """The smallest whole number of MiB that stays within the number of parts S3 allows."""
    least = -(-size // MOST_PARTS)
    return PartPlan(size, max(SMALLEST_PART, -(-least // MEBIBYTE) * MEBIBYTE))
