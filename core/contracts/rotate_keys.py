"""Messages of the workflow that rotates a tenant's key, or the root key. Ids only, never a key."""

from __future__ import annotations

from dataclasses import dataclass

EXAMPLES = 20
"""How many of the keys that did not open are named."""


@dataclass(frozen=True)
class Rewrapped:
    """How far it is: where the last key seen lies, how many are wrapped anew, how many did not open and which first."""

    after: str | None = None
    rewrapped: int = 0
    refused: int = 0
    examples: tuple[str, ...] = ()
    done: bool = False

    def plus(self, more: Rewrapped) -> Rewrapped:
        """This, and what was done after it."""
        return Rewrapped(
            after=more.after,
            rewrapped=self.rewrapped + more.rewrapped,
            refused=self.refused + more.refused,
            examples=(*self.examples, *more.examples)[:EXAMPLES],
            done=more.done,
        )


@dataclass(frozen=True)
class RotateKeysInput:
    """With `organisation_id`, that tenant's key; without, the root key under the keys of all tenants.

    `everything` also re-wraps what the current root key wrapped already: for after a rotation inside Vault or KMS,
    which keeps the key's id. `so_far` is how one run hands over to the next, after `pages_per_run` pages.
    """

    organisation_id: str | None = None
    everything: bool = False
    pages_per_run: int = 500
    so_far: Rewrapped | None = None


@dataclass(frozen=True)
class TenantKeyVersion:
    """The `version` of its key that an organisation is to have."""

    organisation_id: str
    version: int


@dataclass(frozen=True)
class NextVersionInput:
    """Whose key is to be rotated."""

    organisation_id: str


@dataclass(frozen=True)
class RewrapInput:
    """The page of keys behind `after`, which only the activity understands."""

    organisation_id: str | None
    everything: bool
    after: str | None
