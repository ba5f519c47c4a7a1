from __future__ import annotations

from bench.history import ActivityRun, covered_seconds, seconds_by_activity


def run(name: str, started: float, ended: float, queue: str = "media") -> ActivityRun:
    return ActivityRun(name, queue, started, started, ended)


def test_time_with_two_activities_side_by_side_is_covered_once() -> None:
    runs = [run("transcode_chunk", 1, 5), run("transcode_chunk", 2, 8), run("assemble", 9, 10)]
    assert covered_seconds(runs, 0, 12) == 8


def test_work_on_the_light_queue_covers_nothing() -> None:
    assert covered_seconds([run("plan_video", 1, 5, "orchestration")], 0, 10) == 0


def test_only_what_lies_between_upload_and_ready_counts() -> None:
    assert covered_seconds([run("inspect_source", -3, 2), run("verify", 9, 15)], 0, 10) == 3


def test_chunks_side_by_side_count_each() -> None:
    assert seconds_by_activity([run("transcode_chunk", 0, 4), run("transcode_chunk", 0, 5)]) == {"transcode_chunk": 9}
