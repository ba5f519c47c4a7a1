"""VdoCipher's contract, an area a module. What is more special comes first: `tags` must not pass for a video's id."""

from api.routers.vdocipher import (
    account,
    files,
    folders,
    hooks,
    imports,
    legacy,
    meta,
    tags,
    upload_form,
    uploads,
    videos,
)

AREAS = (tags, folders, uploads, upload_form, imports, videos, files, meta, account, hooks, legacy)
