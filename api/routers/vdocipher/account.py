"""The usage report (docs server/account/video-usage)."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

from fastapi import Response

from api.compatible_route import CompatibleRouter
from api.dependencies import Services, UsageReader
from api.routers.vdocipher.fields import Fields, body_of
from core.domain.access.lenient_values import refused, text

router = CompatibleRouter("/api/account", "VdoCipher")

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
#: The first is VdoCipher's documentation's; the second is what one of its clients takes its columns from, by number.
_HEADERS = {2: ("video", "bandwidth"), 4: ("date", "video", "requests", "bandwidth")}


@router.post(
    "/video-usage",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "CSV, lines end with CRLF; kB"}},
    openapi_extra=body_of(date={"type": "string", "format": "date"}),
)
async def report_usage(caller: UsageReader, services: Services, fields: Fields) -> Response:  # noqa: ARG001
    """Of one UTC day. Nothing measures what media servers deliver yet: the report has its header, and no video."""
    _check_day(text(fields.get("date"), "date", 20))
    written = io.StringIO()
    csv.writer(written).writerow(_HEADERS[services.settings.usage_columns])
    # Without a line end after the last row: the client would take what follows for one more row.
    return Response(written.getvalue().removesuffix("\r\n"), media_type="text/csv")


def _check_day(given: str | None) -> None:
    """Raises InvalidInput."""
    if given is None or _DAY.fullmatch(given) is None:
        raise refused("date", "must be a day such as 2026-01-31")
    try:
        date.fromisoformat(given)
    except ValueError:
        raise refused("date", "is a day that no calendar has") from None
