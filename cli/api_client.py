"""The API as the command line uses it: the same calls that any customer's backend makes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from cli.connection import Connection
from cli.failures import CommandFailed

_FINAL = "final"


class ApiUnavailable(CommandFailed):
    """The API answered 5xx: worth another try."""


class ApiClient:
    """Every refusal becomes a CommandFailed with the server's own sentence, and what to change."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def start_upload(
        self, title: str, filename: str, size: int, crypto_period: int | None = None
    ) -> dict[str, Any]:
        body: dict[str, Any] = {"title": title, "filename": filename, "size": size}
        if crypto_period is not None:
            body["crypto_period_seconds"] = crypto_period
        return await self._post("/v1/uploads", body)

    async def part_urls(self, video_id: str, numbers: list[int]) -> list[dict[str, Any]]:
        answer = await self._post(f"/v1/uploads/{video_id}/parts", {"parts": numbers})
        parts: list[dict[str, Any]] = answer["parts"]
        return parts

    async def complete_upload(self, video_id: str) -> None:
        await self._post(f"/v1/uploads/{video_id}/complete", None)

    async def abort_upload(self, video_id: str) -> None:
        _accepted(await self._http.delete(f"/v1/uploads/{video_id}"))

    async def video(self, video_id: str) -> dict[str, Any]:
        return _object(await self._http.get(f"/v1/videos/{video_id}"))

    async def progress(self, video_id: str) -> dict[str, Any]:
        return _object(await self._http.get(f"/v1/videos/{video_id}/progress"))

    async def open_session(self, video_id: str) -> dict[str, Any]:
        return await self._post(f"/v1/videos/{video_id}/playback-sessions", {})

    async def progress_events(self, video_id: str) -> AsyncIterator[dict[str, Any]]:
        """Readings as they change, the last one final. Ends early when the server goes away."""
        async with self._http.stream("GET", f"/v1/videos/{video_id}/progress/events", timeout=None) as answer:
            if answer.is_error:
                await answer.aread()
            _accepted(answer)
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    reading: dict[str, Any] = json.loads(line[5:])
                    yield reading
                    if reading[_FINAL]:
                        return

    async def _post(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        return _object(await self._http.post(path, json=body))


@asynccontextmanager
async def api_client(connection: Connection) -> AsyncIterator[ApiClient]:
    headers = {"Authorization": f"Apisecret {connection.key}", "Accept": "application/json"}
    async with httpx.AsyncClient(base_url=connection.url, headers=headers, timeout=60) as http:
        try:
            yield ApiClient(http)
        except httpx.TransportError as error:
            raise CommandFailed(f"no answer from {connection.url}: {error or type(error).__name__}") from error


def _object(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = _accepted(answer).json()
    return body


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    problem = problem if isinstance(problem, dict) else {}
    fields = "".join(f" {name}: {what}." for name, what in problem.get("fields", {}).items())
    detail = f"{problem.get('detail') or answer.reason_phrase}{fields}"
    kind = ApiUnavailable if answer.is_server_error else CommandFailed
    raise kind(f"the API refused ({answer.status_code}): {detail}")
