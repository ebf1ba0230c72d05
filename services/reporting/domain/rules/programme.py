"""Looks at directives that name nobody or no day, and at wards that were not there."""

from collections.abc import Iterator

from services.reporting.domain.finding import Finding, listed
from services.reporting.domain.indicator import Words
from services.reporting.domain.known import Conference
from services.reporting.domain.rules.given import Given
from shared.events.reporting import Severity


def nobody_or_no_day(given: Given) -> Iterator[Finding]:
    """DQ-11: directives of the period were given without a day by which, or to nobody."""
    directives = given.known.directives
    no_day = sorted(one.number for one in directives if one.due is None)
    nobody = sorted(one.number for one in directives if not one.assigned)
    if not no_day and not nobody:
        return
    of = len(directives)
    vi = [f"{len(no_day)}/{of} chỉ đạo không có thời hạn (số {listed(no_day)})"] if no_day else []
    en = [f"{len(no_day)} of {of} directives have no due day (no. {listed(no_day)})"] if no_day else []
    if nobody:
        vi.append(f"{len(nobody)}/{of} không nêu ai thực hiện (số {listed(nobody)})")
        en.append(f"{len(nobody)} of {of} name nobody to carry them out (no. {listed(nobody)})")
    words = Words(vi=f"{'; '.join(vi)}.", en=f"{'; '.join(en)}.")
    figures = (("DIRECTIVES", of), ("WITHOUT-DUE", len(no_day)), ("WITHOUT-ASSIGNEE", len(nobody)))
    yield given.finding("DQ-11", Severity.WARN, words, (), figures)


def units_not_in_force(given: Given) -> Iterator[Finding]:
    """DQ-12: something is said of wards that were not there that day, or wards that were there are left out."""
    known = given.known
    if not known.wards:
        words = Words(
            vi="Ngày cuối kỳ đơn vị này không có phường, xã nào.",
            en="The unit has no ward or commune on the last day of the period.",
        )
        yield given.finding("DQ-12", Severity.WARN, words, [line["code"] for line in given.lines], told=False)
        return
    for conference in known.conferences:
        yield from _invited(given, conference)
    there = {one.id for one in known.wards}
    for code in given.form.lines:
        ward, value = given.indicators[code].within, given.value(code)
        if ward is not None and value is not None and ward not in there:
            words = Words(
                vi=f"{code} nêu số của {ward}, đơn vị không còn vào ngày {known.period.end:%d/%m/%Y}.",
                en=f"{code} is said of {ward}, which was not in force on {known.period.end}.",
            )
            yield given.finding("DQ-12", Severity.WARN, words, (code,), ((code, value),))


def _invited(given: Given, conference: Conference) -> Iterator[Finding]:
    left_out, strange = sorted(conference.wards - conference.invited), sorted(conference.invited - conference.wards)
    if not conference.invited or not (left_out or strange):
        return
    vi = f"Hội nghị {conference.on:%d/%m/%Y} mời {len(conference.invited)} phường, có {len(conference.wards)} phường"
    en = f"The conference of {conference.on} invited {len(conference.invited)} wards of {len(conference.wards)}"
    if left_out:
        vi, en = f"{vi}; chưa mời {listed(left_out)}", f"{en}; left out: {listed(left_out)}"
    if strange:
        vi, en = f"{vi}; không còn {listed(strange)}", f"{en}; not in force: {listed(strange)}"
    figures = (("INVITED-WARDS", len(conference.invited)), ("WARDS", len(conference.wards)))
    yield given.finding("DQ-12", Severity.WARN, Words(vi=f"{vi}.", en=f"{en}."), (), figures, about=conference.id)
