"""How we say no: a class is the code, its docstring the message, first in Vietnamese and then in English."""

import re
from http import HTTPStatus
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Refused(Exception):
    """Yêu cầu bị từ chối.

    The request was refused.
    """

    status: ClassVar[int] = 409
    retry_after: ClassVar[int | None] = None

    def __init__(self, *, pointer: str | None = None, **facts: Any) -> None:
        """`pointer` names the offending field (RFC 6901); facts are figures and ids a client can act on."""
        super().__init__(type(self).__name__)
        self.pointer = pointer
        self.facts = facts

    @classmethod
    def code(cls) -> str:
        """Return the code of this refusal: `TooFewMembers` is `too-few-members`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def message(cls, language: str) -> str:
        """Return what this refusal says, in `vi` or `en`."""
        vietnamese, _, english = (cls.__doc__ or "").partition("\n\n")
        return " ".join((vietnamese if language == "vi" else english or vietnamese).split())


class Malformed(Refused):
    """Yêu cầu không đúng mẫu; xem từng trường được chỉ ra.

    The request does not fit its form; see the fields pointed at.
    """

    status = 422


class NotFound(Refused):
    """Không có, hoặc ngoài phạm vi của bạn.

    There is no such thing, or it is outside your scope.
    """

    status = 404


class Changed(Refused):
    """Dữ liệu đã thay đổi từ khi bạn đọc; hãy đọc lại rồi thử lại.

    It has changed since you read it; read it again, then try again.
    """

    status = 412


class NotYetHere(Refused):
    """Dữ liệu bạn chờ chưa đến; hãy thử lại sau giây lát.

    What you wait for has not arrived yet; try again in a moment.
    """

    status = 503
    retry_after = 1


class Unavailable(Refused):
    """Cơ sở dữ liệu tạm thời không trả lời; hãy thử lại.

    The database does not answer for the moment; try again.
    """

    status = 503
    retry_after = 1


class Problem(BaseModel):
    """Problem details (RFC 9457). `type` is the refusal's code; figures and ids of the case stand beside these."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    pointer: str | None = None


def problem(refused: Refused, language: str) -> dict[str, Any]:
    """Describe a refusal as RFC 9457 problem details."""
    pointed = {"pointer": refused.pointer} if refused.pointer else {}
    return {
        "type": refused.code(),
        "title": refused.message(language),
        "status": refused.status,
        **pointed,
        **refused.facts,
    }


_RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}


def phrase(status: int) -> str:
    """Return the phrase of an HTTP status as RFC 9110 has it; older Pythons still have the earlier ones."""
    return _RENAMED.get(status) or HTTPStatus(status).phrase
