"""Figures with a legal or contractual basis. A rule never holds one as a constant: it receives the value valid at the time.

Any room declares (``policy``) and reads (``value``); within ``reading()`` each figure is looked up once. The rest of the door is ``api``.
"""

from numaru.kernel.policies.values import Shipped, ahead, policy, reading, shipped, value

__all__ = ["Shipped", "ahead", "policy", "reading", "shipped", "value"]
