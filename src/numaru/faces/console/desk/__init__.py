"""What a person did with many rows, and the long workbooks they ordered."""
