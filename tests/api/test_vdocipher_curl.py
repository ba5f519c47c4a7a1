"""VdoCipher's documented commands, by curl, against the API in alias mode."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.alias_site import AliasSite
from tests.fixtures.compatible_site import CompatibleSite
from tests.fixtures.pictures import picture

pytestmark = pytest.mark.stack

API = "https://dev.vdocipher.com/api"


class Curl:
    """As the documentation calls it, but for where the name leads and whom to trust."""

    def __init__(self, alias: AliasSite, secret: str) -> None:
        self._lead = ["--connect-to", f"::127.0.0.1:{alias.port}", "--cacert", str(alias.authority)]
        self._key = ["-H", f"Authorization: Apisecret {secret}"]

    async def __call__(self, *arguments: str, key: bool = True) -> Any:
        command = ["curl", "-sS", "--fail-with-body", *self._lead, *(self._key if key else ()), *arguments]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)
        assert done.returncode == 0, (done.stdout, done.stderr)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout.decode()


JSON = ("-H", "Accept: application/json", "-H", "Content-Type: application/json")


async def test_the_documented_commands_work(alias: AliasSite, tmp_path: Path) -> None:
    tenant = await alias.site.tenant()
    rows, curl = CompatibleSite(alias.site, tenant), Curl(alias, tenant.secret)
    spare = await rows.add("Spare")
    video = (await alias.site.published(tenant)).target.video_id

    assert len((await curl("-X", "POST", *JSON, "-d", '{"ttl": 300}', f"{API}/videos/{video}/otp"))["otp"]) == 64
    # The documentation's own single quotes.
    quoted = """{"annotate":"[{'type':'rtext', 'text':' {name}', 'alpha':'0.60', 'color':'0xFF0000','size':'15'}]"}"""
    assert len((await curl("-X", "POST", *JSON, "-d", quoted, f"{API}/videos/{video}/otp"))["otp"]) == 64

    listed = await curl("-X", "GET", "-H", "Accept: application/json", f"{API}/videos?page=1&limit=40")
    assert (listed["count"], listed["rows"][0]["id"]) == (2, video)
    renamed = await curl("-X", "POST", *JSON, "-d", '{"title":"Renamed"}', f"{API}/videos/{video}")
    assert renamed == {"message": "Successfully updated"}
    assert (await curl(f"{API}/videos/{video}"))["title"] == "Renamed"

    tags = json.dumps({"videos": [video, spare], "tags": ["tag"]})
    assert await curl("-X", "POST", *JSON, "-d", tags, f"{API}/videos/tags") == {"message": "Done"}
    assert await curl("-X", "GET", "-H", "Accept: application/json", f"{API}/videos/tags") == {"rows": ["tag"]}
    assert (await curl(f"{API}/videos?tags=tag"))["count"] == 2
    cleared = json.dumps({"videos": [video], "tags": []})
    assert await curl("-X", "PUT", *JSON, "-d", cleared, f"{API}/videos/tags") == {"message": "Done"}

    folder = (await curl("-X", "POST", *JSON, "-d", '{"name":"Course","parent":"root"}', f"{API}/videos/folders"))["id"]
    assert (await curl(f"{API}/videos/folders/root"))["folderList"][0]["name"] == "Course"
    search = await curl("-X", "POST", *JSON, "-d", '{"name":"Co","searchExact":false}', f"{API}/videos/folders/search")
    assert search["folders"][0]["id"] == folder
    updated = await curl("-X", "PUT", *JSON, "-d", '{"name":"New"}', f"{API}/videos/folders/{folder}")
    assert updated == {"message": "Folder has been updated"}
    assert (await curl(f"{API}/videos?folderId={folder}"))["count"] == 0
    assert await curl("-X", "DELETE", f"{API}/videos/folders/{folder}") == {"message": "Folder Deleted"}

    (tmp_path / "c.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n")
    added = await curl("-X", "POST", "-F", f"file=@{tmp_path}/c.vtt", f"{API}/videos/{video}/files/?language=en")
    assert added["lang"] == "en"
    await asyncio.to_thread(picture, tmp_path / "p.png")
    posters = await curl("-X", "POST", "-F", f"file=@{tmp_path}/p.png", f"{API}/videos/{video}/files")
    assert [each["video_width"] for each in posters] == [1280, 720, 480]
    files = await curl(f"{API}/videos/{video}/files/")
    assert {added["id"], posters[0]["id"]} <= {each["id"] for each in files}
    redirect = (await curl(f"{API}/videos/{video}/files/{added['id']}"))["redirect"]
    stored = await asyncio.to_thread(subprocess.run, ["curl", "-sSf", redirect], capture_output=True, check=True)
    assert stored.stdout.startswith(b"WEBVTT")
    assert await curl("-X", "DELETE", f"{API}/videos/{video}/files/{added['id']}") == {"message": "Deleted"}
    assert len((await curl(f"{API}/meta/{video}", key=False))["posters"]) == 3

    usage = await curl("-X", "POST", *JSON, "-d", '{"date":"2026-01-01"}', f"{API}/account/video-usage")
    assert usage == "date,video,requests,bandwidth"
    legacy = f"https://api.vdocipher.com/v2/otp?video={video}"
    assert len((await curl("-d", f"clientSecretKey={tenant.secret}", legacy, key=False))["otp"]) == 64
    deleted = await curl("-X", "DELETE", f"https://www.vdocipher.com/api/videos?videos={video},{spare}")
    assert deleted == {"code": 200, "message": "Successfully deleted 2 videos"}
