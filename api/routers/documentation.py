"""The API's description as a page without scripts and without other servers; machines read /openapi.json."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

router = APIRouter(include_in_schema=False)

_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#eee;padding:.1em .3em}h2{border-bottom:1px solid #ccc}"
)


@router.get("/")
async def read_root() -> RedirectResponse:
    """For people who open the address that `sealcast dev` prints."""
    return RedirectResponse("/docs")


@router.get("/docs", response_class=HTMLResponse)
async def read_documentation(request: Request) -> HTMLResponse:
    page = "".join(_page(request.app.openapi()))
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def _page(openapi: dict[str, Any]) -> Iterator[str]:
    title = escape(openapi["info"]["title"])
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    yield f"<h1>{title}</h1><p>{escape(openapi['info'].get('description', ''))}</p>"
    yield '<p>For machines: <a href="/openapi.json">openapi.json</a></p>'
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield from _operation(path, method, operation)


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>"
    yield f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>"
    schemes = [name for scheme in operation.get("security", []) for name in scheme]
    yield f"<p>Authorisation: {escape(', '.join(schemes) or 'none')}. Answers: "
    yield ", ".join(f"{escape(status)} {escape(a['description'])}" for status, a in operation["responses"].items())
    yield "</p>"
