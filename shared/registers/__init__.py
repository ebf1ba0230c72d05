"""Registers that units keep, and batches of old paper: the same in every service that keeps some."""

from shared.registers.api import router

__all__ = ["router"]
