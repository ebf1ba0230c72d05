"""Registers that units keep, and batches in which old paper is taken over: the same in every service that keeps some."""

from shared.registers.api import router

__all__ = ["router"]
