"""Who may ask for a second person and be one. To be the second person for an action needs the permission that the action names besides."""

from numaru.kernel.access import ROLES, permission
from numaru.values.text import Text

REQUEST_USE = permission("approvals.request.use", Text("결재 올리기와 처리", "Ask for and decide approvals"), *ROLES)
