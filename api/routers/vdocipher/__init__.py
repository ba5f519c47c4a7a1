"""VdoCipher's contract, an area a module. What is more special comes first: `tags` must not pass for a video's id."""

from api.routers.vdocipher import account, files, folders, legacy, meta, tags, videos

AREAS = (tags, folders, videos, files, meta, account, legacy)
