"""Course catalogue of the demo: about forty fictional courses with dates moved into the future."""

import re
from datetime import date, timedelta
from pathlib import Path

FILE = Path(__file__).with_name("courses.csv")
WRITTEN_FOR = date(2027, 1, 11)
DAY = re.compile(r"(?<!\d)(20\d\d-\d\d-\d\d)(?!\d)((?:T\d\d:\d\d)?)")


def demo_catalogue_csv(today: date) -> bytes:
    """Return the demo catalogue as CSV, with all dates moved as if it had been written in the week of `today`.

    Every date moves by the same number of whole weeks, so that weekdays stay what they are.
    """
    weeks = (today - WRITTEN_FOR).days // 7
    return DAY.sub(lambda result: _moved(result[1], result[2], weeks), FILE.read_text(encoding="utf-8")).encode()


def _moved(day: str, hour: str, weeks: int) -> str:
    moved = date.fromisoformat(day) + timedelta(weeks=weeks)
    if hour and ((moved.month, moved.day) >= (12, 20) or (moved.month, moved.day) <= (1, 6)):
        moved += timedelta(weeks=3)  # nobody holds a course at Christmas
    return moved.isoformat() + hour
