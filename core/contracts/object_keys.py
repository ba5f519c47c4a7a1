"""Where every object of a video lives in the bucket. Deterministic, so that retries find what is done.

<organisation>/<video>/v<version>/original            the upload, immutable
<organisation>/<video>/v<version>/form                what a browser's form sends; copied to `original`, then removed
<organisation>/uploads/<upload>/...                   what a resumable upload keeps until it is whole
<organisation>/<video>/v<version>/interim/...            intermediate, removed at the end
<organisation>/<video>/v<version>/<PUBLISHED>/...     what players fetch, immutable
<organisation>/<video>/files/...                      captions and posters that were added to the video
"""

from __future__ import annotations

import re

from core.contracts.version_ref import VersionRef

PUBLISHED = "stream"
_FORM = re.compile(r"([0-9a-f]{32})/([0-9a-f]{32})/v([1-9][0-9]{0,8})/form", re.ASCII)
CAPTIONS = "captions/"


def video_prefix(target: VersionRef) -> str:
    return f"{target.organisation_id}/{target.video_id}/"


def version_prefix(target: VersionRef) -> str:
    return f"{video_prefix(target)}v{target.version}/"


def original(target: VersionRef) -> str:
    return f"{version_prefix(target)}original"


def form(target: VersionRef) -> str:
    """Whoever holds the form may send it again while the video is processed: hence not the original itself."""
    return f"{version_prefix(target)}form"


def form_target(key: str) -> VersionRef | None:
    """Whose form it is that sends this object; None for any other key."""
    found = _FORM.fullmatch(key)
    return None if found is None else VersionRef(found[1], found[2], int(found[3]))


def interim_prefix(target: VersionRef) -> str:
    return f"{version_prefix(target)}interim/"


def facts(target: VersionRef) -> str:
    return f"{interim_prefix(target)}facts.json"


def plan(target: VersionRef) -> str:
    return f"{interim_prefix(target)}plan.json"


def indexed_source(target: VersionRef) -> str:
    return f"{interim_prefix(target)}source.mkv"


def chunk(target: VersionRef, index: int) -> str:
    """All renditions of one chunk, as the tracks of one MP4: a chunk is there wholly or not at all."""
    return f"{interim_prefix(target)}chunks/{index:05d}.mp4"


def mezzanine(target: VersionRef, name: str) -> str:
    """One clear track, whole length, as given to the packager."""
    return f"{interim_prefix(target)}mezzanine/{name}"


def published_prefix(target: VersionRef) -> str:
    return f"{version_prefix(target)}{PUBLISHED}/"


def files_prefix(organisation_id: str, video_id: str) -> str:
    """What was added to the video, whatever its version."""
    return f"{organisation_id}/{video_id}/files/"


def caption(organisation_id: str, video_id: str, name: str) -> str:
    """`name` as a manifest has it within the folder."""
    return f"{files_prefix(organisation_id, video_id)}{CAPTIONS}{name}"


def poster(organisation_id: str, video_id: str, number: int) -> str:
    return f"{files_prefix(organisation_id, video_id)}posters/{number}.jpg"


def played_object(target: VersionRef, name: str) -> str:
    """What a player means by a name: captions that were added, or an object of the version."""
    if name.startswith(CAPTIONS):
        return files_prefix(target.organisation_id, target.video_id) + name
    return published_prefix(target) + name
