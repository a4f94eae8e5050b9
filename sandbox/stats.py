"""How many lookups came, how many are under way, what became of them."""


class Stats:
    """Counts lookups from the request read to the answer sent, faults included.

    Answered are those that got a whole answer, refused those that the capacity had no room for,
    left those whose asker went away first; `answered_seconds` adds up what the answered took.
    """

    def __init__(self) -> None:
        self._lookups = self._in_flight = self._most = 0
        self._answered = self._refused = self._left = 0
        self._seconds = 0.0

    def begin(self) -> None:
        self._lookups += 1
        self._in_flight += 1
        self._most = max(self._most, self._in_flight)

    def end(self, seconds: float, *, is_answer: bool, is_refusal: bool, is_left: bool) -> None:
        self._in_flight -= 1
        self._left += is_left
        self._refused += is_refusal and not is_left
        if is_answer and not is_left:
            self._answered += 1
            self._seconds += seconds

    def as_json(self) -> dict[str, int | float]:
        return {
            "lookups": self._lookups,
            "in_flight": self._in_flight,
            "max_in_flight": self._most,
            "answered": self._answered,
            "refused": self._refused,
            "left": self._left,
            "answered_seconds": round(self._seconds, 6),
        }

    def reset(self) -> None:
        """Starts counting anew; what is under way stays counted as in flight."""
        self._lookups = self._answered = self._refused = self._left = 0
        self._seconds = 0.0
        self._most = self._in_flight
