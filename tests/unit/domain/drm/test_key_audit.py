from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.drm.key_audit import ChainCheck, KeyAuditEntry, KeyPurpose, KeyUse, digest_of
from core.domain.hash_chain import GENESIS, Noted

USE = KeyUse(KeyPurpose.PACKAGING, "step:package", "run")
AT = datetime(2026, 11, 25, 12, 0, 0, 5, tzinfo=UTC)


def chain(length: int) -> list[KeyAuditEntry]:
    made: list[KeyAuditEntry] = []
    for sequence in range(1, length + 1):
        entry = KeyAuditEntry("a" * 32, sequence, AT + timedelta(seconds=sequence), USE, ("b" * 32,), b"")
        before = made[-1].digest if made else GENESIS
        made.append(replace(entry, digest=digest_of(before, entry)))
    return made


def test_a_chain_is_good_in_one_portion_and_in_many():
    entries = chain(5)
    for portions in ([entries], [entries[:2], entries[2:]], [[entry] for entry in entries]):
        check = ChainCheck()
        assert [check.first_broken(portion) for portion in portions] == [None] * len(portions)
        assert check.last == Noted(5, entries[-1].digest)


@pytest.mark.parametrize(
    "change",
    [
        {"organisation_id": "c" * 32},
        {"at": AT},
        {"use": replace(USE, purpose=KeyPurpose.ROTATION)},
        {"use": replace(USE, actor="")},
        {"use": replace(USE, request_id="")},
        {"kids": ()},
        {"digest": GENESIS},
    ],
    ids=str,
)
def test_every_field_is_covered(change):
    entries = chain(4)
    entries[1] = replace(entries[1], **change)
    broken = ChainCheck().first_broken(entries)
    assert broken is not None
    assert broken.sequence == 2


@pytest.mark.parametrize(("order", "first_bad"), [([0, 2, 3], 2), ([1, 2, 3], 1), ([0, 2, 1, 3], 2), ([0, 0, 1], 2)])
def test_removed_moved_and_repeated_entries_are_found(order, first_bad):
    entries = chain(4)
    broken = ChainCheck().first_broken(entries[at] for at in order)
    assert broken is not None
    assert broken.sequence == first_bad


def test_an_entry_with_a_digest_of_its_own_breaks_the_one_behind_it():
    entries = chain(4)
    forged = replace(entries[1], kids=())
    entries[1] = replace(forged, digest=digest_of(entries[0].digest, forged))
    broken = ChainCheck().first_broken(entries)
    assert broken is not None
    assert broken.sequence == 3


def test_a_chain_written_anew_shows_beside_what_was_noted():
    entries, anew = chain(4), chain(4)
    first = replace(anew[0], kids=())
    anew[0] = replace(first, digest=digest_of(GENESIS, first))
    for at in (1, 2, 3):
        anew[at] = replace(anew[at], digest=digest_of(anew[at - 1].digest, anew[at]))
    assert ChainCheck().first_broken(anew) is None
    noted = Noted(3, entries[2].digest)
    assert ChainCheck(noted).first_broken(entries) is None
    broken = ChainCheck(noted).first_broken(anew)
    assert broken is not None
    assert broken.sequence == 3


def test_a_chain_that_ends_before_what_was_noted_was_cut_off():
    entries = chain(4)
    check = ChainCheck(Noted(4, entries[3].digest))
    assert check.first_broken(entries[:2]) is None
    cut = check.cut_off()
    assert cut is not None
    assert cut.sequence == 3
    assert check.first_broken(entries[2:]) is None
    assert check.cut_off() is None


def test_what_one_field_says_cannot_pass_for_its_neighbour():
    entry = chain(1)[0]
    one = replace(entry, use=KeyUse(KeyPurpose.PACKAGING, 'a","at":"', ""))
    two = replace(entry, use=KeyUse(KeyPurpose.PACKAGING, "a", '","at":"'))
    assert digest_of(GENESIS, one) != digest_of(GENESIS, two)
