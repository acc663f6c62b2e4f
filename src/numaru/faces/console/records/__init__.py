"""Plain records: code tables that rooms declared, under master data."""
