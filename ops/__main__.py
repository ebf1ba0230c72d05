"""`chungcu`: the commands, each one line in the Makefile too."""

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from ops import databases, lifecycle, secrets, servers, testing
from ops.console import Fault, err, out, say, step
from ops.running import COMPOSE_SECRETS, LOGS, PORTS, ROOT, SECRETS, Running
from shared.auth import PERMISSIONS, RESTRICTED

DEMO = "long_bien_2022"
REVIEW = ("thong-tri-05", "Q004", date(2021, 9, 30), date(2022, 12, 1))
BROKEN = 1
MISUSED = 2
ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": ["--help"]}


# What libraries have to say is for the logs of services, not for whoever waits at a terminal.
logging.basicConfig(handlers=[logging.NullHandler()])


ELSEWHERE = {
    "story": "ops.stories.commands:story_app",
    "contracts": "ops.contracts:contracts_app",
    "log": "ops.log:log_app",
    "parked": "ops.parked.commands:parked_app",
    "replay": "ops.replay:replay",
    "report": "ops.review:report",
    "open": "ops.opening:open_",
    "picture": "ops.picture:picture",
    "verify": "ops.verify:verify",
    "rebuild": "ops.rebuild:rebuild",
}
"""Commands that live beside what they do: imported when asked for, since some take a second to import."""


