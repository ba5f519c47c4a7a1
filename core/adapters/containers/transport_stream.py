"""MPEG transport streams: are the packets scrambled (ISO/IEC 13818-1, 2.4.3.3)."""

from __future__ import annotations

from core.adapters.isobmff.boxes import Buffer
from core.domain.media.probed import ContainerTraits

_PACKET = 188
_SYNC = 0x47
_SAMPLE_PACKETS = 2000
#: Clear streams have no scrambled packet at all; a few may be flipped bits.
_SCRAMBLED_SHARE = 0.05


def traits_of_transport_stream(data: Buffer) -> ContainerTraits:
    """Look at the scrambling control bits of the first packets. There is no index in a transport stream."""
    headers = [bytes(data[at : at + 4]) for at in range(0, min(len(data), _PACKET * _SAMPLE_PACKETS), _PACKET)]
    aligned = [header for header in headers if len(header) == 4 and header[0] == _SYNC]
    scrambled = sum(1 for header in aligned if header[3] & 0xC0)
    return ContainerTraits(encrypted=scrambled > len(aligned) * _SCRAMBLED_SHARE)
