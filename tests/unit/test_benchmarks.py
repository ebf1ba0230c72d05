import json
from pathlib import Path

from benchmarks import figures, page
from benchmarks.figures import Figure, Target
from benchmarks.flow import Flow
from benchmarks.load import percentile


def figure(*, fast: bool = True, small: bool = True) -> Figure:
    return Figure(
        "B9",
        "things done",
        1234.56,
        "things/s",
        beside={"bare": 617.28},
        ratio={"bare": 2.0},
        targets=(Target("≥ 1.3 × bare", fast), Target("under 9 MB", small)),
    )


def test_a_figure_is_kept_beside_its_rival_and_its_target(tmp_path: Path) -> None:
    figures.write(tmp_path / "results.json", [figure()])

    kept = json.loads((tmp_path / "results.json").read_text())["B9"]
    assert (kept["value"], kept["unit"], kept["beside"], kept["ratio"]) == (
        1235,
        "things/s",
        {"bare": 617.3},
        {"bare": 2.0},
    )
    assert (kept["target"], kept["holds"], kept["fails"]) == ("≥ 1.3 × bare; under 9 MB", True, [])


def test_one_target_that_does_not_hold_is_enough_to_say_so(tmp_path: Path) -> None:
    kept = figures.write(tmp_path / "results.json", [figure(small=False)])["B9"]

    assert (kept["holds"], kept["fails"]) == (False, ["under 9 MB"])
    assert "**no**: under 9 MB" in page.table({"B9": kept})


def test_what_is_not_measured_this_time_is_kept(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"B1": {"value": 1}}')

    assert list(figures.write(tmp_path / "results.json", [figure()])) == ["B1", "B9"]


def test_a_page_is_written_between_its_marks_alone(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(f"before\n{page.BEGIN}\nlast time\n{page.END}\nafter\n")

    page.write(tmp_path / "page.md", tmp_path / "chart.svg", {"B9": figure().to_note()})

    written = (tmp_path / "page.md").read_text()
    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "last time" not in written
    assert "| B9 | things done | 1,235 things/s | bare: 617 |" in written
    assert (tmp_path / "chart.svg").read_text().count("<rect") == 3


def test_the_steady_part_leaves_beginning_and_end_out() -> None:
    flow = Flow(1000)
    for moment, arrived in ((0.0, 0), (10.0, 100), (11.0, 500), (12.0, 900), (30.0, 1000)):
        flow.note(moment, arrived)

    assert flow.steady == 400
    assert round(flow.whole, 1) == 33.3


def test_a_percentile_is_a_number_that_was_measured() -> None:
    assert percentile(list(range(100)), 0.5) == 50
    assert percentile([7.0], 0.99) == 7.0
