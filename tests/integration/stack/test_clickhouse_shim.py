"""The ordinary ClickHouse client, unmodified, against our HTTP server over chDB."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import clickhouse_connect
import httpx
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from cli.stack.supervisor import StackEndpoints

pytestmark = pytest.mark.stack


@pytest.fixture
def url(stack: StackEndpoints) -> str:
    return stack.environment["CLICKHOUSE_URL"]


@pytest.fixture
def database(url: str) -> Iterator[str]:
    """A database of the test's own."""
    name = f"test_{uuid4().hex}"
    with clickhouse_connect.get_client(dsn=url) as admin:
        admin.command(f"CREATE DATABASE {name}")
        yield name
        admin.command(f"DROP DATABASE {name}")


@pytest.fixture
def client(url: str, database: str) -> Iterator[Client]:
    with clickhouse_connect.get_client(dsn=url, database=database) as connected:
        yield connected


def test_native_insert_of_every_type_reads_back_the_same(client: Client) -> None:
    client.command(
        "CREATE TABLE events (id UUID, at DateTime64(3, 'UTC'), n UInt64, price Decimal(18, 4),"
        " name LowCardinality(String), tags Array(String), note Nullable(String)) ENGINE = MergeTree ORDER BY at"
    )
    rows = [
        [
            UUID(int=1),
            datetime(2026, 1, 2, 3, 4, 5, 678000, UTC),
            2**64 - 1,
            Decimal("1.2345"),
            "a",
            ["x", "y's"],
            None,
        ],
        [UUID(int=2), datetime(2026, 1, 3, tzinfo=UTC), 0, Decimal(-7), "ü\t\n", [], "note"],
    ]
    written = client.insert("events", rows)
    assert written.written_rows == 2
    found = client.query("SELECT * FROM events ORDER BY at", tz_mode="aware").result_rows
    assert [list(row) for row in found] == rows


def test_insert_of_many_compressed_blocks_loses_no_row(client: Client) -> None:
    """The client sends blocks of 2 MiB, each compressed as an lz4 frame of its own."""
    client.command("CREATE TABLE many (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
    count = 4000
    client.insert("many", [[n, f"{n:02048d}"] for n in range(count)])
    assert client.query("SELECT count(), sum(n) FROM many").first_row == (count, count * (count - 1) // 2)


def test_parameters_are_bound_by_the_server(client: Client) -> None:
    values = {"s": "it's a \\ and a\ttab", "l": ["a", "b'"], "n": 7, "u": UUID(int=5)}
    found = client.query("SELECT {s:String}, {l:Array(String)}, {n:UInt8} + 1, {u:UUID}", parameters=values)
    assert found.first_row == (values["s"], values["l"], 8, values["u"])


def test_parameters_sent_as_a_form_are_bound_too(url: str) -> None:
    with clickhouse_connect.get_client(dsn=url, form_encode_query_params=True) as client:
        assert client.query("SELECT {s:String}", parameters={"s": "ü" * 10_000}).first_row == ("ü" * 10_000,)


def test_statement_inserting_with_parameters_and_values_is_executed(client: Client) -> None:
    client.command("CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a")
    client.command("INSERT INTO t SELECT {v:String}", parameters={"v": "selected"})
    client.command("INSERT INTO t VALUES ('with FORMAT inside'), ('second')")
    client.raw_insert("t", ["a"], b'{"a": "json"}\n', fmt="JSONEachRow")
    found = client.query("SELECT a FROM t ORDER BY a").result_columns[0]
    assert list(found) == ["json", "second", "selected", "with FORMAT inside"]


def test_setting_and_database_last_for_one_request_only(client: Client) -> None:
    read = "SELECT currentDatabase(), getSetting('max_threads')"
    before = client.query(read).first_row
    inside = client.query(read, settings={"max_threads": 1, "database": "system"}).first_row
    client.command("SET max_threads = 1")
    assert [str(value) for value in inside] == ["system", "1"]
    assert client.query(read).first_row == before


def test_client_of_another_database_finds_its_tables(url: str, client: Client, database: str) -> None:
    client.command("CREATE TABLE only_here (a UInt8) ENGINE = Memory")
    with clickhouse_connect.get_client(dsn=url, database=database) as other:
        assert other.query("SELECT count() FROM only_here").first_row == (0,)


def test_error_carries_clickhouse_code_and_sentence(client: Client) -> None:
    with pytest.raises(DatabaseError, match=r"(?s)code: 60.*no_such_table.*UNKNOWN_TABLE"):
        client.query("SELECT * FROM no_such_table")
    with pytest.raises(DatabaseError, match="SYNTAX_ERROR"):
        client.command("SELEC 1")
    assert client.query("SELECT 1").first_row == (1,)


def test_damaged_insert_fails_and_writes_nothing(client: Client) -> None:
    client.command("CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n")
    with pytest.raises(DatabaseError, match="CANNOT_PARSE"):
        client.raw_insert("t", ["n"], b'{"n": 1}\n{"n": "no number"}\n', fmt="JSONEachRow")
    assert client.query("SELECT count() FROM t").first_row == (0,)


def test_wrong_password_is_refused(url: str) -> None:
    _, _, address = url.partition("@")
    with pytest.raises((DatabaseError, OperationalError), match="516"):
        clickhouse_connect.get_client(dsn=f"http://default:wrong@{address}")


def test_data_frame_and_summary_are_answered(client: Client) -> None:
    frame = client.query_df("SELECT number AS n FROM numbers(1000)")
    assert int(frame["n"].sum()) == 499_500
    assert int(client.query("SELECT max(number) FROM numbers(1000)").summary["read_rows"]) == 1000


def test_eight_clients_at_once_each_get_their_own_answer(url: str, client: Client, database: str) -> None:
    client.command("CREATE TABLE t (worker UInt8, n UInt32) ENGINE = MergeTree ORDER BY n")

    def work(worker: int) -> int:
        with clickhouse_connect.get_client(dsn=url, database=database, settings={"max_threads": worker + 1}) as mine:
            for n in range(5):
                mine.insert("t", [[worker, n]])
            found = mine.query("SELECT getSetting('max_threads')").first_row[0]
            return int(found)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [worker + 1 for worker in range(8)]
    counts = client.query("SELECT worker, count() FROM t GROUP BY worker ORDER BY worker").result_rows
    assert list(counts) == [(worker, 5) for worker in range(8)]


def test_plain_http_answers_in_the_format_asked_for(stack: StackEndpoints) -> None:
    url = stack.environment["CLICKHOUSE_URL"].removesuffix("/default")
    with httpx.Client() as http:
        assert http.get(url.rpartition("@")[2].join(("http://", "/ping"))).text == "Ok.\n"
        assert http.post(url, content="SELECT 1, 'a'").text == "1\ta\n"
        assert http.post(url, content="SELECT 1 AS n FORMAT JSONEachRow").json() == {"n": 1}
        zipped = {"Content-Encoding": "gzip"}
        assert http.post(url, content=gzip.compress(b"SELECT 2"), headers=zipped).text == "2\n"
        damaged = http.post(url, content=b"SELECT 2", headers=zipped)
    assert (damaged.status_code, damaged.headers["x-clickhouse-exception-code"]) == (400, "36")
