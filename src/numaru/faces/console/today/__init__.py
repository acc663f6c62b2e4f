"""The first page, 오늘: what needs the reader now, what is on its way, how the house stands, and what changed since they last looked."""
