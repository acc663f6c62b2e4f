"""Pure value types: money, periods, texts, findings. Standard library only."""
