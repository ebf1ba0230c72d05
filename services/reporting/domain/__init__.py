"""Decides what a report says and what does not fit in it: values in, lines or facts out."""

from services.reporting.domain import indicator, issue, known, line, paper, report, restricted, rules, session

__all__ = ["indicator", "issue", "known", "line", "paper", "report", "restricted", "rules", "session"]
