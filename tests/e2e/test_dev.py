"""`sealcast dev` and `sealcast ingest` as a newcomer types them."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from cli.stack.ports import free_port
from tests.fixtures.clips import make_clip
from tests.fixtures.processes import SEALCAST, Process
from tests.fixtures.supervising import processes_of


def ingest(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(SEALCAST), "ingest", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)


def start_dev(data_dir: Path, port: int, log: Path) -> Process:
    process = Process(["dev", "--data-dir", str(data_dir), "--port", str(port)], {}, log)
    process.wait_until("Sealcast is running", 120)
    return process


@pytest.mark.timeout(400)
def test_dev_publishes_stops_without_orphans_and_comes_back_over_its_data(tmp_path: Path) -> None:
    data_dir, port = tmp_path / "data", free_port()
    clip = make_clip(tmp_path / "clip.mp4", seconds=2)
    text = tmp_path / "notes.mp4"
    text.write_text("this is no video\n" * 200)

    dev = start_dev(data_dir, port, tmp_path / "first.log")
    good = ingest(data_dir, str(clip), "--title", "A clip", "--wait", "--json")
    bad = ingest(data_dir, str(text), "--wait", "--json")
    assert dev.stop(60) == 0
    assert processes_of(data_dir) == []
    log = (tmp_path / "first.log").read_text()
    for name in ("API", "Player", "Temporal Web UI", "Object store"):
        assert name in log

    assert good.returncode == 0, good.stderr
    outcome = json.loads(good.stdout)
    assert (outcome["state"], outcome["failure_code"], outcome["title"]) == ("ready", None, "A clip")
    assert [rendition["name"] for rendition in outcome["renditions"]] == ["360p", "240p"]
    assert outcome["seconds_per_step"]["transcode"] > 0
    assert bad.returncode == 1
    refused = json.loads(bad.stdout)
    assert (refused["state"], refused["failure_code"]) == ("failed", "NOT_A_VIDEO")
    assert refused["failure_sentence"] == "This is not a video or audio file."

    dev = start_dev(data_dir, port, tmp_path / "second.log")
    key = (data_dir / "secrets" / "api.key").read_text().strip()
    shown = httpx.get(
        f"http://127.0.0.1:{port}/v1/videos/{outcome['id']}", headers={"Authorization": f"Apisecret {key}"}
    )
    assert shown.json()["video"]["status"] == "ready"
    dev.kill()  # as hard as it gets: the kernel takes the servers along
    assert processes_of(data_dir) == []


def test_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [str(SEALCAST), "dev", "--data-dir", str(tmp_path / "data"), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert not (tmp_path / "data").exists()


def test_ingest_without_a_server_says_what_to_start(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"")
    done = ingest(tmp_path / "none", str(clip))
    assert done.returncode == 1
    assert "sealcast dev" in done.stderr
    assert "Traceback" not in done.stderr
