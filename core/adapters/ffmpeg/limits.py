"""Resource limits of one tool run, set with prlimit(1) so that they hold with and without namespaces."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3


@dataclass(frozen=True)
class Limits:
    """`memory_bytes` is address space, several times the resident size of a threaded encoder.

    `file_bytes` bounds each written file; `cpu_seconds` the processor time; `stdout_bytes` what is kept of stdout.
    """

    memory_bytes: int = 4 * GIBIBYTE
    file_bytes: int = 8 * GIBIBYTE
    cpu_seconds: int = 3600
    open_files: int = 256
    stdout_bytes: int = 16 * MEBIBYTE

    def prlimit(self) -> list[str]:
        """Options for prlimit(1); soft and hard limit are the same. No core dumps: they would hold content."""
        return [
            f"--as={self.memory_bytes}",
            f"--fsize={self.file_bytes}",
            f"--cpu={self.cpu_seconds}",
            f"--nofile={self.open_files}",
            "--core=0",
        ]


def encode_limits(media_seconds: float, source_seconds: float, source_pixels: int, bits_per_second: int) -> Limits:
    """For one encode. Bounds are several times what the slowest honest encode needs, so they only stop runaways.

    The processor time counts the source's whole length too: with one key frame in the file, a chunk decodes up to all
    of what precedes it.
    """
    return Limits(
        memory_bytes=(4 if source_pixels <= 1920 * 1088 else 12) * GIBIBYTE,
        file_bytes=256 * MEBIBYTE + int(media_seconds * bits_per_second / 8 * 4),
        cpu_seconds=600 + int(media_seconds * 400 + source_seconds * 4),
    )
