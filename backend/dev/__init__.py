"""The development house: embedded database, supervisor, secret. Never imported by a production process's hot path."""
