"""Is asked how people and systems can be reached, and what they were told."""

from services.notifications.api import contact, delivery, notice, webhook
from shared.http import Router

router = Router()
router.take(
    contact.router,
    notice.router,
    delivery.router,
    webhook.router,
)
