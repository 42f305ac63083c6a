"""The weekly class competition: rounds, taking part, the jury, the voices of other classes, standings and awards."""