class Commands(TyperGroup):
    """The commands; what goes wrong in any of them is said in words and ends with 1."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 (typer keeps its own click)
        """Return the names of all commands."""
        return [*(one for one in super().list_commands(ctx) if one not in ELSEWHERE), *ELSEWHERE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 (typer keeps its own click)
        """Return a command, imported if need be."""
        if cmd_name in ELSEWHERE and cmd_name not in self.commands:
            module, _, name = ELSEWHERE[cmd_name].partition(":")
            self.add_command(_mounted(cmd_name, getattr(import_module(module), name)), cmd_name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 (typer keeps its own click)
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Fault as fault:
            fault.show()
            raise typer.Exit(BROKEN) from fault


def _mounted(name: str, what: typer.Typer | Callable[..., None]) -> Any:  # noqa: ANN401 (typer keeps its own click)
    if isinstance(what, typer.Typer):
        group = get_group(what)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(what)
    return get_command(alone)


main = typer.Typer(
    cls=Commands,
    name="chungcu",
    help="Chương trình nhà chung cư của thành phố · The city's apartment-building programme.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)


@main.command()
def up() -> None:
    """Khởi động mọi thứ và chờ sẵn sàng · Start everything and wait until it is ready."""
    _addresses(lifecycle.up())


@main.command()
def down() -> None:
    """Dừng dịch vụ và máy chủ riêng, giữ dữ liệu · Stop services and private servers; data are kept."""
    lifecycle.down()


@main.command()
def demo() -> None:
    """Khởi động, chơi câu chuyện mẫu, in bản rà soát và địa chỉ mở trang · Start, play the story, show the review."""
    from ops import opening, review  # noqa: PLC0415 (other commands need none of this)
    from ops.stories import commands, player, story  # noqa: PLC0415

    running = lifecycle.up()
    commands.introduce(story(DEMO), err)
    outcome = asyncio.run(player.play(DEMO, running, err))
    err.print(commands.summary(outcome))
    with step("Lập bản rà soát · Reviewing"):
        report = asyncio.run(review.fetch(running, *REVIEW, restricted=True))
    out.print(review.table(report))
    _addresses(running)
    out.print("\n[bold]Mở bản rà soát (một lần, trong 10 phút) · Open the review (once, within 10 minutes):[/]")
    out.print(opening.address(running, REVIEW[0], restricted=True), soft_wrap=True)
    if outcome.failed:
        raise typer.Exit(BROKEN)


@main.command(context_settings=ARGUMENTS)
def test(context: typer.Context) -> None:
    """Chạy kiểm thử; mọi tham số chuyển cho pytest · Run the tests; all arguments go to pytest."""
    raise typer.Exit(testing.test(context.args))


@main.command(context_settings=ARGUMENTS)
def bench(context: typer.Context) -> None:
    """Đo hiệu năng bên cạnh các cách khác (--only B1,B5, --quick) · Measure performance beside rivals."""
    raise typer.Exit(testing.bench(context.args))


@main.command(context_settings=ARGUMENTS)
def chaos(context: typer.Context) -> None:
    """Làm hỏng mọi thứ trên máy chủ riêng rồi đối chiếu · Hurt everything, on servers of its own; arguments go on."""
    raise typer.Exit(testing.chaos(context.args))


@main.command()
def check() -> None:
    """Kiểm tra mã nguồn, cả bốn công cụ · Check the code with all four tools."""
    tools = Path(sys.executable).parent
    failed = []
    for command in (["ruff", "format", "--check"], ["ruff", "check"], ["mypy"], ["lint-imports"]):
        began = time.monotonic()
        done = subprocess.run([tools / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
        well = done.returncode == 0
        mark = "[green]✓[/]" if well else "[red]✗[/]"
        err.print(f"{mark} {' '.join(command)} [dim]{time.monotonic() - began:.1f} s[/]")
        if not well:
            failed.append(command[0])
            out.print(f"{done.stdout}{done.stderr}", markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(BROKEN)


@main.command()
def logs(
    service: Annotated[str | None, typer.Argument(help=f"{', '.join(PORTS)}, supervisor")] = None,
    *,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Theo dõi tiếp · Go on showing.")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", help="Số dòng · How many lines of each.", min=0)] = 50,
) -> None:
    """Xem nhật ký dịch vụ · Show what services say."""
    known = [*PORTS, "supervisor"]
    if service and service not in known:
        raise typer.BadParameter(f"{service}: {', '.join(known)}")
    files = [LOGS / f"{name}.log" for name in ([service] if service else known)]
    there = [str(file) for file in files if file.exists()]
    if not there:
        raise Fault("Chưa có nhật ký · No logs yet", "make up, docker compose logs")
    os.execvp("tail", ["tail", "-n", str(lines), *(["-F"] if follow else []), *there])  # noqa: S606 (no shell wanted)


@main.command()
def clean() -> None:
    """Xóa mọi thứ đã tạo, trừ .venv và secrets/ · Remove all that was made, but .venv and secrets/."""
    lifecycle.clean()


@main.command()
def migrate(
    passwords: Annotated[
        Path | None, typer.Option(help="Thư mục <service>_password · Folder with one <service>_password file each.")
    ] = None,
) -> None:
    """Cập nhật cơ sở dữ liệu, vai trò, hàng đợi · Bring databases, roles and queues up to date.

    CHUNGCU_POSTGRES_URL names the server and its administrator; CHUNGCU_ADMIN_PASSWORD_FILE holds the password.
    """
    databases.migrate_alone(passwords)


@main.command()
def status() -> None:
    """Xem số liệu của từng dịch vụ · Show the figures of each service."""
    from ops import checks  # noqa: PLC0415 (slow to import; only looking needs it)

    running = Running.load()
    if running is None:
        raise Fault("Hệ thống không chạy · The system does not run", "make up")
    found = checks.figures(running)
    out.print(checks.table(found, running))
    if not all(one.ready for one in found):
        raise typer.Exit(BROKEN)


@main.command()
def doctor() -> None:
    """Tìm chỗ hỏng và cách sửa · Find what is wrong and what to do about it."""
    from ops import checks  # noqa: PLC0415 (slow to import; only looking needs it)

    faults = 0
    for finding in checks.diagnose(Running.load()):
        if finding.fault:
            faults += 1
            finding.fault.show()
        else:
            err.print(f"[green]✓[/] {finding.about}", soft_wrap=True)
    if faults:
        out.print(f"[red]{faults} lỗi · faults[/]")
        raise typer.Exit(BROKEN)
    out.print("[green]khỏe mạnh · healthy[/]")


@main.command()
def token(
    permissions: Annotated[str, typer.Option(help="Quyền, cách nhau bởi dấu phẩy · Permissions, by commas.")] = "",
    units: Annotated[str, typer.Option(help="Đơn vị (đường dẫn) · Paths of units, by commas.")] = "HN",
    *,
    restricted: Annotated[bool, typer.Option(help="Cả dữ liệu hạn chế · Restricted facts too.")] = False,
) -> None:
    """In một mã truy cập phát triển, 12 giờ · Print one development token, good for 12 hours."""
    asked = _listed(permissions) or list(secrets.ORDINARY)
    if restricted:
        asked += [name for name in RESTRICTED if name not in asked]
    unknown = [name for name in asked if name not in PERMISSIONS]
    if unknown:
        err.print(f"Không có quyền · No such permission: {', '.join(unknown)}\n{', '.join(PERMISSIONS)}")
        raise typer.Exit(MISUSED)
    running = Running.load()
    folder = running.secrets if running else SECRETS
    secrets.make(folder)
    print(secrets.mint(folder, asked, _listed(units)))  # noqa: T201 (the token alone, in one piece)


@main.command("secrets")
def secrets_() -> None:
    """Tạo secrets/ cho Docker Compose, không ghi đè · Make secrets/ for Docker Compose; nothing is overwritten."""
    made = secrets.make(COMPOSE_SECRETS)
    say(f"{COMPOSE_SECRETS}: {', '.join(made) if made else 'đã có đủ · all there'}")


def _addresses(running: Running) -> None:
    """Say where everything is and what to do next."""
    for name, url in running.urls.items():
        out.print(f"{name:<14}{url}/docs")
    found = servers.Servers.noted(running.servers)
    if found and found.rabbitmq.ui:
        out.print(f"{'RabbitMQ':<14}{found.rabbitmq.ui} (guest/guest)")
    command = Path(sys.executable).parent / "chungcu"
    shown = command.relative_to(ROOT) if command.is_relative_to(ROOT) else command.name
    out.print(f"\nMã truy cập · Token:  {shown} token")
    out.print(f"Tiếp theo · Next:     {shown} status | doctor | logs -f | down")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


if __name__ == "__main__":
    main()
