"""Servers named in the environment: used instead of embedded ones, and checked to answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from cli.stack.errors import NotAnswering, StackError
from cli.stack.probes import probe_clickhouse, probe_postgres, probe_redis, probe_s3, probe_temporal, s3_client


@dataclass(frozen=True)
class GivenServer:
    """`settings` is handed through to the application."""

    label: str
    variable: str
    settings: Mapping[str, str] = field(repr=False)
    probe: Callable[[], Awaitable[None]]

    async def check(self) -> Mapping[str, str]:
        """One round trip. Raises StackError when it does not answer."""
        try:
            await self.probe()
        except NotAnswering as error:
            raise StackError(f"the server in {self.variable} does not answer: {error}") from error
        return self.settings


def given_servers(environment: Mapping[str, str], *, namespace: str, bucket: str) -> dict[str, GivenServer]:
    """By the variable that names them. Raises StackError for an object store without its keys."""
    probes: dict[str, Callable[[str], Awaitable[None]]] = {
        "DATABASE_URL": probe_postgres,
        "TEMPORAL_ADDRESS": lambda address: probe_temporal(address, namespace),
        "CLICKHOUSE_URL": probe_clickhouse,
        "REDIS_URL": probe_redis,
    }
    given = {
        variable: GivenServer(f"{variable} from the environment", variable, {variable: value}, _bound(probe, value))
        for variable, probe in probes.items()
        if (value := environment.get(variable))
    }
    if environment.get("S3_ENDPOINT"):
        given["S3_ENDPOINT"] = _given_object_store(environment, bucket)
    return given


def _bound(probe: Callable[[str], Awaitable[None]], value: str) -> Callable[[], Awaitable[None]]:
    return lambda: probe(value)


def _given_object_store(environment: Mapping[str, str], bucket: str) -> GivenServer:
    missing = [name for name in ("S3_ACCESS_KEY", "S3_SECRET_KEY") if not environment.get(name)]
    if missing:
        raise StackError(f"S3_ENDPOINT is set, but not {' and '.join(missing)}")
    settings = {name: environment[name] for name in ("S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY")}
    client = s3_client(
        settings["S3_ENDPOINT"],
        settings["S3_ACCESS_KEY"],
        settings["S3_SECRET_KEY"],
        region=environment.get("S3_REGION", "us-east-1"),
    )
    return GivenServer(
        "S3_ENDPOINT from the environment",
        "S3_ENDPOINT",
        settings | {"S3_BUCKET": bucket} | _handed_through(environment, "SEALCAST_RELAY_FORMS"),
        lambda: probe_s3(client, bucket),
    )


def _handed_through(environment: Mapping[str, str], name: str) -> dict[str, str]:
    return {name: environment[name]} if environment.get(name) else {}
