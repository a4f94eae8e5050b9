"""Branches that do not exist, in regencies that do, spread over the three time zones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Branch:
    """Where a claim is handled. Telephone numbers are absent or plainly made up (555)."""

    name: str
    regency: str
    phone: str | None
    timezone: str


CEMPAKA = Branch("Cabang Cempaka Sari", "Kota Jakarta Selatan", "(021) 555-0101", "Asia/Jakarta")
KENANGA = Branch("Cabang Taman Kenanga", "Kota Pekanbaru", "(0761) 555-0102", "Asia/Jakarta")
MELATI = Branch("Cabang Bukit Melati", "Kabupaten Indragiri Hulu", None, "Asia/Jakarta")
ANGGREK = Branch("Cabang Lembah Anggrek", "Kabupaten Bandung", "(022) 555-0104", "Asia/Jakarta")
TERATAI = Branch("Cabang Kampung Teratai", "Kota Surabaya", "(031) 555-0105", "Asia/Jakarta")
FLAMBOYAN = Branch("Cabang Jalan Flamboyan", "Kota Medan", None, "Asia/Jakarta")
LONTAR = Branch("Cabang Pantai Lontar", "Kota Makassar", "(0411) 555-0107", "Asia/Makassar")
ULIN = Branch("Cabang Rimba Ulin", "Kota Balikpapan", "(0542) 555-0108", "Asia/Makassar")
JEPUN = Branch("Cabang Bukit Jepun", "Kota Denpasar", None, "Asia/Makassar")
SAGU = Branch("Cabang Teluk Sagu", "Kota Jayapura", "(0967) 555-0110", "Asia/Jayapura")
CENGKIH = Branch("Cabang Pulau Cengkih", "Kota Ambon", None, "Asia/Jayapura")

BRANCHES = (
    CEMPAKA, KENANGA, MELATI, ANGGREK, TERATAI, FLAMBOYAN,
    LONTAR, ULIN, JEPUN, SAGU, CENGKIH,
)  # fmt: skip
