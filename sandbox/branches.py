"""Branches that do not exist, in regencies that do, spread over the three time zones."""

from dataclasses import dataclass

OPEN = "Senin–Jumat, 08.00–15.30"


@dataclass(frozen=True)
class Branch:
    """Where a claim is handled. Numbers and streets are absent or plainly made up.

    `location` is in the middle of the town, latitude first.
    """

    name: str
    regency: str
    phone: str | None
    timezone: str
    address: str | None = None
    hours: str | None = None
    location: tuple[float, float] | None = None


CEMPAKA = Branch(
    "Cabang Cempaka Sari",
    "Kota Jakarta Selatan",
    "(021) 555-0101",
    "Asia/Jakarta",
    "Jalan Cempaka Contoh 1",
    OPEN,
    (-6.26, 106.81),
)
KENANGA = Branch(
    "Cabang Taman Kenanga",
    "Kota Pekanbaru",
    "(0761) 555-0102",
    "Asia/Jakarta",
    "Jalan Kenanga Contoh 2",
    OPEN,
    (0.51, 101.45),
)
MELATI = Branch("Cabang Bukit Melati", "Kabupaten Indragiri Hulu", None, "Asia/Jakarta")
ANGGREK = Branch(
    "Cabang Lembah Anggrek",
    "Kabupaten Bandung",
    "(022) 555-0104",
    "Asia/Jakarta",
    "Jalan Anggrek Contoh 4",
    OPEN,
    (-7.02, 107.53),
)
TERATAI = Branch(
    "Cabang Kampung Teratai",
    "Kota Surabaya",
    "(031) 555-0105",
    "Asia/Jakarta",
    hours=OPEN,
    location=(-7.26, 112.75),
)
FLAMBOYAN = Branch(
    "Cabang Jalan Flamboyan", "Kota Medan", None, "Asia/Jakarta", "Jalan Flamboyan Contoh 6"
)
LONTAR = Branch(
    "Cabang Pantai Lontar",
    "Kota Makassar",
    "(0411) 555-0107",
    "Asia/Makassar",
    "Jalan Lontar Contoh 7",
    OPEN,
    (-5.14, 119.42),
)
ULIN = Branch("Cabang Rimba Ulin", "Kota Balikpapan", "(0542) 555-0108", "Asia/Makassar")
JEPUN = Branch("Cabang Bukit Jepun", "Kota Denpasar", None, "Asia/Makassar", hours=OPEN)
SAGU = Branch(
    "Cabang Teluk Sagu",
    "Kota Jayapura",
    "(0967) 555-0110",
    "Asia/Jayapura",
    "Jalan Sagu Contoh 10",
    "Senin–Jumat, 08.00–15.00",
    (-2.54, 140.71),
)
CENGKIH = Branch("Cabang Pulau Cengkih", "Kota Ambon", None, "Asia/Jayapura")

BRANCHES = (
    CEMPAKA, KENANGA, MELATI, ANGGREK, TERATAI, FLAMBOYAN,
    LONTAR, ULIN, JEPUN, SAGU, CENGKIH,
)  # fmt: skip
