"""Documents of consent and the proof of what somebody consented to, in the console."""
