"""Asking over HTTP: commands and questions, callers, pages, problems."""

from shared.http.asking import By, Deciding, IfMatch, OnDay, Reading, Router, Who, if_match
from shared.http.paging import Cursor, Limit, Page, after, page

__all__ = [
    "By",
    "Cursor",
    "Deciding",
    "IfMatch",
    "Limit",
    "OnDay",
    "Page",
    "Reading",
    "Router",
    "Who",
    "after",
    "if_match",
    "page",
]
