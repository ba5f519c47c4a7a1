"""Where the servers of a running stack are: the settings of the application, and what people open in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.settings import Settings

#: Shown in `repr` and written where others may look; everything else in the mapping can hold a password.
_PUBLIC = ("TEMPORAL_ADDRESS", "S3_ENDPOINT", "S3_BUCKET", "SEALCAST_TEMPORAL_NAMESPACE", "SEALCAST_SCRATCH_DIR")


@dataclass(frozen=True)
class StackEndpoints:
    """`environment` maps the names that `core.settings.Settings` reads to their values."""

    environment: Mapping[str, str] = field(repr=False)
    #: None when Temporal was given by address: its Web UI is then not ours to know.
    temporal_ui_url: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "environment", MappingProxyType(dict(self.environment)))

    def as_environment(self) -> dict[str, str]:
        return dict(self.environment)

    def settings(self) -> Settings:
        """The application's settings with these servers, whatever the environment says about them."""
        aliased = {str(info.validation_alias): name for name, info in Settings.model_fields.items()}
        values = {
            aliased.get(name, name.removeprefix("SEALCAST_").lower()): value for name, value in self.environment.items()
        }
        return Settings(**values)  # type: ignore[arg-type]

    def public(self) -> dict[str, str]:
        """Addresses without credentials."""
        return {name: self.environment[name] for name in _PUBLIC if name in self.environment}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.public().items())
        return f"StackEndpoints({shown}, temporal_ui_url={self.temporal_ui_url}, ...)"
