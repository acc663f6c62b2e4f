"""Who may change the keys of the house."""

from numaru.kernel.access import permission
from numaru.values.text import Text

KEYS_ROTATE = permission("vault.keys.rotate", Text("암호 키 교체", "Rotate keys"))
