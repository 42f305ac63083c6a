"""What the bench prints: a line for each measure, with what it was measured against."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Table:
    """Lines of name, figure and remark; printed as they come, so that a long run shows that it lives."""

    missed: list[str] = field(default_factory=list)

    def head(self, text: str) -> None:
        """A new part."""
        print(f"\n{text}", flush=True)

    def line(self, name: str, figure: str, remark: str = "") -> None:
        """One measure."""
        print(f"  {name:<46} {figure:>16}  {remark}".rstrip(), flush=True)

    def goal(self, name: str, figure: str, goal: str, *, reached: bool) -> None:
        """A measure that there is a goal for."""
        self.line(name, figure, f"goal {goal}: {'reached' if reached else 'NOT REACHED'}")
        if not reached:
            self.missed.append(f"{name}: {figure}, goal {goal}")

    def close(self) -> None:
        """What was not reached, in one place."""
        self.head("Not reached: " + ("nothing" if not self.missed else ""))
        for one in self.missed:
            print(f"  {one}")
