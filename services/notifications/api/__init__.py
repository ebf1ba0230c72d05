"""Is asked how people can be reached, and what they were told."""

from services.notifications.api import contact, delivery, notice
from shared.http import Router

router = Router()
router.include_router(contact.router)
router.include_router(notice.router)
router.include_router(delivery.router)
