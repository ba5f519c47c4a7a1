"""The connection pool: small, self-healing, and with a limit on how long a statement may run."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def create_engine(database_url: str, *, pool_size: int = 5, statement_timeout_seconds: int = 15) -> AsyncEngine:
    """`pool_size` connections are kept and as many again opened under load; dead ones are found before use."""
    return create_async_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_timeout=10,
        # Statement parameters can hold wrapped keys and OTPs; they do not belong in exception texts.
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            "application_name": "sealcast",
            "options": f"-c statement_timeout={statement_timeout_seconds * 1000} -c timezone=UTC",
        },
    )
