"""Every page, part, frame and feed at one moment, so that each change of words shows in review.

    python -m tests.snapshots            # says what differs from what is kept
    python -m tests.snapshots --write    # keeps what is there now

Kept are a hash of each answer (`hashes.txt`) and, of some, all that was sent (`texts/`).
"""
