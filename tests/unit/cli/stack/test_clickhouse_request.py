"""What a request to ClickHouse's HTTP interface asks for."""

from __future__ import annotations

import gzip

import lz4.frame
import pytest

from cli.stack.clickhouse_request import BadRequest, decompress, read_call

BINARY = bytes(range(256))


def test_insert_in_the_body_is_split_from_its_data_byte_for_byte() -> None:
    call = read_call({}, {}, b"INSERT INTO t (`a`, `b`) FORMAT Native\n" + BINARY)
    assert call is not None
    assert (call.sql, call.input_format, call.data) == ("INSERT INTO t (`a`, `b`)", "Native", BINARY)


def test_insert_in_the_url_takes_the_body_as_data() -> None:
    call = read_call({"query": "INSERT INTO t FORMAT CSV"}, {}, b"1,2\n")
    assert call is not None
    assert (call.sql, call.input_format, call.data) == ("INSERT INTO t", "CSV", b"1,2\n")


def test_insert_behind_a_comment_is_recognised() -> None:
    call = read_call({}, {}, b"-- by hand\n/* INSERT */ insert into t settings async_insert=0 format JSONEachRow\n{}")
    assert call is not None
    assert (call.sql, call.data) == ("insert into t settings async_insert=0", b"{}")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES ('a FORMAT Native\n')",
        "INSERT INTO t SELECT 1 FORMAT Null",
        "INSERT INTO t WITH 1 AS x SELECT x",
        "SELECT 'INSERT INTO t FORMAT Native\n'",
    ],
)
def test_statement_without_data_is_left_whole(statement: str) -> None:
    call = read_call({}, {}, statement.encode())
    assert call is not None
    assert (call.sql, call.data) == (statement, None)


def test_column_named_select_does_not_hide_an_insert() -> None:
    call = read_call({}, {}, b"INSERT INTO t (`select`, values) FORMAT CSV\n1,2")
    assert call is not None
    assert call.data == b"1,2"


def test_parameters_and_settings_are_told_from_the_protocol() -> None:
    arguments = {"param_v": "x", "max_threads": "1", "database": "d", "query_id": "q", "wait_end_of_query": "1"}
    call = read_call(arguments, {}, b"SELECT {v:String}")
    assert call is not None
    assert (call.parameters, call.settings, call.database) == ({"v": "x"}, {"max_threads": "1"}, "d")


@pytest.mark.parametrize("name", ["max_threads = 1, readonly", "a;b", "", "param_a b"])
def test_name_that_would_break_out_of_set_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="is not the name of"):
        read_call({name: "1"}, {}, b"SELECT 1")


def test_multipart_fields_join_the_arguments() -> None:
    body = b'--X\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT {v:String}\r\n'
    body += b'--X\r\nContent-Disposition: form-data; name="param_v"\r\n\r\n\xc3\xbc\r\n--X--\r\n'
    call = read_call({}, {"content-type": "multipart/form-data; boundary=X"}, body)
    assert call is not None
    assert (call.sql, call.parameters) == ("SELECT {v:String}", {"v": "ü"})


def test_external_data_is_refused() -> None:
    body = b'--X\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n--X--\r\n'
    with pytest.raises(BadRequest, match="external data"):
        read_call({"query": "SELECT 1"}, {"content-type": "multipart/form-data; boundary=X"}, body)


def test_every_lz4_frame_is_read() -> None:
    frames = [lz4.frame.compress(part) for part in (BINARY, b"", b"end")]
    assert decompress(b"".join(frames), "lz4") == BINARY + b"end"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (lz4.frame.compress(BINARY * 100)[:-8], "lz4"),
        (lz4.frame.compress(BINARY) + b"rubbish", "lz4"),
        (gzip.compress(BINARY)[:-8], "gzip"),
        (b"rubbish", "deflate"),
    ],
)
def test_damaged_body_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(BadRequest, match="damaged"):
        decompress(body, encoding)


def test_unknown_encoding_is_refused_with_those_that_work() -> None:
    with pytest.raises(BadRequest, match="br is not supported here; use lz4 or gzip"):
        decompress(b"", "br")


@pytest.mark.parametrize(
    ("sql", "arguments", "headers", "answer_format"),
    [
        ("SELECT 1", {}, {}, "TabSeparated"),
        ("SELECT 1", {"default_format": "JSON"}, {"x-clickhouse-format": "CSV"}, "JSON"),
        ("SELECT 1", {}, {"x-clickhouse-format": "CSV"}, "CSV"),
        ("SELECT 1\n FORMAT Native", {"default_format": "JSON"}, {}, "Native"),
        ("SELECT 1 FORMAT Native SETTINGS max_threads=1;", {}, {}, "Native"),
    ],
)
def test_answer_format_comes_from_the_statement_first(
    sql: str, arguments: dict[str, str], headers: dict[str, str], answer_format: str
) -> None:
    call = read_call(arguments, headers, sql.encode())
    assert call is not None
    assert call.answer_format == answer_format


def test_request_without_a_statement_asks_for_nothing() -> None:
    assert read_call({"database": "d"}, {}, b" \n") is None
