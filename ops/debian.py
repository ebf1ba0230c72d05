"""Installs Debian packages where that is possible, or says what to install."""

import os
import shutil
import subprocess
from collections.abc import Sequence

from ops.console import Fault, say


def install(packages: Sequence[str], otherwise: str = "") -> None:
    """Install packages with apt as root; else raise with the command, and with what would do instead."""
    by_hand = f"apt-get install --no-install-recommends {' '.join(packages)}"
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        remedy = f"Cài đặt · Install: {'sudo ' if apt else ''}{by_hand}"
        raise Fault(
            f"Chưa cài · Not installed: {', '.join(packages)}",
            f"{remedy}\nHoặc · Or: {otherwise}" if otherwise else remedy,
        )
    say(f"Đang cài, không khởi động dịch vụ hệ thống · Installing, starting no system service: {by_hand}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run([apt, *command], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Fault(f"apt-get {command[0]}: {done.stderr.strip()[-600:]}", f"Tự cài · By hand: {by_hand}")
