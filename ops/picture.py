"""`chungcu picture`: what the review looks like, on a desk and on a telephone, as pictures for the documents."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ops import browser, opening
from ops.console import Fault, out, step
from ops.running import ROOT, Running

PATIENCE = 60
"""Seconds for one picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its file's name, and the size of the window."""

    name: str
    width: int
    height: int
    scale: float = 1.0


PICTURES = (Picture("review.png", 1360, 1700), Picture("review-phone.png", 390, 1500, 2.0))


def picture(
    folder: Annotated[Path, typer.Option(help="Thư mục · Folder.")] = ROOT / "docs",
) -> None:
    """Chụp trang rà soát vào docs/ · Take pictures of the review's page into docs/."""
    running = Running.load()
    if running is None:
        raise Fault("Hệ thống chưa chạy · The system is not running", "chungcu demo")
    program = browser.ensure()
    for one in PICTURES:
        with step(f"Chụp · Taking {one.name}"):
            take(program, opening.address(running), folder / one.name, one)
        out.print(str(folder / one.name), soft_wrap=True)


def take(program: Path, address: str, file: Path, wanted: Picture) -> None:
    """Take one picture of an address with a browser that knows nothing yet."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                program,
                *browser.arguments(),
                f"--user-data-dir={profile}",
                f"--window-size={wanted.width},{wanted.height}",
                f"--force-device-scale-factor={wanted.scale}",
                "--virtual-time-budget=5000",
                f"--screenshot={file}",
                address,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    if done.returncode or not file.exists():
        raise Fault(f"{program.name}: {done.stderr.strip()[-400:]}", "chungcu doctor")
