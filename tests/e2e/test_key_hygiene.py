"""No key leaves the places that are made for it: not into logs, arguments, histories, tables, objects or left files.

The search itself is tested first: it must find a key planted in each of those places, in each form.
"""

from __future__ import annotations

import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from rich.console import Console
from sqlalchemy import make_url
from temporalio.client import Client

from cli.api_client import api_client
from cli.ingest import follow, upload
from cli.proof.scripted import prove_by_script
from core.adapters.ffmpeg.sandbox import ENVIRONMENT
from core.adapters.local_root_key import LocalRootKey
from core.adapters.s3 import S3Storage
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import open_database
from core.services.keys.envelope import active_tenant_key
from core.services.keys.reader import ContentKeyReader
from core.settings import Settings
from tests.e2e.key_places import data_directory, histories, objects, platform_logs, server_files, tables
from tests.fixtures.clips import make_clip
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.platform import Platform
from tests.fixtures.process_watch import ProcessWatch, program
from tests.fixtures.secret_search import Secret, SecretSearch, forms
from workers.client import connect

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

TOOLS = ("ffmpeg", "ffprobe", "packager-", "bwrap", "prlimit", "setpriv")
#: bwrap sets PWD when it changes the directory.
ALLOWED_VARIABLES = {*ENVIRONMENT, "PWD"}


@dataclass(frozen=True)
class Publication:
    target: VersionRef
    secrets: list[Secret]
    watch: ProcessWatch


@pytest.fixture
def planted() -> Secret:
    """Without zero bytes, so that it can be an argument as it is."""
    return Secret("planted", bytes(1 + secrets.randbelow(255) for _ in range(16)))


async def publication(platform: Platform, folder: Path) -> Publication:
    """A clip published and played while all processes are watched, and the keys that this took."""
    clip = make_clip(folder / "secret.mp4", seconds=3, size="1280x720")
    console = Console(quiet=True)
    async with api_client(platform.connection) as api:
        with ProcessWatch() as watch:
            video_id = await upload(api, clip, "secret", console)
            outcome = await follow(api, video_id, "secret", console)
            assert outcome.state == "ready", outcome
            grant = await api.open_session(video_id)
            proof = await prove_by_script(platform.connection.url, grant["token"])
        assert proof.error is None
    target = VersionRef(organisation_of(platform.settings, video_id), video_id, 1)
    return Publication(target, await all_secrets(platform.settings, target), watch)


def organisation_of(settings: Settings, video_id: str) -> str:
    with connection(settings) as database:
        row = database.execute("SELECT organisation_id FROM videos WHERE id = %s", [video_id]).fetchone()
    assert row is not None
    return str(row[0].hex)


def connection(settings: Settings) -> psycopg.Connection:
    url = make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)


async def all_secrets(settings: Settings, target: VersionRef) -> list[Secret]:
    """Root key, signing key, the tenant's key and each content key of the version."""
    assert settings.root_key_file is not None
    assert settings.signing_key_file is not None
    vault = LocalRootKey.from_file(settings.root_key_file)
    async with open_database(settings.database_url) as uow:
        content = await ContentKeyReader(uow, vault, TEST_USE).read(target)
        async with uow() as unit:
            _, tenant_key = await active_tenant_key(unit.keys, vault, target.organisation_id)
    files = {"root key": settings.root_key_file, "signing key": settings.signing_key_file}
    found = [Secret(name, bytes.fromhex(path.read_text(encoding="ascii").strip())) for name, path in files.items()]
    return [*found, Secret("tenant key", tenant_key), *(Secret(f"{label} key", k.key) for label, k in content.items())]


async def test_no_key_turns_up_anywhere_after_publishing_and_playing(platform: Platform, tmp_path: Path) -> None:
    began = time.time()
    done = await publication(platform, tmp_path)
    assert {secret.name for secret in done.secrets} >= {"root key", "signing key", "tenant key", "AUDIO key", "SD key"}
    search = SecretSearch(done.secrets)
    client = await connect(platform.settings)
    written = await histories(client, done.target.video_id)
    prefix = f"{done.target.organisation_id}/{done.target.video_id}/"
    stored = await objects(platform.settings, prefixes=(prefix,))
    assert len(stored) > 10
    hits = search.in_all(platform_logs(platform) | written | tables(platform.settings) | stored)
    hits |= search.in_bytes("arguments and environments", done.watch.everything())
    hits |= search.in_files(server_files(platform.settings, began))
    assert hits == set()


async def test_tools_get_neither_keys_nor_our_environment(platform: Platform, tmp_path: Path) -> None:
    done = await publication(platform, tmp_path)
    seen: dict[str, set[str]] = {}
    for process in done.watch.below(platform.media.pid).values():
        for arguments, environments in process.views.items():
            seen.setdefault(program(arguments), set()).update(names_in(environments))
    tools = {name: names for name, names in seen.items() if name.startswith(TOOLS)}
    assert any(name.startswith("packager-") for name in tools), "the packager was never seen: nothing is proven"
    assert {"ffmpeg", "bwrap"} <= tools.keys()
    assert not {name: names - ALLOWED_VARIABLES for name, names in tools.items() if names - ALLOWED_VARIABLES}
    assert not list((data_directory(platform.settings) / "scratch").rglob("packager.flags"))


