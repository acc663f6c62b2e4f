"""The door of the vault."""

from numaru.kernel.vault.sealing import master_id, open_value, seal_all, token, tokens

__all__ = ["master_id", "open_value", "seal_all", "token", "tokens"]
