"""How a card names an author who wants to be shown as a student only, in the language of what they say."""

from backend.core.text import primary_language

_STUDENT = {
    "am": "ተማሪ", "ar": "طالب أو طالبة", "ckb": "قوتابییەک", "da": "En elev", "de": "Eine Schülerin oder ein Schüler",
    "en": "A student", "es": "Estudiante", "et": "Õpilane", "fa": "یک دانش‌آموز", "fi": "Oppilas",
    "fr": "Un ou une élève",
    "he": "תלמיד או תלמידה", "hi": "एक विद्यार्थी", "is": "Nemandi", "ku": "Xwendekarek", "lt": "Mokinys ar mokinė",
    "lv": "Skolēns vai skolniece", "my": "ကျောင်းသားတစ်ဦး", "nb": "En elev", "ne": "एक विद्यार्थी", "nn": "Ein elev",
    "pl": "Uczeń lub uczennica", "prs": "یک دانش‌آموز", "ps": "یو زده کوونکی", "ru": "Ученик или ученица",
    "se": "Oahppi", "so": "Arday", "sq": "Nxënës", "sv": "En elev", "th": "นักเรียนคนหนึ่ง",
    "ti": "ተምሃራይ", "tr": "Bir öğrenci",
    "uk": "Учень або учениця", "ur": "ایک طالب علم", "vi": "Một học sinh", "zh": "一名学生",
}  # fmt: skip
_TRADITIONAL = "一名學生"


def a_student(language: str) -> str:
    """«A student» in the language of a BCP 47 tag; English where we have no words."""
    if "-Hant" in language or language in {"zh-TW", "zh-HK", "zh-MO"}:
        return _TRADITIONAL
    return _STUDENT.get(primary_language(language), _STUDENT["en"])
