"""ClickHouse's HTTP interface over chDB, the engine as a library, so that the ordinary client works unchanged.

For one machine: one process owns the directory, one user, whole answers instead of streams. Run as
`python -m cli.stack.clickhouse_shim --port N --path DIR --password-file FILE`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import json
import re
import secrets
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from chdb import ChdbError
from chdb.state.sqlitelike import Connection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cli.stack.clickhouse_request import BadRequest, EngineCall, read_call

_CODE = re.compile(r"Code: (\d+)\.")
_AUTHENTICATION_FAILED = 516
_BAD_ARGUMENTS = 36
#: ClickHouse error codes to HTTP statuses, as the real server answers them; all others are 500.
_STATUSES = {62: 400, _BAD_ARGUMENTS: 400, 60: 404, 81: 404, _AUTHENTICATION_FAILED: 403}


@dataclass(frozen=True)
class Answer:
    """The engine's result: `body` in the format asked for, and the counts that clients show."""

    body: bytes
    summary: Mapping[str, str]


class Engine:
    """chDB on one directory. Each call has a connection of its own (0.3 ms): SET and USE end with it."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        # Kept open: when the last connection closes, the engine shuts down.
        self._anchor = Connection(self._path)
        self.timezone: str = self._anchor.query("SELECT timezone()", "TSVRaw").bytes().decode().strip()

    def run(self, call: EngineCall) -> Answer:
        """Execute one statement. Blocking. Raises ChdbError or RuntimeError with the engine's message."""
        started = time.perf_counter_ns()
        with self._connection(call) as connection:
            if call.data is None:
                result = connection.query(call.sql, call.answer_format)
                body = result.bytes()
                counts = {
                    "read_rows": result.storage_rows_read(),
                    "read_bytes": result.storage_bytes_read(),
                    "written_rows": result.rows_written(),
                    "result_rows": result.rows_read(),
                }
            else:
                body, counts = b"", {"written_rows": _insert(connection, call)}
        counts |= {"result_bytes": len(body), "elapsed_ns": time.perf_counter_ns() - started}
        return Answer(body, {name: str(value) for name, value in counts.items()})

    def close(self) -> None:
        self._anchor.close()

    @contextmanager
    def _connection(self, call: EngineCall) -> Iterator[Connection]:
        with Connection(self._path) as connection:
            if call.database:
                connection.query(f"USE `{_escaped(call.database, '`')}`")
            assignments = {**call.settings, **{f"param_{name}": value for name, value in call.parameters.items()}}
            for name, value in assignments.items():
                connection.query(f"SET {name} = '{_escaped(value, chr(39))}'")
            yield connection


def _insert(connection: Connection, call: EngineCall) -> int:
    """Rows written. Nothing is written when the data is damaged."""
    with connection.send_insert(call.sql, call.input_format) as inserter:
        if call.data:
            inserter.append(call.data)
        return int(inserter.finish().rows_written)


def _escaped(text: str, quote: str) -> str:
    return text.replace("\\", "\\\\").replace(quote, "\\" + quote)


def create_app(engine: Engine, password: str) -> Starlette:
    """The HTTP interface for one engine and its one user, `default`."""

    async def answer(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        arguments = dict(request.query_params)
        body = await request.body()
        if not secrets.compare_digest(_given_password(arguments, headers).encode(), password.encode()):
            return _failure("Authentication failed: the user is `default`", _AUTHENTICATION_FAILED)
        try:
            call = read_call(arguments, headers, body)
            if call is None:
                return PlainTextResponse("Ok.\n")
            result = await asyncio.to_thread(engine.run, call)
        except BadRequest as error:
            return _failure(str(error), _BAD_ARGUMENTS)
        except (ChdbError, RuntimeError) as error:
            return _engine_failure(error)
        return _success(result, call, engine, arguments)

    async def ping(_: Request) -> Response:
        return PlainTextResponse("Ok.\n")

    return Starlette(routes=[Route("/ping", ping), Route("/", answer, methods=["GET", "POST"])])


def _success(result: Answer, call: EngineCall, engine: Engine, arguments: Mapping[str, str]) -> Response:
    headers = {
        "X-ClickHouse-Summary": json.dumps(result.summary),
        "X-ClickHouse-Format": call.answer_format,
        "X-ClickHouse-Timezone": engine.timezone,
        "X-ClickHouse-Query-Id": arguments.get("query_id") or str(uuid.uuid4()),
    }
    return Response(result.body, headers=headers, media_type="application/octet-stream")


def _engine_failure(error: Exception) -> Response:
    message = str(error)
    found = _CODE.search(message)
    if found is None:
        return _failure(message, 1002)
    return _failure(message[found.start() :], int(found[1]), prefixed=True)


def _failure(message: str, code: int, *, prefixed: bool = False) -> Response:
    body = message if prefixed else f"Code: {code}. DB::Exception: {message}."
    return PlainTextResponse(
        body + "\n", status_code=_STATUSES.get(code, 500), headers={"X-ClickHouse-Exception-Code": str(code)}
    )


def _given_password(arguments: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """From Basic authentication, the X-ClickHouse-Key header, or the URL, in that order."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(encoded).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return headers.get("x-clickhouse-key") or arguments.get("password", "")


def main() -> None:
    parser = argparse.ArgumentParser(description="ClickHouse's HTTP interface over chDB, on the loopback.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", type=Path, required=True, help="the engine's directory")
    parser.add_argument("--password-file", type=Path, required=True)
    options = parser.parse_args()
    engine = Engine(options.path)
    app = create_app(engine, options.password_file.read_text().strip())
    try:
        uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False)
    finally:
        engine.close()


if __name__ == "__main__":
    main()
