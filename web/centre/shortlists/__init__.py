"""Shortlists: who stands how by one measure, with amounts, findings and reasons, as a workbook."""
