"""Is asked how people and systems can be reached, and what they were told."""

from services.notifications.api import contact, delivery, notice, webhook
from shared.http import Router

router = Router()
router.include_router(contact.router)
router.include_router(notice.router)
router.include_router(delivery.router)
router.include_router(webhook.router)
