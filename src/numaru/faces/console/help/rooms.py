"""What the help is called, and the chapters of screens that stand in no room."""

from __future__ import annotations

from numaru.ui import help as manual
from numaru.ui.help import Chapter
from numaru.values.text import Text

NAME = Text("도움말", "Help")
STEPS = Text("첫걸음", "First steps")
BACKGROUND = Text("배경", "Background")
manual.places.add("help:index", Chapter("help"))
manual.places.add("help:page", Chapter("help"))
manual.places.add("help:background", Chapter("help", "background"))
manual.places.add("help:first-steps", Chapter("help", "first-steps"))
manual.places.add("console:find", Chapter("keyboard"))