def names_in(environments: set[bytes]) -> set[str]:
    return {line.partition(b"=")[0].decode() for one in environments for line in one.split(b"\0") if line}


# The search must be able to fail.


def expected_hits(place: str, planted: Secret, hits: set[str], *, without: frozenset[str] = frozenset()) -> None:
    missing = {form for form in forms(planted.key) if form not in without and not _hit(place, form, hits)}
    assert not missing, f"not found in {place}: {missing}"


def _hit(place: str, form: str, hits: set[str]) -> bool:
    return any(place in hit and hit.endswith(f": planted as {form}") for hit in hits)


def test_key_in_a_log_is_found(platform: Platform, planted: Secret) -> None:
    log = platform.logs / "planted.log"
    log.write_bytes(b"\n".join(b"said " + form + b" aloud" for form in forms(planted.key).values()))
    try:
        expected_hits("planted.log", planted, SecretSearch([planted]).in_all(platform_logs(platform)))
    finally:
        log.unlink()


@pytest.mark.parametrize("as_argument", [True, False], ids=["argument", "environment"])
def test_key_shown_by_a_process_is_found(as_argument: bool, planted: Secret) -> None:
    shown = list(forms(planted.key).values())
    arguments = shown if as_argument else []
    environment = {} if as_argument else {f"KEY{n}".encode(): form for n, form in enumerate(shown)}
    # `read` waits for the end of its input, so that no process outlives the test.
    with (
        ProcessWatch() as watch,
        subprocess.Popen(
            [b"/bin/sh", b"-c", b"read line", b"sh", *arguments], env=environment, stdin=subprocess.PIPE
        ) as child,
    ):
        while not watch.has_seen(child.pid):
            assert child.poll() is None
        child.communicate()
    expected_hits("processes", planted, SecretSearch([planted]).in_bytes("processes", watch.everything()))


async def test_key_in_a_history_is_found(platform: Platform, planted: Secret) -> None:
    client: Client = await connect(platform.settings)
    arguments = [form if name == "raw" else form.decode() for name, form in forms(planted.key).items()]
    flow = f"planted-{secrets.token_hex(4)}"
    handle = await client.start_workflow("Nobody", args=arguments, id=flow, task_queue="nobody-polls-this")
    try:
        written = await histories(client, flow)
        hits = SecretSearch([planted]).in_all({name: data for name, data in written.items() if flow in name})
    finally:
        await handle.terminate()
    # JSON doubles the backslashes of a repr.
    expected_hits(flow, planted, hits, without=frozenset({"repr"}))


@pytest.fixture
def planted_table(platform: Platform) -> Iterator[psycopg.Connection]:
    with connection(platform.settings) as database:
        database.execute("CREATE TABLE planted (a text, b bytea, c jsonb)")
        try:
            yield database
        finally:
            database.execute("DROP TABLE planted")


def test_key_in_a_table_is_found(platform: Platform, planted: Secret, planted_table: psycopg.Connection) -> None:
    for column, cast in (("a", "text"), ("b", "bytea"), ("c", "jsonb")):
        for name, form in forms(planted.key).items():
            if name == "raw" and column != "b":
                continue  # not text
            value: object = form if column == "b" else form.decode()
            if column == "c":
                value = psycopg.types.json.Jsonb({"deep": [value]})
            planted_table.execute(f"INSERT INTO planted ({column}) VALUES (%s::{cast})", [value])  # noqa: S608
        hits = SecretSearch([planted]).in_all(tables(platform.settings))
        doubled = frozenset({"raw"} if column == "a" else {"raw", "repr"} if column == "c" else set())
        expected_hits("table planted", planted, hits, without=doubled)
        planted_table.execute("DELETE FROM planted")


async def test_key_in_an_object_is_found(platform: Platform, planted: Secret) -> None:
    storage = S3Storage.from_settings(platform.settings)
    try:
        for name, form in forms(planted.key).items():
            await storage.put_bytes(f"planted/{name}", b"media" + form + b"media", "video/mp4")
        hits = SecretSearch([planted]).in_all(await objects(platform.settings, prefixes=("planted/",)))
    finally:
        await storage.delete_prefix("planted/")
        await storage.close()
    expected_hits("object planted/", planted, hits)


def test_key_in_a_left_file_is_found(platform: Platform, planted: Secret) -> None:
    began, left = time.time() - 1, platform.settings.scratch_dir / "left-behind"
    left.write_bytes(b"....".join(forms(planted.key).values()))
    try:
        expected_hits("left-behind", planted, SecretSearch([planted]).in_files(server_files(platform.settings, began)))
    finally:
        left.unlink()
