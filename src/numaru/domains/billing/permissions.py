"""What may be done in billing, and by whom."""

from numaru.kernel.access import permission
from numaru.values.text import Text

OFFER_PUBLISH = permission("billing.offer.publish", Text("요금제 등록", "Publish an offer"), "billing_clerk")
CONTRACT_RECORD = permission(
    "billing.contract.record", Text("계약 변경 기록", "Record a contract fact"), "billing_clerk", "subscriber_clerk"
)
CONTRACT_ENROL = permission("billing.contract.enrol", Text("계약 일괄 등록", "Enrol contracts in bulk"), "billing_clerk")
RUN_START = permission("billing.run.start", Text("청구 실행", "Start a bill run"), "billing_clerk")
RUN_CONTROL = permission("billing.run.control", Text("청구 실행 멈춤·재개", "Pause, stop and resume a bill run"), "billing_clerk")
RUN_CANCEL = permission("billing.run.cancel", Text("청구 실행 취소", "Cancel a bill run"))
RUN_VIEW = permission("billing.run.view", Text("청구 실행 조회", "View bill runs"), "billing_clerk", "auditor")
INVOICE_VIEW = permission("billing.invoice.view", Text("청구서 조회", "View invoices"), "billing_clerk", "subscriber_clerk", "auditor")
PARKED_BILL = permission("billing.parked.bill", Text("보류 계정 청구", "Bill a parked account"), "billing_clerk")
