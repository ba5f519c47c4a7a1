from __future__ import annotations

from dataclasses import replace

import pytest

from core.adapters.packager.arguments import packager_command, stream_count
from core.adapters.packager.key_file import flag_file_text, key_file, redact
from core.adapters.packager.layout import content_type, folder
from core.adapters.packager.limits import packager_limits
from core.domain.media.plan import ProtectionScheme
from tests.fixtures.packaged_titles import AUDIO, SUBTITLES, make_keys, make_plan


def command(scheme: ProtectionScheme = ProtectionScheme.CBCS, **changes: object) -> list[str]:
    plan = replace(make_plan(scheme), **changes)
    return packager_command("packager", plan, plan.subtitles[:2], "keys.flags", "out")


def test_one_run_has_every_track_once_and_text_in_both_forms():
    streams = [word for word in command() if word.startswith("in=")]
    assert [s.split(",")[1] for s in streams] == ["stream=video"] * 3 + ["stream=audio"] * 3 + ["stream=text"] * 4
    assert sum("dash_only=1" in s for s in streams) == sum("hls_only=1" in s for s in streams) == 2
    assert [s for s in streams if "forced_subtitle=1" in s] == streams[-2:]
    assert stream_count(make_plan(ProtectionScheme.CBCS), SUBTITLES[:2]) == 10


def test_labels_and_segment_names_are_those_of_the_plan():
    streams = command()[1:]
    assert streams[2].endswith("drm_label=HD")
    assert "segment_template=out/video/180p/$Number$.m4s" in streams[2]
    assert streams[3].endswith("drm_label=AUDIO")


@pytest.mark.parametrize(
    ("scheme", "systems"),
    [
        (ProtectionScheme.CBCS, "Widevine,PlayReady,CommonSystem,FairPlay"),
        (ProtectionScheme.CENC, "Widevine,PlayReady,CommonSystem"),
    ],
)
def test_nothing_is_left_clear_and_systems_follow_the_scheme(scheme, systems):
    words = command(scheme)
    assert {"--clear_lead=0", f"--protection_scheme={scheme}", f"--protection_systems={systems}"} <= set(words)


def test_aes128_is_packaged_in_the_clear_with_only_what_hls_players_read():
    words = command(ProtectionScheme.AES128)
    assert not [word for word in words if "protection" in word or "keys.flags" in word]
    assert not [word for word in words if "iframe" in word or "dash_only" in word]
    assert sum("hls_only=1" in word for word in words) == 2


@pytest.mark.parametrize("seconds", [4.0, 4.004, 4 / 3, 2.002, 0.033])
def test_segment_length_is_never_rounded_up(seconds):
    word = next(word for word in command(segment_seconds=seconds) if word.startswith("--segment_duration="))
    assert seconds - 2e-6 < float(word.partition("=")[2]) <= seconds


def test_titles_and_languages_of_strangers_are_not_in_the_command():
    track = replace(AUDIO[0], title="x,in=/etc/passwd", language="en,stream=text")
    assert not [word for word in command(audio=(track,)) if "passwd" in word or "en,stream" in word]


@pytest.mark.parametrize("name", ["a,in=b", "../x", "a/b", "", ".hidden", "a b", "$Number$", "x" * 81, "a\n"])
def test_a_track_name_that_would_be_syntax_is_refused(name):
    with pytest.raises(ValueError, match="not a track"):
        command(audio=(replace(AUDIO[0], name=name),))
    with pytest.raises(ValueError, match="not a track"):
        folder("audio", name)


def test_the_command_holds_no_key_and_the_flag_file_holds_all():
    plan = make_plan(ProtectionScheme.CBCS)
    keys = make_keys(plan).values()
    text, words = flag_file_text(keys), " ".join(command())
    for key in keys:
        assert f"label={key.label}:key_id={key.kid}:key={key.key.hex()}:iv={key.iv.hex()}" in text
        assert key.key.hex() not in words


def test_cenc_keys_are_given_without_an_iv():
    assert ":iv=" not in flag_file_text(make_keys(make_plan(ProtectionScheme.CENC)).values())


def test_the_key_file_is_ours_alone_and_gone_after_a_failure(tmp_path):
    keys = make_keys(make_plan(ProtectionScheme.CBCS)).values()
    path = tmp_path / "keys.flags"
    with key_file(path, keys):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.read_text() == flag_file_text(keys)
    assert not path.exists()
    with pytest.raises(ZeroDivisionError), key_file(path, keys):
        _ = 1 / 0
    assert not path.exists()


def test_the_key_file_never_follows_what_lies_in_its_place(tmp_path):
    path, other = tmp_path / "keys.flags", tmp_path / "other"
    path.symlink_to(other)
    with pytest.raises(FileExistsError), key_file(path, ()):
        pass
    assert not other.exists()


def test_redaction_takes_keys_and_ivs_out_of_any_text():
    keys = list(make_keys(make_plan(ProtectionScheme.CBCS)).values())
    text = redact(f"E {flag_file_text(keys)} {keys[0].key.hex().upper()}", keys)
    assert not any(secret.hex() in text.lower() for key in keys for secret in (key.key, key.iv))
    assert keys[0].kid in text


def test_limits_grow_with_duration_and_streams():
    small, long, wide = packager_limits(10, 2), packager_limits(36_000, 2), packager_limits(10, 100)
    assert long.cpu_seconds > 10_000 > small.cpu_seconds
    assert wide.memory_bytes > small.memory_bytes
    assert wide.open_files > 100 * 8


def test_every_published_name_has_a_content_type():
    names = ["manifest.mpd", "master.m3u8", "video/a/init.mp4", "audio/a/init.mp4", "text/a/init.mp4", "text/a/1.vtt"]
    assert len({content_type(name) for name in names}) == len(names)
