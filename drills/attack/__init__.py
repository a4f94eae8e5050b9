"""Black-box attacks over real HTTP on a running copy of the site (`make attack`).

An attacker reads what `data-outcome`, `data-challenge` and `name="tunggu"` tell any program,
solves the work with a solver of its own, and is credited with every number that is answered.
Each attack also runs on a copy with one hole (`drills.py`), so that a pass means something.
"""
