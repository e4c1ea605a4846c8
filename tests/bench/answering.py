"""What a submission costs beyond the request: code, box of 120, database; target: under 2 ms of processor time."""

from app.cli.trust.group import submission_times
from app.config import ROOT

TARGET = 2.0


def main():
    """Print the figures and whether the target is met."""
    submission, sealing = submission_times(ROOT / "surveys" / "wellbeing.toml")
    print(f"submission {submission:.2f} ms, of that the box {sealing:.2f} ms of processor time")
    print(f"target {TARGET} ms: {'met' if submission < TARGET else 'NOT met'}")


if __name__ == "__main__":
    main()
