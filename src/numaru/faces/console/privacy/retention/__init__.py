"""What is kept and until when, in the console: the calendar, a class, holds."""
