"""Reads ClickHouse's HTTP protocol: what one request asks the engine to do. Pure; no server, no engine.

Source: ClickHouse documentation, "HTTP interface". What differs from the real server: no sessions (each request stands
alone), no external data, whole bodies instead of streams.
"""

from __future__ import annotations

import email.parser
import email.policy
import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import lz4.frame

#: URL parameters of the protocol itself; every other one is a setting of the query.
_RESERVED = frozenset(
    {
        *("query", "user", "password", "database", "default_format", "query_id", "quota_key", "role", "stacktrace"),
        *("session_id", "session_timeout", "session_check", "close_session", "client_protocol_version"),
        *("wait_end_of_query", "buffer_size", "compress", "decompress", "enable_http_compression"),
        *("send_progress_in_http_headers", "http_headers_progress_interval_ms"),
    }
)
_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
_COMMENTS = rb"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_INSERT = re.compile(
    _COMMENTS + rb"(INSERT\s+INTO\s.*?)\sFORMAT\s+(\w+)(?:[ \t]*;)?[ \t]*(?:\r?\n|$| )", re.IGNORECASE | re.DOTALL
)
_NOT_A_HEADER = re.compile(rb"\b(SELECT|VALUES|WITH|WATCH)\b", re.IGNORECASE)
_QUOTED_OR_COLUMNS = re.compile(rb"`[^`]*`|\"[^\"]*\"|\([^()]*\)")
_ANSWER_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*(?:SETTINGS\s[^()]*)?;?\s*$", re.IGNORECASE)


class BadRequest(ValueError):
    """The request cannot be understood; the message goes back to the client."""


@dataclass(frozen=True)
class EngineCall:
    """One statement. `data` is None, or rows in `input_format` that follow an INSERT."""

    sql: str
    answer_format: str
    data: bytes | None = None
    input_format: str = ""
    database: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    #: Values of `{name:Type}` in the statement, in the tab-separated format's escaping.
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_call(arguments: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> EngineCall | None:
    """What to do, or None when there is no query. `headers` has lower-case names. Raises BadRequest."""
    content_type = headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        arguments = {**arguments, **_form_fields(content_type, body)}
        body = b""
    body = decompress(body, headers.get("content-encoding", ""))
    in_url = arguments.get("query", "").encode()
    # As the real server does it: the statement is the URL's query with the body appended.
    statement = in_url + b"\n" + body if in_url and body else in_url or body
    if not statement.strip():
        return None
    insert = _split_insert(statement)
    sql, data, input_format = insert or (_text(statement), None, "")
    return EngineCall(
        sql=sql,
        answer_format=_answer_format(sql, arguments, headers),
        data=data,
        input_format=input_format,
        database=arguments.get("database"),
        settings=_settings(arguments),
        parameters=_parameters(arguments),
    )


def decompress(body: bytes, encoding: str) -> bytes:
    """Undo Content-Encoding. Raises BadRequest for an unknown one or a damaged body."""
    decoders: dict[str, Callable[[bytes], bytes]] = {
        "": bytes,
        "identity": bytes,
        "gzip": gzip.decompress,
        "deflate": zlib.decompress,
        "lz4": _lz4_frames,
    }
    try:
        return decoders[encoding](body)
    except KeyError:
        raise BadRequest(f"Content-Encoding {encoding} is not supported here; use lz4 or gzip") from None
    except (OSError, EOFError, RuntimeError, zlib.error) as error:
        raise BadRequest(f"the {encoding} body is damaged: {error}") from error


def _lz4_frames(body: bytes) -> bytes:
    """All frames: the client sends one per block, and a decoder stops after the first without a word."""
    pieces = []
    while body:
        decoder = lz4.frame.LZ4FrameDecompressor()
        pieces.append(decoder.decompress(body))
        if not decoder.eof:
            raise EOFError("the last frame is incomplete")
        body = decoder.unused_data or b""
    return b"".join(pieces)


def _split_insert(statement: bytes) -> tuple[str, bytes, str] | None:
    """`INSERT INTO t (...) FORMAT Native\\n<data>`: statement, data, format. None for every other statement."""
    match = _INSERT.match(statement)
    if match is None or _NOT_A_HEADER.search(_QUOTED_OR_COLUMNS.sub(b"", match[1])):
        return None
    return _text(match[1]), statement[match.end() :], match[2].decode()


def _form_fields(content_type: str, body: bytes) -> dict[str, str]:
    """The plain fields of a multipart form. A file would be external data, which the engine cannot take."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    fields = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is not None or not isinstance(name, str):
            raise BadRequest("external data is not supported here")
        payload = part.get_payload(decode=True)
        fields[name] = _text(payload if isinstance(payload, bytes) else b"")
    return fields


def _answer_format(sql: str, arguments: Mapping[str, str], headers: Mapping[str, str]) -> str:
    named = _ANSWER_FORMAT.search(sql)
    if named:
        return named[1]
    return arguments.get("default_format") or headers.get("x-clickhouse-format") or "TabSeparated"


def _settings(arguments: Mapping[str, str]) -> dict[str, str]:
    found = {name: value for name, value in arguments.items() if not _is_protocol(name)}
    for name in found:
        if not _NAME.fullmatch(name):
            raise BadRequest(f"{name!r} is not the name of a setting")
    return found


def _is_protocol(name: str) -> bool:
    return name in _RESERVED or name.startswith("param_")


def _parameters(arguments: Mapping[str, str]) -> dict[str, str]:
    found = {name.removeprefix("param_"): value for name, value in arguments.items() if name.startswith("param_")}
    for name in found:
        if not _NAME.fullmatch(name):
            raise BadRequest(f"{name!r} is not the name of a parameter")
    return found


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"the statement is not UTF-8: {error}") from error
