"""The product with one guard taken out; only tests can do this, no switch of the product can."""

import numpy as np
from sqlalchemy import bindparam, literal, true, update

from app.core.ballots import MAX_BALLOT_BYTES, ballot_size
from app.store import invitations, secure_erase
from app.vault import boxes as vault
from app.vault import round_keys as vault_keys


def without_shuffle(monkeypatch):
    monkeypatch.setattr(vault, "random_order", lambda count: np.arange(count))


def without_fresh_encryption(monkeypatch):
    """The same nonce each time, and every slot where it was."""
    without_shuffle(monkeypatch)

    def close(content, *, key, name):
        nonce = bytes(vault._NONCE)
        sealed = vault.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(content.tobytes(), name, nonce, key)
        return nonce + sealed

    monkeypatch.setattr(vault, "_encrypt", close)


def without_dummies(monkeypatch):
    """A box that grows with every ballot."""
    monkeypatch.setattr(
        vault,
        "new_box",
        lambda slots, *, key, name, size=MAX_BALLOT_BYTES: vault._encrypt(
            np.zeros((0, vault.slot_size(size)), np.uint8), key=key, name=name
        ),
    )

    def put(blob, *sealed, key, name, size=MAX_BALLOT_BYTES):
        content = vault._slots(blob, key=key, name=name, size=size)
        slots = [np.frombuffer(b"\1" + ballot, dtype=np.uint8)[None, :] for ballot in sealed]
        return vault._encrypt(np.vstack([content, *slots]), key=key, name=name)

    monkeypatch.setattr(vault, "insert_ballots", put)
    monkeypatch.setattr(vault, "ballot_size_from_blob", lambda blob, *, slots: ballot_size(24))


def without_sealing(monkeypatch):
    """Ballots and boxes in plain bytes."""
    monkeypatch.setattr(vault, "seal", lambda ballot, public_key: ballot + bytes(vault.SEALED - MAX_BALLOT_BYTES))
    monkeypatch.setattr(vault, "_encrypt", lambda content, *, key, name: content.tobytes())

    def unlock(blob, *, key, name, size=MAX_BALLOT_BYTES):
        return np.frombuffer(blob, dtype=np.uint8).reshape(-1, vault.slot_size(size)).copy()

    monkeypatch.setattr(vault, "_slots", unlock)
    monkeypatch.setattr(vault, "ballot_size_from_blob", lambda blob, *, slots: len(blob) // slots - vault.slot_size(0))
    monkeypatch.setattr(
        vault,
        "open_ballots",
        lambda sealed, *, secret_key: iter([bytes(slot[: MAX_BALLOT_BYTES - vault.SEALED]) for slot in sealed]),
    )


def without_wiping(monkeypatch):
    monkeypatch.setattr(secure_erase, "wipe_remnants", lambda engine: None)


def without_destroying_keys(monkeypatch):
    monkeypatch.setattr(vault_keys, "overwrite_key_files", lambda folder, round_id: 1)
    monkeypatch.setattr(vault_keys, "remove_key_files", lambda folder, round_id: None)


def without_checking_spent(monkeypatch):
    """Every code is looked at and spent as if it had never been."""
    columns = [
        literal(False).label("spent") if column.name == "spent" else column
        for column in invitations._RESOLVE.selected_columns
    ]
    blind = invitations._RESOLVE_ONE.with_only_columns(*columns, maintain_column_froms=True)
    monkeypatch.setattr(invitations, "_RESOLVE_ONE", blind)
    spend = update(invitations._CODES).where(invitations._CODE.digest.in_(bindparam("looked_for", expanding=True)))

    def spend_again(session, digests, *, now):
        session.execute(spend.values(spent=true()), {"looked_for": digests})
        return frozenset(digests)

    monkeypatch.setattr(invitations, "spend", spend_again)
