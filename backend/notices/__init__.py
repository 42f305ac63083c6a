"""What people are told: inbox rows and mail. A notice is a kind and parameters; it is rendered when read or sent."""
