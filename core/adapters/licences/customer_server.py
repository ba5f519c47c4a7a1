"""The customers' own servers, asked before a licence is given."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.drm.callback_message import check_callback_url
from core.domain.errors import InvalidInput
from core.ports import CustomerUnreachable, OutboundHttp, PeerFailed

_MOST_BYTES = 16 * 1024


class HttpCustomerServer:
    """A CustomerServer. `seconds` bounds the whole exchange; `development` lets plain http be called."""

    def __init__(self, http: OutboundHttp, *, seconds: float, development: bool) -> None:
        self._http = http
        self._seconds = seconds
        self._development = development

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            check_callback_url(url, development=self._development)
            answer = await self._http.post(url, headers, body, self._seconds, most=_MOST_BYTES)
        except (PeerFailed, InvalidInput) as error:
            raise CustomerUnreachable(str(error)) from None
        if answer.truncated:
            raise CustomerUnreachable("its answer is too long")
        if answer.status >= 500:
            raise CustomerUnreachable(f"status {answer.status}")
        return answer.status, answer.body
