"""`python -m tests.snapshots [--write]`."""

import argparse
import logging
import sys

import structlog

from tests.snapshots.kept import HASHES, differences, taken, write


def main(arguments: list[str]) -> int:
    """Compare with what is kept, or keep what is there; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.snapshots", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep what is there now")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    options = parser.parse_args(arguments)
    texts = taken()
    found = list(differences(texts)) if HASHES.exists() else []
    print("\n".join(found or ["nothing has changed"]))
    if options.write:
        write(texts)
        print(f"{len(texts)} snapshots are kept")
        return 0
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
