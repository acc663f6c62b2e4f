"""The door of the vault."""

from numaru.kernel.vault.blind import Blind, asking, marks, token, tokens, writing
from numaru.kernel.vault.masters import ChosenMasters, MasterKeys
from numaru.kernel.vault.openings import Opening, Purpose, of_persons, open_value, opened_since, record_failed, record_many
from numaru.kernel.vault.ring import known_ids, master_id
from numaru.kernel.vault.rotation import (
    REINDEX,
    REWRAP,
    BlindIndex,
    Status,
    begin_reindex,
    finish_reindex,
    indexes,
    note_rewrapped,
    reindex,
    retire_masters,
    rewrap,
    rotate_master,
    status,
)
from numaru.kernel.vault.sealing import NewEntries, Opened, forget, latest_version, put, read_many
from numaru.kernel.vault.text import SealedTextField, open_text, open_texts, seal_text, seal_texts

__all__ = [
    "REINDEX",
    "REWRAP",
    "Blind",
    "BlindIndex",
    "ChosenMasters",
    "MasterKeys",
    "NewEntries",
    "Opened",
    "Opening",
    "Purpose",
    "SealedTextField",
    "Status",
    "asking",
    "begin_reindex",
    "finish_reindex",
    "forget",
    "indexes",
    "known_ids",
    "latest_version",
    "marks",
    "master_id",
    "note_rewrapped",
    "of_persons",
    "open_text",
    "open_texts",
    "open_value",
    "opened_since",
    "put",
    "read_many",
    "record_failed",
    "record_many",
    "reindex",
    "retire_masters",
    "rewrap",
    "rotate_master",
    "seal_text",
    "seal_texts",
    "status",
    "token",
    "tokens",
    "writing",
]
