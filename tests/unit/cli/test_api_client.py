from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from cli.api_client import ApiClient
from cli.connection import find_connection
from cli.failures import CommandFailed


def client(answer: httpx.Response) -> ApiClient:
    transport = httpx.MockTransport(lambda _: answer)
    return ApiClient(httpx.AsyncClient(transport=transport, base_url="http://api.test"))


async def test_a_refusal_says_what_to_change() -> None:
    body = {"detail": "The request is not valid.", "fields": {"body.title": "String should be shorter"}}
    with pytest.raises(CommandFailed, match=r"not valid\. body\.title: String should be shorter\."):
        await client(httpx.Response(422, json=body)).start_upload("x" * 600, "x.mp4", 1)


async def test_a_crypto_period_is_sent_when_there_is_one() -> None:
    sent: list[dict[str, object]] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(201, json={})

    api = ApiClient(httpx.AsyncClient(transport=httpx.MockTransport(take), base_url="http://api.test"))
    await api.start_upload("a", "a.mp4", 1)
    await api.start_upload("a", "a.mp4", 1, 600)
    plain = {"title": "a", "filename": "a.mp4", "size": 1}
    assert sent == [plain, plain | {"crypto_period_seconds": 600}]


async def test_a_refusal_of_something_else_than_our_api_is_told_too() -> None:
    for body in ("<html>", "[]"):
        with pytest.raises(CommandFailed, match="404"):
            await client(httpx.Response(404, text=body)).video("0" * 32)


@pytest.mark.parametrize("key", ["k\u00e9y", "a\nb"])
def test_a_key_that_no_header_can_carry_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(CommandFailed, match="SEALCAST_API_KEY"):
        find_connection(tmp_path, "http://api.test", key)
