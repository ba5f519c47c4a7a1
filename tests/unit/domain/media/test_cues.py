from __future__ import annotations

import pytest

from core.domain.media.cues import clean_cues

TIMING = "00:01.000 --> 00:02.000"


def cues_of(*blocks: str, duration: float = 5000.0) -> list[str]:
    header, *cues = clean_cues("\n\n".join(["WEBVTT", *blocks]) + "\n\n", duration).rstrip("\n").split("\n\n")
    assert header == "WEBVTT"
    return cues


@pytest.mark.parametrize(
    ("written", "escaped"),
    [
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("<i>a</i> <b>b</b> <script>c", "<i>a</i> <b>b</b> &lt;script&gt;c"),
        ("R&amp;D &copy; &lt;", "R&amp;D &amp;copy; &lt;"),
        ("a --> b", "a --&gt; b"),
        (f"spoof\n{TIMING}\nmore", f"spoof\n{TIMING.replace('>', '&gt;')}\nmore"),
        ("before\n\nafter an empty line", "before\nafter an empty line"),
        ("before\n \nafter a blank one", "before\nafter a blank one"),
        ("\U0001f389 emoji", "\U0001f389 emoji"),
    ],
)
def test_text_that_is_no_markup_does_not_look_like_it(written: str, escaped: str) -> None:
    first, second = cues_of(f"{TIMING}\n{written}", "01:00:02.000 --> 01:00:03.250\nnext")
    assert first == f"00:00:01.000 --> 00:00:02.000\n{escaped}"
    assert second == "01:00:02.000 --> 01:00:03.250\nnext"


@pytest.mark.parametrize(
    "unseen",
    [
        "00:02.000 --> 00:02.000\nof no length",
        "00:02.000 --> 00:01.000\nbackwards",
        TIMING,
        f"{TIMING}\n ",
        "99:59:58.000 --> 99:59:59.000\nafter the end",
    ],
)
def test_what_nobody_can_see_is_left_out(unseen: str) -> None:
    assert cues_of(unseen, f"{TIMING}\nseen", duration=10.0) == ["00:00:01.000 --> 00:00:02.000\nseen"]
    assert clean_cues(f"WEBVTT\n\n{unseen}\n\n", 10.0) == "WEBVTT\n"


def test_a_cue_that_would_have_no_length_left_is_left_out() -> None:
    assert clean_cues("WEBVTT\n\n00:04.040 --> 00:09.500\nlast\n\n", 4.0404) == "WEBVTT\n"


def test_a_cue_of_very_many_lines_takes_no_quadratic_time() -> None:
    (cue,) = cues_of(f"{TIMING}\nx", *["x"] * 300_000)
    assert cue.count("\n") == 300_001


def test_a_cue_ends_with_the_title() -> None:
    assert cues_of("00:03.600 --> 99:00:09.500\nlast", duration=4.004) == ["00:00:03.600 --> 00:00:04.004\nlast"]
