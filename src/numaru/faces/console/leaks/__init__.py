"""Cases of leak and intrusion in the console: the list, a case with its clocks, its people, texts and proof."""
