"""The product with one guard taken out; only tests can do this, no switch of the product can."""

import numpy as np
from sqlalchemy import bindparam, literal, true, update

from app.core.ballots import MAX_BALLOT_BYTES, ballot_size
from app.services.counting import key_sharing
from app.store import database_copies, invitations, round_key_copies, secure_erase
from app.vault import boxes as vault
from app.vault import host_keys
from app.vault import round_keys as vault_keys


def without_shuffle(monkeypatch):
    monkeypatch.setattr(vault, "random_permutation", lambda count: np.arange(count))


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
    monkeypatch.setattr(
        vault, "seal_ballot", lambda ballot, public_key: ballot + bytes(vault.SEALED - MAX_BALLOT_BYTES)
    )
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


def without_overwriting_keys(monkeypatch):
    """Key files lose their names, and their content stays on the disk."""
    monkeypatch.setattr(vault_keys, "_overwrite", lambda path: None)


def with_the_key_file_kept(monkeypatch):
    """The host that opened the round keeps its key as a file while others share it."""
    monkeypatch.setattr(key_sharing, "_is_key_file_superfluous", lambda shared, host, own, rows: False)


def with_shares_in_backups(monkeypatch):
    words = tuple(word for word in database_copies._DUMP if "round_key_share" not in word)
    monkeypatch.setattr(database_copies, "_DUMP", words)


def with_own_shares_on_the_disk(monkeypatch):
    """Each host keeps a copy of what is sealed to itself too."""
    share_round = key_sharing.share_round

    def share_and_keep_all(session, shared, host):
        share_round(session, shared, host)
        for share in round_key_copies.key_copies_of_round(session, shared.id):
            if share.sealed is not None:
                host_keys.save_sealed_copy(host.keys, shared.id, share.host_id, share.sealed)

    monkeypatch.setattr(key_sharing, "share_round", share_and_keep_all)


def without_deleting_shares(monkeypatch):
    monkeypatch.setattr(round_key_copies, "erase", lambda session, round_id: 0)


def without_rewriting_shares(monkeypatch):
    """The deleted rows stay in the pages of their table."""
    tables = tuple(table for table in secure_erase._TABLES_TO_REWRITE if table != "round_key_share")
    monkeypatch.setattr(secure_erase, "_TABLES_TO_REWRITE", tables)


def without_proofs_of_hosts(monkeypatch):
    """Whoever writes a public key into the database is a host."""
    monkeypatch.setattr(host_keys, "is_host_public_key_mac_valid", lambda *_arguments, **_keywords: True)


def without_looking_for_silence(monkeypatch):
    """A share is sealed to every host that ever reported."""
    monkeypatch.setattr(round_key_copies.RoundKeyCopy, "is_alive", lambda share, now: True)


def without_sealing_shares(monkeypatch):
    """The round's key stands in the database as it is."""
    monkeypatch.setattr(
        host_keys, "seal_secret_key_to_host", lambda secret, public: secret.ljust(host_keys.SHARE_BYTES, b"\0")
    )
    monkeypatch.setattr(
        host_keys,
        "secret_key_from_sealed_copy",
        lambda sealed, pair, *, round_public: sealed and sealed[: vault_keys.KEY_BYTES],
    )


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

    monkeypatch.setattr(invitations, "spend_codes", spend_again)
