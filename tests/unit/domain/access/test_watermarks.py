"""The viewer's watermark and its variables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.access.watermarks import drawn, filled, request_values, variables, watermark_items
from core.domain.errors import InvalidInput

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def test_items_keep_what_they_came_with() -> None:
    given = [{"type": "rtext", "text": "{name}", "alpha": "0.60", "interval": 5000, "future": None}]
    assert watermark_items(given) == tuple(given)
    assert watermark_items("[{'type':'text','text':'x'}]") == ({"type": "text", "text": "x"},)
    assert watermark_items({"type": "text"}) == ({"type": "text"},)


@pytest.mark.parametrize("nothing", [None, "", "[]", "{}", []])
def test_no_watermark_is_none(nothing: Any) -> None:
    assert watermark_items(nothing) == ()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("text", "annotate"),
        (7, "annotate"),
        (["text"], "annotate[0]"),
        ([{"type": "text"}, {"text": "x"}], "annotate[1].type"),
        ([{"type": 7}], "annotate[0].type"),
        ([{"type": "text", "text": "x" * 501}], "annotate[0].text"),
        ([{"type": "text", "text": "a\0b"}], "annotate"),
        ([{"type": "text", "\ud800": 1}], "annotate"),
        ([{"type": "text"}] * 21, "annotate"),
        ([{"type": "text", "alpha": float("nan")}], "annotate"),
        ([{"type": "text", "x": [[[[[[[[[[1]]]]]]]]]]}], "annotate"),
    ],
)
def test_a_wrong_item_names_its_field(value: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        watermark_items(value)
    assert list(refusal.value.fields) == [field]


def test_variables_are_filled_once_and_unknown_braces_stay() -> None:
    items = (
        {"type": "rtext", "text": "{name} {ip} {date} {time} {id} {date.Y} {nobody}"},
        {"type": "image", "url": "{ip}"},
    )
    values = {"name": "{ip} Ann"} | request_values("u-1", "192.0.2.1", NOW)
    assert filled(items, values) == (
        {"type": "rtext", "text": "{ip} Ann 192.0.2.1 2026-03-04 05:06 u-1 {date.Y} {nobody}"},
        {"type": "image", "url": "{ip}"},
    )


def test_what_is_not_known_of_the_request_stays_in_braces() -> None:
    assert filled(({"type": "text", "text": "{ip} {id}"},), request_values(None, None, NOW))[0]["text"] == "{ip} {id}"


def test_a_filled_text_stays_short() -> None:
    item = {"type": "text", "text": "{a}" * 100}
    assert len(filled((item,), {"a": "x" * 200})[0]["text"]) == 1000


@pytest.mark.parametrize(
    "value", [[1], "x", {"Name": "x"}, {"a": [1]}, {"a": "x" * 201}, {f"v{n}": "" for n in range(21)}]
)
def test_wrong_variables_name_their_field(value: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        variables(value)
    assert next(iter(refusal.value.fields)).startswith("variables")


@pytest.mark.parametrize(
    ("item", "something"),
    [
        ({"type": "rtext", "text": "x"}, True),
        ({"type": "text", "text": "x"}, True),
        ({"type": "image", "url": "https://a.test/l.png"}, True),
        ({"type": "rtext", "text": " "}, False),
        ({"type": "text"}, False),
        ({"type": "image", "text": "x"}, False),
        ({"type": "image", "url": 7}, False),
        ({"type": "hologram", "text": "x"}, False),
    ],
    ids=str,
)
def test_a_watermark_is_something_that_players_draw(item: dict[str, Any], something: bool) -> None:
    assert drawn((item,)) is something
    assert drawn(({"type": "hologram"}, item)) is something
