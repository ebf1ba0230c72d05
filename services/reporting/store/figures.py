"""Answers what a report is made of: live from entries and sums, or from the journal as known at a position."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from services.reporting.domain.indicator import Additivity, Counts, Indicator, Kind
from services.reporting.domain.issue import Standing
from services.reporting.domain.known import Figure, Kept, Period, Place
from services.reporting.store import entries
from shared.database import Record, Transaction
from shared.events import Register
from shared.events.reporting import Hole

# Who lies, or ever lay, in the unit whose path is $2, and the buildings of its groups, wherever those lie; their
# entries, and those of everybody. So a question about a district costs what the district holds, however much lies
# around it. ('/' follows '.', which no unit id goes beyond.)
_WITHIN = """
    here AS MATERIALIZED (
        SELECT DISTINCT bearer FROM entries
         WHERE kind = 'placed' AND sign = 1
           AND (attributes ->> 'unit') ~>=~ $2 AND (attributes ->> 'unit') ~<~ ($2 || '/')
           AND in_scope(attributes ->> 'unit', ARRAY[$2])
    ),
    mine AS MATERIALIZED (
        SELECT bearer FROM here
         UNION
        SELECT subject FROM entries WHERE kind = 'linked' AND bearer IN (SELECT bearer FROM here)
    ),
    everywhere AS NOT MATERIALIZED (SELECT * FROM entries),
    entries AS NOT MATERIALIZED (SELECT * FROM entries WHERE bearer IN (SELECT bearer FROM mine)),"""

# As known earlier, all entries are derived anyhow.
_WITHIN_AS_KNOWN = """
    everywhere AS NOT MATERIALIZED (SELECT * FROM entries),"""

# Since when, and until when, each bearer lies in a unit. A later version of the same day wins.
_PLACED = """
    placed AS (
        SELECT bearer, attributes ->> 'unit' AS unit, on_day AS from_day,
               lead(on_day) OVER (PARTITION BY bearer ORDER BY on_day, (attributes ->> 'version')::int) AS until_day
          FROM entries WHERE kind = 'placed' AND sign = 1
    )"""

# What indicators may ask of besides entries; explained at the head of indicators.yaml. Inlined, so that only the kinds
# asked for are looked at.
_ASKED = """
    period AS (SELECT $3::date AS begin, $4::date AS until),
    standing AS NOT MATERIALIZED (
        SELECT kind, bearer, subject, attributes, max(on_day) FILTER (WHERE sign = 1) AS on_day,
               (array_agg(event ORDER BY on_day DESC, event) FILTER (WHERE sign = 1))[1] AS event
          FROM entries WHERE on_day <= $4
         GROUP BY kind, bearer, subject, attributes
        HAVING sum(sign) > 0
    )"""


class Asking:
    """Questions to the entries as of one position: the present one, or an earlier one."""

    def __init__(self, tx: Transaction, position: int | None) -> None:
        """`position` is null for the present, which is answered from tables and sums."""
        self._tx = tx
        self._position = position
        self._prepared = False

    async def ask(self, question: str, *values: object) -> list[Record]:
        """Ask the entries; `question` numbers its values from $2, for $1 is the position."""
        if self._position is not None and not self._prepared:
            await entries.join_by_hashing(self._tx)
            self._prepared = True
        known = f"{entries.as_known(question)}, " if self._position is not None else ""
        given = "" if self._position is not None else "asked (position) AS (SELECT $1::bigint), "
        return await self._tx.fetch(f"WITH {given}{known}{question}", self._position, *values)

    async def ask_within(self, question: str, path: str, *values: object) -> list[Record]:
        """Ask the entries of whoever lies in a unit; its path is $2, other values are numbered from $3."""
        within = _WITHIN if self._position is None else _WITHIN_AS_KNOWN
        return await self.ask(f"{within}{question}", path, *values)

    async def unit(self, unit_id: str) -> Place | None:
        """Return a unit by its id, in force or not."""
        rows = await self.ask(
            """found AS (SELECT bearer, attributes FROM entries WHERE kind = 'unit' AND bearer = $2 AND sign = 1)
            SELECT bearer, attributes ->> 'path' AS path, attributes ->> 'name' AS name FROM found LIMIT 1""",
            unit_id,
        )
        return Place(rows[0]["bearer"], rows[0]["path"], rows[0]["name"]) if rows else None

    async def wards(self, path: str, on: date) -> list[Place]:
        """Return the wards and communes of a unit that exist on a day, by path."""
        rows = await self.ask_within(
            """found AS (
                SELECT bearer, attributes ->> 'path' AS path, attributes ->> 'name' AS name
                  FROM entries
                 WHERE kind = 'unit' AND attributes ->> 'level' IN ('WARD', 'COMMUNE') AND on_day <= $3
                   AND in_scope(attributes ->> 'path', ARRAY[$2])
                 GROUP BY bearer, attributes ->> 'path', attributes ->> 'name'
                HAVING sum(sign) > 0)
            SELECT * FROM found ORDER BY path""",
            path,
            on,
        )
        return [Place(row["bearer"], row["path"], row["name"]) for row in rows]

    async def registers(self, path: str) -> dict[tuple[str, Register], Kept]:
        """Return the registers kept under a unit, by unit and kind."""
        rows = await self.ask_within(
            """found AS (
                SELECT o.bearer, o.attributes ->> 'register' AS register, o.on_day AS opened,
                       (SELECT max((c.attributes ->> 'through')::date) FROM entries AS c
                         WHERE c.kind = 'register_confirmed' AND c.subject = o.subject) AS through
                  FROM entries AS o
                  JOIN entries AS u ON u.kind = 'unit' AND u.sign = 1 AND u.bearer = o.bearer
                 WHERE o.kind = 'register_opened' AND in_scope(u.attributes ->> 'path', ARRAY[$2]))
            SELECT * FROM found""",
            path,
        )
        return {(row["bearer"], Register(row["register"])): Kept(row["opened"], row["through"]) for row in rows}

    async def standing(self) -> list[Standing]:
        """Return the holes that stand; other issues are found anew from the figures."""
        rows = await self.ask(
            """found AS (
                SELECT bearer, attributes FROM entries
                 WHERE kind = 'issue' AND jsonb_typeof(attributes -> 'hole') = 'object'
                 GROUP BY bearer, attributes HAVING sum(sign) > 0)
            SELECT bearer, attributes ->> 'rule' AS rule, attributes ->> 'severity' AS severity,
                   array(SELECT jsonb_array_elements_text(attributes -> 'lines')) AS lines,
                   (attributes -> 'hole')::text AS hole
              FROM found ORDER BY rule, bearer"""
        )
        return [
            Standing(
                row["bearer"],
                row["rule"],
                row["severity"],
                tuple(row["lines"]),
                Hole.model_validate_json(row["hole"]),
            )
            for row in rows
        ]

    async def figure(self, indicator: Indicator, path: str, period: Period) -> Figure:
        """Count one indicator for a unit and a period, or the days before it, by ward and as a whole."""
        period = period.through(indicator.window)
        if indicator.additivity is Additivity.DISTINCT:
            rows = await self.ask_within(
                f"""{_PLACED}, {_ASKED}, {_counted(indicator)}
                SELECT regexp_replace(unit, '^.*\\.', '') AS ward, key, sum(sign) AS n
                  FROM counted GROUP BY ward, key HAVING sum(sign) > 0""",
                path,
                period.begin,
                period.end,
            )
            return _distinct(rows, indicator)
        if self._position is not None:
            rows = await self.ask_within(
                f"""{_PLACED}, {_ASKED}, {_counted(indicator)}
                SELECT regexp_replace(unit, '^.*\\.', '') AS ward, sum(sign)::int AS n FROM counted GROUP BY ward""",
                path,
                period.begin,
                period.end,
            )
        elif indicator.kind is Kind.STOCK:
            rows = await self._stock(indicator, path, period.end)
        else:
            rows = await self._flow(indicator, path, period)
        parts = {row["ward"]: row["n"] for row in rows if row["n"]}
        return Figure(sum(parts.values()), parts)

    async def _stock(self, indicator: Indicator, path: str, on: date) -> list[Record]:
        """Whole years, whole months, and the entries of the last month; placed as on the day asked."""
        return await self.ask_within(
            f"""{_PLACED},
            summed AS (
                SELECT bearer, value AS n FROM aggregates
                 WHERE line = $4 AND bearer IN (SELECT bearer FROM placed)
                   AND ((grain = 'Y' AND period < date_trunc('year', $3::date))
                    OR (grain = 'M' AND period >= date_trunc('year', $3::date)
                                    AND period < date_trunc('month', $3::date)))
                 UNION ALL
                SELECT bearer, sign FROM ({indicator.select}) AS rows
                 WHERE on_day >= date_trunc('month', $3::date) AND on_day <= $3)
            SELECT regexp_replace(p.unit, '^.*\\.', '') AS ward, sum(s.n)::int AS n
              FROM (SELECT bearer, sum(n) AS n FROM summed GROUP BY bearer) AS s
              JOIN placed AS p ON p.bearer = s.bearer
                              AND p.from_day <= $3 AND (p.until_day IS NULL OR $3 < p.until_day)
             WHERE in_scope(p.unit, ARRAY[$2])
             GROUP BY ward""",
            path,
            on,
            indicator.code,
        )

    async def _flow(self, indicator: Indicator, path: str, period: Period) -> list[Record]:
        """Whole years and months where the bearer stayed in one unit, entries for the rest."""
        years, months = _whole(period)
        return await self.ask_within(
            f"""{_PLACED},
            yearly AS (
                SELECT a.bearer, a.period, p.unit, a.value AS n
                  FROM aggregates AS a JOIN placed AS p ON p.bearer = a.bearer AND p.from_day <= a.period
                       AND (p.until_day IS NULL OR p.until_day >= a.period + interval '1 year')
                 WHERE a.line = $7 AND a.grain = 'Y' AND a.period = ANY ($5::date[])),
            monthly AS (
                SELECT a.bearer, a.period, p.unit, a.value AS n
                  FROM aggregates AS a JOIN placed AS p ON p.bearer = a.bearer AND p.from_day <= a.period
                       AND (p.until_day IS NULL OR p.until_day >= a.period + interval '1 month')
                 WHERE a.line = $7 AND a.grain = 'M' AND a.period = ANY ($6::date[])
                   AND NOT EXISTS (SELECT FROM yearly AS y
                                    WHERE y.bearer = a.bearer AND y.period = date_trunc('year', a.period))),
            movers AS (
                SELECT DISTINCT bearer, date_trunc('month', from_day)::date AS month FROM placed
                 WHERE from_day > date_trunc('month', from_day)),
            ragged AS (
                SELECT r.bearer, p.unit, r.sign AS n
                  FROM ({indicator.select}) AS r
                  JOIN placed AS p ON p.bearer = r.bearer
                                  AND p.from_day <= r.on_day AND (p.until_day IS NULL OR r.on_day < p.until_day)
                 WHERE r.on_day BETWEEN $3 AND $4
                   AND (date_trunc('month', r.on_day)::date <> ALL ($6::date[])
                        OR (r.bearer, date_trunc('month', r.on_day)::date) IN (SELECT bearer, month FROM movers)))
            SELECT regexp_replace(unit, '^.*\\.', '') AS ward, sum(n)::int AS n
              FROM (SELECT unit, n FROM yearly UNION ALL SELECT unit, n FROM monthly
                     UNION ALL SELECT unit, n FROM ragged) AS parts
             WHERE in_scope(unit, ARRAY[$2])
             GROUP BY ward""",
            path,
            period.begin,
            period.end,
            years,
            months,
            indicator.code,
        )

    async def explain(self, indicator: Indicator, path: str, period: Period) -> list[Record]:
        """Return the rows that make a figure, each with its event, newest law first; for a stock, what still stands."""
        period = period.through(indicator.window)
        return await self.ask_within(
            f"""{_PLACED}, {_ASKED}, {_counted(indicator)}
            SELECT c.key, c.bearer, c.unit, c.on_day, c.sign, c.event,
                   j.type, j.source, j.logseq, j.recorded, j.takeover,
                   (j.body -> 'document')::text AS document
              FROM counted AS c JOIN journal AS j ON j.event = c.event
             ORDER BY c.on_day, c.key, c.sign, c.event""",
            path,
            period.begin,
            period.end,
        )

    async def retracted(self, types: Sequence[str], path: str, period: Period) -> list[Record]:
        """Return events of these types that later ones replaced or took back, with the event that did so."""
        # Corrections are few, and events of a type many: so it begins with them, whatever the planner thinks.
        return await self._tx.fetch(
            """WITH later AS MATERIALIZED (
                   SELECT event, corrects, seq, body FROM journal WHERE corrects IS NOT NULL
               )
               SELECT j.event, j.type, j.subject, j.unit, j.on_day, j.recorded, c.event AS by,
                      (c.body -> 'document')::text AS document
                 FROM later AS c
                CROSS JOIN LATERAL (SELECT * FROM journal WHERE event = c.corrects OFFSET 0) AS j
                WHERE j.type = ANY ($1) AND in_scope(j.unit, ARRAY[$2]) AND j.on_day <= $3
                  AND ($4::bigint IS NULL OR c.seq <= $4)
                ORDER BY j.on_day, j.event""",
            types,
            path,
            period.end,
            self._position,
        )


def _counted(indicator: Indicator) -> str:
    """Return the rows of an indicator with the unit that counts: of that day for a flow, of the last day for a stock.

    $2 is the path of the unit, $3 and $4 the period.
    """
    if indicator.kind is Kind.STOCK:
        day, within = "$4", "r.on_day <= $4"
    else:
        day, within = "r.on_day", "r.on_day BETWEEN $3 AND $4"
    return f"""counted AS (
        SELECT r.key, r.bearer, p.unit, r.on_day, r.sign, r.event
          FROM ({indicator.select}) AS r
          JOIN placed AS p ON p.bearer = r.bearer
                          AND p.from_day <= {day} AND (p.until_day IS NULL OR {day} < p.until_day)
         WHERE {within} AND in_scope(p.unit, ARRAY[$2]))"""


def _distinct(rows: Sequence[Record], indicator: Indicator) -> Figure:
    by_ward: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_ward[row["ward"]].add(row["ward"] if indicator.counts is Counts.UNIT else row["key"])
    return Figure(len(set().union(*by_ward.values())), {ward: len(keys) for ward, keys in by_ward.items()})


def _whole(period: Period) -> tuple[list[date], list[date]]:
    """Return the first days of the years and of the months that lie wholly in a period."""
    end = period.end + timedelta(days=1)
    years = [
        date(year, 1, 1)
        for year in range(period.begin.year, end.year + 1)
        if date(year, 1, 1) >= period.begin and date(year + 1, 1, 1) <= end
    ]
    months = []
    for nth in range(period.begin.year * 12 + period.begin.month - 1, end.year * 12 + end.month):
        first, after = date(nth // 12, nth % 12 + 1, 1), date((nth + 1) // 12, (nth + 1) % 12 + 1, 1)
        if first >= period.begin and after <= end:
            months.append(first)
    return years, months
