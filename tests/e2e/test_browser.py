"""What an official sees: a real browser is let in, clicks from a number to what made it, reads on a telephone, prints."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from ops import browser as browsers
from ops.console import Fault
from tests.e2e.system import System

DESK = ViewportSize(width=1360, height=900)
TELEPHONE = ViewportSize(width=390, height=844)
HERE = "http://127.0.0.1:"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Debian's browser; it is installed by root, and missed aloud by others."""
    try:
        program = browsers.ensure()
    except Fault as missing:
        pytest.skip(f"{missing.wrong}: {missing.remedy}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=browsers.arguments())
        yield started
        started.close()


class Visitor:
    """Somebody with a browser of their own; what it asks for and complains of is noted."""

    def __init__(self, context: BrowserContext) -> None:
        """Open an empty page."""
        self.context = context
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def let_in(self, system: System, *options: str) -> Page:
        """Open the address that the shipped command prints."""
        self.page.goto(system.chungcu("open", *options).stdout.strip())
        return self.page


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Visitor]:
    """Give somebody at a desk."""
    with chromium.new_context(viewport=DESK) as context:
        yield Visitor(context)


@pytest.fixture
def telephone(chromium: Browser) -> Iterator[Visitor]:
    """Give somebody with a telephone."""
    with chromium.new_context(viewport=TELEPHONE, is_mobile=True, has_touch=True) as context:
        yield Visitor(context)


def figure(page: Page, code: str, column: str = "Tính toán") -> str:
    return page.locator(f"#{code} td[data-label='{column}']").inner_text().strip()


def test_the_address_leads_to_the_review_and_every_number_to_what_made_it(told: System, visitor: Visitor) -> None:
    page = visitor.let_in(told)
    assert "ticket" not in page.url
    expect(page.locator("h1")).to_contain_text("Thông tri 05-TT/QU")
    assert (figure(page, "LB-05", "Khai báo"), figure(page, "LB-05")) == ("8", "8")

    page.locator("#LB-05 td[data-label='Tính toán'] a").click()
    expect(page.locator("h1")).to_have_text("Ban quản trị được thành lập mới")
    assert page.locator("table tbody tr").count() == 8
    assert page.get_by_text("ghi sổ sau").count() == 8

    page.get_by_text("Về báo cáo").click()
    expect(page.locator("#LB-05")).to_be_in_viewport()
    assert visitor.complaints == []
    assert [one for one in visitor.asked if not one.startswith((HERE, "data:,"))] == []


def test_what_does_not_add_up_is_one_click_away_with_its_readings(told: System, visitor: Visitor) -> None:
    page = visitor.let_in(told)

    page.locator("#LB-07 .rules a", has_text="DQ-02").click()

    found = page.locator(".unfit li:target")
    expect(found).to_be_in_viewport()
    expect(found).to_contain_text("43 + 29 = 72")
    assert found.locator(".readings li").count() > 1


def test_restricted_figures_are_shown_to_those_permitted_alone(told: System, visitor: Visitor) -> None:
    page = visitor.let_in(told)
    assert (figure(page, "LB-07", "Khai báo"), figure(page, "LB-07")) == ("65", "hạn chế")
    assert page.locator("#LB-07 a[href*='/lines/']").count() == 0

    page = visitor.let_in(told, "--restricted")
    assert figure(page, "LB-07") == "65"
    page.locator("#LB-07 td[data-label='Tính toán'] a").click()
    expect(page.locator("#tham-gia")).to_be_visible()
    assert page.locator("main .id").count() == 0


def test_english_is_one_click_away_and_stays(told: System, visitor: Visitor) -> None:
    page = visitor.let_in(told)

    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#LB-01 .name")).to_contain_text("Residential groups")
    assert figure(page, "LB-21", "Computed").split() == ["22.07", "%", "(49/222)"]

    page.locator("#LB-05 td[data-label='Computed'] a").click()
    expect(page.locator("h1")).to_have_text("Boards newly formed")


def test_a_telephone_never_scrolls_sideways(told: System, telephone: Visitor) -> None:
    page = telephone.let_in(told)
    assert page.evaluate("document.documentElement.scrollWidth") == TELEPHONE["width"]
    wards = page.locator(".wide:has(.wards)").first
    assert wards.evaluate("one => one.scrollWidth > one.clientWidth")
    assert page.locator("#LB-05").evaluate("one => getComputedStyle(one).display") == "grid"

    page.locator("#LB-05 td[data-label='Tính toán'] a").click()
    assert page.evaluate("document.documentElement.scrollWidth") == TELEPHONE["width"]


def test_it_can_be_read_with_a_keyboard(told: System, visitor: Visitor) -> None:
    page = visitor.let_in(told)

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.get_by_role("table").count() == 2
    assert page.get_by_role("rowheader", name="Tổ dân phố có nhà chung cư").count() > 0


def test_it_prints_on_a4_with_repeated_heads_and_the_mark_of_illustrative_data(
    told: System, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.let_in(told)

    page.emulate_media(media="print")
    expect(page.locator(".files")).to_be_hidden()
    expect(page.locator(".illustration")).to_be_visible()
    assert page.locator(".review thead").evaluate("one => getComputedStyle(one).display") == "table-header-group"
    printed = page.pdf(path=tmp_path / "review.pdf", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF-")
    assert b"595" in printed
    assert b"842" in printed or b"841" in printed


def test_word_and_excel_are_downloaded_from_the_page(told: System, visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.let_in(told)

    for ending in (".docx", ".xlsx", ".csv"):
        link = page.locator(f".files a:has-text('{ending}')")
        answer = visitor.context.request.get(f"{told.running.urls['reporting']}{link.get_attribute('href')}")
        assert answer.ok, ending
        assert len(answer.body()) > 1000


def test_an_address_opens_once_and_then_says_what_to_do(told: System, chromium: Browser) -> None:
    address = told.chungcu("open").stdout.strip()
    with chromium.new_context() as first, chromium.new_context() as second:
        assert first.new_page().goto(address)
        page = second.new_page()

        page.goto(address)
        expect(page.locator("h1")).to_have_text("Địa chỉ không còn dùng được")
        expect(page.locator("main")).to_contain_text("chungcu open")
        page.goto(f"{told.running.urls['reporting']}/reports/thong-tri-05")
        expect(page.locator("h1")).to_have_text("Cần đăng nhập")
