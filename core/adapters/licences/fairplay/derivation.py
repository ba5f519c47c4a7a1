"""The operator's own secret derivation. Apple gives it to licensees; none is part of this project."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from core.ports import KeyUnavailable

Derivation = Callable[[bytes, bytes], bytes]
"""From the application secret key and R2 to the 16-byte derived key (DASk)."""


def load_derivation(place: str) -> Derivation:
    """`package.module:function` or `/path/file.py:function`. Raises KeyUnavailable."""
    module, _, name = place.rpartition(":")
    try:
        function = getattr(_module(module), name)
    except (ImportError, AttributeError, OSError, ValueError) as error:
        raise KeyUnavailable(f"no FairPlay derivation at {place!r}: {type(error).__name__}") from None
    if not callable(function):
        raise KeyUnavailable(f"the FairPlay derivation at {place!r} cannot be called")
    derivation: Derivation = function
    return derivation


def _module(place: str) -> ModuleType:
    if not place.endswith(".py"):
        return importlib.import_module(place)
    spec = importlib.util.spec_from_file_location("sealcast_fairplay_derivation", Path(place))
    if spec is None or spec.loader is None:
        raise ImportError(place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
