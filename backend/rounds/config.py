"""What the rounds need beyond their rules."""

from datetime import timedelta

MAX_QUESTIONS, MAX_WORDS = 12, 40
MAX_QUESTION_CHARS, MAX_WORD_CHARS, MAX_MEANING_CHARS, MAX_REASON_CHARS = 300, 60, 300, 500
MAX_AWARD_TITLE_CHARS, MAX_AWARDS = 120, 30  # awards a round
LONGEST_ROUND = timedelta(days=31)
